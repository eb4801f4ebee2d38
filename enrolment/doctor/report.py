"""Runs the checks and keeps their last answers, so that no page waits for one. Several workers may run it at once.

Each check runs in a transaction of its own that only reads; its answer is then written in a short one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from enrolment import clock
from enrolment.doctor.catalogue import BY_CODE, CHECKS, named
from enrolment.doctor.check import MOST, Check, Context, Key, Severity
from enrolment.errors import NotFound
from enrolment.figures.keeping import FRESH_FOR, is_cheap
from enrolment.portal import Portal
from enrolment.typography import number
from schema.base import table_of
from schema.history import Actor
from schema.tables import DataCheck

__all__ = ["CHECKS", "Finding", "named"]

_KEPT = 100
"""Keys that are kept of a finding: its examples, and what one press of its button repairs."""

_KEYS = "keys"
_TABLE = table_of(DataCheck)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=clock.PARIS)


@dataclass(frozen=True)
class Finding:
    """What a check last answered: how many (at most one more than `MOST`), and some of them."""

    check: Check
    found: int
    keys: tuple[Key, ...]
    checked_at: datetime

    @property
    def said(self) -> str:
        """How many, in words."""
        return how_many(self.found)


def how_many(found: int) -> str:
    """« 12 », « plus de 1 000 »."""
    return number(found) if found <= MOST else f"plus de {number(MOST)}"


def examine(portal: Portal, session: Session, check: Check, keys: Iterable[Key] | None = None) -> list[Key]:
    """Ask a check now, of everything or of some keys: what it finds, one more than `MOST` at most."""
    found = check.find(_context(portal, session, Actor.system()), None if keys is None else list(keys))
    return list(islice(found, MOST + 1))


def run(portal: Portal, checks: Iterable[Check] = CHECKS) -> None:
    """Ask these checks and keep their answers."""
    for check in checks:
        start = clock.now()
        with portal.database.reading() as session:
            keys = examine(portal, session, check)
        with portal.database.writing(Actor.system("Contrôle des données")) as session:
            _keep(session, check, keys, start)


def run_due(portal: Portal) -> None:
    """Ask the checks whose answers are too old: the job of the worker."""
    now = clock.now()
    with portal.database.reading() as session:
        at = _answered(session)
    run(portal, [check for check in CHECKS if now - at.get(check.code, _LONG_AGO) >= check.every])


def run_if_cheap(portal: Portal) -> None:
    """Ask what is too old where that is known to take no time: a page may call it."""
    now = clock.now()
    with portal.database.reading() as session:
        at = _answered(session)
        due = [check for check in CHECKS if now - at.get(check.code, _LONG_AGO) >= max(FRESH_FOR, check.every / 12)]
        cheap = bool(due) and is_cheap(session)
    if cheap:
        run(portal, due)


def ask_again(portal: Portal) -> None:
    """Have every check asked again: at once where that is cheap, else by the worker."""
    with portal.database.reading() as session:
        cheap = is_cheap(session)
    if cheap:
        run(portal)
        return
    with portal.database.writing(Actor.system("Contrôle des données")) as session:
        session.execute(sa.update(_TABLE).values(checked_at=_LONG_AGO))


def findings(session: Session) -> tuple[Finding, ...]:
    """What is wrong as of the last answers, gravest first."""
    rows = session.exec(select(DataCheck).where(DataCheck.found > 0)).all()
    known = [
        Finding(BY_CODE[row.code], row.found, tuple(_keys(row)), row.checked_at) for row in rows if row.code in BY_CODE
    ]
    order = {check.code: place for place, check in enumerate(CHECKS)}
    return tuple(sorted(known, key=lambda one: (list(Severity).index(one.check.severity), order[one.check.code])))


def checked_at(session: Session) -> datetime | None:
    """The moment of the oldest answer; None before every check was asked once."""
    at = _answered(session)
    return min(at.values()) if set(at) >= set(BY_CODE) else None


def repair(portal: Portal, session: Session, actor: Actor, code: str) -> int:
    """Fix what the last answer named and is still wrong, up to a hundred rows; how many were fixed."""
    check = named(code)
    if check.repair is None:
        raise NotFound("Ce contrôle ne se répare pas d'ici : ouvrez les lignes concernées.")
    row = session.exec(select(DataCheck).where(DataCheck.code == code)).first()
    still = examine(portal, session, check, _keys(row)) if row is not None and _keys(row) else []
    context = _context(portal, session, actor)
    for key in still:
        check.repair(context, key)
        session.flush()
    return len(still)


def look_again(portal: Portal, code: str) -> None:
    """After a repair: ask the whole check where that is cheap, else only take what was fixed out of its answer."""
    check = named(code)
    with portal.database.reading() as session:
        cheap = is_cheap(session)
        row = session.exec(select(DataCheck).where(DataCheck.code == code)).first()
        left = examine(portal, session, check, _keys(row)) if row is not None and not cheap else []
    if cheap:
        run(portal, [check])
    elif row is not None:
        with portal.database.writing(Actor.system("Contrôle des données")) as session:
            found = max(row.found - len(_keys(row)) + len(left), len(left))
            _keep(session, check, left, _LONG_AGO, found)


def _context(portal: Portal, session: Session, actor: Actor) -> Context:
    return Context(session, portal.storage, portal.addresses, actor, clock.now())


def _keys(row: DataCheck) -> list[Key]:
    return list(row.examples.get(_KEYS, ()))


def _answered(session: Session) -> dict[str, datetime]:
    return {row.code: row.checked_at for row in session.exec(select(DataCheck))}


def _keep(session: Session, check: Check, keys: list[Key], at: datetime, found: int | None = None) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {
        "found": len(keys) if found is None else found,
        "examples": {_KEYS: keys[:_KEPT]},
        "checked_at": at,
        "updated_at": at,
    }
    statement = insert(_TABLE).values(code=check.code, row_version=1, created_at=at, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=values))
