"""A correction of 100,000 and of 1,000,000 rows, and its undoing, beside the SQL that a database expert would write by
hand: a staging table, one UPDATE, one INSERT of the history, all in one session and one transaction.

On both engines. Every row changes; all indexes and triggers of the portal are in place for both. Each side of each
size runs in a process of its own, whose memory is its own.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bench.figures import Figure, peak_memory
from enrolment.corrections import running, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.files.encryption import FileKeys
from enrolment.files.storage import Storage
from schema.database import Database
from schema.enums import CorrectionSource, CorrectionState
from schema.history import Actor
from schema.migrate import upgrade
from schema.tables import Correction, CorrectionRule, Referencing
from seeds.load import load_reference
from tests import postgres

SIZES = (100_000, 1_000_000)
_WHOLE, _UNDOING = 2.0, 1.5
_LONGEST_LOCK, _MOST_MEMORY = 100.0, 300.0
STEWARD = Actor.system("Mesures")
_AT = "'2026-03-03 12:00:00.000000'"
_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})",
    "postgresql": "WITH n AS (SELECT generate_series(1, {rows}) AS i)",
}
_ROWS = """
INSERT INTO referencing (row_version, created_at, updated_at, ans_number, software_name, software_version,
  publisher_name, dsr_id, status, validated_on)
{numbers}
SELECT 1, {at}, {at}, 'ANS-B-' || i, 'Logiciel ' || i {rest} 5000, 'v' || (i {rest} 40), 'Éditeur ' || i {rest} 977,
  (SELECT min(id) FROM dsr), 'validated', {day} FROM n
"""
_PAIR = {
    "sqlite": "json_object('software_version', json_array({}))",
    "postgresql": "json_build_object('software_version', json_build_array({}))",
}
_STAGE = """
CREATE TEMP TABLE stage AS
SELECT id, software_version AS b, 'V' || substr(software_version, 2) AS a FROM referencing
"""
_UPDATE = """
UPDATE referencing SET software_version = stage.{to}, row_version = row_version + 1, updated_at = {at}
FROM stage WHERE referencing.id = stage.id
"""
_HISTORY = """
INSERT INTO history (row_version, created_at, updated_at, at, table_name, row_id, operation, changes, actor_kind,
  actor_label, reason, batch)
SELECT 1, {at}, {at}, {at}, 'referencing', id, 'update', {pair}, 'staff', 'Mesures', 'Mesures', 'par-main' FROM stage
"""


@dataclass(frozen=True)
class Means:
    """What the worker needs."""

    database: Database
    storage: Storage


@dataclass
class Measure:
    """Seconds, milliseconds of each write transaction."""

    whole: float = 0.0
    undoing: float = 0.0
    locks: list[float] = field(default_factory=lambda: [0.0])


def run() -> Iterator[Figure]:
    """For each engine and size: the whole, the undoing, the longest write lock, the memory."""
    for engine in ("sqlite", "postgresql"):
        for size in SIZES:
            bare, bare_undoing = _side("by hand", engine, size)
            whole, undoing, lock, memory = _side("ours", engine, size)
            name = f"Correction of {size:,} rows, {'SQLite' if engine == 'sqlite' else 'PostgreSQL'}"
            hand = "by hand in one transaction"
            yield Figure(
                f"{name}: prepared, previewed, applied", whole, bare, "s", _WHOLE, at_most=True, floor_name=hand
            )
            yield Figure(f"{name}: undone", undoing, bare_undoing, "s", _UNDOING, at_most=True, floor_name=hand)
            promised = "what is promised"
            yield Figure(
                f"{name}: longest write transaction", lock, _LONGEST_LOCK, "ms", 1.0, at_most=True, floor_name=promised
            )
            yield Figure(f"{name}: memory", memory, _MOST_MEMORY, "MB", 1.0, at_most=True, floor_name=promised)


def _side(side: str, engine: str, size: int) -> list[float]:
    """The figures of one side, measured by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.corrections", side, engine, str(size)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return [float(figure) for figure in done.stdout.split()]


