"""Corrections of many rows, their lines, and the rules that ask for more care."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "correction_rule",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom"),
        sa.Column("table_name", sa.String(64), nullable=True, comment="Table"),
        sa.Column("column_name", sa.String(64), nullable=True, comment="Colonne"),
        sa.Column("above", sa.Integer(), nullable=False, comment="Au-delà de (lignes)"),
        sa.Column("asks_approval", sa.Boolean(), nullable=False, comment="Seconde personne"),
        sa.Column("tells_vendors", sa.Boolean(), nullable=False, comment="Fournisseurs prévenus"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="Active"),
        sa.CheckConstraint("above >= 0", name=op.f("ck_correction_rule_above_minimum")),
        sa.CheckConstraint("length(column_name) BETWEEN 1 AND 64", name=op.f("ck_correction_rule_column_name_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_correction_rule_name_length")),
        sa.CheckConstraint("length(table_name) BETWEEN 1 AND 64", name=op.f("ck_correction_rule_table_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_correction_rule_name")),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("title", sa.String(255), nullable=False, comment="Titre"),
        sa.Column("reason", sa.String(255), nullable=False, comment="Motif"),
        sa.Column("table_name", sa.String(64), nullable=False, comment="Table"),
        sa.Column("source", sa.String(40), nullable=False, comment="Origine"),
        sa.Column("selection", sa.String(10000), nullable=False, comment="Sélection"),
        sa.Column("recipe", sa.JSON(), nullable=False, comment="Recette"),
        sa.Column("file_key", sa.String(255), nullable=True, comment="Fichier"),
        sa.Column("author_id", sa.Integer(), nullable=True, comment="Auteur"),
        sa.Column("author_label", sa.String(255), nullable=False, comment="Nom de l'auteur"),
        sa.Column("state", sa.String(40), nullable=False, comment="État"),
        sa.Column("problem", sa.String(10000), nullable=True, comment="Empêchement"),
        sa.Column("total", sa.Integer(), nullable=False, comment="Lignes"),
        sa.Column("planned", sa.Integer(), nullable=False, comment="À appliquer"),
        sa.Column("unchanged", sa.Integer(), nullable=False, comment="Déjà à jour"),
        sa.Column("set_aside", sa.Integer(), nullable=False, comment="Écartées"),
        sa.Column("applied", sa.Integer(), nullable=False, comment="Appliquées"),
        sa.Column("conflicts", sa.Integer(), nullable=False, comment="Conflits"),
        sa.Column("done_upto", sa.Integer(), nullable=False, comment="Avancement"),
        sa.Column("seconds_to_prepare", sa.Integer(), nullable=False, comment="Durée de la préparation (secondes)"),
        sa.Column("seconds_to_apply", sa.Integer(), nullable=False, comment="Durée de l'application (secondes)"),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True, comment="Prête le"),
        sa.Column("approved_by_id", sa.Integer(), nullable=True, comment="Approuvée par"),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True, comment="Approuvée le"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True, comment="Lancée le"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="Terminée le"),
        sa.Column("undoes_id", sa.Integer(), nullable=True, comment="Annule"),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True, comment="Fournisseurs prévenus le"),
        sa.CheckConstraint(
            "source IN ('filter', 'ticked', 'file', 'finding', 'undo')", name=op.f("ck_correction_source_value")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'preparing', 'frozen', 'approved', 'applying', 'paused', 'applied', 'partly_applied', 'undone', 'cancelled')",
            name=op.f("ck_correction_state_value"),
        ),
        sa.CheckConstraint("applied >= 0", name=op.f("ck_correction_applied_minimum")),
        sa.CheckConstraint("conflicts >= 0", name=op.f("ck_correction_conflicts_minimum")),
        sa.CheckConstraint("done_upto >= 0", name=op.f("ck_correction_done_upto_minimum")),
        sa.CheckConstraint("length(author_label) BETWEEN 1 AND 255", name=op.f("ck_correction_author_label_length")),
        sa.CheckConstraint("length(file_key) BETWEEN 1 AND 255", name=op.f("ck_correction_file_key_length")),
        sa.CheckConstraint("length(problem) BETWEEN 1 AND 10000", name=op.f("ck_correction_problem_length")),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_correction_public_id_length")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 255", name=op.f("ck_correction_reason_length")),
        sa.CheckConstraint("length(selection) BETWEEN 1 AND 10000", name=op.f("ck_correction_selection_length")),
        sa.CheckConstraint("length(table_name) BETWEEN 1 AND 64", name=op.f("ck_correction_table_name_length")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 255", name=op.f("ck_correction_title_length")),
        sa.CheckConstraint("planned >= 0", name=op.f("ck_correction_planned_minimum")),
        sa.CheckConstraint("seconds_to_apply >= 0", name=op.f("ck_correction_seconds_to_apply_minimum")),
        sa.CheckConstraint("seconds_to_prepare >= 0", name=op.f("ck_correction_seconds_to_prepare_minimum")),
        sa.CheckConstraint("set_aside >= 0", name=op.f("ck_correction_set_aside_minimum")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_correction_total_minimum")),
        sa.CheckConstraint("unchanged >= 0", name=op.f("ck_correction_unchanged_minimum")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["staff_user.id"], name=op.f("fk_correction_approved_by_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff_user.id"], name=op.f("fk_correction_author_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["correction.id"], name=op.f("fk_correction_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("public_id", name=op.f("uq_correction_public_id")),
    )
    op.create_index(op.f("ix_correction_approved_by_id"), "correction", ["approved_by_id"], unique=False)
    op.create_index(op.f("ix_correction_author_id"), "correction", ["author_id"], unique=False)
    op.create_index("ix_correction_state_id", "correction", ["state", "id"], unique=False)
    op.create_index(op.f("ix_correction_undoes_id"), "correction", ["undoes_id"], unique=False)

    op.create_table(
        "correction_group",
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.String(60), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["correction_id"], ["correction.id"], name=op.f("fk_correction_group_correction_id")),
        sa.PrimaryKeyConstraint("correction_id", "rank", name="pk_correction_group"),
    )
    op.create_table(
        "correction_line",
        sa.Column("correction_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=True),
        sa.Column("file_line", sa.Integer(), nullable=True),
        sa.Column("operation", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("detail", sa.String(400), nullable=True),
        sa.PrimaryKeyConstraint("correction_id", "place", name="pk_correction_line"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_correction_line_odd",
        "correction_line",
        ["correction_id", "outcome", "place"],
        unique=False,
        sqlite_where=sa.text("outcome NOT IN ('planned', 'applied')"),
        postgresql_where=sa.text("outcome NOT IN ('planned', 'applied')"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("correction_line")
    op.drop_table("correction_group")
    op.drop_table("correction")
    op.drop_table("correction_rule")
