"""One page of a list: filters, search, order, a bounded count, and the way to the next page.

The time of a page does not grow with the table: pages are reached from the row where the last one ended, never by an
offset, and nothing is counted beyond `MOST_COUNTED`. The primary key breaks every tie, so that no row is shown twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session
from starlette.datastructures import QueryParams

from admin_app import edges, filters, presentation, search
from admin_app.addresses import with_query
from enrolment.typography import number
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec
from web.parts import PageLinks

MOST_COUNTED = 10_000
SIZES = (25, 50, 100)
DEFAULT_SIZE = 50


@dataclass(frozen=True)
class Order:
    """By what a list is sorted. None is the order of creation, newest first."""

    spec: FieldSpec | None = None
    descending: bool = True


@dataclass(frozen=True)
class Count:
    """How many rows there are; `capped` when there are more than were counted."""

    rows: int
    capped: bool

    @property
    def said(self) -> str:
        """« 312 », « plus de 10 000 »."""
        return f"plus de {number(MOST_COUNTED)}" if self.capped else number(self.rows)


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
        statement = statement.where(search.condition(session, model, searched))
    return statement, read, searched


def page(session: Session, model: type[Table], scoped: sa.Select[Any], path: str, params: QueryParams) -> Listing:
    """The page that an address asks for. Under wrong filters it holds no row at all."""
    statement, read, searched = selection(session, model, scoped, params)
    size = _size(params)
    order = _order(model, params)
    if read.problems:
        return Listing([], {}, Count(0, capped=False), PageLinks("Aucune ligne"), order, size, read, searched)
    count = count_of(session, statement)
    rows, backwards = _rows(session, model, statement, order, size, params) if count.rows else ([], False)
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    specs = presentation.listed(model)
    known = presentation.titles(session, presentation.keys_of(specs, rows))
    links = _links(path, params, rows, count, size=size, more=more, backwards=backwards)
    return Listing(rows, known, count, links, order, size, read, searched)


def count_of(session: Session, statement: sa.Select[Any]) -> Count:
    """How many rows, without order and never beyond the cap."""
    bare = statement.with_only_columns(sa.literal(1), maintain_column_froms=True).order_by(None)
    found = session.execute(
        sa.select(sa.func.count()).select_from(bare.limit(MOST_COUNTED + 1).subquery())
    ).scalar_one()
    return Count(min(found, MOST_COUNTED), capped=found > MOST_COUNTED)


def _rows(
    session: Session, model: type[Table], statement: sa.Select[Any], order: Order, size: int, params: QueryParams
) -> tuple[list[Any], bool]:
    """One row more than asked, to know whether there is a next page; and whether they come in reverse."""
    columns = table_of(model).c
    names = dict.fromkeys(["id", *(spec.name for spec in presentation.listed(model)), *model.title_columns])
    statement = statement.with_only_columns(*(columns[name] for name in names), maintain_column_froms=True)
    backwards = filters.BEFORE in params
    cursor = edges.standing(session, model, edges.read(params.get(filters.BEFORE if backwards else filters.AFTER, "")))
    keys = _sort_keys(model, order)
    if cursor is not None:
        edge = session.execute(sa.select(*(key.expression for key in keys)).where(columns.id == cursor)).first()
        if edge is not None:
            statement = statement.where(_beyond(keys, list(edge), backwards=backwards))
        elif order.spec is None:
            # The row at the edge was deleted meanwhile; its key still says where it stood.
            statement = statement.where(columns.id > cursor if backwards else columns.id < cursor)
        else:
            backwards = False
    ordering = [key.expression.desc() if key.descending is not backwards else key.expression.asc() for key in keys]
    return list(session.execute(statement.order_by(*ordering).limit(size + 1)).all()), backwards


@dataclass(frozen=True)
class _SortKey:
    expression: sa.ColumnElement[Any]
    descending: bool


def _sort_keys(model: type[Table], order: Order) -> list[_SortKey]:
    columns = table_of(model).c
    if order.spec is None or order.spec.name == "id":
        return [_SortKey(columns.id, order.descending)]
    column: sa.ColumnElement[Any] = columns[order.spec.name]
    if order.spec.enum is not None:
        ranks = {value: rank for rank, (value, _) in enumerate(order.spec.choices)}
        column = sa.case(ranks, value=sa.cast(columns[order.spec.name], sa.String), else_=sa.null())
    elif order.spec.kind is FieldKind.boolean:
        # A number, since SQL compares booleans on one of the two engines only.
        column = sa.case((column.is_(True), 1), (column.is_(False), 0), else_=sa.null())
    keys = [_SortKey(column, order.descending), _SortKey(columns.id, order.descending)]
    if not order.spec.required:
        # Both engines then agree on where the empty ones stand: last.
        keys.insert(0, _SortKey(sa.case((column.is_(None), 1), else_=0), descending=False))
        keys[1] = _SortKey(sa.func.coalesce(column, _filler(order.spec)), order.descending)
    return keys


def _filler(spec: FieldSpec) -> Any:
    """A value that stands for an empty one, where all the compared values are empty."""
    if spec.enum is not None or spec.kind is FieldKind.boolean:
        return -1
    values = {
        FieldKind.integer: 0,
        FieldKind.date: date(1900, 1, 1),
        FieldKind.moment: datetime(1900, 1, 1, tzinfo=UTC),
    }
    return sa.literal(values.get(spec.kind, ""), table_of(spec.model).c[spec.name].type)


def _beyond(keys: Sequence[_SortKey], edge: Sequence[Any], *, backwards: bool) -> sa.ColumnElement[bool]:
    """Rows that come after the edge, or before it."""
    branches = []
    for position, key in enumerate(keys):
        same = [other.expression == value for other, value in zip(keys[:position], edge, strict=False)]
        lower = key.descending is not backwards
        beyond = key.expression < edge[position] if lower else key.expression > edge[position]
        branches.append(sa.and_(*same, beyond))
    return sa.or_(*branches)


def _check_controls(model: type[Table], params: QueryParams, read: filters.Filters) -> None:
    """Order and place are parameters like others: a wrong one is said."""
    if params.get(filters.SORT) and _sorted_by(model, params) is None:
        read.problems[filters.SORT] = "Cette liste ne se trie pas par cette colonne."
    if params.get(filters.DIRECTION, "asc") not in {"asc", "desc"}:
        read.problems[filters.DIRECTION] = "Le sens du tri est « asc » ou « desc »."
    for name in (filters.AFTER, filters.BEFORE):
        if params.get(name) and not edges.read(params[name]):
            read.problems[name] = "Cette adresse de page est incomplète : reprenez au début de la liste."
    if params.get(filters.SIZE) and not params[filters.SIZE].isdecimal():
        read.problems[filters.SIZE] = "Le nombre de lignes par page s'écrit en chiffres."


def _sorted_by(model: type[Table], params: QueryParams) -> FieldSpec | None:
    name = params.get(filters.SORT)
    return next((spec for spec in presentation.sortable(model) if spec.name == name), None)


def _order(model: type[Table], params: QueryParams) -> Order:
    spec = _sorted_by(model, params)
    return Order() if spec is None else Order(spec, params.get(filters.DIRECTION, "asc") == "desc")


def _size(params: QueryParams) -> int:
    typed = params.get(filters.SIZE, "")
    wanted = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else DEFAULT_SIZE
    return min(max(wanted, 1), SIZES[-1])


def _key(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else None


def _links(
    path: str, params: QueryParams, rows: Sequence[Any], count: Count, *, size: int, more: bool, backwards: bool
) -> PageLinks:
    """Where one is. The rank in the address is only for display."""
    if not rows:
        return PageLinks("Aucune ligne")
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
    previous: dict[str, str | int] = {filters.BEFORE: edges.written(rows), filters.RANK: max(rank - size, 1)}
    following: dict[str, str | int] = {filters.AFTER: edges.written(rows[::-1]), filters.RANK: last + 1}
    return PageLinks(
        f"{number(rank)} à {number(last)} sur {count.said}",
        _address(path, kept, previous) if has_previous else None,
        _address(path, kept, following) if has_next else None,
    )


def _address(path: str, kept: list[tuple[str, str]], place: dict[str, str | int]) -> str:
    query = QueryParams([*kept, *((name, str(value)) for name, value in place.items())])
    return f"{path}?{query}" if query else with_query(path, {})