def _ours(engine: str, size: int, folder: Path) -> Measure:
    found = Measure()
    with opened(engine, size, folder / "ours") as database:
        _watch(database, found.locks)
        means = Means(database, Storage(str(folder / "files"), FileKeys.from_settings("", "a secret of the measures")))
        began = time.perf_counter()
        first = carried_out(means, asked(database), size)
        found.whole = time.perf_counter() - began
        began = time.perf_counter()
        with database.writing(STEWARD) as session:
            undoing = steering.undo(session, STEWARD, first.public_id, reason="Mesures")
        carried_out(means, undoing, size)
        found.undoing = time.perf_counter() - began
    return found


def asked(database: Database) -> Correction:
    """A correction that changes every referencing that was added."""
    with database.writing(STEWARD) as session:
        return steering.new(
            session,
            STEWARD,
            Referencing,
            title="Mesures",
            reason="Mesures",
            source=CorrectionSource.filter,
            recipe=Recipe(assignments=(Assignment("software_version", Act.substitute, "V", search="v"),)),
        )


def carried_out(means: Means, correction: Correction, size: int) -> Correction:
    """Prepare, apply; every row must have changed."""
    frozen = running.finish(means, correction.id)
    assert frozen.planned == size, (frozen.planned, frozen.problem)
    with means.database.writing(STEWARD) as session:
        steering.apply(session, frozen.public_id)
    done = running.finish(means, correction.id)
    assert done.state is CorrectionState.applied, done.state
    return done


def _by_hand(database: Database) -> tuple[float, float]:
    """Seconds of the correction, then of its undoing."""
    engine = database.engine.dialect.name
    seconds = []
    with database.engine.execution_options(write=True).connect() as connection:
        for steps, to, pair in (([_STAGE], "a", "b, a"), ([], "b", "a, b")):
            began = time.perf_counter()
            for statement in (*steps, _UPDATE, _HISTORY):
                connection.exec_driver_sql(statement.format(to=to, at=_AT, pair=_PAIR[engine].format(pair)))
            connection.commit()
            seconds.append(time.perf_counter() - began)
    return seconds[0], seconds[1]


@contextmanager
def opened(engine: str, size: int, folder: Path) -> Iterator[Database]:
    """A database of the portal with so many referencings."""
    folder.mkdir()
    server = postgres.shared() if engine == "postgresql" else None
    url = server.create_database() if server else f"sqlite:///{folder}/enrolment.sqlite3"
    database = Database(url)
    upgrade(database.engine)
    with database.writing(STEWARD) as session:
        load_reference(session)
        # How long a second person thinks is not measured.
        session.connection().execute(sa.update(CorrectionRule).values(asks_approval=False))
    add_referencings(database, size)
    if engine == "sqlite":
        with closing(sqlite3.connect(folder / "enrolment.sqlite3")) as driver:
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield database
    database.dispose()
    if server:
        server.drop(url)


def add_referencings(database: Database, size: int) -> None:
    """So many referencings, in one statement."""
    engine = database.engine.dialect.name
    numbers = _NUMBERS[engine].format(rows=size)
    rest = "%" if engine == "sqlite" else "%%"
    day = "date('2024-01-01')" if engine == "sqlite" else "DATE '2024-01-01'"
    with database.engine.execution_options(write=True).connect() as connection:
        connection.exec_driver_sql(_ROWS.format(numbers=numbers, at=_AT, day=day, rest=rest))
        connection.commit()
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _watch(database: Database, locks: list[float]) -> None:
    """Note how long each write transaction lasts, from its lock to its commit."""
    begun: dict[int, float] = {}

    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("write"):
            begun[id(connection.connection.dbapi_connection)] = time.perf_counter()

    def commit(connection: sa.Connection) -> None:
        started = begun.pop(id(connection.connection.dbapi_connection), None)
        if started is not None:
            locks.append(1000 * (time.perf_counter() - started))

    sa.event.listen(database.engine, "begin", begin)
    sa.event.listen(database.engine, "commit", commit)


def main() -> None:
    """In the process of one side, engine and size: its seconds; of ours the longest lock and the memory too."""
    side, engine, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with tempfile.TemporaryDirectory(prefix="bench-corrections-") as folder:
        if side == "by hand":
            with opened(engine, size, Path(folder) / "hand") as database:
                print(*_by_hand(database))
            return
        found = _ours(engine, size, Path(folder))
    print(found.whole, found.undoing, max(found.locks), peak_memory())


if __name__ == "__main__":
    main()
