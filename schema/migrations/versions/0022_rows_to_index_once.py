"""Rows whose words must be looked at are noted once each, in the one tree of their keys, and new rows of the history not
at all, which are those above the highest key of its index: on SQLite.
"""

from alembic import op
from sqlalchemy import text

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_NOTE = "INSERT INTO text_change(table_name, row_id) VALUES "
_ONCE = " ON CONFLICT DO NOTHING; END"
_EACH_TIME = "; END"
_COLUMNS = "table_name TEXT NOT NULL, row_id INTEGER NOT NULL"


def upgrade() -> None:
    """Keep the notes, without their order."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _rebuild(f"CREATE TABLE text_change ({_COLUMNS}, PRIMARY KEY (table_name, row_id)) WITHOUT ROWID")
    _change_triggers(_EACH_TIME, _ONCE)
    op.execute("DROP TRIGGER history_text_insert")
    op.execute(
        "DELETE FROM text_change WHERE table_name = 'history' AND row_id > (SELECT max(rowid) FROM history_text)"
    )


def downgrade() -> None:
    """Note a row each time that it changes."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _rebuild(f"CREATE TABLE text_change (id INTEGER PRIMARY KEY, {_COLUMNS})")
    op.execute("CREATE INDEX ix_text_change_table_name ON text_change (table_name, row_id)")
    _change_triggers(_ONCE, _EACH_TIME)
    op.execute(
        "INSERT INTO text_change(table_name, row_id) "
        "SELECT 'history', id FROM history WHERE id > coalesce((SELECT max(rowid) FROM history_text), 0)"
    )
    op.execute(f"CREATE TRIGGER history_text_insert AFTER INSERT ON history BEGIN {_NOTE}('history', NEW.id); END")


def _rebuild(table: str) -> None:
    op.execute("CREATE TEMP TABLE kept_change AS SELECT DISTINCT table_name, row_id FROM text_change")
    op.execute("DROP TABLE text_change")
    op.execute(table)
    op.execute("INSERT INTO text_change(table_name, row_id) SELECT table_name, row_id FROM kept_change")
    op.execute("DROP TABLE kept_change")


def _change_triggers(before: str, after: str) -> None:
    """The triggers are those of every table whose texts are looked into, whichever migration made them."""
    found = op.get_bind().execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, written in found:
        if _NOTE in written:
            op.execute(f"DROP TRIGGER {name}")
            op.get_bind().exec_driver_sql(written.removesuffix(before) + after)
