"""A file of 100,000 and of 1,000,000 referencings, stored, read, validated and compared with the table: beside Python's
`csv` module reading the same file and a bare bulk load of its rows. One row in four changes.

The filled database of the other benchmarks is only read from; lines go to a copy of the referencings in a file of
their own, so that nothing is left behind.
"""

from __future__ import annotations

import csv
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.figures import Figure, peak_memory
from enrolment.corrections import files, running
from enrolment.portal import open_portal
from enrolment.settings import Settings
from schema import migrate
from schema.database import Database
from schema.enums import CorrectionState, ImportMode, ReferencingStatus
from schema.history import Actor
from schema.tables import Correction, Referencing
from seeds.load import load_reference

_SIZES = (100_000, 1_000_000)
_LIMIT = 3.0
_MOST_MEMORY = 300.0
_LONGEST_LOCK = 50.0
_CHANGED = 4
_HEADER = (
    "ans_number", "software_name", "software_version", "publisher_name", "dsr_id", "profile_id", "status",
    "validated_on",
)  # fmt: skip


def run() -> Iterator[Figure]:
    """Each size in a process of its own, whose memory is its own."""
    for size in _SIZES:
        with tempfile.TemporaryDirectory(prefix="bench-importing-") as folder:
            _fill(Path(folder), size)
            bare = _bare(Path(folder))
            done = subprocess.run(
                [sys.executable, "-m", "bench.importing", folder], capture_output=True, check=True, text=True
            )
        seconds, memory, lock = map(float, done.stdout.split())
        name = f"File of {size:,} rows, previewed"
        yield Figure(name, seconds, bare, "s", _LIMIT, at_most=True, floor_name="`csv` reading and a bare bulk load")
        said = "what is promised"
        yield Figure(f"{name}: memory", memory, _MOST_MEMORY, "MB", 1.0, at_most=True, floor_name=said)
        yield Figure(f"{name}: longest write lock", lock, _LONGEST_LOCK, "ms", 1.0, at_most=True, floor_name=said)


def _settings(folder: Path) -> Settings:
    return Settings(var=folder, demo=True, captcha="none")


def _fill(folder: Path, size: int) -> None:
    """A table of so many referencings, and the file of the same with some new names."""
    database = Database(_settings(folder).database_url)
    migrate.upgrade(database.engine)
    with database.writing(Actor.system("Banc d'essai")) as session:
        load_reference(session)
    database.dispose()
    path = folder / "enrolment.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        dsr, code = connection.execute("SELECT id, code FROM dsr ORDER BY id LIMIT 1").fetchone()
        connection.execute(
            """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
            INSERT INTO referencing (row_version, created_at, updated_at, ans_number, software_name, software_version,
              publisher_name, dsr_id, status, validated_on)
            SELECT 1, '2026-01-02 03:04:05.000000', '2026-01-02 03:04:05.000000', 'ANS-B-' || n, 'Logiciel ' || n,
              (n % 40) || '.' || (n % 7), 'Éditeur ' || (n % 5000), ?, 'validated',
              date('2024-01-01', (n % 700) || ' days')
            FROM numbers
            """,
            (size, dsr),
        )
        connection.commit()
        rows = connection.execute(
            "SELECT ans_number, software_name, software_version, publisher_name, validated_on "
            "FROM referencing ORDER BY id"
        )
        with (folder / "file.csv").open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, delimiter=";")
            writer.writerow(_HEADER)
            for place, (number, name, version, publisher, day) in enumerate(rows):
                named = f"{name} Santé" if place % _CHANGED == 0 else name
                french = f"{day[8:]}/{day[5:7]}/{day[:4]}"
                writer.writerow(
                    [number, named, version, publisher, code, "", ReferencingStatus.validated.label, french]
                )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _bare(folder: Path) -> float:
    """What nobody can do without: reading the cells, and putting them somewhere in the database."""
    began = time.perf_counter()
    with (
        closing(sqlite3.connect(folder / "bare.sqlite3")) as connection,
        (folder / "file.csv").open(encoding="utf-8-sig", newline="") as stream,
    ):
        connection.execute(f"CREATE TABLE staged ({', '.join(_HEADER)})")
        reader = csv.reader(stream, delimiter=";")
        next(reader)
        connection.executemany(f"INSERT INTO staged VALUES ({', '.join('?' * len(_HEADER))})", reader)
        connection.commit()
    return time.perf_counter() - began


def _measure(folder: Path) -> None:
    """In the process of one size: seconds, megabytes above those of the start, milliseconds of the longest lock."""
    portal = open_portal(_settings(folder))
    locks: list[float] = []
    # The worker has long been running when a file comes.
    with portal.database.reading() as session:
        session.get(Correction, 0)
    _watch(portal.database, locks)
    before = peak_memory()
    began = time.perf_counter()
    with (folder / "file.csv").open("rb") as stream:
        asked = files.ask(
            portal,
            Actor.system("Banc d'essai"),
            Referencing,
            stream,
            file_name="file.csv",
            key=["ans_number"],
            mode=ImportMode.update,
            title="Banc d'essai",
            reason="Banc d'essai",
        )
    done = running.finish(portal, asked.id)
    seconds = time.perf_counter() - began
    assert done.state is CorrectionState.frozen, done.problem
    assert done.planned == -(-done.total // _CHANGED), (done.planned, done.total)
    print(seconds, peak_memory() - before, 1000 * max(locks))


def _watch(database: Database, locks: list[float]) -> None:
    """Note how long each write transaction lasts."""
    for name in ("writing", "working"):
        setattr(database, name, _watched(getattr(database, name), locks))


def _watched(transaction: Callable[..., Any], locks: list[float]) -> Callable[..., Any]:
    return lambda *args, **options: _Timed(transaction(*args, **options), locks)


class _Timed:
    def __init__(self, inner: object, locks: list[float]) -> None:
        self._inner = inner
        self._locks = locks
        self._began = 0.0

    def __enter__(self) -> object:
        entered = self._inner.__enter__()  # type: ignore[attr-defined]
        self._began = time.perf_counter()
        return entered

    def __exit__(self, *error: object) -> object:
        left = self._inner.__exit__(*error)  # type: ignore[attr-defined]
        self._locks.append(time.perf_counter() - self._began)
        return left


if __name__ == "__main__":
    _measure(Path(sys.argv[1]))
