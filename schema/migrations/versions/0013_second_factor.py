"""The second factor of staff: when it was confirmed, and which code was used last."""

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


def downgrade() -> None:
    """Remove them."""
    op.drop_column("staff_user", "totp_last_step")
    op.drop_column("staff_user", "totp_confirmed_at")
