"""Reads one page of rows in the way that costs least, and stops what would cost too much.

SQLite does not know how the values of a column are spread, and picks badly between « take the rows of the filter, then
sort them » and « walk along the sorted index, keep those of the filter ». Each is tried here within bounds: the first
when the filter keeps few rows, the second otherwise. What neither finds is read as it is, for some seconds at most.
PostgreSQL knows, and is only told when to stop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from admin_app import lessons
from admin_app.lessons import NONE, Lesson
from enrolment.records.order import Order, Run, beyond, place_in, runs, sort_keys
from enrolment.records.search import Keys, Newest
from enrolment.typography import number
from schema.base import Table, table_of
from schema.limits import TooLong, at_most_seconds, at_most_steps

MOST_COUNTED = 10_000
MOST_SECONDS = 4.0
_FEW_COUNTED = 1_000
_FEW, _FEW_TO_CHECK = 2_000, 1_000
_MOST_AT_ONCE = 160
_SOME = 20_000
_STEPS_OF_FEW = 40_000
_STEPS_OF_KEYS = 200_000
_STEPS_AS_IT_IS = 60_000
_STEPS_OF_WALK = 600_000
_STEPS_OF_COUNT = 120_000
_LAST_WAY = 9
_SECONDS = 1.0


@dataclass(frozen=True)
class Place:
    """From which row, in which direction, and how many."""

    edge: int | None
    backwards: bool
    size: int


@dataclass(frozen=True)
class Count:
    """How many rows there are; `capped` when there are more than were counted."""

    rows: int
    capped: bool

    @property
    def said(self) -> str:
        """« 312 », « plus de 10 000 »."""
        return f"plus de {number(self.rows)}" if self.capped else number(self.rows)


class Reader:
    """The rows of one table under one condition. `narrow` gives keys among which all of them are, each through an
    index: some may be few. `newest` are ways to the highest of such keys; `filtered` are the columns of the condition.
    """

    def __init__(
        self,
        session: Session,
        model: type[Table],
        condition: sa.ColumnElement[bool] | None,
        narrow: Sequence[Keys],
        filtered: frozenset[str] = frozenset(),
        newest: Sequence[Newest] = (),
    ) -> None:
        self._session = session
        self._model = model
        self._table = table_of(model)
        self._condition = condition
        self._narrow = narrow
        self._filtered = filtered
        self._newest = newest
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self._lesson = Lesson() if condition is None else lessons.of(session, self._table.name, condition)
        self._few = self._fewest()

    def page(self, names: Sequence[str], order: Order, place: Place) -> list[Any]:
        """One row more than asked, to know whether there is a next page; in reverse when read backwards.

        Raises TooLong.
        """
        columns = [self._table.c[name] for name in names]
        if self._few is not None:
            return self._of_few(columns, order, place, self._few)
        if self._condition is None or not self._is_sqlite:
            with at_most_seconds(self._session, MOST_SECONDS):
                return self._walked(columns, order, place, self._condition)
        known = (order.spec.name if order.spec else None, order.descending is not place.backwards)
        first = self._lesson.ways.get(known, 0)
        for at, (steps, find) in enumerate(self._ways(columns, order, place)):
            if at < first:
                continue
            self._lesson.ways[known] = at
            with suppress(TooLong), at_most_steps(self._session, steps):
                return find()
        self._lesson.ways[known] = _LAST_WAY
        return self._far(columns, order, place, self._condition)

    def _ways(self, columns: list[Any], order: Order, place: Place) -> Iterator[tuple[int, Callable[[], list[Any]]]]:
        """Ways to find a page, each with the steps that it may take."""

        def walk(condition: sa.ColumnElement[bool] | None) -> Callable[[], list[Any]]:
            return lambda: self._walked(columns, order, place, condition)

        if order.by_key and order.descending is not place.backwards:
            for newest in self._newest:
                yield _STEPS_OF_FEW, partial(self._of_newest, columns, order, place, newest)
        if order.by_key or (order.spec is not None and order.spec.name in self._filtered):
            # An index on the column gives what is kept, in order: the rows of a value by key, or those of a period.
            yield _STEPS_AS_IT_IS, walk(self._condition)
        if self._narrow:
            keys = None if order.by_key else self._narrowest()
            # Keys are read once, and rows not at all that are none of them.
            yield _STEPS_OF_WALK // 3, walk(self._checked if keys is None else _masked(self._among(keys)))
        if not order.by_key and self._narrowest() is None:
            yield _STEPS_OF_WALK, walk(self._checked)

    def _of_few(self, columns: list[Any], order: Order, place: Place, few: list[int]) -> list[Any]:
        """Rows whose keys are known: those of the page alone are read, when it follows the order of keys."""
        if not order.by_key:
            return self._sorted(columns, order, place, self._is_one_of(few))
        downwards = order.descending is not place.backwards
        key, edge = self._table.c.id, place.edge
        left = [one for one in few if edge is None or (one < edge if downwards else one > edge)]
        shown = sorted(left, reverse=downwards)[: place.size + 1]
        rows = sa.select(*columns).where(self._is_one_of(shown)).order_by(key.desc() if downwards else key.asc())
        return list(self._session.execute(rows).all())

    def _of_newest(self, columns: list[Any], order: Order, place: Place, newest: Newest) -> list[Any]:
        """The page, when the highest keys that an index tells hold it whole. Raises TooLong when not."""
        keys = newest(_MOST_AT_ONCE, place.edge)
        among = sa.and_(self._is_one_of(keys), self._checked)
        found = self._sorted(columns, order, Place(None, backwards=place.backwards, size=place.size), among)
        if len(found) <= place.size:
            raise TooLong
        return found

    def _far(self, columns: list[Any], order: Order, place: Place, condition: sa.ColumnElement[bool]) -> list[Any]:
        """The page of rows that lie far from the start of the order, or are nowhere."""
        keys = self._narrowest()
        with at_most_seconds(self._session, MOST_SECONDS):
            if keys is not None:
                return self._sorted(columns, order, place, self._among(keys))
            if order.by_key:
                return self._walked(columns, order, place, self._checked)
            return self._sorted(columns, order, place, condition)

    def count(self) -> Count | None:
        """How many rows, never beyond the cap; None when even that takes too long."""
        if self._few is not None:
            return Count(len(self._few), capped=False)
        if self._lesson.many is not None:
            return Count(self._lesson.many, capped=True) if self._lesson.many else None
        found = self._counted_anew()
        if found is None or found.capped:
            self._lesson.many = 0 if found is None else found.rows
        return found

    def _counted_anew(self) -> Count | None:
        if self._condition is None:
            return self._counted(None, MOST_COUNTED, _STEPS_OF_COUNT)
        # First as far as any filter may go, then as far as those go that an index answers: never two columns at once.
        several = len(self._filtered) > 1
        near = self._counted(self._condition, _FEW_COUNTED, _STEPS_OF_COUNT // (4 if several else 2))
        if near is None and self._newest and self._narrow:
            # Rows that lie far apart in the table lie together in the index of words.
            return self._counted(self._among(self._narrow[-1]), _FEW_COUNTED, _STEPS_OF_COUNT)
        if near is None or not near.capped or several:
            return near
        return self._counted(self._condition, MOST_COUNTED, _STEPS_OF_COUNT) or near

    def _counted(self, condition: sa.ColumnElement[bool] | None, most: int, steps: int) -> Count | None:
        bare = sa.select(sa.literal(1)).select_from(self._table)
        if condition is not None:
            bare = bare.where(condition)
        found = self._number_of(bare, most, steps)
        return None if found is None else Count(min(found, most), capped=found > most)

    def _fewest(self) -> list[int] | None:
        """The keys of all the rows, by the first narrow keys that are few: finding them may be most of the work."""
        known = self._lesson.few
        for at, keys in enumerate(self._narrow):
            if known is not None and at != known:
                continue
            are_all = keys.whereclause is self._condition
            most = _FEW if are_all else min(_FEW, _FEW_TO_CHECK)
            found = self._read(keys.limit(most + 1), _STEPS_OF_FEW)
            if found is None or len(found) > most:
                continue
            # Several indexes may name the same row.
            few: list[int] | None = list(set(found))
            if not are_all:
                met = sa.select(self._table.c.id).where(self._is_one_of(found), self._checked)
                few = self._read(met, _STEPS_OF_COUNT)
            if few is not None:
                self._lesson.few = at
                return few
        self._lesson.few = NONE
        return None

    def _narrowest(self) -> Keys | None:
        """The keys that are fewest, when they are not too many."""
        if self._lesson.narrowest is None:
            fewest = _SOME
            self._lesson.narrowest = NONE
            for at, keys in enumerate(self._narrow):
                found = self._number_of(keys, _SOME, _STEPS_OF_KEYS)
                if found is not None and found <= fewest:
                    self._lesson.narrowest, fewest = at, found
        return None if self._lesson.narrowest == NONE else self._narrow[self._lesson.narrowest]

    def _number_of(self, rows: sa.Select[Any], most: int, steps: int) -> int | None:
        counted = self._read(sa.select(sa.func.count()).select_from(rows.limit(most + 1).subquery()), steps)
        return None if counted is None else counted[0]

    def _read(self, numbers: sa.Select[tuple[int]], steps: int) -> list[int] | None:
        """What a query of one column gives; None when it takes too long."""
        within = at_most_steps(self._session, steps) if self._is_sqlite else at_most_seconds(self._session, _SECONDS)
        try:
            with within:
                return list(self._session.execute(numbers).scalars())
        except TooLong:
            return None

    @property
    def _checked(self) -> sa.ColumnElement[bool]:
        """The condition, for rows that are at hand."""
        if self._condition is None:
            return sa.true()
        return _masked(self._condition) if self._is_sqlite else self._condition

    def _among(self, keys: Keys) -> sa.ColumnElement[bool]:
        among = self._table.c.id.in_(keys)
        return among if keys.whereclause is self._condition else sa.and_(among, self._checked)

    def _is_one_of(self, ids: Collection[int]) -> sa.ColumnElement[bool]:
        """Whether a row is one of some thousands, given as one value."""
        key = self._table.c.id
        if self._is_sqlite:
            return key.in_(sa.select(sa.func.json_each(json.dumps(sorted(set(ids)))).table_valued("value").c.value))
        return key == sa.any_(sa.literal(sorted(set(ids)), ARRAY(sa.Integer)))

    def _walked(
        self, columns: list[Any], order: Order, place: Place, condition: sa.ColumnElement[bool] | None
    ) -> list[Any]:
        left = runs(self._model, order)
        if place.backwards:
            left.reverse()
        edge = self._edge(order, place)
        if edge is not None:
            first = place_in(order, edge)
            left = left[len(left) - 1 - first if place.backwards else first :]
            left = [*left[0].beyond(edge, backwards=place.backwards), *left[1:]]
        found: list[Any] = []
        for run in left:
            statement = self._of_run(run, columns, condition)
            statement = statement.order_by(*run.ordering(backwards=place.backwards))
            found += self._session.execute(statement.limit(place.size + 1 - len(found))).all()
            if len(found) > place.size:
                break
        return found

    def _edge(self, order: Order, place: Place) -> Any:
        """The row where the last page ended. Its key is enough for an order of keys."""
        if place.edge is None:
            return None
        if order.spec is None or order.by_key:
            return SimpleNamespace(id=place.edge)
        columns = (self._table.c.id, self._table.c[order.spec.name])
        return self._session.execute(sa.select(*columns).where(self._table.c.id == place.edge)).one()

    def _of_run(self, run: Run, columns: list[Any], condition: sa.ColumnElement[bool] | None) -> sa.Select[Any]:
        statement = sa.select(*columns).where(run.condition)
        return statement if condition is None else statement.where(condition)

    def _sorted(self, columns: list[Any], order: Order, place: Place, condition: sa.ColumnElement[bool]) -> list[Any]:
        keys = sort_keys(self._model, order)
        statement = sa.select(*columns).where(condition)
        if place.edge is not None:
            values = sa.select(*(key.expression for key in keys)).where(self._table.c.id == place.edge)
            edge = [place.edge] if order.by_key else list(self._session.execute(values).one())
            statement = statement.where(beyond(keys, edge, backwards=place.backwards))
        ordering = [
            key.expression.desc() if key.descending is not place.backwards else key.expression.asc() for key in keys
        ]
        return list(self._session.execute(statement.order_by(*ordering).limit(place.size + 1)).all())


def _masked(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The same condition in a form for which SQLite uses no index: it is checked row by row."""
    return sa.case((condition, 1), else_=0) == 1
