"""Opens the database: one object for SQLite and PostgreSQL, with a way to read and a way to write.

No query lives here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine, make_url
from sqlmodel import Session

from schema.history import Actor, record_changes
from schema.prepared import Snapshot

_BUSY_MS = 15_000


class Database:
    """A database and its two kinds of session.

    `url` is an SQLAlchemy URL: `sqlite:///var/enrolment.sqlite3` or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        # The connection given back last is taken first: what it has read is still in its cache.
        options: dict[str, Any] = {"pool_size": 20, "max_overflow": 20, "pool_timeout": 20, "pool_use_lifo": True}
        if not self.is_sqlite:
            options["pool_pre_ping"] = True
        self.engine: Engine = sa.create_engine(self.url, **options)
        self._writer = self.engine.execution_options(write=True)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database and never writes."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Like `reading`, without a session: for prepared statements only."""
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            # PostgreSQL's driver begins by itself.
            if self.is_sqlite:
                cursor.execute("BEGIN")
            yield Snapshot(self.engine.dialect, cursor)
            cursor.close()
        finally:
            # Given back to the pool, which ends the transaction.
            connection.close()

    @contextmanager
    def writing(self, actor: Actor, reason: str | None = None) -> Iterator[Session]:
        """A session in one write transaction: committed at the end, rolled back on any error.

        SQLite takes its write lock at once, so that two writers wait for each other instead of failing at the end.
        Every change is recorded in the name of `actor`.
        """
        with Session(self._writer, expire_on_commit=False) as session:
            session.info["actor"] = actor
            session.info["reason"] = reason
            record_changes(session)
            yield session
            session.commit()

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, record: Any) -> None:  # noqa: ARG001  Fixed by SQLAlchemy.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "journal_mode=WAL",
        # NORMAL could lose an acknowledged request at a power cut (REL-1).
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
