"""Staff: when a second factor was confirmed, which code was used last; an index to ask who opened which piece."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    confirmed = "Second facteur confirmé le"
    op.add_column("staff_user", sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), comment=confirmed))
    op.add_column("staff_user", sa.Column("totp_last_step", sa.Integer(), comment="Dernier code accepté"))
    op.create_index(
        "ix_attachment_access_of_actor", "attachment_access", ["actor_kind", "actor_id", "at", "id"], unique=False
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_attachment_access_of_actor", table_name="attachment_access")
    op.drop_column("staff_user", "totp_last_step")
    op.drop_column("staff_user", "totp_confirmed_at")
