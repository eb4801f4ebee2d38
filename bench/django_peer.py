"""One file that changes one column of 100,000 rows: through the import pages of Django admin and django-import-export,
beside the same file through our corrections. Both from the file to the last row written, every difference previewed.

Both on SQLite, with the same rows and the same bytes. Theirs writes a log entry for each row, which says who and when;
ours writes the values before and after. `bench/peers/` holds their office.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.corrections import STEWARD, Means, carried_out, opened
from bench.figures import Figure
from bench.peers import installing
from enrolment.corrections import files
from enrolment.files.encryption import FileKeys
from enrolment.files.storage import Storage
from schema.database import Database
from schema.tables import Referencing

_SIZE, _FIRST = 100_000, 1_000
_FASTER = 100.0


@dataclass(frozen=True)
class Theirs:
    """Seconds and megabytes of the peer."""

    preview: float
    confirmation: float
    page: float
    memory: float

    @property
    def whole(self) -> float:
        """From the form to the last row."""
        return self.preview + self.confirmation


def run() -> Iterator[Figure]:
    """The whole of both, in turn."""
    with tempfile.TemporaryDirectory(prefix="bench-django-") as place:
        theirs, ours = measured(Path(place), _SIZE)
    name = f"Django admin and django-import-export, a file of {_SIZE:,} rows previewed and applied"
    yield Figure(name, theirs.whole, ours, "s", _FASTER, at_most=False, floor_name="our correction by the same file")


def measured(folder: Path, size: int) -> tuple[Theirs, float]:
    """Theirs, and the seconds of ours: the slower of once before and once after, since theirs takes many minutes, in
    which a computer may become busier or less busy."""
    file = folder / "file.csv"
    before, after = folder / "before", folder / "after"
    _warm_up(folder / "first")
    with opened("sqlite", size, before) as database:
        _write(database, file)
        first = _ours(database, file, before / "files", size)
    with opened("sqlite", size, after) as database:
        theirs = _theirs(after / "enrolment.sqlite3", file, folder / "theirs")
        return theirs, max(first, _ours(database, file, after / "files", size))


def _warm_up(folder: Path) -> None:
    """Correct a few rows: the worker has long been running when a file comes."""
    with opened("sqlite", _FIRST, folder) as database:
        _write(database, folder / "file.csv")
        _ours(database, folder / "file.csv", folder / "files", _FIRST)


def _write(database: Database, file: Path) -> None:
    """The key and the new value of every row."""
    with database.reading() as session, file.open("w", encoding="utf-8", newline="") as stream:
        stream.write("ans_number,software_version\n")
        rows = session.connection().execute(sa.text("SELECT ans_number, software_version FROM referencing ORDER BY id"))
        stream.writelines(f"{number},{version.upper()}\n" for number, version in rows)


def _theirs(source: Path, file: Path, folder: Path) -> Theirs:
    folder.mkdir()
    os.sync()
    done = subprocess.run(
        [installing.python(), "-m", "django_office.measure", source, file],
        cwd=installing.FOLDER,
        # Its temporary files go with the folder.
        env={"PATH": os.environ["PATH"], "PEER_FOLDER": str(folder), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return Theirs(*map(float, done.stdout.split()))


def _ours(database: Database, file: Path, folder: Path, size: int) -> float:
    means = Means(database, Storage(str(folder), FileKeys.from_settings("", "a secret of the measures")))
    # What the other side left to the disk is not waited for here.
    os.sync()
    began = time.perf_counter()
    with file.open("rb") as stream:
        asked = files.ask(
            means,
            STEWARD,
            Referencing,
            stream,
            file_name=file.name,
            key=["ans_number"],
            title="Mesures",
            reason="Mesures",
        )
    carried_out(means, asked, size)
    return time.perf_counter() - began


def main() -> None:
    """Both sides with another number of rows, in detail."""
    with tempfile.TemporaryDirectory(prefix="bench-django-") as place:
        theirs, ours = measured(Path(place), int(sys.argv[1]))
    print(theirs, f"whole={theirs.whole:.1f} ours={ours:.2f} ratio={theirs.whole / ours:.0f}")


if __name__ == "__main__":
    main()
