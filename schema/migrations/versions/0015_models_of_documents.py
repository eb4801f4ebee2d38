"""Models of documents that administrators upload themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "document_model",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("document_kind_id", sa.Integer(), nullable=False, comment="Type de pièce"),
        sa.Column("file_name", sa.String(255), nullable=False, comment="Nom du fichier"),
        sa.Column("content_type", sa.String(255), nullable=False, comment="Format"),
        sa.Column("size", sa.Integer(), nullable=False, comment="Taille"),
        sa.Column("sha256", sa.String(64), nullable=False, comment="Empreinte"),
        sa.Column("storage_key", sa.String(255), nullable=False, comment="Clé de stockage"),
        sa.CheckConstraint(
            "length(content_type) BETWEEN 1 AND 255", name=op.f("ck_document_model_content_type_length")
        ),
        sa.CheckConstraint("length(file_name) BETWEEN 1 AND 255", name=op.f("ck_document_model_file_name_length")),
        sa.CheckConstraint("length(sha256) BETWEEN 1 AND 64", name=op.f("ck_document_model_sha256_length")),
        sa.CheckConstraint("length(storage_key) BETWEEN 1 AND 255", name=op.f("ck_document_model_storage_key_length")),
        sa.CheckConstraint("size >= 1", name=op.f("ck_document_model_size_minimum")),
        sa.ForeignKeyConstraint(
            ["document_kind_id"], ["document_kind.id"], name=op.f("fk_document_model_document_kind_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_model")),
        sa.UniqueConstraint("file_name", name=op.f("uq_document_model_file_name")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_document_model_storage_key")),
    )
    op.create_index(op.f("ix_document_model_document_kind_id"), "document_model", ["document_kind_id"], unique=True)


def downgrade() -> None:
    """Remove it."""
    op.drop_table("document_model")
