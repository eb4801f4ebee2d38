"""Weeks in Paris and whole seconds, as SQL of both engines: what lets a query group without bringing rows out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from enrolment.clock import PARIS

_FIRST_YEAR = 2010
_LAST_YEAR = 2060
_SECONDS_LENGTH = 19


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def monday(dialect: str, moment: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The Monday, in Paris, of a stored moment."""
    if dialect == "postgresql":
        return sa.cast(sa.func.date_trunc("week", sa.func.timezone(PARIS.key, moment)), sa.Date())
    text = _whole(moment)
    shift = sa.case(*((text >= start, f"+{hours} hours") for start, hours in _shifts()), else_="+1 hours")
    return sa.func.date(text, shift, "weekday 0", "-6 days", type_=sa.String())


def seconds(dialect: str, moment: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """A stored moment as whole seconds since 1970."""
    if dialect == "postgresql":
        return sa.cast(sa.func.floor(sa.func.extract("epoch", moment)), sa.BigInteger())
    # The fraction is cut before: SQLite would round it.
    return sa.cast(sa.func.strftime("%s", _whole(moment)), sa.BigInteger())


def elapsed(dialect: str, start: sa.ColumnElement[Any], end: sa.ColumnElement[Any], unit: int) -> sa.ColumnElement[int]:
    """Whole units of so many seconds between two moments; none when the end comes before the start."""
    lasted = seconds(dialect, end) - seconds(dialect, start)
    return sa.case((lasted > 0, lasted), else_=0) // sa.literal(unit, sa.BigInteger())


def as_date(value: date | str) -> date:
    """What `monday` gave, as a day: SQLite has no dates."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def _whole(moment: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """The text that SQLite keeps of a moment, to the second."""
    return sa.func.substr(sa.cast(moment, sa.String()), 1, _SECONDS_LENGTH, type_=sa.String())


@cache
def _shifts() -> tuple[tuple[str, int], ...]:
    """Moments at which the clocks of Paris change, newest first, and the hours ahead of UTC from then on."""
    return tuple(reversed(list(_changes())))


def _changes() -> Iterator[tuple[str, int]]:
    moment = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
    ahead = moment.astimezone(PARIS).utcoffset()
    while moment.year < _LAST_YEAR:
        moment += timedelta(hours=1)
        now = moment.astimezone(PARIS).utcoffset()
        if now != ahead and now is not None:
            ahead = now
            yield moment.strftime("%Y-%m-%d %H:%M:%S"), int(now.total_seconds()) // 3600
