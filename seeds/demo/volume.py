"""Grows an SQLite database to what an office has after years, for demonstrations and for measures.

The work is done on a copy that takes the place of the database at its end: indexes and triggers are put back at the
end, and whatever stops it, the database is as it was. What the rows hold is in `volume_rows`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from enrolment import sealing
from enrolment.errors import Refused
from enrolment.typography import number
from schema import text_index
from schema.base import table_of
from schema.database import Database
from schema.history import Actor
from schema.tables import ALL
from seeds.demo.volume_rows import OFFICE, PROVIDERS

MOST = 5_000_000
_PART_OF_PROVIDERS = 5
"""A vendor has so many requests."""

Progress = Callable[[int, int], None]


def grow_demo(database: Database, requests: int, progress: Progress) -> int:
    """Bring a demonstration to so many requests; how many were added. The portal must be stopped meanwhile.

    Raises Refused on PostgreSQL, for a number out of bounds, and for a database that somebody else has open.
    """
    if not database.is_sqlite or database.url.database is None:
        raise Refused(
            "Les données de démonstration ne s'agrandissent que dans une base SQLite : ôtez ENROLMENT_DATABASE_URL, ou "
            "chargez la démonstration sans « --requests »."
        )
    if not 1 <= requests <= MOST:
        raise Refused(f"« --requests » attend un nombre de 1 à {number(MOST)}.")
    path = Path(database.url.database)
    database.dispose()
    unfinished = path.with_suffix(".growing")
    unfinished.unlink(missing_ok=True)
    _copy(path, unfinished)
    try:
        with closing(sqlite3.connect(unfinished)) as connection:
            present = int(connection.execute("SELECT count(*) FROM request").fetchone()[0])
            missing = requests - present
            if missing <= 0:
                return 0
            # One more step for the seals of the history.
            grow(connection, missing, OFFICE, datetime.now(UTC), lambda done, of: progress(done, of + 1))
        _seal(unfinished)
        _take_the_place(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return missing


def grow(
    connection: sqlite3.Connection, requests: int, steps: Sequence[str], now: datetime, progress: Progress | None = None
) -> None:
    """Add so many requests, a fifth as many providers, and all that goes with them, up to a moment.

    Nothing protects the database meanwhile: it is one that nobody else has open, and that is thrown away on an error.
    """
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    kept = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type = 'trigger' OR (type = 'index' AND name LIKE 'ix%')"
    ).fetchall()
    for kind, name, _ in kept:
        connection.execute(f"DROP {kind} {name}")
    providers = max(requests // _PART_OF_PROVIDERS, 1)
    values = {"providers": providers, "shift": _highest(connection), "now": now.strftime("%Y-%m-%d %H:%M:%S.%f")}
    total = len(steps) + 2
    for done, statement in enumerate(steps):
        _tell(progress, done, total)
        given = {**values, "rows": providers if statement is PROVIDERS else requests}
        connection.execute(statement, {name: value for name, value in given.items() if f":{name}" in statement})
    _tell(progress, len(steps), total)
    _index_words(connection)
    _tell(progress, len(steps) + 1, total)
    for _, _, sql in kept:
        connection.execute(sql)
    connection.execute("ANALYZE")
    connection.commit()
    _tell(progress, total, total)


def _highest(connection: sqlite3.Connection) -> int:
    """A key above which the keys of new rows stand, the same for the tables that point to each other."""
    tables = ("provider", "account", "referencing", "request")
    return max(int(connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]) for table in tables)  # noqa: S608  Names of ours.


def _index_words(connection: sqlite3.Connection) -> None:
    """Fill the index of words at once: row by row it would take hours."""
    for model in ALL:
        texts = [spec.name for spec in text_index.indexed(model)]
        if texts:
            table, names = table_of(model).name, ", ".join(texts)
            index = text_index.name_of(table)
            connection.execute(f"DELETE FROM {index}")  # noqa: S608  Names of ours.
            connection.execute(f"INSERT INTO {index}(rowid, {names}) SELECT id, {names} FROM {table} ORDER BY id")  # noqa: S608  The same.
    connection.execute("DELETE FROM text_change")


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _copy(source: Path, target: Path) -> None:
    """Copy a database that nobody is writing to."""
    try:
        with closing(sqlite3.connect(source, timeout=2)) as reading, closing(sqlite3.connect(target)) as writing:
            # Everything is in the one file afterwards, and whoever has it open is noticed.
            busy = reading.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise Refused("La base est en cours d'utilisation : arrêtez le portail, puis recommencez.")
            reading.backup(writing)
    except sqlite3.OperationalError as error:
        raise Refused("La base est en cours d'utilisation : arrêtez le portail, puis recommencez.") from error


def _take_the_place(finished: Path, path: Path) -> None:
    finished.replace(path)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _seal(path: Path) -> None:
    """Seal the history that there is, as the worker would: what it adds afterwards is little."""
    database = Database(f"sqlite:///{path}")
    try:
        with database.writing(Actor.system("Démonstration")) as session:
            sealing.seal(session)
            session.flush()
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.dispose()
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
