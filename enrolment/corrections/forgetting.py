"""Removes the lines of corrections that ended long ago: they hold what people declared (SEC-14). The correction stays.

How long is a row of `retention`. What was changed, and by whom, is in the history.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.corrections.steering import ENDED
from enrolment.services.purge import kept_for
from schema.database import Database
from schema.history import Actor
from schema.staging import GROUPS, LETTERS, LINES
from schema.tables import Correction

SUBJECT = "correction"
_PART = 5_000


def forget(database: Database, *, dry_run: bool) -> int:
    """Remove the lines that are past their time, a part at a time, or only count them; how many."""
    with database.reading() as session:
        old = _old(session, kept_for(session, SUBJECT))
        wanted = sa.select(sa.func.count()).where(LINES.c.correction_id.in_(old))
        count: int = session.execute(wanted).scalar_one()
    for correction_id in [] if dry_run else old:
        _remove(database, correction_id)
    return count


def _old(session: Session, kept: timedelta) -> list[int]:
    """The corrections that ended so long ago, and still have their lines."""
    ended = col(Correction.ended_at) < clock.now() - kept
    lines = sa.exists().where(LINES.c.correction_id == col(Correction.id))
    return list(session.exec(select(Correction.id).where(col(Correction.state).in_(ENDED), ended, lines)))


def _remove(database: Database, correction_id: int) -> None:
    first = sa.select(LINES.c.place).where(LINES.c.correction_id == correction_id).order_by(LINES.c.place)
    while True:
        with database.working(Actor.system("Purge")) as session:
            place = session.execute(first.limit(1)).scalar()
            if place is None:
                for table in (GROUPS, LETTERS):
                    session.execute(sa.delete(table).where(table.c.correction_id == correction_id))
                return
            part = LINES.c.place.between(place, place + _PART - 1)
            session.execute(sa.delete(LINES).where(LINES.c.correction_id == correction_id, part))
        database.rest()
