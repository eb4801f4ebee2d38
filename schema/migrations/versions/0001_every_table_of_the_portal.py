"""Every table of the portal."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every table of the portal."""

    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("login", sa.String(64), nullable=False, comment="Identifiant"),
        sa.Column("email", sa.String(254), nullable=False, comment="Email"),
        sa.Column("last_name", sa.String(80), nullable=False, comment="Nom"),
        sa.Column("first_name", sa.String(80), nullable=False, comment="Prénom"),
        sa.Column("phone", sa.String(16), nullable=True, comment="Téléphone"),
        sa.Column("password_hash", sa.String(255), nullable=True, comment="Mot de passe"),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True, comment="Mot de passe changé le"),
        sa.Column("state", sa.String(40), nullable=False, comment="État"),
        sa.Column("from_wave_1", sa.Boolean(), nullable=False, comment="Connu depuis la vague 1"),
        sa.CheckConstraint("state IN ('invited', 'active', 'disabled')", name=op.f("ck_account_state_value")),
        sa.CheckConstraint("length(email) BETWEEN 1 AND 254", name=op.f("ck_account_email_length")),
        sa.CheckConstraint("length(first_name) BETWEEN 1 AND 80", name=op.f("ck_account_first_name_length")),
        sa.CheckConstraint("length(last_name) BETWEEN 1 AND 80", name=op.f("ck_account_last_name_length")),
        sa.CheckConstraint("length(login) BETWEEN 1 AND 64", name=op.f("ck_account_login_length")),
        sa.CheckConstraint("length(password_hash) BETWEEN 1 AND 255", name=op.f("ck_account_password_hash_length")),
        sa.CheckConstraint("length(phone) BETWEEN 1 AND 16", name=op.f("ck_account_phone_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("key", sa.String(255), nullable=False, comment="Clé"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="Date"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name=op.f("ck_attempt_key_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_key_at", ["key", "at"], unique=False)

    op.create_table(
        "bank_override",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("country", sa.String(64), nullable=False, comment="Pays"),
        sa.Column("bank_code", sa.String(64), nullable=False, comment="Code banque"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom de la banque"),
        sa.Column("bic", sa.String(11), nullable=False, comment="BIC"),
        sa.CheckConstraint("length(bank_code) BETWEEN 1 AND 64", name=op.f("ck_bank_override_bank_code_length")),
        sa.CheckConstraint("length(bic) BETWEEN 1 AND 11", name=op.f("ck_bank_override_bic_length")),
        sa.CheckConstraint("length(country) BETWEEN 1 AND 64", name=op.f("ck_bank_override_country_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_bank_override_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_override")),
        sa.UniqueConstraint("country", "bank_code", name="uq_bank_override_country_bank_code"),
    )
    op.create_table(
        "corridor",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_corridor_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_corridor_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corridor")),
        sa.UniqueConstraint("code", name=op.f("uq_corridor_code")),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("status", sa.String(40), nullable=False, comment="Statut"),
        sa.Column("days", sa.Integer(), nullable=False, comment="Délai (jours)"),
        sa.Column("remind_before", sa.Integer(), nullable=True, comment="Relance avant (jours)"),
        sa.Column("remind_after", sa.Integer(), nullable=True, comment="Relance après (jours)"),
        sa.CheckConstraint(
            "status IN ('in_review', 'awaiting_certificates', 'awaiting_documents', 'awaiting_correction', 'certificates_to_review', 'validated', 'rejected', 'withdrawn')",
            name=op.f("ck_deadline_status_value"),
        ),
        sa.CheckConstraint("days <= 3650", name=op.f("ck_deadline_days_maximum")),
        sa.CheckConstraint("days >= 1", name=op.f("ck_deadline_days_minimum")),
        sa.CheckConstraint("remind_after >= 0", name=op.f("ck_deadline_remind_after_minimum")),
        sa.CheckConstraint("remind_before >= 0", name=op.f("ck_deadline_remind_before_minimum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint("status", name=op.f("uq_deadline_status")),
    )
    op.create_table(
        "document_kind",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Libellé"),
        sa.Column("help", sa.String(255), nullable=False, comment="Aide"),
        sa.Column("step", sa.String(40), nullable=False, comment="Étape"),
        sa.Column("position", sa.Integer(), nullable=False, comment="Ordre"),
        sa.Column("sensitive", sa.Boolean(), nullable=False, comment="Sensible"),
        sa.Column("max_bytes", sa.Integer(), nullable=False, comment="Taille maximale (octets)"),
        sa.Column("template_file", sa.String(255), nullable=True, comment="Modèle à télécharger"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="Actif"),
        sa.CheckConstraint(
            "step IN ('referencing', 'applicant', 'bank', 'vat', 'summary')", name=op.f("ck_document_kind_step_value")
        ),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_document_kind_code_length")),
        sa.CheckConstraint("length(help) BETWEEN 1 AND 255", name=op.f("ck_document_kind_help_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_document_kind_name_length")),
        sa.CheckConstraint(
            "length(template_file) BETWEEN 1 AND 255", name=op.f("ck_document_kind_template_file_length")
        ),
        sa.CheckConstraint("max_bytes >= 1", name=op.f("ck_document_kind_max_bytes_minimum")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_document_kind_position_minimum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_kind")),
        sa.UniqueConstraint("code", name=op.f("uq_document_kind_code")),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="Date"),
        sa.Column("table_name", sa.String(64), nullable=False, comment="Table"),
        sa.Column("row_id", sa.Integer(), nullable=False, comment="Ligne"),
        sa.Column("operation", sa.String(40), nullable=False, comment="Opération"),
        sa.Column("changes", sa.JSON(), nullable=False, comment="Changements"),
        sa.Column("actor_kind", sa.String(40), nullable=False, comment="Par"),
        sa.Column("actor_id", sa.Integer(), nullable=True, comment="Clé de l'auteur"),
        sa.Column("actor_label", sa.String(255), nullable=False, comment="Auteur"),
        sa.Column("reason", sa.String(255), nullable=True, comment="Motif"),
        sa.Column("batch", sa.String(255), nullable=True, comment="Lot"),
        sa.CheckConstraint("actor_kind IN ('vendor', 'staff', 'system')", name=op.f("ck_history_actor_kind_value")),
        sa.CheckConstraint("operation IN ('insert', 'update', 'delete')", name=op.f("ck_history_operation_value")),
        sa.CheckConstraint("length(actor_label) BETWEEN 1 AND 255", name=op.f("ck_history_actor_label_length")),
        sa.CheckConstraint("length(batch) BETWEEN 1 AND 255", name=op.f("ck_history_batch_length")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 255", name=op.f("ck_history_reason_length")),
        sa.CheckConstraint("length(table_name) BETWEEN 1 AND 64", name=op.f("ck_history_table_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_batch", ["batch", "id"], unique=False)
        batch_op.create_index("ix_history_row", ["table_name", "row_id", "id"], unique=False)

    op.create_table(
        "history_seal",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("first_id", sa.Integer(), nullable=False, comment="Première ligne"),
        sa.Column("last_id", sa.Integer(), nullable=False, comment="Dernière ligne"),
        sa.Column("rows", sa.Integer(), nullable=False, comment="Nombre"),
        sa.Column("digest", sa.String(64), nullable=False, comment="Empreinte"),
        sa.CheckConstraint("length(digest) BETWEEN 1 AND 64", name=op.f("ck_history_seal_digest_length")),
        sa.CheckConstraint("rows >= 1", name=op.f("ck_history_seal_rows_minimum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_seal")),
        sa.UniqueConstraint("digest", name=op.f("uq_history_seal_digest")),
        sa.UniqueConstraint("first_id", name=op.f("uq_history_seal_first_id")),
        sa.UniqueConstraint("last_id", name=op.f("uq_history_seal_last_id")),
    )
    op.create_table(
        "legal_text",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("kind", sa.String(64), nullable=False, comment="Nature du texte"),
        sa.Column("version", sa.String(255), nullable=False, comment="Version"),
        sa.Column("title", sa.String(255), nullable=False, comment="Titre"),
        sa.Column("body", sa.String(10000), nullable=False, comment="Texte"),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False, comment="En vigueur à partir du"),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 10000", name=op.f("ck_legal_text_body_length")),
        sa.CheckConstraint("length(kind) BETWEEN 1 AND 64", name=op.f("ck_legal_text_kind_length")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 255", name=op.f("ck_legal_text_title_length")),
        sa.CheckConstraint("length(version) BETWEEN 1 AND 255", name=op.f("ck_legal_text_version_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_text")),
        sa.UniqueConstraint("kind", "version", name="uq_legal_text_kind_version"),
    )
    with op.batch_alter_table("legal_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_text_kind"), ["kind"], unique=False)

    op.create_table(
        "message_template",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom"),
        sa.Column("subject", sa.String(255), nullable=False, comment="Objet"),
        sa.Column("body", sa.String(10000), nullable=False, comment="Texte"),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 10000", name=op.f("ck_message_template_body_length")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_message_template_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_message_template_name_length")),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 255", name=op.f("ck_message_template_subject_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_template")),
        sa.UniqueConstraint("code", name=op.f("uq_message_template_code")),
    )
    op.create_table(
        "parameter",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("value", sa.String(10000), nullable=False, comment="Valeur"),
        sa.Column("about_fr", sa.String(255), nullable=False, comment="Signification"),
        sa.CheckConstraint("length(about_fr) BETWEEN 1 AND 255", name=op.f("ck_parameter_about_fr_length")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_parameter_code_length")),
        sa.CheckConstraint("length(value) BETWEEN 1 AND 10000", name=op.f("ck_parameter_value_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameter")),
        sa.UniqueConstraint("code", name=op.f("uq_parameter_code")),
    )
    op.create_table(
        "registry_entry",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("siret", sa.String(14), nullable=False, comment="SIRET"),
        sa.Column("siren", sa.String(9), nullable=False, comment="SIREN"),
        sa.Column("legal_name", sa.String(120), nullable=False, comment="Dénomination sociale"),
        sa.Column("trade_name", sa.String(120), nullable=True, comment="Nom commercial"),
        sa.Column("building", sa.String(38), nullable=True, comment="Complément"),
        sa.Column("street_number", sa.String(255), nullable=True, comment="Numéro"),
        sa.Column("street_extension", sa.String(255), nullable=True, comment="Extension"),
        sa.Column("street_type", sa.String(64), nullable=True, comment="Type de voie"),
        sa.Column("street_name", sa.String(38), nullable=True, comment="Voie"),
        sa.Column("post_code", sa.String(5), nullable=True, comment="Code postal"),
        sa.Column("city", sa.String(32), nullable=True, comment="Commune"),
        sa.Column("is_open", sa.Boolean(), nullable=False, comment="Ouvert"),
        sa.Column("is_diffusible", sa.Boolean(), nullable=False, comment="Diffusible"),
        sa.CheckConstraint("length(building) BETWEEN 1 AND 38", name=op.f("ck_registry_entry_building_length")),
        sa.CheckConstraint("length(city) BETWEEN 1 AND 32", name=op.f("ck_registry_entry_city_length")),
        sa.CheckConstraint("length(legal_name) BETWEEN 1 AND 120", name=op.f("ck_registry_entry_legal_name_length")),
        sa.CheckConstraint("length(post_code) BETWEEN 1 AND 5", name=op.f("ck_registry_entry_post_code_length")),
        sa.CheckConstraint("length(siren) BETWEEN 1 AND 9", name=op.f("ck_registry_entry_siren_length")),
        sa.CheckConstraint("length(siret) BETWEEN 1 AND 14", name=op.f("ck_registry_entry_siret_length")),
        sa.CheckConstraint(
            "length(street_extension) BETWEEN 1 AND 255", name=op.f("ck_registry_entry_street_extension_length")
        ),
        sa.CheckConstraint("length(street_name) BETWEEN 1 AND 38", name=op.f("ck_registry_entry_street_name_length")),
        sa.CheckConstraint(
            "length(street_number) BETWEEN 1 AND 255", name=op.f("ck_registry_entry_street_number_length")
        ),
        sa.CheckConstraint("length(street_type) BETWEEN 1 AND 64", name=op.f("ck_registry_entry_street_type_length")),
        sa.CheckConstraint("length(trade_name) BETWEEN 1 AND 120", name=op.f("ck_registry_entry_trade_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_entry")),
        sa.UniqueConstraint("siret", name=op.f("uq_registry_entry_siret")),
    )
    with op.batch_alter_table("registry_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registry_entry_siren"), ["siren"], unique=False)

    op.create_table(
        "request_counter",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("series", sa.String(255), nullable=False, comment="Série"),
        sa.Column("year", sa.Integer(), nullable=False, comment="Année"),
        sa.Column("last", sa.Integer(), nullable=False, comment="Dernier numéro"),
        sa.CheckConstraint("last >= 0", name=op.f("ck_request_counter_last_minimum")),
        sa.CheckConstraint("length(series) BETWEEN 1 AND 255", name=op.f("ck_request_counter_series_length")),
        sa.CheckConstraint("year >= 2020", name=op.f("ck_request_counter_year_minimum")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_counter")),
        sa.UniqueConstraint("series", "year", name="uq_request_counter_series_year"),
    )
    op.create_table(
        "retention",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("subject", sa.String(64), nullable=False, comment="Données"),
        sa.Column("days", sa.Integer(), nullable=False, comment="Durée (jours)"),
        sa.Column("note", sa.String(255), nullable=False, comment="Base"),
        sa.CheckConstraint("days >= 1", name=op.f("ck_retention_days_minimum")),
        sa.CheckConstraint("length(note) BETWEEN 1 AND 255", name=op.f("ck_retention_note_length")),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 64", name=op.f("ck_retention_subject_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention")),
        sa.UniqueConstraint("subject", name=op.f("uq_retention_subject")),
    )
    op.create_table(
        "spent_token",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("key", sa.String(255), nullable=False, comment="Jeton"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="Oublié le"),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 255", name=op.f("ck_spent_token_key_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_token")),
        sa.UniqueConstraint("key", name=op.f("uq_spent_token_key")),
    )
    with op.batch_alter_table("spent_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_token_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "staff_user",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("email", sa.String(254), nullable=False, comment="Adresse de connexion"),
        sa.Column("last_name", sa.String(80), nullable=False, comment="Nom"),
        sa.Column("first_name", sa.String(80), nullable=False, comment="Prénom"),
        sa.Column("role", sa.String(40), nullable=False, comment="Rôle"),
        sa.Column("password_hash", sa.String(255), nullable=True, comment="Mot de passe"),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True, comment="Mot de passe changé le"),
        sa.Column("totp_secret", sa.String(255), nullable=True, comment="Second facteur"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="Actif"),
        sa.CheckConstraint(
            "role IN ('manager', 'steward', 'administrator', 'reader')", name=op.f("ck_staff_user_role_value")
        ),
        sa.CheckConstraint("length(email) BETWEEN 1 AND 254", name=op.f("ck_staff_user_email_length")),
        sa.CheckConstraint("length(first_name) BETWEEN 1 AND 80", name=op.f("ck_staff_user_first_name_length")),
        sa.CheckConstraint("length(last_name) BETWEEN 1 AND 80", name=op.f("ck_staff_user_last_name_length")),
        sa.CheckConstraint("length(password_hash) BETWEEN 1 AND 255", name=op.f("ck_staff_user_password_hash_length")),
        sa.CheckConstraint("length(totp_secret) BETWEEN 1 AND 255", name=op.f("ck_staff_user_totp_secret_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_user")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_user_email")),
    )
    op.create_table(
        "street_type",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Libellé"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_street_type_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_street_type_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street_type")),
        sa.UniqueConstraint("code", name=op.f("uq_street_type_code")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("number", sa.String(18), nullable=False, comment="Numéro"),
        sa.Column("email", sa.String(254), nullable=False, comment="Email"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom et prénom"),
        sa.Column("subject", sa.String(255), nullable=False, comment="Objet"),
        sa.Column("body", sa.String(10000), nullable=False, comment="Message"),
        sa.Column("ans_number", sa.String(255), nullable=True, comment="Numéro de référencement ANS"),
        sa.Column("request_number", sa.String(255), nullable=True, comment="Numéro demande"),
        sa.Column("state", sa.String(40), nullable=False, comment="État"),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_ticket_state_value")),
        sa.CheckConstraint("length(ans_number) BETWEEN 1 AND 255", name=op.f("ck_ticket_ans_number_length")),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 10000", name=op.f("ck_ticket_body_length")),
        sa.CheckConstraint("length(email) BETWEEN 1 AND 254", name=op.f("ck_ticket_email_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_ticket_name_length")),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 18", name=op.f("ck_ticket_number_length")),
        sa.CheckConstraint("length(request_number) BETWEEN 1 AND 255", name=op.f("ck_ticket_request_number_length")),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 255", name=op.f("ck_ticket_subject_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom"),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False, comment="Ouverture"),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True, comment="Fermeture"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_wave_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_wave_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
        sa.UniqueConstraint("code", name=op.f("uq_wave_code")),
    )
    op.create_table(
        "dsr",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Nom du DSR"),
        sa.Column("wave_id", sa.Integer(), nullable=False, comment="Vague"),
        sa.Column("corridor_id", sa.Integer(), nullable=False, comment="Couloir"),
        sa.Column("needs_hds", sa.Boolean(), nullable=False, comment="Exige le document HDS"),
        sa.Column(
            "enrolment_opens_at", sa.DateTime(timezone=True), nullable=False, comment="Ouverture de l'enrôlement"
        ),
        sa.Column("advance_opens_at", sa.DateTime(timezone=True), nullable=True, comment="Ouverture des avances"),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True, comment="Fermeture"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_dsr_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_dsr_name_length")),
        sa.ForeignKeyConstraint(["corridor_id"], ["corridor.id"], name=op.f("fk_dsr_corridor_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_dsr_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dsr")),
        sa.UniqueConstraint("code", name=op.f("uq_dsr_code")),
    )
    with op.batch_alter_table("dsr", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dsr_corridor_id"), ["corridor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dsr_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("siret", sa.String(14), nullable=False, comment="Numéro SIRET"),
        sa.Column(
            "siren",
            sa.String(9),
            sa.Computed("substr(siret, 1, 9)", persisted=True),
            nullable=False,
            comment="Numéro SIREN",
        ),
        sa.Column("legal_name", sa.String(120), nullable=False, comment="Dénomination sociale"),
        sa.Column("registry_name", sa.String(120), nullable=True, comment="Dénomination au répertoire"),
        sa.Column("trade_name", sa.String(120), nullable=False, comment="Nom commercial"),
        sa.Column("recipient", sa.String(38), nullable=True, comment="Identité du destinataire/service"),
        sa.Column("building", sa.String(38), nullable=True, comment="Entrée/Bat/Immeuble"),
        sa.Column("street_number", sa.String(5), nullable=True, comment="Numéro de voie"),
        sa.Column("street_extension", sa.String(40), nullable=True, comment="Extension"),
        sa.Column("street_type_id", sa.Integer(), nullable=False, comment="Type de voie"),
        sa.Column("street_name", sa.String(38), nullable=False, comment="Nom de la voie"),
        sa.Column("address_complement", sa.String(38), nullable=True, comment="Complément d'adresse"),
        sa.Column("post_code", sa.String(5), nullable=False, comment="Code postal"),
        sa.Column("city", sa.String(32), nullable=False, comment="Commune"),
        sa.Column("registry_outcome", sa.String(40), nullable=False, comment="Réponse du répertoire"),
        sa.Column("registry_checked_at", sa.DateTime(timezone=True), nullable=True, comment="Répertoire consulté le"),
        sa.CheckConstraint(
            "registry_outcome IN ('found', 'unknown', 'unavailable', 'not_diffusible')",
            name=op.f("ck_provider_registry_outcome_value"),
        ),
        sa.CheckConstraint("street_extension IN ('B', 'T', 'Q', 'C')", name=op.f("ck_provider_street_extension_value")),
        sa.CheckConstraint(
            "length(address_complement) BETWEEN 1 AND 38", name=op.f("ck_provider_address_complement_length")
        ),
        sa.CheckConstraint("length(building) BETWEEN 1 AND 38", name=op.f("ck_provider_building_length")),
        sa.CheckConstraint("length(city) BETWEEN 1 AND 32", name=op.f("ck_provider_city_length")),
        sa.CheckConstraint("length(legal_name) BETWEEN 1 AND 120", name=op.f("ck_provider_legal_name_length")),
        sa.CheckConstraint("length(post_code) BETWEEN 1 AND 5", name=op.f("ck_provider_post_code_length")),
        sa.CheckConstraint("length(recipient) BETWEEN 1 AND 38", name=op.f("ck_provider_recipient_length")),
        sa.CheckConstraint("length(registry_name) BETWEEN 1 AND 120", name=op.f("ck_provider_registry_name_length")),
        sa.CheckConstraint("length(siren) BETWEEN 1 AND 9", name=op.f("ck_provider_siren_length")),
        sa.CheckConstraint("length(siret) BETWEEN 1 AND 14", name=op.f("ck_provider_siret_length")),
        sa.CheckConstraint("length(street_name) BETWEEN 1 AND 38", name=op.f("ck_provider_street_name_length")),
        sa.CheckConstraint("length(street_number) BETWEEN 1 AND 5", name=op.f("ck_provider_street_number_length")),
        sa.CheckConstraint("length(trade_name) BETWEEN 1 AND 120", name=op.f("ck_provider_trade_name_length")),
        sa.ForeignKeyConstraint(["street_type_id"], ["street_type.id"], name=op.f("fk_provider_street_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
    )
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_siren"), ["siren"], unique=False)
        batch_op.create_index(batch_op.f("ix_provider_siret"), ["siret"], unique=False)
        batch_op.create_index(batch_op.f("ix_provider_street_type_id"), ["street_type_id"], unique=False)

    op.create_table(
        "reason_template",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("verb", sa.String(40), nullable=False, comment="Décision"),
        sa.Column("title", sa.String(255), nullable=False, comment="Titre"),
        sa.Column("body", sa.String(10000), nullable=False, comment="Texte"),
        sa.Column("document_kind_id", sa.Integer(), nullable=True, comment="Pièce"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="Actif"),
        sa.CheckConstraint(
            "verb IN ('submit', 'validate', 'validate_partially', 'reject', 'ask_documents', 'ask_correction', 'complete_deposit', 'complete_correction', 'complete_certificates', 'refuse_certificate', 'withdraw', 'resubmit')",
            name=op.f("ck_reason_template_verb_value"),
        ),
        sa.CheckConstraint("length(body) BETWEEN 1 AND 10000", name=op.f("ck_reason_template_body_length")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 255", name=op.f("ck_reason_template_title_length")),
        sa.ForeignKeyConstraint(
            ["document_kind_id"], ["document_kind.id"], name=op.f("fk_reason_template_document_kind_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reason_template")),
        sa.UniqueConstraint("verb", "title", name="uq_reason_template_verb_title"),
    )
    with op.batch_alter_table("reason_template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reason_template_document_kind_id"), ["document_kind_id"], unique=False)

    op.create_table(
        "web_session",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("key_hash", sa.String(255), nullable=False, comment="Empreinte"),
        sa.Column("audience", sa.String(40), nullable=False, comment="Public"),
        sa.Column("account_id", sa.Integer(), nullable=True, comment="Compte"),
        sa.Column("staff_user_id", sa.Integer(), nullable=True, comment="Agent"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="Dernière activité"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="Expire le"),
        sa.Column("user_agent", sa.String(255), nullable=True, comment="Navigateur"),
        sa.CheckConstraint("audience IN ('vendor', 'staff')", name=op.f("ck_web_session_audience_value")),
        sa.CheckConstraint("(account_id IS NULL) <> (staff_user_id IS NULL)", name=op.f("ck_web_session_one_owner")),
        sa.CheckConstraint("length(key_hash) BETWEEN 1 AND 255", name=op.f("ck_web_session_key_hash_length")),
        sa.CheckConstraint("length(user_agent) BETWEEN 1 AND 255", name=op.f("ck_web_session_user_agent_length")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id")),
        sa.ForeignKeyConstraint(["staff_user_id"], ["staff_user.id"], name=op.f("fk_web_session_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_web_session_key_hash")),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_web_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_web_session_staff_user_id"), ["staff_user_id"], unique=False)

    op.create_table(
        "account_provider",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("account_id", sa.Integer(), nullable=False, comment="Compte"),
        sa.Column("provider_id", sa.Integer(), nullable=False, comment="Fournisseur"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_provider_account_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_account_provider_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_provider")),
        sa.UniqueConstraint("account_id", "provider_id", name="uq_account_provider_pair"),
    )
    with op.batch_alter_table("account_provider", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_provider_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_provider_provider_id"), ["provider_id"], unique=False)

    op.create_table(
        "bank_account",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("provider_id", sa.Integer(), nullable=False, comment="Fournisseur"),
        sa.Column("iban", sa.String(34), nullable=False, comment="IBAN"),
        sa.Column("bic", sa.String(11), nullable=False, comment="BIC"),
        sa.Column("holder", sa.String(255), nullable=False, comment="Titulaire"),
        sa.Column("domiciliation", sa.String(255), nullable=False, comment="Domiciliation"),
        sa.Column("bank_check", sa.String(40), nullable=False, comment="Contrôle"),
        sa.CheckConstraint("bank_check IN ('coherent', 'unknown_bank')", name=op.f("ck_bank_account_bank_check_value")),
        sa.CheckConstraint("length(bic) BETWEEN 1 AND 11", name=op.f("ck_bank_account_bic_length")),
        sa.CheckConstraint(
            "length(domiciliation) BETWEEN 1 AND 255", name=op.f("ck_bank_account_domiciliation_length")
        ),
        sa.CheckConstraint("length(holder) BETWEEN 1 AND 255", name=op.f("ck_bank_account_holder_length")),
        sa.CheckConstraint("length(iban) BETWEEN 1 AND 34", name=op.f("ck_bank_account_iban_length")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_bank_account_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
    )
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_account_iban"), ["iban"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_account_provider_id"), ["provider_id"], unique=True)

    op.create_table(
        "document_rule",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("document_kind_id", sa.Integer(), nullable=False, comment="Pièce"),
        sa.Column("reason", sa.String(255), nullable=False, comment="Explication"),
        sa.Column("wave_id", sa.Integer(), nullable=True, comment="Vague"),
        sa.Column("dsr_id", sa.Integer(), nullable=True, comment="DSR"),
        sa.Column("request_kind", sa.String(40), nullable=True, comment="Nature de la demande"),
        sa.Column("referencing_validated", sa.Boolean(), nullable=True, comment="Référencement validé"),
        sa.Column("needs_hds", sa.Boolean(), nullable=True, comment="DSR exigeant le HDS"),
        sa.Column("hosts_health_data", sa.Boolean(), nullable=True, comment="Hébergeur de données de santé"),
        sa.Column("legal_name_changed", sa.Boolean(), nullable=True, comment="Dénomination modifiée"),
        sa.Column("is_distributor", sa.Boolean(), nullable=True, comment="Distributeur"),
        sa.Column("is_representative", sa.Boolean(), nullable=True, comment="Représentant légal"),
        sa.Column("quality", sa.String(40), nullable=True, comment="Qualité du dépositaire"),
        sa.Column("vat_liable", sa.Boolean(), nullable=True, comment="Assujetti à la TVA"),
        sa.Column("first_of_wave", sa.Boolean(), nullable=True, comment="Première demande de la vague"),
        sa.Column("required", sa.Boolean(), nullable=False, comment="Obligatoire"),
        sa.Column("active", sa.Boolean(), nullable=False, comment="Active"),
        sa.Column("note", sa.String(10000), nullable=True, comment="Note"),
        sa.CheckConstraint("quality IN ('employee', 'management_centre')", name=op.f("ck_document_rule_quality_value")),
        sa.CheckConstraint(
            "request_kind IN ('initial', 'complementary')", name=op.f("ck_document_rule_request_kind_value")
        ),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_document_rule_code_length")),
        sa.CheckConstraint("length(note) BETWEEN 1 AND 10000", name=op.f("ck_document_rule_note_length")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 255", name=op.f("ck_document_rule_reason_length")),
        sa.ForeignKeyConstraint(
            ["document_kind_id"], ["document_kind.id"], name=op.f("fk_document_rule_document_kind_id")
        ),
        sa.ForeignKeyConstraint(["dsr_id"], ["dsr.id"], name=op.f("fk_document_rule_dsr_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_document_rule_wave_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_rule")),
        sa.UniqueConstraint("code", name=op.f("uq_document_rule_code")),
    )
    with op.batch_alter_table("document_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_rule_document_kind_id"), ["document_kind_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_rule_dsr_id"), ["dsr_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_rule_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("provider_id", sa.Integer(), nullable=False, comment="Fournisseur"),
        sa.Column("role", sa.String(40), nullable=False, comment="Rôle"),
        sa.Column("last_name", sa.String(80), nullable=False, comment="Nom"),
        sa.Column("first_name", sa.String(80), nullable=False, comment="Prénom"),
        sa.Column("email", sa.String(254), nullable=False, comment="Email"),
        sa.Column("phone", sa.String(16), nullable=False, comment="Téléphone"),
        sa.Column("quality", sa.String(40), nullable=True, comment="Qualité de tiers déclarant"),
        sa.CheckConstraint(
            "(role = 'depositary') = (quality IS NOT NULL)", name=op.f("ck_person_quality_of_depositary")
        ),
        sa.CheckConstraint("quality IN ('employee', 'management_centre')", name=op.f("ck_person_quality_value")),
        sa.CheckConstraint("role IN ('representative', 'depositary')", name=op.f("ck_person_role_value")),
        sa.CheckConstraint("length(email) BETWEEN 1 AND 254", name=op.f("ck_person_email_length")),
        sa.CheckConstraint("length(first_name) BETWEEN 1 AND 80", name=op.f("ck_person_first_name_length")),
        sa.CheckConstraint("length(last_name) BETWEEN 1 AND 80", name=op.f("ck_person_last_name_length")),
        sa.CheckConstraint("length(phone) BETWEEN 1 AND 16", name=op.f("ck_person_phone_length")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_person_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("provider_id", "role", name="uq_person_provider_id_role"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_provider_id"), ["provider_id"], unique=False)

    op.create_table(
        "profile",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("code", sa.String(64), nullable=False, comment="Code"),
        sa.Column("name", sa.String(255), nullable=False, comment="Profil référencé"),
        sa.Column("dsr_id", sa.Integer(), nullable=False, comment="DSR"),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 64", name=op.f("ck_profile_code_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 255", name=op.f("ck_profile_name_length")),
        sa.ForeignKeyConstraint(["dsr_id"], ["dsr.id"], name=op.f("fk_profile_dsr_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile")),
        sa.UniqueConstraint("code", name=op.f("uq_profile_code")),
    )
    with op.batch_alter_table("profile", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_profile_dsr_id"), ["dsr_id"], unique=False)

    op.create_table(
        "referencing",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("ans_number", sa.String(64), nullable=False, comment="Numéro unique de référencement ANS"),
        sa.Column("software_name", sa.String(255), nullable=False, comment="Nom du logiciel"),
        sa.Column("software_version", sa.String(255), nullable=False, comment="Version du logiciel"),
        sa.Column("publisher_name", sa.String(255), nullable=True, comment="Éditeur"),
        sa.Column("dsr_id", sa.Integer(), nullable=False, comment="DSR concerné"),
        sa.Column("profile_id", sa.Integer(), nullable=True, comment="Profil référencé"),
        sa.Column("status", sa.String(40), nullable=False, comment="État du référencement"),
        sa.Column("validated_on", sa.Date(), nullable=True, comment="Validé le"),
        sa.CheckConstraint("status IN ('pending', 'validated', 'withdrawn')", name=op.f("ck_referencing_status_value")),
        sa.CheckConstraint("length(ans_number) BETWEEN 1 AND 64", name=op.f("ck_referencing_ans_number_length")),
        sa.CheckConstraint(
            "length(publisher_name) BETWEEN 1 AND 255", name=op.f("ck_referencing_publisher_name_length")
        ),
        sa.CheckConstraint("length(software_name) BETWEEN 1 AND 255", name=op.f("ck_referencing_software_name_length")),
        sa.CheckConstraint(
            "length(software_version) BETWEEN 1 AND 255", name=op.f("ck_referencing_software_version_length")
        ),
        sa.ForeignKeyConstraint(["dsr_id"], ["dsr.id"], name=op.f("fk_referencing_dsr_id")),
        sa.ForeignKeyConstraint(["profile_id"], ["profile.id"], name=op.f("fk_referencing_profile_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referencing")),
        sa.UniqueConstraint("ans_number", name=op.f("uq_referencing_ans_number")),
    )
    with op.batch_alter_table("referencing", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_referencing_dsr_id"), ["dsr_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_referencing_profile_id"), ["profile_id"], unique=False)

    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("number", sa.String(18), nullable=False, comment="Numéro demande"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("submission_key", sa.String(255), nullable=False, comment="Clé de dépôt"),
        sa.Column("kind", sa.String(40), nullable=False, comment="Nature"),
        sa.Column("is_early", sa.Boolean(), nullable=False, comment="Enrôlement anticipé"),
        sa.Column("status", sa.String(40), nullable=False, comment="Statut"),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False, comment="Statut depuis le"),
        sa.Column("asked_from", sa.String(40), nullable=True, comment="Statut avant la demande de l'ASP"),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False, comment="Date de dépôt"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True, comment="Décidée le"),
        sa.Column("referencing_id", sa.Integer(), nullable=False, comment="Référencement"),
        sa.Column("provider_id", sa.Integer(), nullable=False, comment="Fournisseur"),
        sa.Column("account_id", sa.Integer(), nullable=True, comment="Compte"),
        sa.Column("previous_request_id", sa.Integer(), nullable=True, comment="Demande précédente"),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True, comment="Gestionnaire"),
        sa.Column(
            "hosts_health_data",
            sa.Boolean(),
            nullable=True,
            comment="Êtes-vous hébergeur de données de santé pour au moins un de vos clients ?",
        ),
        sa.Column("is_distributor", sa.Boolean(), nullable=False, comment="Êtes-vous distributeur ?"),
        sa.Column(
            "is_representative",
            sa.Boolean(),
            nullable=False,
            comment="Êtes-vous le représentant légal du fournisseur ?",
        ),
        sa.Column("vat_liable", sa.Boolean(), nullable=False, comment="Êtes-vous assujetti à la TVA ?"),
        sa.Column("legal_name_changed", sa.Boolean(), nullable=False, comment="Dénomination modifiée"),
        sa.Column("to_verify", sa.String(10000), nullable=True, comment="À vérifier"),
        sa.CheckConstraint(
            "(asked_from IS NOT NULL) = (status IN ('awaiting_documents', 'awaiting_correction'))",
            name=op.f("ck_request_asked_from"),
        ),
        sa.CheckConstraint(
            "asked_from IN ('in_review', 'awaiting_certificates', 'awaiting_documents', 'awaiting_correction', 'certificates_to_review', 'validated', 'rejected', 'withdrawn')",
            name=op.f("ck_request_asked_from_value"),
        ),
        sa.CheckConstraint(
            "is_early OR status NOT IN ('awaiting_certificates', 'certificates_to_review')",
            name=op.f("ck_request_certificates_of_early"),
        ),
        sa.CheckConstraint("kind IN ('initial', 'complementary')", name=op.f("ck_request_kind_value")),
        sa.CheckConstraint(
            "status IN ('in_review', 'awaiting_certificates', 'awaiting_documents', 'awaiting_correction', 'certificates_to_review', 'validated', 'rejected', 'withdrawn')",
            name=op.f("ck_request_status_value"),
        ),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 18", name=op.f("ck_request_number_length")),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_request_public_id_length")),
        sa.CheckConstraint("length(submission_key) BETWEEN 1 AND 255", name=op.f("ck_request_submission_key_length")),
        sa.CheckConstraint("length(to_verify) BETWEEN 1 AND 10000", name=op.f("ck_request_to_verify_length")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_request_account_id")),
        sa.ForeignKeyConstraint(["assigned_to_id"], ["staff_user.id"], name=op.f("fk_request_assigned_to_id")),
        sa.ForeignKeyConstraint(["previous_request_id"], ["request.id"], name=op.f("fk_request_previous_request_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_request_provider_id")),
        sa.ForeignKeyConstraint(["referencing_id"], ["referencing.id"], name=op.f("fk_request_referencing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("number", name=op.f("uq_request_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_request_public_id")),
        sa.UniqueConstraint("submission_key", name=op.f("uq_request_submission_key")),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_assigned_to_id"), ["assigned_to_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_previous_request_id"), ["previous_request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index("ix_request_queue", ["status", "assigned_to_id", "status_since", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_referencing_id"), ["referencing_id"], unique=False)
        batch_op.create_index("ix_request_status_since", ["status", "status_since", "id"], unique=False)
        batch_op.create_index("ix_request_submitted_at_id", ["submitted_at", "id"], unique=False)
        batch_op.create_index(
            "uq_request_active_referencing",
            ["referencing_id"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('rejected', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('rejected', 'withdrawn')"),
        )

    op.create_table(
        "demand",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande d'enrôlement"),
        sa.Column("kind", sa.String(40), nullable=False, comment="Nature"),
        sa.Column("message", sa.String(10000), nullable=True, comment="Message"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, comment="Demandée le"),
        sa.Column("due_on", sa.Date(), nullable=True, comment="Échéance"),
        sa.Column("state", sa.String(40), nullable=False, comment="État"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="Close le"),
        sa.CheckConstraint("kind IN ('documents', 'correction', 'certificates')", name=op.f("ck_demand_kind_value")),
        sa.CheckConstraint("state IN ('open', 'answered', 'cancelled')", name=op.f("ck_demand_state_value")),
        sa.CheckConstraint("length(message) BETWEEN 1 AND 10000", name=op.f("ck_demand_message_length")),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_demand_public_id_length")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_demand_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
        sa.UniqueConstraint("public_id", name=op.f("uq_demand_public_id")),
    )
    with op.batch_alter_table("demand", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demand_request_id"), ["request_id"], unique=False)
        batch_op.create_index(
            "uq_demand_open_request",
            ["request_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("kind", sa.String(40), nullable=False, comment="Nature"),
        sa.Column("account_id", sa.Integer(), nullable=True, comment="Compte"),
        sa.Column("answers", sa.JSON(), nullable=False, comment="Réponses"),
        sa.Column("step", sa.String(255), nullable=False, comment="Étape atteinte"),
        sa.Column("email", sa.String(254), nullable=True, comment="Email de reprise"),
        sa.Column("previous_request_id", sa.Integer(), nullable=True, comment="Demande précédente"),
        sa.Column("request_id", sa.Integer(), nullable=True, comment="Demande déposée"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="Supprimé le"),
        sa.CheckConstraint("kind IN ('initial', 'complementary')", name=op.f("ck_draft_kind_value")),
        sa.CheckConstraint("length(email) BETWEEN 1 AND 254", name=op.f("ck_draft_email_length")),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_draft_public_id_length")),
        sa.CheckConstraint("length(step) BETWEEN 1 AND 255", name=op.f("ck_draft_step_length")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id")),
        sa.ForeignKeyConstraint(["previous_request_id"], ["request.id"], name=op.f("fk_draft_previous_request_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_draft_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_draft_public_id")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_previous_request_id"), ["previous_request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_draft_request_id"), ["request_id"], unique=False)

    op.create_table(
        "financing_request",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("number", sa.String(18), nullable=False, comment="Numéro"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande d'enrôlement"),
        sa.Column("status", sa.String(40), nullable=False, comment="Statut"),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False, comment="Date de dépôt"),
        sa.Column("lines", sa.Integer(), nullable=False, comment="Lignes"),
        sa.Column("total_cents", sa.Integer(), nullable=False, comment="Total TTC (centimes)"),
        sa.Column("message", sa.String(10000), nullable=True, comment="Message"),
        sa.Column("file_key", sa.String(255), nullable=False, comment="Fichier"),
        sa.Column("file_sha256", sa.String(255), nullable=False, comment="Empreinte du fichier"),
        sa.Column("proofs_key", sa.String(255), nullable=False, comment="Preuves"),
        sa.Column("proofs_sha256", sa.String(255), nullable=False, comment="Empreinte des preuves"),
        sa.CheckConstraint(
            "status IN ('received', 'to_modify', 'accepted', 'refused')", name=op.f("ck_financing_request_status_value")
        ),
        sa.CheckConstraint("length(file_key) BETWEEN 1 AND 255", name=op.f("ck_financing_request_file_key_length")),
        sa.CheckConstraint(
            "length(file_sha256) BETWEEN 1 AND 255", name=op.f("ck_financing_request_file_sha256_length")
        ),
        sa.CheckConstraint("length(message) BETWEEN 1 AND 10000", name=op.f("ck_financing_request_message_length")),
        sa.CheckConstraint("length(number) BETWEEN 1 AND 18", name=op.f("ck_financing_request_number_length")),
        sa.CheckConstraint("length(proofs_key) BETWEEN 1 AND 255", name=op.f("ck_financing_request_proofs_key_length")),
        sa.CheckConstraint(
            "length(proofs_sha256) BETWEEN 1 AND 255", name=op.f("ck_financing_request_proofs_sha256_length")
        ),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_financing_request_public_id_length")),
        sa.CheckConstraint("lines >= 0", name=op.f("ck_financing_request_lines_minimum")),
        sa.CheckConstraint("total_cents >= 0", name=op.f("ck_financing_request_total_cents_minimum")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_financing_request_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing_request")),
        sa.UniqueConstraint("file_key", name=op.f("uq_financing_request_file_key")),
        sa.UniqueConstraint("number", name=op.f("uq_financing_request_number")),
        sa.UniqueConstraint("proofs_key", name=op.f("uq_financing_request_proofs_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_financing_request_public_id")),
    )
    with op.batch_alter_table("financing_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_financing_request_request_id"), ["request_id"], unique=False)

    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("event_key", sa.String(255), nullable=False, comment="Clé d'événement"),
        sa.Column("template", sa.String(64), nullable=False, comment="Modèle"),
        sa.Column("recipient", sa.String(254), nullable=False, comment="Destinataire"),
        sa.Column("subject", sa.String(255), nullable=False, comment="Objet"),
        sa.Column("text_body", sa.String(200000), nullable=False, comment="Texte"),
        sa.Column("html_body", sa.String(200000), nullable=False, comment="HTML"),
        sa.Column("request_id", sa.Integer(), nullable=True, comment="Demande"),
        sa.Column("account_id", sa.Integer(), nullable=True, comment="Compte"),
        sa.Column("state", sa.String(40), nullable=False, comment="État"),
        sa.Column("send_after", sa.DateTime(timezone=True), nullable=False, comment="À envoyer à partir de"),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True, comment="Réservé jusqu'à"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="Essais"),
        sa.Column("last_reply", sa.String(10000), nullable=True, comment="Dernière réponse"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True, comment="Envoyé le"),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'parked', 'cancelled')", name=op.f("ck_outgoing_mail_state_value")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outgoing_mail_attempts_minimum")),
        sa.CheckConstraint("length(event_key) BETWEEN 1 AND 255", name=op.f("ck_outgoing_mail_event_key_length")),
        sa.CheckConstraint("length(html_body) BETWEEN 1 AND 200000", name=op.f("ck_outgoing_mail_html_body_length")),
        sa.CheckConstraint("length(last_reply) BETWEEN 1 AND 10000", name=op.f("ck_outgoing_mail_last_reply_length")),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_outgoing_mail_public_id_length")),
        sa.CheckConstraint("length(recipient) BETWEEN 1 AND 254", name=op.f("ck_outgoing_mail_recipient_length")),
        sa.CheckConstraint("length(subject) BETWEEN 1 AND 255", name=op.f("ck_outgoing_mail_subject_length")),
        sa.CheckConstraint("length(template) BETWEEN 1 AND 64", name=op.f("ck_outgoing_mail_template_length")),
        sa.CheckConstraint("length(text_body) BETWEEN 1 AND 200000", name=op.f("ck_outgoing_mail_text_body_length")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_outgoing_mail_account_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_outgoing_mail_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
        sa.UniqueConstraint("event_key", name=op.f("uq_outgoing_mail_event_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outgoing_mail_public_id")),
    )
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_mail_account_id"), ["account_id"], unique=False)
        batch_op.create_index("ix_outgoing_mail_due", ["state", "send_after", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outgoing_mail_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outgoing_mail_template"), ["template"], unique=False)

    op.create_table(
        "request_event",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="Date"),
        sa.Column("verb", sa.String(40), nullable=False, comment="Action"),
        sa.Column("source", sa.String(40), nullable=True, comment="Statut avant"),
        sa.Column("target", sa.String(40), nullable=False, comment="Statut après"),
        sa.Column("actor_kind", sa.String(40), nullable=False, comment="Par"),
        sa.Column("actor_label", sa.String(255), nullable=False, comment="Auteur"),
        sa.Column("message", sa.String(10000), nullable=True, comment="Message"),
        sa.CheckConstraint(
            "actor_kind IN ('vendor', 'staff', 'system')", name=op.f("ck_request_event_actor_kind_value")
        ),
        sa.CheckConstraint(
            "source IN ('in_review', 'awaiting_certificates', 'awaiting_documents', 'awaiting_correction', 'certificates_to_review', 'validated', 'rejected', 'withdrawn')",
            name=op.f("ck_request_event_source_value"),
        ),
        sa.CheckConstraint(
            "target IN ('in_review', 'awaiting_certificates', 'awaiting_documents', 'awaiting_correction', 'certificates_to_review', 'validated', 'rejected', 'withdrawn')",
            name=op.f("ck_request_event_target_value"),
        ),
        sa.CheckConstraint(
            "verb IN ('submit', 'validate', 'validate_partially', 'reject', 'ask_documents', 'ask_correction', 'complete_deposit', 'complete_correction', 'complete_certificates', 'refuse_certificate', 'withdraw', 'resubmit')",
            name=op.f("ck_request_event_verb_value"),
        ),
        sa.CheckConstraint("length(actor_label) BETWEEN 1 AND 255", name=op.f("ck_request_event_actor_label_length")),
        sa.CheckConstraint("length(message) BETWEEN 1 AND 10000", name=op.f("ck_request_event_message_length")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_event_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_event")),
    )
    with op.batch_alter_table("request_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_event_request_id"), ["request_id"], unique=False)
        batch_op.create_index("ix_request_event_request_id_at", ["request_id", "at", "id"], unique=False)

    op.create_table(
        "terms_acceptance",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("request_id", sa.Integer(), nullable=False, comment="Demande"),
        sa.Column("legal_text_id", sa.Integer(), nullable=False, comment="Texte"),
        sa.Column("wording", sa.String(10000), nullable=False, comment="Phrase acceptée"),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False, comment="Accepté le"),
        sa.CheckConstraint("length(wording) BETWEEN 1 AND 10000", name=op.f("ck_terms_acceptance_wording_length")),
        sa.ForeignKeyConstraint(["legal_text_id"], ["legal_text.id"], name=op.f("fk_terms_acceptance_legal_text_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_terms_acceptance_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_acceptance")),
        sa.UniqueConstraint("request_id", "legal_text_id", name="uq_terms_acceptance_request_id_text"),
    )
    with op.batch_alter_table("terms_acceptance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_terms_acceptance_legal_text_id"), ["legal_text_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_terms_acceptance_request_id"), ["request_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("public_id", sa.String(255), nullable=False, comment="Identifiant public"),
        sa.Column("draft_id", sa.Integer(), nullable=True, comment="Brouillon"),
        sa.Column("request_id", sa.Integer(), nullable=True, comment="Demande"),
        sa.Column("document_kind_id", sa.Integer(), nullable=False, comment="Type de pièce"),
        sa.Column("file_name", sa.String(255), nullable=False, comment="Nom du fichier"),
        sa.Column("content_type", sa.String(255), nullable=False, comment="Format"),
        sa.Column("size", sa.Integer(), nullable=False, comment="Taille"),
        sa.Column("pages", sa.Integer(), nullable=True, comment="Pages"),
        sa.Column("sha256", sa.String(64), nullable=False, comment="Empreinte"),
        sa.Column("storage_key", sa.String(255), nullable=False, comment="Clé de stockage"),
        sa.Column("encryption_key", sa.String(255), nullable=True, comment="Clé de chiffrement"),
        sa.Column("scan", sa.String(40), nullable=False, comment="Antivirus"),
        sa.Column("review", sa.String(40), nullable=False, comment="Examen"),
        sa.Column("review_reason", sa.String(10000), nullable=True, comment="Motif"),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True, comment="Remplacée par"),
        sa.Column("deposited_at", sa.DateTime(timezone=True), nullable=False, comment="Déposée le"),
        sa.CheckConstraint(
            "review <> 'to_redo' OR review_reason IS NOT NULL", name=op.f("ck_attachment_reason_to_redo")
        ),
        sa.CheckConstraint(
            "review IN ('unreviewed', 'compliant', 'to_redo', 'not_applicable')",
            name=op.f("ck_attachment_review_value"),
        ),
        sa.CheckConstraint(
            "scan IN ('unscanned', 'clean', 'infected', 'disabled')", name=op.f("ck_attachment_scan_value")
        ),
        sa.CheckConstraint("(draft_id IS NULL) <> (request_id IS NULL)", name=op.f("ck_attachment_one_owner")),
        sa.CheckConstraint("length(content_type) BETWEEN 1 AND 255", name=op.f("ck_attachment_content_type_length")),
        sa.CheckConstraint(
            "length(encryption_key) BETWEEN 1 AND 255", name=op.f("ck_attachment_encryption_key_length")
        ),
        sa.CheckConstraint("length(file_name) BETWEEN 1 AND 255", name=op.f("ck_attachment_file_name_length")),
        sa.CheckConstraint("length(public_id) BETWEEN 1 AND 255", name=op.f("ck_attachment_public_id_length")),
        sa.CheckConstraint(
            "length(review_reason) BETWEEN 1 AND 10000", name=op.f("ck_attachment_review_reason_length")
        ),
        sa.CheckConstraint("length(sha256) BETWEEN 1 AND 64", name=op.f("ck_attachment_sha256_length")),
        sa.CheckConstraint("length(storage_key) BETWEEN 1 AND 255", name=op.f("ck_attachment_storage_key_length")),
        sa.CheckConstraint("pages >= 1", name=op.f("ck_attachment_pages_minimum")),
        sa.CheckConstraint("size >= 1", name=op.f("ck_attachment_size_minimum")),
        sa.ForeignKeyConstraint(
            ["document_kind_id"], ["document_kind.id"], name=op.f("fk_attachment_document_kind_id")
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_attachment_draft_id")),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["attachment.id"], name=op.f("fk_attachment_replaced_by_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_attachment_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachment_public_id")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_attachment_storage_key")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_document_kind_id"), ["document_kind_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_draft_id"), ["draft_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_replaced_by_id"), ["replaced_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_sha256"), ["sha256"], unique=False)

    op.create_table(
        "attachment_access",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("attachment_id", sa.Integer(), nullable=False, comment="Pièce"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="Date"),
        sa.Column("actor_kind", sa.String(40), nullable=False, comment="Par"),
        sa.Column("actor_id", sa.Integer(), nullable=True, comment="Clé de l'auteur"),
        sa.Column("actor_label", sa.String(255), nullable=False, comment="Auteur"),
        sa.CheckConstraint(
            "actor_kind IN ('vendor', 'staff', 'system')", name=op.f("ck_attachment_access_actor_kind_value")
        ),
        sa.CheckConstraint(
            "length(actor_label) BETWEEN 1 AND 255", name=op.f("ck_attachment_access_actor_label_length")
        ),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_access_attachment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_access")),
    )
    with op.batch_alter_table("attachment_access", schema=None) as batch_op:
        batch_op.create_index("ix_attachment_access_at", ["at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_access_attachment_id"), ["attachment_id"], unique=False)

    op.create_table(
        "demand_item",
        sa.Column("id", sa.Integer(), nullable=False, comment="Identifiant technique"),
        sa.Column("row_version", sa.Integer(), nullable=False, comment="Version de la ligne"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="Créé le"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, comment="Modifié le"),
        sa.Column("demand_id", sa.Integer(), nullable=False, comment="Demande de l'ASP"),
        sa.Column("document_kind_id", sa.Integer(), nullable=True, comment="Pièce"),
        sa.Column("field", sa.String(80), nullable=True, comment="Champ"),
        sa.Column("reason", sa.String(10000), nullable=True, comment="Motif"),
        sa.Column("old_value", sa.String(10000), nullable=True, comment="Valeur d'origine"),
        sa.Column("new_value", sa.String(10000), nullable=True, comment="Valeur corrigée"),
        sa.Column("attachment_id", sa.Integer(), nullable=True, comment="Pièce déposée"),
        sa.CheckConstraint(
            "(document_kind_id IS NULL) <> (field IS NULL)", name=op.f("ck_demand_item_document_or_field")
        ),
        sa.CheckConstraint("length(field) BETWEEN 1 AND 80", name=op.f("ck_demand_item_field_length")),
        sa.CheckConstraint("length(new_value) BETWEEN 1 AND 10000", name=op.f("ck_demand_item_new_value_length")),
        sa.CheckConstraint("length(old_value) BETWEEN 1 AND 10000", name=op.f("ck_demand_item_old_value_length")),
        sa.CheckConstraint("length(reason) BETWEEN 1 AND 10000", name=op.f("ck_demand_item_reason_length")),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_demand_item_attachment_id")),
        sa.ForeignKeyConstraint(["demand_id"], ["demand.id"], name=op.f("fk_demand_item_demand_id")),
        sa.ForeignKeyConstraint(
            ["document_kind_id"], ["document_kind.id"], name=op.f("fk_demand_item_document_kind_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_item")),
    )
    with op.batch_alter_table("demand_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_demand_item_attachment_id"), ["attachment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_demand_item_demand_id"), ["demand_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_demand_item_document_kind_id"), ["document_kind_id"], unique=False)
        batch_op.create_index(
            "uq_demand_item_document",
            ["demand_id", "document_kind_id"],
            unique=True,
            sqlite_where=sa.text("document_kind_id IS NOT NULL"),
            postgresql_where=sa.text("document_kind_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_demand_item_field",
            ["demand_id", "field"],
            unique=True,
            sqlite_where=sa.text("field IS NOT NULL"),
            postgresql_where=sa.text("field IS NOT NULL"),
        )


def downgrade() -> None:
    """Undo it."""

    with op.batch_alter_table("demand_item", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_demand_item_field",
            sqlite_where=sa.text("field IS NOT NULL"),
            postgresql_where=sa.text("field IS NOT NULL"),
        )
        batch_op.drop_index(
            "uq_demand_item_document",
            sqlite_where=sa.text("document_kind_id IS NOT NULL"),
            postgresql_where=sa.text("document_kind_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_demand_item_document_kind_id"))
        batch_op.drop_index(batch_op.f("ix_demand_item_demand_id"))
        batch_op.drop_index(batch_op.f("ix_demand_item_attachment_id"))

    op.drop_table("demand_item")
    with op.batch_alter_table("attachment_access", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_access_attachment_id"))
        batch_op.drop_index("ix_attachment_access_at")

    op.drop_table("attachment_access")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_sha256"))
        batch_op.drop_index(batch_op.f("ix_attachment_request_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_replaced_by_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_draft_id"))
        batch_op.drop_index(batch_op.f("ix_attachment_document_kind_id"))

    op.drop_table("attachment")
    with op.batch_alter_table("terms_acceptance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_terms_acceptance_request_id"))
        batch_op.drop_index(batch_op.f("ix_terms_acceptance_legal_text_id"))

    op.drop_table("terms_acceptance")
    with op.batch_alter_table("request_event", schema=None) as batch_op:
        batch_op.drop_index("ix_request_event_request_id_at")
        batch_op.drop_index(batch_op.f("ix_request_event_request_id"))

    op.drop_table("request_event")
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_template"))
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_request_id"))
        batch_op.drop_index("ix_outgoing_mail_due")
        batch_op.drop_index(batch_op.f("ix_outgoing_mail_account_id"))

    op.drop_table("outgoing_mail")
    with op.batch_alter_table("financing_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_financing_request_request_id"))

    op.drop_table("financing_request")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_request_id"))
        batch_op.drop_index(batch_op.f("ix_draft_previous_request_id"))
        batch_op.drop_index(batch_op.f("ix_draft_expires_at"))
        batch_op.drop_index(batch_op.f("ix_draft_account_id"))

    op.drop_table("draft")
    with op.batch_alter_table("demand", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_demand_open_request", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(batch_op.f("ix_demand_request_id"))

    op.drop_table("demand")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_request_active_referencing",
            sqlite_where=sa.text("status NOT IN ('rejected', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('rejected', 'withdrawn')"),
        )
        batch_op.drop_index("ix_request_submitted_at_id")
        batch_op.drop_index("ix_request_status_since")
        batch_op.drop_index(batch_op.f("ix_request_referencing_id"))
        batch_op.drop_index("ix_request_queue")
        batch_op.drop_index(batch_op.f("ix_request_provider_id"))
        batch_op.drop_index(batch_op.f("ix_request_previous_request_id"))
        batch_op.drop_index(batch_op.f("ix_request_assigned_to_id"))
        batch_op.drop_index(batch_op.f("ix_request_account_id"))

    op.drop_table("request")
    with op.batch_alter_table("referencing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_referencing_profile_id"))
        batch_op.drop_index(batch_op.f("ix_referencing_dsr_id"))

    op.drop_table("referencing")
    with op.batch_alter_table("profile", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_profile_dsr_id"))

    op.drop_table("profile")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_provider_id"))
        batch_op.drop_index(batch_op.f("ix_person_email"))

    op.drop_table("person")
    with op.batch_alter_table("document_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_rule_wave_id"))
        batch_op.drop_index(batch_op.f("ix_document_rule_dsr_id"))
        batch_op.drop_index(batch_op.f("ix_document_rule_document_kind_id"))

    op.drop_table("document_rule")
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_account_provider_id"))
        batch_op.drop_index(batch_op.f("ix_bank_account_iban"))

    op.drop_table("bank_account")
    with op.batch_alter_table("account_provider", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_provider_provider_id"))
        batch_op.drop_index(batch_op.f("ix_account_provider_account_id"))

    op.drop_table("account_provider")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_session_staff_user_id"))
        batch_op.drop_index(batch_op.f("ix_web_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_web_session_account_id"))

    op.drop_table("web_session")
    with op.batch_alter_table("reason_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reason_template_document_kind_id"))

    op.drop_table("reason_template")
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_street_type_id"))
        batch_op.drop_index(batch_op.f("ix_provider_siret"))
        batch_op.drop_index(batch_op.f("ix_provider_siren"))

    op.drop_table("provider")
    with op.batch_alter_table("dsr", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dsr_wave_id"))
        batch_op.drop_index(batch_op.f("ix_dsr_corridor_id"))

    op.drop_table("dsr")
    op.drop_table("wave")
    op.drop_table("ticket")
    op.drop_table("street_type")
    op.drop_table("staff_user")
    with op.batch_alter_table("spent_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spent_token_expires_at"))

    op.drop_table("spent_token")
    op.drop_table("retention")
    op.drop_table("request_counter")
    with op.batch_alter_table("registry_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_registry_entry_siren"))

    op.drop_table("registry_entry")
    op.drop_table("parameter")
    op.drop_table("message_template")
    with op.batch_alter_table("legal_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_legal_text_kind"))

    op.drop_table("legal_text")
    op.drop_table("history_seal")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index("ix_history_row")
        batch_op.drop_index("ix_history_batch")

    op.drop_table("history")
    op.drop_table("document_kind")
    op.drop_table("deadline")
    op.drop_table("corridor")
    op.drop_table("bank_override")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_attempt_key_at")

    op.drop_table("attempt")
    op.drop_table("account")
