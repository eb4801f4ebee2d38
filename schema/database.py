"""Opens the database: one object for SQLite and PostgreSQL, with a way to read and a way to write.

No query lives here.
"""

from __future__ import annotations

import sqlite3
import time
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
_BETWEEN_TRIES = 0.001
_REST = 1.5 * _BETWEEN_TRIES
_PAGES_OF_WORK, _PAGES_OF_OTHERS = 4_000, 6_000
# KiB for each connection: a server has dozens of them, and the system keeps the file in its memory once for all.
_CACHE_OF_WORK, _CACHE_OF_OTHERS = 32_000, 8_000


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
        self._worker = self.engine.execution_options(write=True, lazily=True)
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            sa.event.listen(self.engine, "begin", _begin_postgres)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database and never writes."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def reading_much(self) -> Iterator[Session]:
        """Like `reading`, for whole tables: it may keep more of their pages at hand while it lasts."""
        with self.reading() as session:
            if not self.is_sqlite:
                yield session
                return
            driver = session.connection().exec_driver_sql
            driver(f"PRAGMA cache_size=-{_CACHE_OF_WORK}")
            try:
                yield session
            finally:
                driver(f"PRAGMA cache_size=-{_CACHE_OF_OTHERS}")

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
        with self._session(self._writer, actor, reason) as session:
            yield session

    @contextmanager
    def working(self, actor: Actor, reason: str | None = None) -> Iterator[Session]:
        """Like `writing`, for one of the many parts of a long work, which nobody was told of yet.

        A part that a power cut takes away was not half done, and is done again: it need not wait for the disk.
        """
        with self._session(self._worker, actor, reason) as session:
            yield session

    def rest(self) -> None:
        """Between two parts of a long work, leave SQLite's one write lock to whoever waits for it."""
        if self.is_sqlite:
            time.sleep(_REST)

    @contextmanager
    def _session(self, engine: Engine, actor: Actor, reason: str | None) -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session:
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
        f"cache_size=-{_CACHE_OF_OTHERS}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("write"):
        connection.exec_driver_sql("BEGIN")
        return
    _set_pace(connection, lazily=bool(options.get("lazily")))
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        if not _took_write_lock(driver):
            # Once more through SQLAlchemy, which says what is wrong in its own errors.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout={_BUSY_MS}")


def _begin_postgres(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("lazily"):
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")


def _set_pace(connection: sa.Connection, *, lazily: bool) -> None:
    """Say how a connection writes, when that changes.

    FULL waits for the disk at each commit, NORMAL at each checkpoint; neither leaves a transaction half done. A long
    work writes the same pages of indexes again and again: it holds more of them, and brings them home less often, and
    before others must.
    """
    if connection.info.get("lazily", not lazily) is lazily:
        return
    connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if lazily else 'FULL'}")
    connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={_PAGES_OF_WORK if lazily else _PAGES_OF_OTHERS}")
    connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_OF_WORK if lazily else _CACHE_OF_OTHERS}")
    connection.info["lazily"] = lazily


def _took_write_lock(driver: Any) -> bool:
    """Ask for the lock every other millisecond: a work that lets go of it for a moment is not met too late, as it
    would be with SQLite's own pauses, which grow to a tenth of a second. False when the time is over, or for another
    reason why it cannot be had.
    """
    end = time.monotonic() + _BUSY_MS / 1000
    while time.monotonic() < end:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(_BETWEEN_TRIES)
        else:
            return True
    return False
