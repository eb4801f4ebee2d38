"""Numbers of the dashboard and answers of the checks of the data, both found by the worker."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "figure",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("chart", sa.String(64), nullable=False, comment="Graphique"),
        sa.Column("dsr_id", sa.Integer(), nullable=True, comment="DSR"),
        sa.Column("week", sa.Date(), nullable=True, comment="Semaine"),
        sa.Column("key", sa.String(255), nullable=False, comment="Catégorie"),
        sa.Column("value", sa.Integer(), nullable=False, comment="Nombre"),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False, comment="Compté le"),
        sa.CheckConstraint("length(chart) BETWEEN 1 AND 64", name=op.f("ck_figure_chart_length")),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name=op.f("ck_figure_key_length")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_figure_value_minimum")),
        sa.ForeignKeyConstraint(["dsr_id"], ["dsr.id"], name=op.f("fk_figure_dsr_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure")),
    )
    op.create_index("ix_figure_chart", "figure", ["chart", "dsr_id", "week", "id"], unique=False)
    op.create_index(op.f("ix_figure_dsr_id"), "figure", ["dsr_id"], unique=False)
    op.create_table(
        "data_check",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Contrôle"),
        sa.Column("found", sa.Integer(), nullable=False, comment="Trouvés"),
        sa.Column("examples", sa.JSON(), nullable=False, comment="Exemples"),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, comment="Contrôlé le"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_data_check_code_length")),
        sa.CheckConstraint("found >= 0", name=op.f("ck_data_check_found_minimum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_check")),
        sa.UniqueConstraint("code", name=op.f("uq_data_check_code")),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("data_check")
    op.drop_table("figure")
