"""Finds requests from what a manager types: a number, a SIRET or SIREN, a company, an ANS number, a software.

Each way in goes through an index or stops early, and gives a bounded number of requests, newest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment import clock
from enrolment.records import search
from enrolment.services.submission import SERIES
from schema.base import table_of
from schema.folding import starts_with
from schema.tables import EnrolmentRequest

MOST = 60
_YEARS_BACK = 3
_LONGEST_COUNTER = 6
_ROWS = table_of(EnrolmentRequest).c
_OWNERS = ((_ROWS.provider_id, "provider"), (_ROWS.referencing_id, "referencing"))


@dataclass(frozen=True)
class Found:
    """Keys of requests; `more` says that others answer too."""

    keys: tuple[int, ...]
    more: bool


def find(session: Session, typed: str) -> Found:
    """The requests that answer, newest first."""
    words = " ".join(typed.replace("\x00", "").split())[: search.LONGEST]
    if not words:
        return Found((), more=False)
    keys = _by_number(session, words)
    if not keys and not words.upper().startswith(f"{SERIES}-"):
        # A run of digits is a company's number: it stands in no text.
        is_company = words.replace(" ", "").isdecimal()
        owners = _OWNERS[:1] if is_company else _OWNERS
        keys = {key for column, table in owners for key in _through(session, column, table, words)}
    ordered = sorted(keys, reverse=True)
    return Found(tuple(ordered[:MOST]), more=len(ordered) > MOST)


def _by_number(session: Session, words: str) -> set[int]:
    """« ENR-2026-000123 », its beginning, or just « 123 »."""
    number = words.upper().replace(" ", "")
    if number.isascii() and number.isdecimal() and len(number) <= _LONGEST_COUNTER:
        year = clock.today().year
        numbers = [f"{SERIES}-{past}-{int(number):06d}" for past in range(year - _YEARS_BACK, year + 1)]
        return _keys(session, _ROWS.number.in_(numbers))
    if number.startswith(f"{SERIES}-"):
        return _keys(session, starts_with(session, _ROWS.number, number))
    return set()


def _through(session: Session, column: sa.Column[Any], table: str, words: str) -> set[int]:
    """Requests of the providers or referencings that answer; a few of them are enough to fill the page."""
    owners = search.first_keys(session, table, words, MOST + 1)
    return _keys(session, column.in_(owners)) if owners else set()


def _keys(session: Session, condition: sa.ColumnElement[bool]) -> set[int]:
    statement = sa.select(_ROWS.id).where(condition).order_by(_ROWS.id.desc()).limit(MOST + 1)
    return set(session.execute(statement).scalars())
