"""Who writes on SQLite waits for the lock, meets a short gap in somebody else's long work, and is told when it waits in
vain in the words of SQLAlchemy."""

import sqlite3
import threading
import time

import pytest
import sqlalchemy as sa
from sqlmodel import select

from schema import database as databases
from schema.database import Database
from schema.history import Actor
from schema.tables import Corridor

ACTOR = Actor.system("Essai")


def test_writer_that_waits_in_vain_is_told_and_the_next_one_writes(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: REL-7
    monkeypatch.setattr(databases, "_BUSY_MS", 50)
    other = sqlite3.connect(str(sqlite_database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError, match="locked"), sqlite_database.writing(ACTOR) as session:
        session.exec(select(Corridor)).first()
    other.execute("ROLLBACK")
    other.close()
    with sqlite_database.writing(ACTOR) as session:
        row = session.exec(select(Corridor)).first()
        assert row is not None
        row.name = "Autre nom"


def test_writer_gets_in_between_two_parts_of_a_long_work(sqlite_database: Database) -> None:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            with sqlite_database.working(ACTOR) as session:
                session.connection().execute(sa.text("UPDATE corridor SET row_version = row_version"))
                time.sleep(0.03)
            time.sleep(0.004)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(20):
            with sqlite_database.writing(ACTOR) as session:
                row = session.exec(select(Corridor)).first()
                assert row is not None
                row.name = f"Nom {number}"
    finally:
        over.set()
        thread.join()


def test_long_work_waits_for_no_disk_and_others_do(sqlite_database: Database) -> None:
    # std: REL-1
    pace = sa.text("PRAGMA synchronous")
    for _ in range(2):
        with sqlite_database.working(ACTOR) as session:
            assert session.execute(pace).scalar() == 1
        with sqlite_database.writing(ACTOR) as session:
            assert session.execute(pace).scalar() == 2
