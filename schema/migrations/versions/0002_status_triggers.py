"""The database refuses a change of status that the workflow does not know.

The pairs are written out, since a migration must not change when the code does; a contract test compares them with
`enrolment.workflow`.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FIRST = "in_review"
PAIRS = (
    ("in_review", "validated"),
    ("in_review", "awaiting_certificates"),
    ("in_review", "rejected"),
    ("in_review", "awaiting_documents"),
    ("in_review", "awaiting_correction"),
    ("in_review", "withdrawn"),
    ("awaiting_certificates", "certificates_to_review"),
    ("awaiting_certificates", "withdrawn"),
    ("awaiting_documents", "in_review"),
    ("awaiting_documents", "certificates_to_review"),
    ("awaiting_documents", "withdrawn"),
    ("awaiting_correction", "in_review"),
    ("awaiting_correction", "certificates_to_review"),
    ("awaiting_correction", "withdrawn"),
    ("certificates_to_review", "validated"),
    ("certificates_to_review", "rejected"),
    ("certificates_to_review", "awaiting_documents"),
    ("certificates_to_review", "awaiting_correction"),
    ("certificates_to_review", "awaiting_certificates"),
    ("certificates_to_review", "withdrawn"),
)
_KNOWN = ", ".join(f"'{source}>{target}'" for source, target in PAIRS)
_FORBIDDEN = f"OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN ({_KNOWN})"

_SQLITE = (
    f"""
    CREATE TRIGGER request_first_status BEFORE INSERT ON request WHEN NEW.status <> '{FIRST}'
    BEGIN SELECT RAISE(ABORT, 'request_first_status'); END
    """,
    f"""
    CREATE TRIGGER request_next_status BEFORE UPDATE OF status ON request WHEN {_FORBIDDEN}
    BEGIN SELECT RAISE(ABORT, 'request_next_status'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION refuse_request_status() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = TG_NAME; END $$
    """,
    f"""
    CREATE TRIGGER request_first_status BEFORE INSERT ON request FOR EACH ROW
    WHEN (NEW.status <> '{FIRST}') EXECUTE FUNCTION refuse_request_status()
    """,
    f"""
    CREATE TRIGGER request_next_status BEFORE UPDATE OF status ON request FOR EACH ROW
    WHEN ({_FORBIDDEN}) EXECUTE FUNCTION refuse_request_status()
    """,
)


def upgrade() -> None:
    """Install the triggers."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if on_sqlite else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Remove the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER request_first_status")
        op.execute("DROP TRIGGER request_next_status")
    else:
        op.execute("DROP TRIGGER request_first_status ON request")
        op.execute("DROP TRIGGER request_next_status ON request")
        op.execute("DROP FUNCTION refuse_request_status()")
