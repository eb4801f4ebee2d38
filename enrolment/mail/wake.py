"""Wakes the workers of this process as soon as a mail is committed; other processes find it when they next look.

No mail and no database here, only events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

import sqlalchemy as sa
from sqlmodel import Session

_LISTENS = "enrolment.mail.wake"
_sleepers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
_lock = Lock()


def nudge() -> None:
    """Tell every worker of this process that there may be a mail to send. May be called from any thread."""
    with _lock:
        sleepers = tuple(_sleepers)
    for loop, event in sleepers:
        # A loop that was closed meanwhile has nobody left to wake.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)


def nudge_after_commit(session: Session) -> None:
    """Nudge once the session's transaction is committed: before that, there is nothing to see."""
    if not session.info.get(_LISTENS):
        session.info[_LISTENS] = True
        sa.event.listen(session, "after_commit", _nudge_on_commit)


def _nudge_on_commit(session: Session) -> None:
    # A savepoint also ends with this event, which costs a look for nothing.
    del session
    nudge()


@contextmanager
def woken() -> Iterator[asyncio.Event]:
    """An event of the running loop, set by each nudge."""
    sleeper = (asyncio.get_running_loop(), asyncio.Event())
    with _lock:
        _sleepers.add(sleeper)
    try:
        yield sleeper[1]
    finally:
        with _lock:
            _sleepers.discard(sleeper)
