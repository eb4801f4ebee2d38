"""Walking a list forward and back: each row once, in order, whatever is added or deleted meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session
from starlette.datastructures import QueryParams

from admin_app import edges, listing
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec
from schema.history import Actor
from schema.tables import ALL, EnrolmentRequest, Referencing
from tests.admin_app import many_rows

ROWS = 36
FEW = {"deadline"}
"""Tables whose rules leave little to make up."""


@pytest.fixture
def filled(portal: Portal) -> Portal:
    """Every table with many rows, most of them alike."""
    chance = random.Random(20261125)
    first = (Referencing, EnrolmentRequest)
    with portal.database.writing(Actor.system()) as session:
        added = {
            table_of(model).name: many_rows.add(session, model, ROWS, chance)
            for model in (*first, *(model for model in ALL if model not in first))
        }
    assert {table for table, rows in added.items() if rows < 6} <= FEW, added
    return portal


def _page(session: Session, model: type[Table], url: str) -> listing.Listing:
    found = listing.page(session, model, sa.select(model), "/x", QueryParams(url.partition("?")[2]))
    assert not found.filters.problems, url
    return found


def _walk(
    session: Session, model: type[Table], url: str, step: Callable[[list[int]], None], *, back: bool = False
) -> list[int]:
    """Keys met from page to page until there are no more; `step` is called between two pages."""
    seen: list[int] = []
    most = 3 * session.execute(sa.select(sa.func.count()).select_from(table_of(model))).scalar_one()
    following: str | None = url
    while following is not None:
        found = _page(session, model, following)
        keys = [row.id for row in found.rows]
        assert len(keys) <= 13
        seen = keys + seen if back else seen + keys
        following = found.links.previous_url if back else found.links.next_url
        step(keys)
        assert len(seen) < most, "the walk does not end"
    return seen


def _nothing(keys: list[int]) -> None:
    """Nothing happens between two pages."""


def _last_page(session: Session, model: type[Table], url: str) -> str:
    """The address of the last page, as somebody who walked to it has it."""
    while True:
        found = _page(session, model, url)
        if found.links.next_url is None:
            return url
        url = found.links.next_url


def _queries(model: type[Table]) -> list[tuple[FieldSpec | None, str]]:
    sorts = [(spec, f"tri={spec.name}&sens={way}") for spec in presentation.sortable(model) for way in ("asc", "desc")]
    return [(None, ""), *sorts]


def test_pages_show_each_row_once_in_order_forward_and_back(filled: Portal) -> None:
    with filled.database.reading() as session:
        for model in ALL:
            columns = table_of(model).c
            expected = set(session.scalars(sa.select(columns.id)))
            for spec, query in _queries(model):
                url = f"/x?{query}&taille=13"
                seen = _walk(session, model, url, _nothing)
                assert len(seen) == len(set(seen)), (model, query)
                assert set(seen) == expected, (model, query)
                if not query.endswith("asc"):
                    back = _walk(session, model, _last_page(session, model, url), _nothing, back=True)
                    assert back == seen, (model, query)
                if spec is not None:
                    _check_order(session, model, spec, seen, descending=query.endswith("desc"))


def _check_order(session: Session, model: type[Table], spec: FieldSpec, seen: list[int], *, descending: bool) -> None:
    """Empty values last; the others in order, as far as Python and the database agree; ties by key."""
    columns = table_of(model).c
    values = dict(session.execute(sa.select(columns.id, columns[spec.name])).tuples().all())
    empty = [values[key] is None for key in seen]
    assert empty == sorted(empty), (model, spec.name)
    ranks = {value: rank for rank, (value, _) in enumerate(spec.choices)}

    def rank(key: int) -> Any:
        value = values[key]
        return ranks[str(getattr(value, "value", value))] if spec.enum is not None else value

    full = [(rank(key), key) for key in seen if values[key] is not None]
    if spec.kind in (FieldKind.text, FieldKind.long_text):
        # Each engine has its own alphabet: here only rows of one value must follow each other, by key.
        met: list[Any] = []
        for value, _ in full:
            if not met or met[-1] != value:
                assert value not in met, (model, spec.name, value)
                met.append(value)
        full.sort(key=lambda pair: met.index(pair[0]))
        for value in met:
            keys = [key for other, key in full if other == value]
            assert keys == sorted(keys, reverse=descending), (model, spec.name)
        return
    assert all(isinstance(value, int | date | datetime) for value, _ in full), (model, spec.name)
    assert full == sorted(full, reverse=descending), (model, spec.name)


@pytest.mark.parametrize("seed", range(2))
def test_rows_that_stay_are_met_once_while_others_come_and_go(filled: Portal, seed: int) -> None:
    """Between two pages rows are deleted, those at the edge among them, and others are added."""
    chance = random.Random(seed)
    for model in chance.sample([model for model in ALL if not presentation.references_to(table_of(model).name)], 12):
        for _, query in chance.sample(_queries(model), 2):
            for back in (False, True):
                with filled.database.writing(Actor.system()) as session:
                    _walk_disturbed(session, model, f"/x?{query}&taille=7", chance, back=back)


def _walk_disturbed(session: Session, model: type[Table], url: str, chance: random.Random, *, back: bool) -> None:
    columns = table_of(model).c
    before = set(session.scalars(sa.select(columns.id)))
    gone: set[int] = set()

    def disturb(keys: list[int]) -> None:
        doomed = set(keys[-2:] if chance.random() < 0.5 else []) | set(keys[:2] if chance.random() < 0.5 else [])
        # One row of the page stays: a page of which nothing is left is no place any more.
        # So does the newest row: SQLite gives its key to the next one, which is then another row under the same name.
        newest = session.scalar(sa.select(sa.func.max(columns.id)))
        doomed -= {chance.choice(keys), newest}
        gone.update(doomed)
        session.execute(sa.delete(model).where(columns.id.in_(doomed)))
        many_rows.add(session, model, 2, chance)

    seen = _walk(session, model, _last_page(session, model, url) if back else url, disturb, back=back)
    met = [key for key in seen if key in before]
    assert len(met) == len(set(met)), (model, url, back)
    assert before - gone <= set(met), (model, url, back)


@pytest.mark.parametrize("typed", ["", "abc", "1,", ",1", "1,2,3,4,5,6", "-1", "1.5", "1;2", "٣", "9" * 19])
def test_edge_that_cannot_be_is_no_edge(typed: str) -> None:
    assert edges.read(typed) == []
