"""Undoing in parts, undoing what others changed since, undoing what was added: nothing is lost, nothing said that is
not so."""

from __future__ import annotations

import pytest
from sqlmodel import select

from enrolment.corrections import reading, running, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from schema.database import Database
from schema.enums import CorrectionOutcome, CorrectionState, ImportMode, Operation
from schema.staging import GROUPS
from schema.tables import Correction, HistoryEntry, Profile, Provider, Referencing
from tests.enrolment.corrections.records import (
    STEWARD,
    add_providers,
    agreed_to_by_one_person,
    applied,
    frozen,
    means,
    undone,
    values,
)
from tests.enrolment.corrections.test_files import HEADER, lines, read

APPLIED, PARTLY, UNDONE = CorrectionState.applied, CorrectionState.partly_applied, CorrectionState.undone
CITIES = ["ST DENIS", "SAINT DENIS", "St-Denis"]
TWO_COLUMNS = Recipe(
    query=(("post_code", "93200"),),
    assignments=(Assignment("city", Act.constant, "Saint-Denis"), Assignment("building", Act.constant, "Hall 2")),
)
ONE_COLUMN = Recipe(query=(("post_code", "93200"),), assignments=TWO_COLUMNS.assignments[:1])


def test_rest_of_a_correction_is_undone_after_one_of_its_groups(database: Database) -> None:
    add_providers(database, CITIES)
    before = _held(database)
    first = applied(database, frozen(database, TWO_COLUMNS))
    undone(database, first, groups=(_rank(database, first, "building", "Hall 2"),))
    assert _state(database, first) is PARTLY
    rest = undone(database, first)
    assert _held(database) == before
    assert (rest.applied, rest.conflicts, _state(database, first)) == (3, 0, UNDONE)


def test_groups_undone_before_all_the_rest_can_all_be_done_again(database: Database) -> None:
    add_providers(database, CITIES)
    first = applied(database, frozen(database, ONE_COLUMN))
    after = _held(database)
    some = undone(database, first, groups=(_rank(database, first, "city", "Saint-Denis", before="ST DENIS"),))
    rest = undone(database, first)
    assert (some.applied, rest.applied) == (1, 2)
    undone(database, rest)
    assert _state(database, first) is PARTLY
    undone(database, some)
    assert _held(database) == after
    assert _state(database, first) is APPLIED


def test_what_is_back_already_is_not_undone_twice(database: Database) -> None:
    add_providers(database, CITIES)
    first = applied(database, frozen(database, ONE_COLUMN))
    group = (_rank(database, first, "city", "Saint-Denis", before="ST DENIS"),)
    undone(database, first, groups=group)
    again = _prepared(database, first, groups=group)
    assert (again.planned, again.conflicts, again.total) == (0, 0, 0)


def test_preview_of_an_undoing_shows_what_changed_since_and_by_whom(database: Database) -> None:
    keys = add_providers(database, CITIES)
    first = applied(database, frozen(database, ONE_COLUMN))
    with database.writing(STEWARD) as session:
        session.get_one(Provider, keys[1]).city = "Stains"
    undoing = _prepared(database, first)
    assert (undoing.planned, undoing.conflicts, undoing.set_aside) == (2, 1, 0)
    with database.reading() as session:
        found = reading.lines(session, undoing, outcome=CorrectionOutcome.conflict)
        assert [line.row_id for line in found.rows] == [keys[1]]
        since = reading.changed_since(session, undoing, found.rows)
    assert since[keys[1]].actor_label == STEWARD.label
    done = applied(database, undoing)
    assert (done.applied, done.conflicts, done.state) == (2, 1, PARTLY)
    # One row still stands: it can be undone once nobody's change is in the way.
    assert _state(database, first) is PARTLY
    with database.writing(STEWARD) as session:
        session.get_one(Provider, keys[1]).city = "Saint-Denis"
    undone(database, first)
    assert values(database, Provider, "city") == dict(zip(keys, CITIES, strict=True))
    assert _state(database, first) is UNDONE


def test_undoing_that_met_conflicts_alone_leaves_the_state(database: Database) -> None:
    (key,) = add_providers(database, CITIES[:1])
    first = applied(database, frozen(database, ONE_COLUMN))
    undoing = _prepared(database, first)
    with database.writing(STEWARD) as session:
        session.get_one(Provider, key).city = "Stains"
    done = applied(database, undoing)
    assert (done.applied, done.conflicts) == (0, 1)
    assert _state(database, first) is APPLIED


