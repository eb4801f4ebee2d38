"""Lines of corrections are not written again when they are applied: they are, up to where their correction came."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forget what the progress of the correction says."""
    op.execute("UPDATE correction_line SET outcome = 'planned' WHERE outcome = 'applied'")


def downgrade() -> None:
    """Say it of each line again."""
    op.execute(
        """
        UPDATE correction_line SET outcome = 'applied'
        WHERE outcome = 'planned' AND EXISTS (
            SELECT 1 FROM correction
            WHERE correction.id = correction_line.correction_id
              AND correction.started_at IS NOT NULL AND correction_line.place <= correction.done_upto
        )
        """
    )
