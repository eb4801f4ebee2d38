"""Rows of ours: those that are missing are added, the others are left as the staff made them."""

import pytest
from sqlmodel import select

from schema.database import Database
from schema.history import Actor
from schema.tables import HistoryEntry, StreetType
from schema.tabular import CellError, Row
from seeds.missing import BadSeed, insert_missing

ACTOR = Actor.system("Essai")


def test_missing_rows_are_added_in_one_batch_and_others_left(sqlite_database: Database) -> None:
    rows = [Row(2, {"code": "RUE", "name": "Autre"}), Row(3, {"code": "XQA", "name": "Un"})]
    rows.append(Row(4, {"code": "XQB", "name": "Deux"}))
    with sqlite_database.writing(ACTOR) as session:
        known = session.exec(select(StreetType.code)).first()
        assert known is not None
        rows[0] = Row(2, {"code": known, "name": "Autre"})
        assert insert_missing(session, StreetType, rows) == (2, 1)
    with sqlite_database.reading() as session:
        assert session.exec(select(StreetType).where(StreetType.name == "Autre")).first() is None
        found = session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "street_type")).all()
    assert len({entry.batch for entry in found if entry.actor_label == ACTOR.label}) == 1


def test_wrong_row_of_ours_stops_the_start(sqlite_database: Database) -> None:
    wrong = Row(7, {"code": "XQA"}, (CellError(7, "name", "Renseignez ce champ."),))
    with sqlite_database.writing(ACTOR) as session, pytest.raises(BadSeed, match="line 7"):
        insert_missing(session, StreetType, [wrong])
