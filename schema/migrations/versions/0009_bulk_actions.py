"""One act on many requests, with a result for each."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "bulk_action",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("verb", sa.String(40), nullable=False, comment="Action"),
        sa.Column("author_id", sa.Integer(), nullable=False, comment="Auteur"),
        sa.Column("selection", sa.String(10000), nullable=False, comment="Sélection"),
        sa.Column("content", sa.JSON(), nullable=False, comment="Contenu"),
        sa.Column("state", sa.String(40), nullable=False, comment="État"),
        sa.Column("total", sa.Integer(), nullable=False, comment="Demandes"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True, comment="Lancée le"),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True, comment="Terminée le"),
        sa.CheckConstraint(
            "state IN ('prepared', 'running', 'paused', 'done', 'cancelled')", name=op.f("ck_bulk_action_state_value")
        ),
        sa.CheckConstraint(
            "verb IN ('assign', 'ask_documents', 'send_message', 'reject', 'validate')",
            name=op.f("ck_bulk_action_verb_value"),
        ),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_bulk_action_public_id_length")),
        sa.CheckConstraint("length(selection) BETWEEN 1 AND 10000", name=op.f("ck_bulk_action_selection_length")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_bulk_action_total_minimum")),
        sa.ForeignKeyConstraint(["author_id"], ["staff_user.id"], name=op.f("fk_bulk_action_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_action")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_action_public_id")),
    )
    op.create_index(op.f("ix_bulk_action_author_id"), "bulk_action", ["author_id"], unique=False)
    op.create_index("ix_bulk_action_state_id", "bulk_action", ["state", "id"], unique=False)
    op.create_table(
        "bulk_line",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("bulk_action_id", sa.Integer(), nullable=False, comment="Action"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande"),
        sa.Column("seen_version", sa.Integer(), nullable=False, comment="Version vue"),
        sa.Column("outcome", sa.String(40), nullable=False, comment="Résultat"),
        sa.Column("detail", sa.String(255), nullable=True, comment="Détail"),
        sa.CheckConstraint(
            "outcome IN ('planned', 'done', 'skipped', 'failed')", name=op.f("ck_bulk_line_outcome_value")
        ),
        sa.CheckConstraint("length(detail) BETWEEN 1 AND 255", name=op.f("ck_bulk_line_detail_length")),
        sa.CheckConstraint("seen_version >= 1", name=op.f("ck_bulk_line_seen_version_minimum")),
        sa.ForeignKeyConstraint(["bulk_action_id"], ["bulk_action.id"], name=op.f("fk_bulk_line_bulk_action_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_bulk_line_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_line")),
        sa.UniqueConstraint("bulk_action_id", "request_id", name="uq_bulk_line_request"),
    )
    op.create_index(op.f("ix_bulk_line_bulk_action_id"), "bulk_line", ["bulk_action_id"], unique=False)
    op.create_index("ix_bulk_line_outcome", "bulk_line", ["bulk_action_id", "outcome", "id"], unique=False)
    op.create_index(op.f("ix_bulk_line_request_id"), "bulk_line", ["request_id"], unique=False)


def downgrade() -> None:
    """Remove them."""
    op.drop_table("bulk_line")
    op.drop_table("bulk_action")
