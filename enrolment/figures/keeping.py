"""Keeps the counted numbers: when they are counted again, and in which transactions. The queries are in `counting`.

Counting reads one moment of the database and holds no lock; each chart is then replaced in one short transaction.
Several processes may count at once: the first one to finish writes, the others see that it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from enrolment import clock
from enrolment.figures.charts import Chart
from enrolment.figures.counting import Counted, count
from schema import counting
from schema.base import table_of
from schema.database import Database
from schema.history import Actor
from schema.tables import Draft, EnrolmentRequest, Figure, OutgoingMail, RequestEvent

FRESH_FOR = timedelta(minutes=5)
"""How old the numbers may be on a small database, where a page counts them by itself."""

COUNTED_EVERY = timedelta(minutes=10)
"""How old they may be elsewhere, where the worker counts them."""

_CHEAP = 5_000
_COUNTED_TABLES = (RequestEvent, EnrolmentRequest, OutgoingMail, Draft)
_MARK = "compte"
"""A row that says when a chart was counted, also when it has no number at all; its value is how many rows it has."""

_TABLE = table_of(Figure)
_AT_ONCE = 1_000


def counted_at(session: Session) -> datetime | None:
    """The moment that every number shown is at least as new as; None before everything was counted once."""
    marks = _marks(session)
    return min(marks.values()) if len(marks) == len(Chart) else None


def refresh(database: Database, older_than: timedelta = COUNTED_EVERY) -> int:
    """Count the charts whose numbers are older than this; how many charts were replaced."""
    with database.reading() as session:
        marks = _marks(session)
    start = clock.now()
    done = 0
    for chart in Chart:
        at = marks.get(chart.code)
        if at is None or start - at >= older_than:
            done += _recount(database, chart)
    return done


def refresh_if_cheap(database: Database) -> None:
    """Count what is too old, where counting is known to take no time: a page may call it."""
    with database.reading() as session:
        at = counted_at(session)
        stale = at is None or clock.now() - at >= FRESH_FOR
        cheap = stale and is_cheap(session)
    if cheap:
        refresh(database, FRESH_FOR)


def is_cheap(session: Session) -> bool:
    """Whether all that is counted is few rows: looks at no more than a few thousand of each table."""
    return all(_few(session, table_of(model)) for model in _COUNTED_TABLES)


def _few(session: Session, table: sa.Table) -> bool:
    found: int = session.execute(sa.select(counting.up_to(_CHEAP, table=table))).scalar_one()
    return found <= _CHEAP


def _recount(database: Database, chart: Chart) -> bool:
    start = clock.now()
    with database.reading() as session:
        rows = list(count(session, chart, start))
    with database.writing(Actor.system("Chiffres")) as session:
        if not database.is_sqlite:
            # Two processes would each delete what they see and both insert. Readers are not kept waiting.
            session.connection().execute(sa.text("LOCK TABLE figure IN SHARE ROW EXCLUSIVE MODE"))
        newest = _marks(session).get(chart.code)
        if newest is not None and newest >= start:
            return False
        _replace(session, chart, rows, start)
    return True


def _replace(session: Session, chart: Chart, rows: list[Counted], at: datetime) -> None:
    mark = sa.and_(_TABLE.c.chart == _MARK, _TABLE.c.key == chart.code)
    session.execute(sa.delete(_TABLE).where(sa.or_(_TABLE.c.chart == chart.code, mark)))
    written = [_values(chart.code, row, at) for row in rows]
    written.append(_values(_MARK, Counted(None, None, chart.code, len(rows)), at))
    for first in range(0, len(written), _AT_ONCE):
        session.execute(sa.insert(_TABLE), written[first : first + _AT_ONCE])


def _values(chart: str, row: Counted, at: datetime) -> dict[str, object]:
    return {
        "chart": chart,
        "dsr_id": row.dsr_id,
        "week": row.week,
        "key": row.key,
        "value": row.value,
        "computed_at": at,
        "row_version": 1,
        "created_at": at,
        "updated_at": at,
    }


def _marks(session: Session) -> Mapping[str, datetime]:
    known = {chart.code for chart in Chart}
    found = session.execute(sa.select(_TABLE.c.key, _TABLE.c.computed_at).where(_TABLE.c.chart == _MARK))
    return {key: at for key, at in found if key in known}
