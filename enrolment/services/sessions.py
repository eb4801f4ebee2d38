"""Signed-in browsers, kept on the server (SEC-4): opened at sign-in, found on each page, ended for good.

The browser holds a random key; the table holds its fingerprint, so that reading the table signs nobody in.
Cookies belong to the faces.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment import clock, parameters
from schema.enums import AccountState, WebAudience
from schema.tables import Account, StaffUser, WebSession

TOUCH_EVERY = timedelta(minutes=1)
"""How exactly the last activity is known: writing it for every page would make each reader a writer."""

_LONGEST_BROWSER = 255


@dataclass(frozen=True)
class SignedIn:
    """A live session and whose it is. `to_touch` says that its last activity should be written."""

    session: WebSession
    owner: Account | StaffUser
    to_touch: bool

    @property
    def account(self) -> Account:
        """The vendor's account; asking it of a staff session is a mistake in the code."""
        if not isinstance(self.owner, Account):
            raise TypeError("This session belongs to a member of the staff.")
        return self.owner

    @property
    def staff(self) -> StaffUser:
        """The member of the staff; asking it of a vendor's session is a mistake in the code."""
        if not isinstance(self.owner, StaffUser):
            raise TypeError("This session belongs to a vendor.")
        return self.owner


def open(session: Session, audience: WebAudience, owner_id: int, user_agent: str | None) -> str:  # noqa: A001  Read as `sessions.open`.
    """Sign a browser in; the key for its cookie, which exists nowhere else."""
    key = secrets.token_urlsafe(32)
    now = clock.now()
    vendor = audience is WebAudience.vendor
    session.add(
        WebSession(
            key_hash=_fingerprint(key),
            audience=audience,
            account_id=owner_id if vendor else None,
            staff_user_id=None if vendor else owner_id,
            last_seen_at=now,
            expires_at=now + timedelta(hours=parameters.number(session, "session_hours")),
            user_agent=_browser(user_agent),
        )
    )
    session.flush()
    return key


def find(session: Session, audience: WebAudience, key: str) -> SignedIn | None:
    """The live session of a key: neither idle nor too old, and its owner still allowed in. One query."""
    owner = Account if audience is WebAudience.vendor else StaffUser
    link = WebSession.account_id if audience is WebAudience.vendor else WebSession.staff_user_id
    found = session.execute(
        sa.select(WebSession, owner, parameters.subquery("session_idle_minutes"))
        .join(owner, col(owner.id) == link)
        .where(col(WebSession.key_hash) == _fingerprint(key))
    ).first()
    if found is None:
        return None
    row, holder, idle = found
    now = clock.now()
    idle_limit = timedelta(minutes=parameters.as_number("session_idle_minutes", idle))
    if now >= row.expires_at or now >= row.last_seen_at + idle_limit or not _may_enter(holder):
        return None
    return SignedIn(row, holder, to_touch=now >= row.last_seen_at + TOUCH_EVERY)


def touch(session: Session, session_id: int) -> None:
    """Write that the session is in use, unless another page did so within the minute."""
    now = clock.now()
    session.execute(
        sa.update(WebSession)
        .where(col(WebSession.id) == session_id, col(WebSession.last_seen_at) <= now - TOUCH_EVERY)
        .values(last_seen_at=now)
        .execution_options(synchronize_session=False)
    )


def revoke(session: Session, key: str) -> None:
    """End one session, by its key. An unknown key is already ended."""
    _delete(session, col(WebSession.key_hash) == _fingerprint(key))


def revoke_all(session: Session, audience: WebAudience, owner_id: int, *, but: str | None = None) -> None:
    """End every session of an owner, but for the one with the key `but`."""
    link = WebSession.account_id if audience is WebAudience.vendor else WebSession.staff_user_id
    spared = _fingerprint(but) if but is not None else ""
    _delete(session, sa.and_(col(link) == owner_id, col(WebSession.key_hash) != spared))


def revoke_of(session: Session, audience: WebAudience, owners: sa.Select[tuple[int]]) -> None:
    """End every session of many owners, given by a query of their keys."""
    link = WebSession.account_id if audience is WebAudience.vendor else WebSession.staff_user_id
    _delete(session, col(link).in_(owners))


@dataclass(frozen=True)
class OpenSession:
    """A signed-in browser, as its owner sees it. `handle` names it among the owner's own."""

    handle: int
    browser: str
    opened_at: datetime
    last_seen_at: datetime
    is_this: bool


def open_ones(session: Session, audience: WebAudience, owner_id: int, key: str) -> tuple[OpenSession, ...]:
    """The live sessions of an owner, the most recently used first; `key` is the one that asks."""
    link = WebSession.account_id if audience is WebAudience.vendor else WebSession.staff_user_id
    now = clock.now()
    idle = timedelta(minutes=parameters.number(session, "session_idle_minutes"))
    rows = session.execute(
        sa.select(WebSession)
        .where(col(link) == owner_id, col(WebSession.expires_at) > now, col(WebSession.last_seen_at) > now - idle)
        .order_by(col(WebSession.last_seen_at).desc(), col(WebSession.id).desc())
    ).scalars()
    return tuple(
        OpenSession(
            row.id, row.user_agent or "", row.created_at, row.last_seen_at, is_this=row.key_hash == _fingerprint(key)
        )
        for row in rows
    )


def end(session: Session, audience: WebAudience, owner_id: int, handle: int) -> bool:
    """End one session of an owner; False for one that is not its own or already ended."""
    link = WebSession.account_id if audience is WebAudience.vendor else WebSession.staff_user_id
    row = session.execute(
        sa.select(col(WebSession.id)).where(col(WebSession.id) == handle, col(link) == owner_id)
    ).first()
    if row is None:
        return False
    _delete(session, col(WebSession.id) == handle)
    return True


def _delete(session: Session, which: sa.ColumnElement[bool]) -> None:
    session.execute(sa.delete(WebSession).where(which).execution_options(synchronize_session=False))


def _may_enter(owner: Account | StaffUser) -> bool:
    return owner.active if isinstance(owner, StaffUser) else owner.state is AccountState.active


def _fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _browser(user_agent: str | None) -> str | None:
    """What the browser calls itself, on one printable line."""
    printable = "".join(char for char in user_agent or "" if char.isprintable())
    return printable[:_LONGEST_BROWSER].strip() or None
