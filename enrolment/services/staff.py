"""The ASP's staff: added without a password (`staff_links`), given one, closed and signed in.

Which role may do what is decided elsewhere.
"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.services import passwords, sessions
from enrolment.services.accounts import PasswordRefused
from schema.enums import ActorKind, StaffRole, WebAudience
from schema.history import Actor
from schema.tables import StaffUser
from schema.types import Email, InvalidValue, PersonName, parse_as

# Without what is misread when copied by hand: 0 O o, 1 l I.
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS = 5
_GROUP_LENGTH = 4


def actor_of(user: StaffUser) -> Actor:
    """The member of the staff, as the history names those who act."""
    return Actor(ActorKind.staff, user.id, f"{user.first_name} {user.last_name}")


def add(
    session: Session,
    actor: Actor,  # noqa: ARG001  Every service is told who acts; here the history reads it from the session.
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: StaffRole,
) -> StaffUser:
    """Add somebody, who cannot sign in before choosing a password. Raises Refused, or Conflict for a known address."""
    try:
        user = StaffUser(
            email=parse_as(Email, email),
            first_name=parse_as(PersonName, first_name),
            last_name=parse_as(PersonName, last_name),
            role=role,
        )
    except InvalidValue as error:
        raise Refused(error.message) from error
    if find(session, user.email) is not None:
        raise Conflict("Un agent a déjà cette adresse.")
    session.add(user)
    session.flush()
    return user


def set_password(
    session: Session,
    actor: Actor,  # noqa: ARG001  As above.
    user: StaffUser,
    password: str | None = None,
    *,
    but: str | None = None,
) -> str:
    """Give somebody a new password, generated when None, and sign out its browsers; the password.

    The browser whose session has the key `but` stays signed in.

    Raises PasswordRefused.
    """
    if password is None:
        password = generated_password(owner(user))
    problems = passwords.check(password, owner(user))
    if problems:
        raise PasswordRefused(problems)
    _keep(user, password)
    session.add(user)
    session.flush()
    sessions.revoke_all(session, WebAudience.staff, user.id, but=but)
    return password


def disable(
    session: Session,
    actor: Actor,  # noqa: ARG001  As above.
    user: StaffUser,
) -> None:
    """Close somebody's access, at once."""
    user.active = False
    user.password_link_at = None
    session.add(user)
    session.flush()
    sessions.revoke_all(session, WebAudience.staff, user.id)


def enable(
    session: Session,
    actor: Actor,  # noqa: ARG001  As above.
    user: StaffUser,
) -> None:
    """Open somebody's access again; their password and their second factor are as they were."""
    user.active = True
    session.add(user)
    session.flush()


def find(session: Session, email: str) -> StaffUser | None:
    """The member of the staff with this address, whatever its case."""
    wanted = email.strip().lower()
    return session.exec(select(StaffUser).where(sa.func.lower(col(StaffUser.email)) == wanted)).first()


def get(session: Session, email: str) -> StaffUser:
    """Like `find`; raises NotFound."""
    user = find(session, email)
    if user is None:
        raise NotFound("Aucun agent n'a cette adresse.")
    return user


def authenticate(session: Session, email: str, password: str) -> StaffUser | None:
    """The active member of the staff; None whatever is wrong, for the same work (SEC-5)."""
    user = find(session, email)
    is_right = passwords.verify(user.password_hash if user else None, password)
    return user if is_right and user is not None and user.active else None


def as_verified(session: Session, verified: StaffUser, password: str) -> StaffUser | None:
    """The row of whoever gave the right password, locked; None when their access changed since it was verified.

    A password is verified outside of the transaction that opens the session, since that takes long. Whoever disables
    somebody or changes a password writes the same row before ending the sessions: one of the two waits for the other.
    """
    current = session.get(StaffUser, verified.id, with_for_update=True, populate_existing=True)
    if current is None or not current.active or current.password_hash != verified.password_hash:
        return None
    if current.password_hash is not None and passwords.is_stale(current.password_hash):
        current.password_hash = passwords.hashed(password)
        session.add(current)
        session.flush()
    return current


def owner(user: StaffUser) -> passwords.Owner:
    """What a password of this person may not be."""
    return passwords.Owner(WebAudience.staff, (user.first_name, user.last_name, user.email))


def generated_password(of: passwords.Owner) -> str:
    """A password of 24 characters, 116 random bits, easy to copy, that follows the rules."""
    while True:
        groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
        password = "-".join(groups)
        if not passwords.check(password, of):
            return password


def _keep(user: StaffUser, password: str) -> None:
    user.password_hash = passwords.hashed(password)
    user.password_changed_at = clock.now()
    user.password_link_at = None
