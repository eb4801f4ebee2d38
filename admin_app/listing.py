"""One page of a list: filters, search, order, a bounded count, and the way to the next page.

The time of a page does not grow with the table: pages are reached from the row where the last one ended, never by an
offset, and nothing is counted beyond a cap. The primary key breaks every tie, so that no row is shown twice. How rows
are read is in `reading`, in what order in `order`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session
from starlette.datastructures import QueryParams

from admin_app import edges
from admin_app.addresses import with_query
from admin_app.reading import Count, Place, Reader
from enrolment.records import filters, presentation, search
from enrolment.records.order import Order
from enrolment.typography import number
from schema.base import Table, table_of
from schema.describe import FieldSpec
from schema.limits import TooLong
from web.parts import PageLinks

SIZES = (25, 50, 100)
DEFAULT_SIZE = 50


_TOO_LONG = (
    "Cette combinaison de filtres, de recherche et de tri demande de lire trop de lignes : ajoutez un filtre plus "
    "précis, cherchez un mot plus long, ou reprenez le tri par défaut."
)


@dataclass(frozen=True)
class Listing:
    """What a list page shows."""

    rows: Sequence[Any]
    titles: presentation.Titles
    count: Count
    links: PageLinks
    order: Order
    size: int
    filters: filters.Filters
    searched: str


def selection(
    session: Session, model: type[Table], scoped: sa.Select[Any], params: QueryParams
) -> tuple[sa.Select[Any], filters.Filters, str]:
    """The rows that filters and search keep of `scoped`. Problems are in the filters, not raised."""
    read = filters.read(session, model, params.multi_items())
    _check_controls(model, params, read)
    searched = "".join(letter for letter in params.get(filters.SEARCH, "") if letter.isprintable())
    searched = searched.strip()[: search.LONGEST]
    statement = scoped.where(*(item.condition for item in read.applied))
    if searched:
        answer = search.answer(session, model, searched)
        statement = statement.where(answer.condition)
        read.narrow += answer.narrow
        read.newest += [] if answer.newest is None else [answer.newest]
    return statement, read, searched


def page(session: Session, model: type[Table], scoped: sa.Select[Any], path: str, params: QueryParams) -> Listing:
    """The page that an address asks for. Under wrong filters, or filters that take too long, it holds no row at all."""
    statement, read, searched = selection(session, model, scoped, params)
    size = _size(params)
    order = _order(model, params, read)
    nothing = Listing([], {}, Count(0, capped=False), PageLinks("Aucune ligne"), order, size, read, searched)
    if read.problems:
        return nothing
    filtered = frozenset(item.spec.name for item in read.applied)
    reader = Reader(session, model, statement.whereclause, read.narrow, filtered, read.newest)
    place = _place(session, model, order, params, size)
    specs = columns(model, params)
    names = list(dict.fromkeys(["id", *(spec.name for spec in specs), *model.title_columns, *_needed(model)]))
    try:
        rows = reader.page(names, order, place)
        count = reader.count() if rows else Count(0, capped=False)
    except TooLong:
        read.problems[filters.SEARCH] = _TOO_LONG
        return nothing
    more = len(rows) > size
    rows = rows[:size]
    if place.backwards:
        rows.reverse()
    known = presentation.titles(session, presentation.keys_of(specs, rows))
    count, links = _links(path, params, rows, count, size=size, more=more, backwards=place.backwards)
    return Listing(rows, known, count, links, order, size, read, searched)


def columns(model: type[Table], params: QueryParams) -> tuple[FieldSpec, ...]:
    """The columns that an address asks for, in the order of the table; those of the list when it names none."""
    asked = filters.asked_columns(params.getlist(filters.COLUMNS))
    return tuple(spec for spec in presentation.visible(model) if spec.name in asked) or presentation.listed(model)


def _needed(model: type[Table]) -> list[str]:
    """What a row is drawn by, whatever is shown of it: the table that it names, whether it is in use, its address."""
    return [name for name in ("table_name", "active", "public_id") if name in table_of(model).c]


def _place(session: Session, model: type[Table], order: Order, params: QueryParams, size: int) -> Place:
    backwards = filters.BEFORE in params
    edge = edges.standing(session, model, edges.read(params.get(filters.BEFORE if backwards else filters.AFTER, "")))
    if edge is not None and not order.by_key:
        columns = table_of(model).c
        if session.execute(sa.select(columns.id).where(columns.id == edge)).first() is None:
            # Every row at the edge was deleted meanwhile: only among keys does one still say where it stood.
            return Place(None, backwards=False, size=size)
    return Place(edge, backwards, size)


def _check_controls(model: type[Table], params: QueryParams, read: filters.Filters) -> None:
    """Order and place are parameters like others: a wrong one is said."""
    if params.get(filters.SORT) and _sorted_by(model, params) is None:
        read.problems[filters.SORT] = "Cette liste ne se trie pas par cette colonne."
    if params.get(filters.DIRECTION, "asc") not in {"asc", "desc"}:
        read.problems[filters.DIRECTION] = "Le sens du tri est « asc » ou « desc »."
    for name in (filters.AFTER, filters.BEFORE):
        if params.get(name) and not edges.read(params[name]):
            read.problems[name] = "Cette adresse de page est incomplète : reprenez au début de la liste."
    known = {spec.name for spec in presentation.visible(model)}
    for name in set(filters.asked_columns(params.getlist(filters.COLUMNS))) - known:
        read.problems[filters.COLUMNS] = filters.no_column(name)
    if params.get(filters.SIZE) and not params[filters.SIZE].isdecimal():
        read.problems[filters.SIZE] = "Le nombre de lignes par page s'écrit en chiffres."


def _sorted_by(model: type[Table], params: QueryParams) -> FieldSpec | None:
    name = params.get(filters.SORT)
    return next((spec for spec in presentation.sortable(model) if spec.name == name), None)


def _order(model: type[Table], params: QueryParams, read: filters.Filters) -> Order:
    """What was asked for. Else a list that is filtered by a period, or from a number on, follows that column."""
    spec = _sorted_by(model, params)
    if spec is not None:
        return Order(spec, params.get(filters.DIRECTION, "asc") == "desc")
    ranged = [item.spec for item in read.applied if item.operator in filters.RANGES]
    led = [spec for spec in ranged if spec in presentation.sortable(model)]
    return Order(led[0]) if led else Order()


def _size(params: QueryParams) -> int:
    typed = params.get(filters.SIZE, "")
    wanted = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else DEFAULT_SIZE
    return min(max(wanted, 1), SIZES[-1])


def _key(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


def _links(
    path: str, params: QueryParams, rows: Sequence[Any], count: Count | None, *, size: int, more: bool, backwards: bool
) -> tuple[Count, PageLinks]:
    """Where one is. The rank in the address is only for display."""
    if not rows:
        return Count(0, capped=False), PageLinks("Aucune ligne")
    is_first = filters.AFTER not in params and filters.BEFORE not in params
    rank = 1 if is_first else max(_key(params.get(filters.RANK, "")) or 1, 1)
    if backwards and not more:
        rank = 1
    last = rank + len(rows) - 1
    kept = [
        (name, value)
        for name, value in params.multi_items()
        if value and name not in {filters.AFTER, filters.BEFORE, filters.RANK}
    ]
    has_previous = more if backwards else not is_first
    has_next = True if backwards else more
    # What could not be counted in time is at least what was shown.
    count = count or Count(last, capped=has_next)
    previous: dict[str, str | int] = {filters.BEFORE: edges.written(rows), filters.RANK: max(rank - size, 1)}
    following: dict[str, str | int] = {filters.AFTER: edges.written(rows[::-1]), filters.RANK: last + 1}
    return count, PageLinks(
        f"{number(rank)} à {number(last)} sur {count.said}",
        _address(path, kept, previous) if has_previous else None,
        _address(path, kept, following) if has_next else None,
    )


def _address(path: str, kept: list[tuple[str, str]], place: dict[str, str | int]) -> str:
    query = QueryParams([*kept, *((name, str(value)) for name, value in place.items())])
    return f"{path}?{query}" if query else with_query(path, {})
