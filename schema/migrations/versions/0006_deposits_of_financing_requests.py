"""A financing request keeps each deposit of its files; what a file may hold is a table."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_FILES = ("file_key", "file_sha256", "proofs_key", "proofs_sha256")


def upgrade() -> None:
    """Move the files of each request to a deposit of their own."""
    op.create_table(
        "prestation_type",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom"),
        sa.Column("ceiling_cents", sa.BigInteger(), nullable=True, comment="Plafond TTC (centimes)"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="Proposé"),
        sa.CheckConstraint("ceiling_cents >= 1", name=op.f("ck_prestation_type_ceiling_cents_minimum")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_prestation_type_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_prestation_type_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prestation_type")),
        sa.UniqueConstraint("code", name=op.f("uq_prestation_type_code")),
    )
    op.create_table(
        "financing_deposit",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("financing_request_id", sa.Integer(), nullable=False, comment="Demande de financement"),
        sa.Column("place", sa.Integer(), nullable=False, comment="Rang"),
        sa.Column("deposited_at", sa.DateTime(timezone=True), nullable=False, comment="Déposé le"),
        sa.Column("lines", sa.Integer(), nullable=False, comment="Lignes"),
        sa.Column("total_cents", sa.BigInteger(), nullable=False, comment="Total TTC (centimes)"),
        sa.Column("file_name", sa.String(255), nullable=False, comment="Fichier"),
        sa.Column("file_size", sa.Integer(), nullable=False, comment="Taille du fichier"),
        sa.Column("file_sha256", sa.String(64), nullable=False, comment="Empreinte du fichier"),
        sa.Column("file_key", sa.String(255), nullable=False, comment="Emplacement du fichier"),
        sa.Column("file_encryption_key", sa.String(255), nullable=True, comment="Clé de chiffrement du fichier"),
        sa.Column("proofs_name", sa.String(255), nullable=False, comment="Preuves"),
        sa.Column("proofs_size", sa.Integer(), nullable=False, comment="Taille des preuves"),
        sa.Column("proofs_sha256", sa.String(64), nullable=False, comment="Empreinte des preuves"),
        sa.Column("proofs_key", sa.String(255), nullable=False, comment="Emplacement des preuves"),
        sa.Column("proofs_encryption_key", sa.String(255), nullable=True, comment="Clé de chiffrement des preuves"),
        sa.Column("proofs_count", sa.Integer(), nullable=False, comment="Nombre de preuves"),
        sa.Column("scan", sa.String(40), nullable=False, comment="Antivirus"),
        sa.Column("outcome", sa.String(40), nullable=True, comment="Suite donnée"),
        sa.Column("answer", sa.String(10000), nullable=True, comment="Réponse"),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True, comment="Répondu le"),
        sa.CheckConstraint(
            "outcome IN ('received', 'to_modify', 'accepted', 'refused')",
            name=op.f("ck_financing_deposit_outcome_value"),
        ),
        sa.CheckConstraint(
            "scan IN ('unscanned', 'clean', 'infected', 'disabled')", name=op.f("ck_financing_deposit_scan_value")
        ),
        sa.CheckConstraint("file_size >= 1", name=op.f("ck_financing_deposit_file_size_minimum")),
        sa.CheckConstraint("length(answer) BETWEEN 1 AND 10000", name=op.f("ck_financing_deposit_answer_length")),
        sa.CheckConstraint(
            "length(file_encryption_key) BETWEEN 1 AND 255",
            name=op.f("ck_financing_deposit_file_encryption_key_length"),
        ),
        sa.CheckConstraint("length(file_key) BETWEEN 1 AND 255", name=op.f("ck_financing_deposit_file_key_length")),
        sa.CheckConstraint("length(file_name) BETWEEN 1 AND 255", name=op.f("ck_financing_deposit_file_name_length")),
        sa.CheckConstraint(
            "length(file_sha256) BETWEEN 1 AND 64", name=op.f("ck_financing_deposit_file_sha256_length")
        ),
        sa.CheckConstraint(
            "length(proofs_encryption_key) BETWEEN 1 AND 255",
            name=op.f("ck_financing_deposit_proofs_encryption_key_length"),
        ),
        sa.CheckConstraint("length(proofs_key) BETWEEN 1 AND 255", name=op.f("ck_financing_deposit_proofs_key_length")),
        sa.CheckConstraint(
            "length(proofs_name) BETWEEN 1 AND 255", name=op.f("ck_financing_deposit_proofs_name_length")
        ),
        sa.CheckConstraint(
            "length(proofs_sha256) BETWEEN 1 AND 64", name=op.f("ck_financing_deposit_proofs_sha256_length")
        ),
        sa.CheckConstraint("lines >= 0", name=op.f("ck_financing_deposit_lines_minimum")),
        sa.CheckConstraint("place >= 1", name=op.f("ck_financing_deposit_place_minimum")),
        sa.CheckConstraint("proofs_count >= 1", name=op.f("ck_financing_deposit_proofs_count_minimum")),
        sa.CheckConstraint("proofs_size >= 1", name=op.f("ck_financing_deposit_proofs_size_minimum")),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_financing_deposit_total_cents_minimum")),
        sa.ForeignKeyConstraint(
            ["financing_request_id"], ["financing_request.id"], name=op.f("fk_financing_deposit_financing_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing_deposit")),
        sa.UniqueConstraint("file_key", name=op.f("uq_financing_deposit_file_key")),
        sa.UniqueConstraint("financing_request_id", "place", name="uq_financing_deposit_place"),
        sa.UniqueConstraint("proofs_key", name=op.f("uq_financing_deposit_proofs_key")),
    )
    with op.batch_alter_table("financing_deposit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_financing_deposit_financing_request_id"), ["financing_request_id"], unique=False
        )
    # Names and sizes were not kept before; no page of a released portal wrote such a row.
    op.execute(
        "INSERT INTO financing_deposit (row_version, created_at, updated_at, financing_request_id, place, deposited_at, "
        "lines, total_cents, file_name, file_size, file_sha256, file_key, proofs_name, proofs_size, proofs_sha256, "
        "proofs_key, proofs_count, scan) SELECT 1, created_at, updated_at, id, 1, submitted_at, lines, total_cents, "
        "'financement.json', 1, substr(file_sha256, 1, 64), file_key, 'preuves.zip', 1, substr(proofs_sha256, 1, 64), "
        "proofs_key, 1, 'unscanned' FROM financing_request"
    )
    with op.batch_alter_table("financing_request") as batch:
        batch.add_column(
            sa.Column("status_since", sa.DateTime(timezone=True), nullable=True, comment="Statut depuis le")
        )
        batch.alter_column("total_cents", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)
        batch.drop_constraint(op.f("uq_financing_request_file_key"), type_="unique")
        batch.drop_constraint(op.f("uq_financing_request_proofs_key"), type_="unique")
        for name in _FILES:
            batch.drop_constraint(op.f(f"ck_financing_request_{name}_length"), type_="check")
            batch.drop_column(name)
    op.execute("UPDATE financing_request SET status_since = submitted_at")
    with op.batch_alter_table("financing_request") as batch:
        batch.alter_column("status_since", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    """Back to one pair of files for each request: the last."""
    with op.batch_alter_table("financing_request") as batch:
        for name in _FILES:
            batch.add_column(sa.Column(name, sa.String(255), nullable=True))
        batch.drop_column("status_since")
        batch.alter_column("total_cents", type_=sa.Integer(), existing_type=sa.BigInteger(), existing_nullable=False)
    for name in _FILES:
        op.execute(
            f"UPDATE financing_request SET {name} = (SELECT {name} FROM financing_deposit "  # noqa: S608  Our own names.
            "WHERE financing_request_id = financing_request.id ORDER BY place DESC LIMIT 1)"
        )
    with op.batch_alter_table("financing_request") as batch:
        for name in _FILES:
            batch.alter_column(name, existing_type=sa.String(255), nullable=False)
            batch.create_check_constraint(
                op.f(f"ck_financing_request_{name}_length"), f"length({name}) BETWEEN 1 AND 255"
            )
        for name in ("file_key", "proofs_key"):
            batch.create_unique_constraint(op.f(f"uq_financing_request_{name}"), [name])
    op.drop_table("financing_deposit")
    op.drop_table("prestation_type")
