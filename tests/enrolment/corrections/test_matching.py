"""The rows that a file names are the same whether it follows the order of its table, leaves it or comes back to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from enrolment.corrections.matching import Matcher
from schema.database import Database
from schema.tables import Referencing
from tests.enrolment.corrections.records import STEWARD
from tests.rows import add_referencing

_ROWS = 30
_PLACES = st.integers(0, _ROWS + 2)
_RUNS = st.builds(lambda first, size: list(range(first, min(first + size, _ROWS))), _PLACES, st.integers(1, 9))
_PARTS = st.lists(st.one_of(_RUNS, st.lists(st.one_of(st.none(), _PLACES), min_size=1, max_size=6)), max_size=9)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Iterator[Session]:
    with database.writing(STEWARD) as session:
        rows = [add_referencing(session, f"ANS-{number:02d}") for number in range(_ROWS)]
        # Keys need not follow one another.
        for gone in rows[7], rows[20]:
            session.delete(gone)
    with database.reading() as session:
        yield session


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(_PARTS)
@example([[]])
def test_parts_are_found_as_each_alone_would_be(filled: Session, parts: list[list[int | None]]) -> None:
    # The whole of the table in its order first: what follows is guessed from it.
    run = [list(range(start, start + 5)) for start in range(0, 15, 5)]
    matcher = Matcher(filled, Referencing, ["ans_number"], ["software_name", "validated_on"])
    for part in (*run, *parts):
        keys = [[None if place is None else f"ANS-{place:02d}" for place in part]]
        alone = Matcher(filled, Referencing, ["ans_number"], ["software_name", "validated_on"]).find(filled, keys)
        found = matcher.find(filled, keys)
        assert list(found.ids) == list(alone.ids)
        assert list(map(list, found.columns)) == list(map(list, alone.columns))
        assert found.ambiguous == alone.ambiguous


def test_key_that_several_rows_have_is_never_guessed(database: Database) -> None:
    with database.writing(STEWARD) as session:
        for number in range(_ROWS):
            add_referencing(session, f"ANS-{number:02d}").software_name = f"Logiciel {number % (_ROWS // 2)}"
    with database.reading() as session:
        matcher = Matcher(session, Referencing, ["software_name"], [])
        for start in range(0, _ROWS // 2, 5):
            found = matcher.find(session, [[f"Logiciel {number}" for number in range(start, start + 5)]])
            assert found.ambiguous == set(range(5))
