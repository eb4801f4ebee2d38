"""How long a query may last: a few steps for an attempt, some seconds for a page.

A query that was stopped leaves its transaction as it was. What is done about it belongs to the caller.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

_LOOK_EVERY = 2_000


class TooLong(Exception):
    """The query was stopped before its end."""


@contextmanager
def at_most_steps(session: Session, steps: int) -> Iterator[None]:
    """Stop after so many steps of SQLite's machine, whatever else the computer does. PostgreSQL, which knows how its
    values are spread and plans better, is not stopped. Raises TooLong.
    """
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    left = steps

    def look() -> bool:
        nonlocal left
        left -= _LOOK_EVERY
        return left < 0

    with _watched(session, look):
        yield


@contextmanager
def at_most_seconds(session: Session, seconds: float) -> Iterator[None]:
    """Stop after so many seconds. Raises TooLong."""
    if session.get_bind().dialect.name == "sqlite":
        end = time.monotonic() + seconds
        with _watched(session, lambda: time.monotonic() > end):
            yield
        return
    try:
        with session.begin_nested():
            _limit(session, seconds)
            yield
            _limit(session, 0)
    except sa.exc.OperationalError as error:
        # 57014: the server cancelled the statement.
        if getattr(error.orig, "sqlstate", "") != "57014":
            raise
        raise TooLong from error


def _limit(session: Session, seconds: float) -> None:
    session.execute(sa.text(f"SET LOCAL statement_timeout = {int(seconds * 1000)}"))


@contextmanager
def _watched(session: Session, look: Callable[[], bool]) -> Iterator[None]:
    """SQLite asks `look` now and then, and stops when it says so."""
    driver: Any = session.connection().connection.dbapi_connection
    driver.set_progress_handler(look, _LOOK_EVERY)
    try:
        yield
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "sqlite_errorname", "") != "SQLITE_INTERRUPT":
            raise
        raise TooLong from error
    finally:
        driver.set_progress_handler(None, 0)
