"""What reading a list taught, for the next pages of the same one: which way found its rows, and that they are many.

Whoever reads a list turns its pages and comes back to the same filters all day: what was tried in vain a moment ago is
not tried again. A lesson never changes which rows are shown, only where they are looked for first; and of counts it
keeps those that say « plus de », which a row more or less does not make wrong.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlmodel import Session

_SECONDS = 60.0
_MOST = 500
NONE = -1
"""Said of keys: none of them."""


@dataclass
class Lesson:
    """Of the rows of one table under one condition. What is not known yet is None or absent.

    `few` and `narrowest` are places among the reader's keys, or NONE; `ways` says for an order which way found a page;
    `many` are the rows counted of those that are more, 0 when counting took too long.
    """

    few: int | None = None
    narrowest: int | None = None
    ways: dict[tuple[str | None, bool], int] = field(default_factory=dict)
    many: int | None = None
    ends: float = field(default_factory=lambda: time.monotonic() + _SECONDS)


class _Lessons:
    """The lessons of one database, those asked for last at the end."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str, str], Lesson] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, question: tuple[str, str, str]) -> Lesson:
        with self._lock:
            lesson = self._held.pop(question, None)
            if lesson is None or time.monotonic() > lesson.ends:
                lesson = Lesson()
            self._held[question] = lesson
            if len(self._held) > _MOST:
                self._held.popitem(last=False)
            return lesson


_KEPT: WeakKeyDictionary[object, _Lessons] = WeakKeyDictionary()


def of(session: Session, table: str, condition: sa.ColumnElement[bool]) -> Lesson:
    """The lesson of a question, new when it was not asked lately."""
    engine = session.get_bind()
    asked = condition.compile(dialect=engine.dialect)
    return _KEPT.setdefault(engine, _Lessons()).of((table, str(asked), repr(sorted(asked.params.items()))))
