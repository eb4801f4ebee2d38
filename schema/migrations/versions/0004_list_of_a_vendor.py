"""The requests of one company, newest first, along an index."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_request_of_provider", "request", ["provider_id", "submitted_at", "id"], unique=False)


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_request_of_provider", table_name="request")
