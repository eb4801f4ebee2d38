"""What case managers find wrong in the declared data."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "field_flag",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande"),
        sa.Column("field", sa.String(80), nullable=False, comment="Champ"),
        sa.Column("reason", sa.String(10000), nullable=True, comment="Motif"),
        sa.Column("author_id", sa.Integer(), nullable=False, comment="Signalée par"),
        sa.CheckConstraint("length(field) BETWEEN 1 AND 80", name=op.f("ck_field_flag_field_length")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 10000", name=op.f("ck_field_flag_reason_length")),
        sa.ForeignKeyConstraint(["author_id"], ["staff_user.id"], name=op.f("fk_field_flag_author_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_field_flag_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_flag")),
    )
    op.create_index(op.f("ix_field_flag_author_id"), "field_flag", ["author_id"], unique=False)
    op.create_index(op.f("ix_field_flag_request_id"), "field_flag", ["request_id"], unique=False)
    op.create_index("uq_field_flag_field", "field_flag", ["request_id", "field"], unique=True)


def downgrade() -> None:
    """Remove it."""
    op.drop_table("field_flag")
