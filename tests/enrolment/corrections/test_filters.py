"""A filter and what is assigned to its rows: previewed, applied, undone and done again, other people at work."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from enrolment.corrections import steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.errors import Refused
from schema.base import Table
from schema.database import Database
from schema.enums import CorrectionOutcome, CorrectionState
from schema.staging import GROUPS, LINES
from schema.tables import Correction, EnrolmentRequest, HistoryEntry, Parameter, Provider
from tests.enrolment.corrections.records import STEWARD, add_providers, applied, asked, frozen, undone, values

CITY = (Assignment("city", Act.constant, "Saint-Denis"),)


def test_filter_previews_each_change_and_touches_nothing(database: Database) -> None:
    add_providers(database, ["ST DENIS", "ST DENIS", "Saint-Denis", "Lyon"])
    before = values(database, Provider, "city")
    correction = frozen(database, Recipe(query=(("post_code", "93200"), ("city__sauf", "Lyon")), assignments=CITY))
    assert correction.state is CorrectionState.frozen
    assert (correction.total, correction.planned, correction.unchanged) == (3, 2, 1)
    with database.reading() as session:
        (group,) = session.execute(sa.select(GROUPS)).all()
    assert (group.column_name, group.before, group.after, group.count) == ("city", "ST DENIS", "Saint-Denis", 2)
    assert values(database, Provider, "city") == before


def test_application_changes_rows_versions_and_history(database: Database) -> None:
    keys = add_providers(database, ["ST DENIS", "Lyon"])
    correction = applied(database, frozen(database, Recipe(query=(("city", "ST DENIS"),), assignments=CITY)))
    assert (correction.state, correction.applied) == (CorrectionState.applied, 1)
    assert values(database, Provider, "city") == {keys[0]: "Saint-Denis", keys[1]: "Lyon"}
    with database.reading() as session:
        assert session.get_one(Provider, keys[0]).row_version == 2
        (entry,) = session.exec(select(HistoryEntry).where(HistoryEntry.batch == correction.public_id)).all()
    assert entry.changes == {"city": ["ST DENIS", "Saint-Denis"]}
    assert (entry.row_id, entry.reason, entry.actor_label) == (keys[0], correction.reason, STEWARD.label)


def test_row_changed_since_the_preview_is_a_conflict_and_kept(database: Database) -> None:
    keys = add_providers(database, ["ST DENIS", "ST DENIS"])
    correction = frozen(database, Recipe(query=(("city", "ST DENIS"),), assignments=CITY))
    with database.writing(STEWARD) as session:
        session.get_one(Provider, keys[0]).city = "Stains"
    correction = applied(database, correction)
    assert (correction.state, correction.applied, correction.conflicts) == (CorrectionState.partly_applied, 1, 1)
    assert values(database, Provider, "city") == {keys[0]: "Stains", keys[1]: "Saint-Denis"}
    with database.reading() as session:
        outcome = session.execute(sa.select(LINES.c.outcome).where(LINES.c.row_id == keys[0])).scalar_one()
    assert outcome == CorrectionOutcome.conflict.value


def test_undoing_gives_back_what_was_not_changed_since_and_can_be_undone(database: Database) -> None:
    keys = add_providers(database, ["ST DENIS", "SAINT DENIS", "ST DENIS"])
    before = values(database, Provider, "city")
    first = applied(database, frozen(database, Recipe(query=(("post_code", "93200"),), assignments=CITY)))
    with database.writing(STEWARD) as session:
        session.get_one(Provider, keys[2]).city = "Stains"
    undoing = undone(database, first)
    assert (undoing.applied, undoing.conflicts) == (2, 1)
    assert values(database, Provider, "city") == {**before, keys[2]: "Stains"}
    with database.reading() as session:
        # The third row was changed since: what is left of the correction can still be undone.
        assert session.get_one(Correction, first.id).state is CorrectionState.partly_applied
    undone(database, undoing)
    assert values(database, Provider, "city") == {keys[0]: "Saint-Denis", keys[1]: "Saint-Denis", keys[2]: "Stains"}


def test_chosen_groups_alone_are_undone(database: Database) -> None:
    keys = add_providers(database, ["ST DENIS", "ST DENIS", "SAINT DENIS"])
    first = applied(database, frozen(database, Recipe(query=(("post_code", "93200"),), assignments=CITY)))
    undone(database, first, groups=(1,))
    assert values(database, Provider, "city") == {keys[0]: "ST DENIS", keys[1]: "ST DENIS", keys[2]: "Saint-Denis"}


def _states(database: Database, *corrections: Correction) -> list[CorrectionState]:
    with database.reading() as session:
        return [session.get_one(Correction, one.id).state for one in corrections]


def _with_conflict(database: Database) -> Correction:
    """A correction of four rows, of which one was changed before it was applied."""
    keys = add_providers(database, ["ST DENIS", "ST DENIS", "SAINT DENIS", "DENIS"])
    first = frozen(database, Recipe(query=(("post_code", "93200"),), assignments=CITY))
    with database.writing(STEWARD) as session:
        session.get_one(Provider, keys[3]).city = "Stains"
    return applied(database, first)


PARTLY, APPLIED, UNDONE = CorrectionState.partly_applied, CorrectionState.applied, CorrectionState.undone


def test_correction_done_again_is_in_the_state_in_which_it_was(database: Database) -> None:
    first = _with_conflict(database)
    undoing = undone(database, first)
    assert _states(database, first, undoing) == [UNDONE, APPLIED]
    again = undone(database, undoing)
    assert _states(database, first, undoing, again) == [PARTLY, UNDONE, APPLIED]
    back = undone(database, again)
    assert _states(database, first, undoing, again, back) == [UNDONE, APPLIED, UNDONE, APPLIED]


def test_chosen_groups_undone_and_done_again_leave_the_state_of_their_correction(database: Database) -> None:
    first = _with_conflict(database)
    some = undone(database, first, groups=(1,))
    assert _states(database, first, some) == [PARTLY, APPLIED]
    again = undone(database, some)
    assert _states(database, first, some, again) == [PARTLY, UNDONE, APPLIED]
    some = undone(database, first, groups=(1,))
    undone(database, first)
    assert _states(database, first, some) == [UNDONE, APPLIED]
    undone(database, some)
    assert _states(database, first, some) == [PARTLY, UNDONE]


def test_ticked_rows_alone_are_corrected(database: Database) -> None:
    keys = add_providers(database, ["ST DENIS", "ST DENIS"])
    applied(database, frozen(database, Recipe(keys=(keys[1],), assignments=CITY)))
    assert values(database, Provider, "city") == {keys[0]: "ST DENIS", keys[1]: "Saint-Denis"}


def test_value_that_its_column_refuses_is_set_aside_with_the_reason(database: Database) -> None:
    keys = add_providers(database, ["Lyon"])
    recipe = Recipe(keys=tuple(keys), assignments=(Assignment("post_code", Act.copy, other="trade_name"),))
    correction = frozen(database, recipe)
    assert (correction.planned, correction.set_aside) == (0, 1)
    with database.reading() as session:
        line = session.execute(sa.select(LINES)).one()
    assert line.outcome == CorrectionOutcome.invalid.value
    assert line.detail.startswith("Code postal")


@pytest.mark.parametrize(
    ("model", "assignment"),
    [
        (Provider, Assignment("street_type_id", Act.constant, "Boulevard de nulle part")),
        (Provider, Assignment("post_code", Act.mapping, pairs=(("93200", "nulle part"),))),
        (Provider, Assignment("ape_code", Act.constant, "62.01Z")),
        (EnrolmentRequest, Assignment("status", Act.constant, "validated")),
    ],
)
def test_what_could_never_be_done_is_refused_before_anything_is_asked(
    database: Database, model: type[Table], assignment: Assignment
) -> None:
    with database.writing(STEWARD) as session, pytest.raises(Refused):
        asked(session, Recipe(assignments=(assignment,)), model)
    with database.reading() as session:
        assert session.exec(select(Correction)).all() == []


def test_large_correction_takes_its_number(database: Database) -> None:
    add_providers(database, ["ST DENIS", "Lyon"])
    with database.writing(STEWARD) as session:
        session.exec(select(Parameter).where(Parameter.code == "correction_confirm_above")).one().value = "1"
    correction = frozen(database, Recipe(query=(("post_code", "93200"),), assignments=CITY))
    with database.reading() as session:
        with pytest.raises(Refused):
            steering.require_number(session, correction, "")
        steering.require_number(session, correction, " 2 ")
