"""Sealing the history: what is changed, removed, added or reordered afterwards is seen."""

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from enrolment.sealing import last_digest, seal, seal_some, verify
from schema.database import Database
from schema.history import Actor
from schema.tables import Corridor, HistorySeal

ACTOR = Actor.system("Essai")


def sealed(database: Database) -> int:
    with database.writing(ACTOR) as session:
        return seal(session)


def change_a_row(database: Database, name: str) -> None:
    with database.writing(ACTOR) as session:
        corridor = session.exec(select(Corridor)).first()
        assert corridor is not None
        corridor.name = name
        session.add(corridor)


def problems(database: Database) -> list[str]:
    with database.reading() as session:
        return verify(session)


def tamper(database: Database, statement: str) -> None:
    with Session(database.engine.execution_options(write=True)) as session:
        session.connection().execute(sa.text(statement))
        session.commit()


def test_untouched_history_verifies_and_later_rows_are_sealed_once(database: Database) -> None:
    first = sealed(database)
    assert first > 100
    assert sealed(database) == 0
    change_a_row(database, "Autre nom")
    assert sealed(database) == 1
    assert problems(database) == []
    with database.reading() as session:
        digest = last_digest(session)
        assert digest is not None
        assert digest == session.exec(select(HistorySeal.digest).order_by(sa.desc("last_id"))).first()


def test_a_part_at_a_time_seals_the_same_history(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrolment.sealing._BATCH", 7)
    with database.writing(ACTOR) as session:
        assert seal_some(session) == 7
    assert sealed(database) > 100
    with database.reading() as session:
        seals = session.exec(select(HistorySeal).order_by(HistorySeal.last_id)).all()
    assert {seal.rows for seal in seals[:-1]} == {7}
    assert problems(database) == []


# std: SEC-17
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET actor_label = 'Personne' WHERE id = 3",
        "UPDATE history SET row_id = row_id + 1 WHERE id = 3",
        "UPDATE history SET reason = 'Autre motif' WHERE id = 3",
        "UPDATE history SET changes = '{}' WHERE id = 3",
        "DELETE FROM history WHERE id = 3",
        "UPDATE history_seal SET digest = repeat('a', 64) WHERE id = 1",
        "DELETE FROM history_seal WHERE id = 1",
        "UPDATE history SET id = 100000 WHERE id = 3",
    ],
)
def test_tampering_with_sealed_rows_is_seen(database: Database, statement: str) -> None:
    sealed(database)
    change_a_row(database, "Autre nom")
    sealed(database)
    if database.is_sqlite:
        statement = statement.replace("repeat('a', 64)", "'" + "a" * 64 + "'")
    tamper(database, statement)
    assert problems(database)


# std: SEC-17
def test_a_row_slipped_in_below_the_last_seal_is_seen(database: Database) -> None:
    change_a_row(database, "Premier nom")
    tamper(database, "UPDATE history SET id = 200000 WHERE id = (SELECT max(id) FROM history)")
    sealed(database)
    tamper(
        database,
        "INSERT INTO history (id, row_version, created_at, updated_at, at, table_name, row_id, operation, changes, "
        "actor_kind, actor_label) SELECT 150000, row_version, created_at, updated_at, at, table_name, row_id, "
        "operation, changes, actor_kind, actor_label FROM history WHERE id = 1",
    )
    assert problems(database)
