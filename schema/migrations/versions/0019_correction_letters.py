"""Which vendor is to be told of which line of a correction."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "correction_letter",
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["correction_id"], ["correction.id"], name=op.f("fk_correction_letter_correction_id")),
        sa.PrimaryKeyConstraint("correction_id", "address", "place", name="pk_correction_letter"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("correction_letter")
