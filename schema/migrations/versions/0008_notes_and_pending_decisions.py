"""Internal notes, and decisions that can still be recalled."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "request_note",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande"),
        sa.Column("author_id", sa.Integer(), nullable=False, comment="Auteur"),
        sa.Column("body", sa.String(10000), nullable=False, comment="Note"),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 10000", name=op.f("ck_request_note_body_length")),
        sa.ForeignKeyConstraint(["author_id"], ["staff_user.id"], name=op.f("fk_request_note_author_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_note_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_note")),
    )
    op.create_index(op.f("ix_request_note_author_id"), "request_note", ["author_id"], unique=False)
    op.create_index("ix_request_note_of_request", "request_note", ["request_id", "id"], unique=False)
    op.create_index(op.f("ix_request_note_request_id"), "request_note", ["request_id"], unique=False)
    op.create_table(
        "pending_decision",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande"),
        sa.Column("verb", sa.String(40), nullable=False, comment="Décision"),
        sa.Column("staff_user_id", sa.Integer(), nullable=False, comment="Gestionnaire"),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False, comment="Prend effet le"),
        sa.Column("seen_version", sa.Integer(), nullable=False, comment="Version vue"),
        sa.Column("content", sa.JSON(), nullable=False, comment="Contenu"),
        sa.Column("problem", sa.String(255), nullable=True, comment="Empêchement"),
        sa.CheckConstraint(
            "verb IN ('submit', 'validate', 'validate_partially', 'reject', 'ask_documents', 'ask_correction', 'complete_deposit', 'complete_correction', 'complete_certificates', 'refuse_certificate', 'cancel_demand', 'withdraw', 'resubmit')",
            name=op.f("ck_pending_decision_verb_value"),
        ),
        sa.CheckConstraint("length(problem) BETWEEN 1 AND 255", name=op.f("ck_pending_decision_problem_length")),
        sa.CheckConstraint("seen_version >= 1", name=op.f("ck_pending_decision_seen_version_minimum")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_pending_decision_request_id")),
        sa.ForeignKeyConstraint(["staff_user_id"], ["staff_user.id"], name=op.f("fk_pending_decision_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_decision")),
    )
    op.create_index(op.f("ix_pending_decision_effective_at"), "pending_decision", ["effective_at"], unique=False)
    op.create_index(op.f("ix_pending_decision_request_id"), "pending_decision", ["request_id"], unique=True)
    op.create_index(op.f("ix_pending_decision_staff_user_id"), "pending_decision", ["staff_user_id"], unique=False)


def downgrade() -> None:
    """Remove them."""
    op.drop_table("pending_decision")
    op.drop_table("request_note")
