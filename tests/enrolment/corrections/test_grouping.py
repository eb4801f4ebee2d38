"""What a preview counts: groups of equal changes of every column, distinct ones, rows that come and go."""

import io

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import chosen, files, grouping, reading, running, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.records import presentation
from schema.database import Database
from schema.describe import field
from schema.enums import CorrectionOutcome, CorrectionState, ImportMode, Operation
from schema.staging import GROUPS, LINES
from schema.tables import Correction, Provider
from tests.enrolment.corrections.records import (
    STEWARD,
    add_providers,
    agreed_to_by_one_person,
    applied,
    frozen,
    means,
    siret_of,
    undone,
)

ALL = (("post_code", "93200"),)
HEADER = "siret;legal_name;trade_name;street_type_id;street_name;post_code;city"


def _file(database: Database, *lines: str) -> Correction:
    """A file of providers, known or new, ready to be looked at."""
    asked = files.ask(
        means(database),
        STEWARD,
        Provider,
        io.BytesIO("\r\n".join([HEADER, *lines]).encode()),
        file_name="fournisseurs.csv",
        key=["siret"],
        mode=ImportMode.upsert,
        title="Fichier",
        reason="Fusion",
        every=True,
    )
    return running.finish(means(database), asked.id)


def _line(number: int, city: str = "Lyon") -> str:
    return f"{siret_of(number)};Éditeur {number};Logiciel {number};RUE;des Lilas;93200;{city}"


def _columns(session: Session, correction: Correction) -> dict[str, list[int]]:
    """The sizes of the groups of each column."""
    found: dict[str, list[int]] = {}
    for row in reading.groups(session, correction):
        found.setdefault(row.column_name, []).append(row.number)
    return found


def test_every_column_has_its_share_of_the_groups_and_its_true_number(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MOST", 14)
    monkeypatch.setattr(grouping, "LEAST", 2)
    correction = _file(database, *(_line(number, "Lyon" if number % 3 else "Nîmes") for number in range(1, 7)))
    assert (correction.state, correction.planned) == (CorrectionState.frozen, 6)
    with database.reading() as session:
        found = _columns(session, correction)
    distinct = correction.recipe["distinct"]
    assert found["siret"] == found["trade_name"] == found["legal_name"] == [1, 1]
    assert found["city"] == [4, 2]
    assert found.keys() == distinct.keys()
    assert (distinct["siret"], distinct["trade_name"], distinct["city"], distinct["post_code"]) == (6, 6, 2, 1)


def test_distinct_changes_of_one_column_are_counted_beyond_those_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping, "MOST", 2)
    monkeypatch.setattr(grouping, "LEAST", 2)
    add_providers(database, ["A", "A", "B", "C", "D"])
    correction = frozen(database, Recipe(query=ALL, assignments=(Assignment("city", Act.constant, "Lyon"),)))
    with database.reading() as session:
        assert _columns(session, correction) == {"city": [2, 1]}
    assert correction.recipe["distinct"] == {"city": 4}


def test_rows_that_come_and_go_are_counted_apart_from_those_that_change(database: Database) -> None:
    agreed_to_by_one_person(database)
    add_providers(database, ["Lyon", "Lyon"])
    first = _file(database, _line(1, "Nîmes"), _line(7), _line(8))
    assert reading.operations(first) == {Operation.update: 1, Operation.insert: 2}
    applied(database, first)
    undoing = undone(database, first)
    assert reading.operations(undoing) == {Operation.update: 1, Operation.delete: 2}
    again = undone(database, undoing)
    assert reading.operations(again) == {Operation.update: 1, Operation.insert: 2}


def test_undoing_of_chosen_groups_names_them(database: Database) -> None:
    add_providers(database, ["ST DENIS", *(f"Saint-Denis {number}" for number in range(6))])
    first = applied(
        database, frozen(database, Recipe(query=ALL, assignments=(Assignment("city", Act.constant, "Lyon"),)))
    )
    with database.writing(STEWARD) as session:
        (rank,) = session.execute(
            sa.select(GROUPS.c.rank).where(GROUPS.c.correction_id == first.id, GROUPS.c.count == 1).limit(1)
        ).one()
        asked = steering.undo(session, STEWARD, first.public_id, reason="Erreur", groups=(rank,))
        assert asked.selection.splitlines() == ["1 groupe de changements", "Commune : « ST DENIS » → « Lyon »"]
        several = chosen.said(session, first, range(1, 8)).splitlines()
    assert (several[0], len(several), several[-1]) == ("7 groupes de changements", 7, "et 2 autres")


def test_refused_line_shows_what_was_refused(database: Database) -> None:
    add_providers(database, ["Lyon"])
    correction = frozen(
        database, Recipe(query=ALL, assignments=(Assignment("post_code", Act.substitute, "000", search="32"),))
    )
    with database.reading() as session:
        line = session.execute(sa.select(LINES.c.changes).where(LINES.c.correction_id == correction.id)).scalar_one()
    assert line == {"post_code": ["93200", "900000"]}


def test_refused_name_of_a_row_is_shown_as_it_was_written(database: Database) -> None:
    add_providers(database, ["Lyon"])
    correction = _file(database, _line(1).replace("RUE", "Boulevarde"))
    with database.reading() as session:
        line = session.execute(sa.select(LINES).where(LINES.c.correction_id == correction.id)).one()
    assert (line.outcome, line.changes["street_type_id"][1]) == (CorrectionOutcome.invalid.value, "Boulevarde")
    assert presentation.shown(field(Provider, "street_type_id"), "Boulevarde", {}) == "Boulevarde"
    assert presentation.shown(field(Provider, "street_type_id"), 12, {}) == "n° 12"


def test_undoing_that_was_given_up_undid_nothing(database: Database) -> None:
    add_providers(database, ["ST DENIS"])
    recipe = Recipe(query=ALL, assignments=(Assignment("city", Act.constant, "Lyon"),))
    first = applied(database, frozen(database, recipe))
    with database.writing(STEWARD) as session:
        undoing = steering.undo(session, STEWARD, first.public_id, reason="Erreur")
        assert reading.undoings(session, first) == [undoing]
        steering.cancel(session, undoing.public_id)
        assert reading.undoings(session, first) == []
