"""Reference rows read once, remembered until one of them changes: a form reads the same few dozen at each click.

What is remembered is always right: its tables are asked for a mark first (how many rows, how many changes, when the
last one was), in the caller's own transaction. Never for tables that grow with the requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session

from schema.base import Table, table_of

_Value = TypeVar("_Value")
_Mark = tuple[object, ...]


class Remembered(Generic[_Value]):
    """What `read` makes of a few small tables; the value is shared by threads, so it must not be changed."""

    def __init__(self, read: Callable[[Session], _Value], *tables: type[Table]) -> None:
        self._read = read
        self._mark = sa.select(*(part for model in tables for part in _marks_of(table_of(model))))
        self._held: WeakKeyDictionary[Engine, tuple[_Mark, _Value]] = WeakKeyDictionary()

    def __call__(self, session: Session) -> _Value:
        """The value as the session's transaction sees it."""
        if session.autoflush:
            # Done by SQLAlchemy itself for statements about models only.
            session.flush()
        mark = tuple(session.execute(self._mark).one())
        engine = session.connection().engine
        held = self._held.get(engine)
        if held is None or held[0] != mark:
            held = mark, self._read(session)
            self._held[engine] = held
        return held[1]


def _marks_of(table: sa.Table) -> tuple[sa.ScalarSelect[object], ...]:
    wholes = (sa.func.count(), sa.func.sum(table.c.row_version), sa.func.max(table.c.updated_at))
    return tuple(sa.select(whole).select_from(table).scalar_subquery() for whole in wholes)
