"""Indexes of the lists of the back office, for the tables that grow: one for each column that a list is sorted or
filtered by, and those of the words inside texts on SQLite.

The names are written out, since a migration must not change when the code does; contract tests compare them with
`schema.indexes` and `schema.text_index`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SORTED = {
    "request": (
        "created_at",
        "updated_at",
        "kind",
        "is_early",
        "status",
        "status_since",
        "clock_from",
        "clock_spent",
        "asked_from",
        "decided_at",
        "hosts_health_data",
        "is_distributor",
        "is_representative",
        "vat_liable",
        "legal_name_changed",
    ),
    "provider": (
        "created_at",
        "updated_at",
        "legal_name",
        "registry_name",
        "trade_name",
        "recipient",
        "building",
        "street_number",
        "street_extension",
        "street_name",
        "address_complement",
        "post_code",
        "city",
        "registry_outcome",
        "registry_checked_at",
    ),
    "person": (
        "created_at",
        "updated_at",
        "role",
        "last_name",
        "first_name",
        "phone",
        "quality",
    ),
    "bank_account": (
        "created_at",
        "updated_at",
        "bic",
        "holder",
        "domiciliation",
        "bank_check",
    ),
    "referencing": (
        "created_at",
        "updated_at",
        "software_name",
        "software_version",
        "publisher_name",
        "status",
        "validated_on",
    ),
    "attachment": (
        "created_at",
        "updated_at",
        "file_name",
        "content_type",
        "size",
        "pages",
        "encryption_key",
        "scan",
        "review",
        "deposited_at",
    ),
    "demand": (
        "created_at",
        "updated_at",
        "kind",
        "asked_at",
        "due_on",
        "state",
        "closed_at",
    ),
    "demand_item": (
        "created_at",
        "updated_at",
        "field",
    ),
    "request_event": (
        "at",
        "verb",
        "source",
        "target",
        "actor_kind",
        "actor_label",
    ),
    "terms_acceptance": (
        "created_at",
        "updated_at",
        "accepted_at",
    ),
    "request_note": (
        "created_at",
        "updated_at",
    ),
    "bulk_line": (
        "created_at",
        "updated_at",
        "seen_version",
        "outcome",
        "detail",
    ),
    "financing_request": (
        "created_at",
        "updated_at",
        "status",
        "status_since",
        "submitted_at",
        "lines",
        "total_cents",
    ),
    "financing_deposit": (
        "created_at",
        "updated_at",
        "place",
        "deposited_at",
        "lines",
        "total_cents",
        "file_name",
        "file_size",
        "file_sha256",
        "file_encryption_key",
        "proofs_name",
        "proofs_size",
        "proofs_sha256",
        "proofs_encryption_key",
        "proofs_count",
        "scan",
        "outcome",
        "answered_at",
    ),
    "ticket": (
        "created_at",
        "updated_at",
        "email",
        "name",
        "subject",
        "ans_number",
        "request_number",
        "state",
    ),
    "outgoing_mail": (
        "created_at",
        "updated_at",
        "recipient",
        "subject",
        "state",
        "send_after",
        "claimed_until",
        "attempts",
        "sent_at",
    ),
    "account": (
        "created_at",
        "updated_at",
        "last_name",
        "first_name",
        "phone",
        "password_changed_at",
        "state",
        "from_wave_1",
    ),
    "account_provider": (
        "created_at",
        "updated_at",
    ),
    "attachment_access": (
        "actor_kind",
        "actor_id",
        "actor_label",
    ),
    "history": (
        "at",
        "table_name",
        "row_id",
        "operation",
        "actor_kind",
        "actor_id",
        "actor_label",
        "reason",
    ),
}
LONG = {
    "request": ("to_verify",),
    "attachment": ("review_reason",),
    "demand": ("message",),
    "demand_item": (
        "reason",
        "old_value",
        "new_value",
    ),
    "request_event": ("message",),
    "financing_request": ("message",),
    "financing_deposit": ("answer",),
    "outgoing_mail": ("last_reply",),
}
TEXTS = {
    "request": (
        "number",
        "to_verify",
    ),
    "provider": (
        "siret",
        "siren",
        "legal_name",
        "registry_name",
        "trade_name",
        "recipient",
        "building",
        "street_number",
        "street_name",
        "address_complement",
        "post_code",
        "city",
    ),
    "person": (
        "last_name",
        "first_name",
        "email",
        "phone",
    ),
    "bank_account": (
        "iban",
        "bic",
        "holder",
        "domiciliation",
    ),
    "referencing": (
        "ans_number",
        "software_name",
        "software_version",
        "publisher_name",
    ),
    "attachment": (
        "file_name",
        "content_type",
        "encryption_key",
        "review_reason",
    ),
    "demand": ("message",),
    "demand_item": (
        "field",
        "reason",
        "old_value",
        "new_value",
    ),
    "request_event": (
        "actor_label",
        "message",
    ),
    "terms_acceptance": ("wording",),
    "request_note": ("body",),
    "bulk_line": ("detail",),
    "financing_request": (
        "number",
        "message",
    ),
    "financing_deposit": (
        "file_name",
        "file_encryption_key",
        "proofs_name",
        "proofs_encryption_key",
        "answer",
    ),
    "ticket": (
        "number",
        "email",
        "name",
        "subject",
        "body",
        "ans_number",
        "request_number",
    ),
    "outgoing_mail": (
        "template",
        "recipient",
        "subject",
        "last_reply",
    ),
    "account": (
        "login",
        "email",
        "last_name",
        "first_name",
        "phone",
    ),
    "attachment_access": ("actor_label",),
    "history": (
        "table_name",
        "actor_label",
        "reason",
    ),
}


def upgrade() -> None:
    """Make them."""
    for table, columns in SORTED.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}_list", table, [column, "id"], unique=False)
    for table, columns in LONG.items():
        for column in columns:
            _index_presence(table, column)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TABLE text_change (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, row_id INTEGER NOT NULL)"
        )
        op.execute("CREATE INDEX ix_text_change_table_name ON text_change (table_name, row_id)")
        for table, columns in TEXTS.items():
            _index_texts(table, columns)


def downgrade() -> None:
    """Remove them."""
    if op.get_bind().dialect.name == "sqlite":
        for table in TEXTS:
            for event in ("insert", "delete", "update"):
                op.execute(f"DROP TRIGGER {table}_text_{event}")
            op.execute(f"DROP TABLE {table}_text")
        op.execute("DROP TABLE text_change")
    for table, columns in SORTED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}_list", table)
    for table, columns in LONG.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}_empty", table)
            op.drop_index(f"ix_{table}_{column}_filled", table)


def _index_presence(table: str, column: str) -> None:
    """Keys of the rows without, and with, a long text."""
    for word, condition in (("empty", "IS NULL"), ("filled", "IS NOT NULL")):
        where = sa.text(f"{column} {condition}")
        name = f"ix_{table}_{column}_{word}"
        op.create_index(name, table, ["id"], unique=False, sqlite_where=where, postgresql_where=where)


def _index_texts(table: str, columns: tuple[str, ...]) -> None:
    """Triggers may not write into such an index (`trusted_schema`): they note which rows must be looked at again."""
    names = ", ".join(columns)
    options = "tokenize='trigram', detail='column', columnsize=0"
    op.execute(f"CREATE VIRTUAL TABLE {table}_text USING fts5({names}, {options})")
    op.execute(f"INSERT INTO {table}_text(rowid, {names}) SELECT id, {names} FROM {table}")  # noqa: S608  Names above.
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
    for event, row, condition in (("insert", "NEW", ""), ("delete", "OLD", ""), ("update", "NEW", f"WHEN {changed}")):
        note = f"INSERT INTO text_change(table_name, row_id) VALUES ('{table}', {row}.id)"  # noqa: S608  The same.
        op.execute(
            f"CREATE TRIGGER {table}_text_{event} AFTER {event.upper()} ON {table} {condition} BEGIN {note}; END"
        )
