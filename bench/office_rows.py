"""An SQLite database with what an office has after years, for the measures: made once for a path."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from schema.database import Database
from schema.history import Actor
from schema.migrate import upgrade
from seeds.demo.volume import grow
from seeds.demo.volume_rows import MEASURES
from seeds.load import load_reference

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def fill_office(path: Path, requests: int) -> None:
    """So many requests, a fifth as many providers, three times as many lines of history. Done once for a path."""
    if path.exists():
        return
    unfinished = path.with_suffix(".filling")
    unfinished.unlink(missing_ok=True)
    database = Database(f"sqlite:///{unfinished}")
    upgrade(database.engine)
    with database.writing(Actor.system("Mesures")) as session:
        load_reference(session)
    database.dispose()
    with closing(sqlite3.connect(unfinished)) as connection:
        grow(connection, requests, MEASURES, NOW)
    unfinished.rename(path)
