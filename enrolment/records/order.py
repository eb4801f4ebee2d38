"""The order of a list, and how an index gives it: in runs, each of which lies already sorted in one index.

Empty values come last in both directions, closed lists in the order of their declaration, and the key breaks ties: no
expression that an index could not serve. Which rows are kept is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec


@dataclass(frozen=True)
class Order:
    """By what a list is sorted. None is the order of creation, newest first."""

    spec: FieldSpec | None = None
    descending: bool = True

    @property
    def by_key(self) -> bool:
        """Whether rows come in the order of their keys."""
        return self.spec is None or self.spec.name == "id"


@dataclass(frozen=True)
class Run:
    """Rows that follow each other: those of `condition`, sorted by `keys`, all in one direction."""

    condition: sa.ColumnElement[bool]
    keys: tuple[sa.Column[Any], ...]
    descending: bool

    def ordering(self, *, backwards: bool) -> list[sa.ColumnElement[Any]]:
        """What to sort by."""
        return [key.desc() if self.descending is not backwards else key.asc() for key in self.keys]

    def beyond(self, edge: Any, *, backwards: bool) -> list[Run]:
        """The rows that come after one of this run, or before it: its equals first, then those with another value.

        Not one comparison of pairs, for which SQLite would read all the equals.
        """
        first = self.keys[0]
        value = getattr(edge, first.name)
        further = first < value if self.descending is not backwards else first > value
        left = [Run(sa.and_(self.condition, further), self.keys, self.descending)]
        if len(self.keys) > 1:
            equals = Run(first == value, self.keys[1:], self.descending)
            left = [*equals.beyond(edge, backwards=backwards), *left]
        return left


def runs(model: type[Table], order: Order) -> list[Run]:
    """The runs of a list, first to last."""
    columns = table_of(model).c
    if order.spec is None or order.by_key:
        return [Run(sa.true(), (columns.id,), order.descending)]
    column = columns[order.spec.name]
    values = _values(order.spec)
    found = [
        Run(column == value, (columns.id,), order.descending)
        for value in (reversed(values) if order.descending else values)
    ]
    if not values:
        some = sa.true() if order.spec.required else filled(order.spec)
        found.append(Run(some, (column, columns.id), order.descending))
    if not order.spec.required:
        found.append(Run(column.is_(None), (columns.id,), order.descending))
    return found


def place_in(order: Order, edge: Any) -> int:
    """In which run a row lies."""
    if order.spec is None or order.by_key:
        return 0
    value = getattr(edge, order.spec.name)
    values = _values(order.spec)
    if value is None:
        return len(values) or 1
    if not values:
        return 0
    place = values.index(value)
    return len(values) - 1 - place if order.descending else place


def filled(spec: FieldSpec) -> sa.ColumnElement[bool]:
    """Rows with a value: not « IS NOT NULL », which SQLite looks up in no index."""
    column = table_of(spec.model).c[spec.name]
    values = _values(spec)
    if spec.kind is FieldKind.long_text:
        return column.is_not(None)
    return column.in_(values) if values else column >= _lowest(spec)


def _values(spec: FieldSpec) -> list[Any]:
    """The values of a closed list in the order that a reader knows; a yes comes after a no."""
    if spec.kind is FieldKind.boolean:
        return [False, True]
    return list(spec.enum) if spec.enum is not None else []


def _lowest(spec: FieldSpec) -> Any:
    values = {
        FieldKind.integer: -(2**31),
        FieldKind.reference: 0,
        FieldKind.date: date(1, 1, 1),
        FieldKind.moment: datetime(1, 1, 2, tzinfo=UTC),
    }
    return sa.literal(values.get(spec.kind, ""), table_of(spec.model).c[spec.name].type)


@dataclass(frozen=True)
class SortKey:
    """One thing to sort by, where no index is asked."""

    expression: sa.ColumnElement[Any]
    descending: bool


def sort_keys(model: type[Table], order: Order) -> list[SortKey]:
    """The same order in one go, for few rows: expressions that no index answers, on purpose."""
    columns = table_of(model).c
    key = sa.func.coalesce(columns.id, sa.null())
    if order.spec is None or order.by_key:
        return [SortKey(key, order.descending)]
    column: Any = columns[order.spec.name]
    values = _values(order.spec)
    if values:
        whens = [(column == value, rank) for rank, value in enumerate(values)]
        column = sa.case(*whens, else_=-1)
    keys = [SortKey(column, order.descending), SortKey(key, order.descending)]
    if not order.spec.required:
        keys.insert(0, SortKey(sa.case((columns[order.spec.name].is_(None), 1), else_=0), descending=False))
        if not values:
            keys[1] = SortKey(sa.func.coalesce(column, _lowest(order.spec)), order.descending)
    elif not values:
        keys[0] = SortKey(sa.func.coalesce(column, sa.null()), order.descending)
    return keys


def beyond(keys: Sequence[SortKey], edge: Sequence[Any], *, backwards: bool) -> sa.ColumnElement[bool]:
    """Rows that come after the edge, or before it."""
    branches = []
    for position, key in enumerate(keys):
        same = [other.expression == value for other, value in zip(keys[:position], edge, strict=False)]
        lower = key.descending is not backwards
        after = key.expression < edge[position] if lower else key.expression > edge[position]
        branches.append(sa.and_(*same, after))
    return sa.or_(*branches)
