"""What is shown of a correction: its lines by pages, found by their words, and who stood in its way."""

import pytest

from enrolment.corrections import reading, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from schema.database import Database
from schema.enums import CorrectionOutcome, CorrectionState
from schema.tables import Correction, Provider
from tests.enrolment.corrections.records import STEWARD, add_providers, applied, frozen, siret_of, undone

CITY = (Assignment("city", Act.constant, "Saint-Denis"),)
ALL = Recipe(query=(("post_code", "93200"),), assignments=CITY)


def test_lines_are_paged_by_their_places_without_one_twice_or_missed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    monkeypatch.setattr(reading, "_WINDOW", 2)
    add_providers(database, [f"Ville {number}" for number in range(8)])
    correction = frozen(database, ALL)
    seen, after = [], 0
    with database.reading() as session:
        while True:
            page = reading.lines(session, correction, after=after)
            seen += [line.place for line in page.rows]
            if page.after is None:
                break
            after = page.after
    assert seen == list(range(1, 9))


@pytest.mark.parametrize(
    ("typed", "found"),
    [("evreux", [1]), ("ÉVREUX", [1]), ("saint-denis", [1, 2, 3]), (siret_of(3), [3]), ("nulle part", [])],
)
def test_lines_are_found_by_their_values_and_by_the_name_of_their_row(
    database: Database, typed: str, found: list[int]
) -> None:
    add_providers(database, ["Évreux", "ST DENIS", "Stains"])
    correction = frozen(database, ALL)
    with database.reading() as session:
        page = reading.lines(session, correction, searched=typed)
    assert [line.place for line in page.rows] == found


def test_closed_lists_and_references_are_found_by_their_french_names(database: Database) -> None:
    keys = add_providers(database, ["Stains"])
    extension = Assignment("street_extension", Act.constant, "bis")
    correction = frozen(database, Recipe(keys=tuple(keys), assignments=(extension,)))
    with database.reading() as session:
        assert len(reading.lines(session, correction, searched="bis").rows) == 1
        assert not reading.lines(session, correction, searched="ter").rows


def test_search_that_lasts_says_where_it_stopped_and_goes_on_from_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_SECONDS", -1)
    monkeypatch.setattr(reading, "_WINDOW", 2)
    add_providers(database, ["Stains", "Lyon", "Évreux"])
    correction = frozen(database, ALL)
    with database.reading() as session:
        first = reading.lines(session, correction, searched="Évreux")
        assert (list(first.rows), first.after, first.stopped) == ([], 2, True)
        second = reading.lines(session, correction, searched="Évreux", after=2)
    assert ([line.place for line in second.rows], second.after, second.stopped) == ([3], None, False)


def test_conflict_names_who_changed_the_row_and_what_it_holds_now(database: Database) -> None:
    keys = add_providers(database, ["ST DENIS", "ST DENIS"])
    correction = frozen(database, ALL)
    with database.writing(STEWARD, "Déménagement") as session:
        session.get_one(Provider, keys[0]).trade_name = "Sans rapport"
    with database.writing(STEWARD, "Déménagement") as session:
        session.get_one(Provider, keys[0]).city = "Stains"
    correction = applied(database, correction)
    with database.reading() as session:
        assert reading.odd_counts(session, correction) == {CorrectionOutcome.conflict: 1}
        page = reading.lines(session, correction, outcome=CorrectionOutcome.conflict)
        (line,) = page.rows
        entry = reading.changed_since(session, correction, page.rows)[keys[0]]
        assert reading.present(session, correction, page.rows) == {keys[0]: {"city": "Stains"}}
    assert line.changes == {"city": ["ST DENIS", "Saint-Denis"]}
    assert (entry.changes, entry.reason) == ({"city": ["ST DENIS", "Stains"]}, "Déménagement")


def test_reasons_gather_the_lines_that_are_set_aside(database: Database) -> None:
    keys = add_providers(database, ["Lyon", "Stains"])
    copied = (Assignment("post_code", Act.copy, other="trade_name"),)
    correction = frozen(database, Recipe(keys=tuple(keys), assignments=copied))
    with database.reading() as session:
        ((reason, count),) = reading.reasons(session, correction)
        assert reading.odd_counts(session, correction) == {CorrectionOutcome.invalid: 2}
    assert (reason.startswith("Code postal"), count) == (True, 2)


def test_corrections_are_listed_by_state_newest_first_and_tied_to_their_undoing(database: Database) -> None:
    add_providers(database, ["ST DENIS", "Lyon"])
    first = applied(database, frozen(database, ALL))
    undoing = undone(database, first)
    waiting = frozen(database, ALL)
    tables = ("provider",)
    with database.reading() as session:
        every, more = reading.listed(session, tables, (), None)
        assert [one.id for one in every] == [waiting.id, undoing.id, first.id]
        assert more is None
        frozen_ones, _ = reading.listed(session, tables, {CorrectionState.frozen}, None)
        assert [one.id for one in frozen_ones] == [waiting.id]
        assert reading.listed(session, ("person",), (), None)[0] == []
        assert reading.state_counts(session, tables)[CorrectionState.undone] == 1
        assert [one.id for one in reading.undoings(session, session.get_one(Correction, first.id))] == [undoing.id]
        assert reading.by_batches(session, [first.public_id, "unknown"]).keys() == {first.public_id}


def test_rehearsal_leaves_the_lists_once_it_is_given_up_and_no_other_correction_does(database: Database) -> None:
    add_providers(database, ["Lyon"])
    tables = ["provider"]
    made = [frozen(database, Recipe(assignments=CITY, rehearsal=rehearsal)) for rehearsal in (True, False)]
    with database.reading() as session:
        assert len(reading.listed(session, tables, (), None)[0]) == 2
    for one in made:
        with database.writing(STEWARD) as session:
            steering.cancel(session, one.public_id)
    with database.reading() as session:
        found, _ = reading.listed(session, tables, (), None)
        assert [one.id for one in found] == [made[1].id]
        assert reading.state_counts(session, tables) == {CorrectionState.cancelled: 1}
