"""Changes of address that wait for the confirmation of both addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "email_change",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("account_id", sa.Integer(), nullable=False, comment="Compte"),
        sa.Column("new_email", sa.String(254), nullable=False, comment="Nouvel email"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="Demandé le"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="Expire le"),
        sa.Column(
            "old_confirmed_at", sa.DateTime(timezone=True), nullable=True, comment="Ancienne adresse d'accord le"
        ),
        sa.Column(
            "new_confirmed_at", sa.DateTime(timezone=True), nullable=True, comment="Nouvelle adresse d'accord le"
        ),
        sa.CheckConstraint("length(new_email) BETWEEN 1 AND 254", name=op.f("ck_email_change_new_email_length")),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_email_change_public_id_length")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_email_change_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_change")),
        sa.UniqueConstraint("public_id", name=op.f("uq_email_change_public_id")),
    )
    op.create_index(op.f("ix_email_change_account_id"), "email_change", ["account_id"], unique=True)
    op.create_index(op.f("ix_email_change_expires_at"), "email_change", ["expires_at"], unique=False)


def downgrade() -> None:
    """Remove it."""
    op.drop_table("email_change")
