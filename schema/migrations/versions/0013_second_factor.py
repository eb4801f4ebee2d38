"""Staff: when a second factor was confirmed, which code was used last; an index to ask who opened which piece."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    confirmed = "Second facteur confirmé le"
    op.add_column("staff_user", sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), comment=confirmed))
    op.add_column("staff_user", sa.Column("totp_last_step", sa.Integer(), comment="Dernier code accepté"))
    op.create_index(
        "ix_attachment_access_of_actor", "attachment_access", ["actor_kind", "actor_id", "at", "id"], unique=False
    )
    op.create_table(
        "role_withdrawal",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("role", sa.String(40), nullable=False, comment="Rôle"),
        sa.Column("subject", sa.String(255), nullable=False, comment="Objet"),
        sa.Column("right_name", sa.String(255), nullable=False, comment="Droit"),
        sa.CheckConstraint(
            "role IN ('manager', 'steward', 'administrator', 'reader')", name=op.f("ck_role_withdrawal_role_value")
        ),
        sa.CheckConstraint("length(right_name) BETWEEN 1 AND 255", name=op.f("ck_role_withdrawal_right_name_length")),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 255", name=op.f("ck_role_withdrawal_subject_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_withdrawal")),
        sa.UniqueConstraint("role", "subject", "right_name", name="uq_role_withdrawal_right"),
    )


def downgrade() -> None:
    """Remove them."""
    op.drop_table("role_withdrawal")
    op.drop_index("ix_attachment_access_of_actor", table_name="attachment_access")
    op.drop_column("staff_user", "totp_last_step")
    op.drop_column("staff_user", "totp_confirmed_at")
