"""Filters and columns that staff keep under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("owner_id", sa.Integer(), nullable=False, comment="Agent"),
        sa.Column("page", sa.String(64), nullable=False, comment="Liste"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom"),
        sa.Column("query", sa.String(10000), nullable=False, comment="Réglages"),
        sa.Column("shared", sa.Boolean(), nullable=False, comment="Partagée"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_saved_view_name_length")),
        sa.CheckConstraint("length(page) BETWEEN 1 AND 64", name=op.f("ck_saved_view_page_length")),
        sa.CheckConstraint("length(query) BETWEEN 1 AND 10000", name=op.f("ck_saved_view_query_length")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff_user.id"], name=op.f("fk_saved_view_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("owner_id", "page", "name", name="uq_saved_view_owner_page_name"),
    )
    op.create_index(op.f("ix_saved_view_owner_id"), "saved_view", ["owner_id"], unique=False)
    op.create_index(op.f("ix_saved_view_page"), "saved_view", ["page"], unique=False)


def downgrade() -> None:
    """Remove it."""
    op.drop_table("saved_view")
