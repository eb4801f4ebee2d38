"""The one-time link by which a member of the staff chooses a password: nobody else ever knows it.

A new link, a password set otherwise and a closed access each revoke the links made before. The mail and the page that
show the link are the caller's to choose; the rules of the password are in `passwords`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.errors import Refused
from enrolment.links import InvalidLink, Links, Purpose
from enrolment.mail import outbox
from enrolment.mail.team import StaffPasswordLink
from enrolment.services import staff
from schema.history import Actor
from schema.tables import StaffUser


@dataclass(frozen=True)
class Given:
    """A link, to be shown once or mailed, and how long it is good for."""

    url: str
    expires_at: datetime


def give(session: Session, actor: Actor, user: StaffUser, addresses: Addresses, *, mailed: bool) -> Given:  # noqa: ARG001  The history reads the actor from the session.
    """Make a link and revoke the one before; it leaves by mail too if asked. Raises Refused for a closed access."""
    if not user.active:
        raise Refused("Cet agent est désactivé : réactivez-le, puis donnez-lui un lien.")
    user.password_link_at = clock.now()
    session.add(user)
    session.flush()
    given = Given(addresses.staff_password(str(user.id), _stamp(user)), user.password_link_at + _life(session))
    if mailed:
        outbox.queue(
            session,
            StaffPasswordLink(
                person_name=f"{user.first_name} {user.last_name}",
                sign_in_link=addresses.staff_sign_in(),
                role=user.role.label,
                login=user.email,
                password_link=given.url,
                expires_at=given.expires_at,
            ),
            to=user.email,
            event_key=f"staff-password-{user.id}-{_stamp(user)}",
        )
    return given


def revoke(session: Session, actor: Actor, user: StaffUser) -> None:  # noqa: ARG001  As above.
    """Make the link in force worthless."""
    user.password_link_at = None
    session.add(user)
    session.flush()


def until(session: Session, user: StaffUser) -> datetime | None:
    """Until when a link that was given can be used; None when there is none, or not any more."""
    if user.password_link_at is None or not user.active:
        return None
    end = user.password_link_at + _life(session)
    return end if end > clock.now() else None


def owner_of(session: Session, links: Links, token: str, *, lock: bool = False) -> StaffUser:
    """Whose password a link lets choose. Raises ExpiredLink, or InvalidLink also for a used or revoked one."""
    link = links.read(Purpose.STAFF_PASSWORD, token, _life(session))
    key = int(link.subject) if link.subject.isdecimal() else 0
    user = (
        session.get(StaffUser, key, with_for_update=True, populate_existing=True)
        if lock
        else session.get(StaffUser, key)
    )
    if user is None or not user.active or user.password_link_at is None or link.stamp != _stamp(user):
        raise InvalidLink
    return user


def choose(session: Session, links: Links, token: str, password: str) -> StaffUser:
    """Keep the password that the owner of a link chose: the link is used up and every browser signed out.

    Of two that use one link at once, one passes. Raises ExpiredLink, InvalidLink or PasswordRefused.
    """
    user = owner_of(session, links, token, lock=True)
    staff.set_password(session, staff.actor_of(user), user, password)
    return user


def _life(session: Session) -> timedelta:
    return timedelta(hours=parameters.number(session, "password_link_hours"))


def _stamp(user: StaffUser) -> str:
    """Changes with the link, the password and the address that the link was sent to."""
    moments = (user.password_link_at, user.password_changed_at)
    said = "\n".join(one.isoformat() if one else "" for one in moments)
    return hashlib.sha256(f"{user.id}\n{user.email}\n{said}".encode()).hexdigest()[:24]
