"""Changes of rules that take effect at a date."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "planned_change",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("table_name", sa.String(64), nullable=False, comment="Table"),
        sa.Column("row_id", sa.Integer(), nullable=True, comment="Ligne"),
        sa.Column("changes", sa.JSON(), nullable=False, comment="Changements"),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False, comment="Prend effet le"),
        sa.Column("author_id", sa.Integer(), nullable=False, comment="Auteur"),
        sa.Column("reason", sa.String(255), nullable=True, comment="Motif"),
        sa.Column("state", sa.String(40), nullable=False, comment="État"),
        sa.Column("problem", sa.String(10000), nullable=True, comment="Empêchement"),
        sa.CheckConstraint(
            "state IN ('planned', 'applied', 'cancelled', 'failed')", name=op.f("ck_planned_change_state_value")
        ),
        sa.CheckConstraint("length(problem) BETWEEN 1 AND 10000", name=op.f("ck_planned_change_problem_length")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 255", name=op.f("ck_planned_change_reason_length")),
        sa.CheckConstraint("length(table_name) BETWEEN 1 AND 64", name=op.f("ck_planned_change_table_name_length")),
        sa.ForeignKeyConstraint(["author_id"], ["staff_user.id"], name=op.f("fk_planned_change_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_change")),
    )
    op.create_index(op.f("ix_planned_change_author_id"), "planned_change", ["author_id"], unique=False)
    op.create_index("ix_planned_change_due", "planned_change", ["state", "effective_at", "id"], unique=False)
    op.create_index("ix_planned_change_row", "planned_change", ["table_name", "row_id", "id"], unique=False)


def downgrade() -> None:
    """Remove it."""
    op.drop_table("planned_change")
