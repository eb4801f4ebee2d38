"""The present, in one place: stored in UTC, shown in Paris."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schema.base import utc_now

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return utc_now()


def today() -> date:
    """The day it is in Paris."""
    return now().astimezone(PARIS).date()


def end_of_day(day: date) -> datetime:
    """The last second of a day in Paris: deadlines end there, also on the days when the clock changes (REL-11)."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=PARIS)


def in_days(days: int) -> date:
    """The day in Paris, so many days from now."""
    return today() + timedelta(days=days)