def test_undoing_given_up_on_the_way_leaves_the_rest_to_be_undone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_providers(database, CITIES)
    before = _held(database)
    first = applied(database, frozen(database, ONE_COLUMN))
    undoing = _prepared(database, first)
    for name in ("_SMALLEST", "_FIRST", "_LARGEST"):
        monkeypatch.setattr(running, name, 1)
    with database.writing(STEWARD) as session:
        steering.apply(session, undoing.public_id)
    running.go_on(means(database), undoing.id, 0.0, {})
    with database.writing(STEWARD) as session:
        assert steering.cancel(session, undoing.public_id).applied == 1
    assert _state(database, first) is PARTLY
    assert undone(database, first).applied == 2
    assert _held(database) == before
    assert _state(database, first) is UNDONE


def test_added_row_that_somebody_filled_since_is_not_taken_away(database: Database) -> None:
    agreed_to_by_one_person(database)
    added = _import(database, "ANS-UNDO-1")
    with database.writing(STEWARD) as session:
        row = session.exec(select(Referencing).where(Referencing.ans_number == "ANS-UNDO-1")).one()
        key, profile = row.id, session.exec(select(Profile).where(Profile.dsr_id == row.dsr_id)).first()
        assert profile is not None
        row.profile_id = profile.id
    undoing = _prepared(database, added)
    assert (undoing.planned, undoing.conflicts) == (0, 1)
    assert values(database, Referencing, "profile_id")[key] == profile.id


def test_added_row_changed_after_the_preview_is_not_taken_away(database: Database) -> None:
    agreed_to_by_one_person(database)
    added = _import(database, "ANS-UNDO-2")
    undoing = _prepared(database, added)
    assert (undoing.planned, undoing.conflicts) == (1, 0)
    with database.writing(STEWARD) as session:
        row = session.exec(select(Referencing).where(Referencing.ans_number == "ANS-UNDO-2")).one()
        row.publisher_name = "Galien"
        key = row.id
    done = applied(database, undoing)
    assert (done.applied, done.conflicts) == (0, 1)
    assert values(database, Referencing, "publisher_name")[key] == "Galien"


def test_history_of_a_row_taken_away_says_all_that_it_held(database: Database) -> None:
    agreed_to_by_one_person(database)
    added = _import(database, "ANS-UNDO-3")
    done = undone(database, added)
    assert (done.applied, done.conflicts) == (1, 0)
    with database.reading() as session:
        entries = session.exec(
            select(HistoryEntry).where(HistoryEntry.table_name == "referencing").order_by(HistoryEntry.id)  # type: ignore[arg-type]
        ).all()
    born, gone = entries[-2:]
    assert (born.operation, gone.operation) == (Operation.insert, Operation.delete)
    assert {name: after for name, (_, after) in born.changes.items()} == {
        name: before for name, (before, _) in gone.changes.items()
    }


def _import(database: Database, number: str) -> Correction:
    content = f"{HEADER}{number};Alizé;4.2;DSR-HOP-DPI-VA2;pending\n"
    prepared = read(database, content, Referencing, key=["ans_number"], mode=ImportMode.insert, every=True)
    assert prepared.planned == 1, (prepared.problem, lines(database, prepared))
    return applied(database, prepared)


def _prepared(database: Database, first: Correction, groups: tuple[int, ...] = ()) -> Correction:
    with database.writing(STEWARD) as session:
        undoing = steering.undo(session, STEWARD, first.public_id, reason="Erreur", groups=groups)
    return running.finish(means(database), undoing.id)


def _held(database: Database) -> dict[int, tuple[object, object]]:
    cities, buildings = (values(database, Provider, name) for name in ("city", "building"))
    return {key: (cities[key], buildings[key]) for key in cities}


def _state(database: Database, correction: Correction) -> CorrectionState:
    with database.reading() as session:
        return session.get_one(Correction, correction.id).state


def _rank(database: Database, correction: Correction, name: str, after: str, before: str | None = None) -> int:
    with database.reading() as session:
        rows = session.execute(GROUPS.select().where(GROUPS.c.correction_id == correction.id)).all()
    found = [row.rank for row in rows if (row.column_name, row.after) == (name, after) and before in (None, row.before)]
    return int(found[0])
