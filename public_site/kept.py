"""What a process keeps of the reference data for a few seconds, so that the most visited pages cost no query.

Only what is the same for everybody: never anything about a draft, a request or a person.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Generic, TypeVar

from enrolment import clock, parameters
from enrolment.portal import Portal
from enrolment.services import reference
from schema.enums import LegalTextKind
from schema.tables import LegalText

SECONDS = 5.0
_Value = TypeVar("_Value")


class Fresh(Generic[_Value]):
    """A value that is read again once it is older than `seconds`; while one reads, the others use the old one."""

    def __init__(self, read: Callable[[], _Value], seconds: float = SECONDS) -> None:
        self._read = read
        self._seconds = seconds
        self._lock = Lock()
        self._held: tuple[float, _Value] | None = None

    @property
    def held(self) -> _Value | None:
        """The value if it is fresh, without reading anything."""
        held = self._held
        return held[1] if held is not None and time.monotonic() < held[0] else None

    def get(self) -> _Value:
        """The value, read now if need be."""
        held = self._held
        if held is not None and time.monotonic() < held[0]:
            return held[1]
        if not self._lock.acquire(blocking=held is None):
            assert held is not None  # noqa: S101  Without a value, the lock was waited for.
            return held[1]
        try:
            if self._held is not held and self._held is not None:
                return self._held[1]
            value = self._read()
            self._held = (time.monotonic() + self._seconds, value)
            return value
        finally:
            self._lock.release()


class Kept:
    """The values kept by one running site."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._numbers: dict[str, Fresh[int]] = {}
        self._texts: dict[LegalTextKind, Fresh[LegalText]] = {}

    def days(self, code: str) -> timedelta:
        """A parameter that counts days."""
        number = self._numbers.setdefault(code, Fresh(lambda: self._number(code)))
        return timedelta(days=number.get())

    def legal_text(self, kind: LegalTextKind) -> LegalText:
        """The version of a text in force. Raises MissingReference."""
        return self._texts.setdefault(kind, Fresh(lambda: self._text(kind))).get()

    def _number(self, code: str) -> int:
        with self._portal.database.reading() as session:
            return parameters.number(session, code)

    def _text(self, kind: LegalTextKind) -> LegalText:
        with self._portal.database.reading() as session:
            found = reference.legal_text(session, kind, clock.now())
            session.expunge(found)
            return found
