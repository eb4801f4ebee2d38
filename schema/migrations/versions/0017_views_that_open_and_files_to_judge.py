"""The view that a list opens on, and how far the files of a bulk action are judged."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: no view opens by itself, and what was prepared before counts as judged."""
    op.add_column(
        "saved_view",
        sa.Column("opens", sa.Boolean(), nullable=False, server_default=sa.false(), comment="S'ouvre d'abord"),
    )
    op.create_index(
        "ix_saved_view_opens",
        "saved_view",
        ["owner_id", "page"],
        unique=True,
        sqlite_where=sa.text("opens"),
        postgresql_where=sa.text("opens"),
    )
    op.add_column("bulk_action", sa.Column("next_to_judge", sa.Integer(), nullable=True, comment="Reste à vérifier"))


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_saved_view_opens", "saved_view")
    op.drop_column("saved_view", "opens")
    op.drop_column("bulk_action", "next_to_judge")
