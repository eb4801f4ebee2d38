"""Signing in to the back office, and asking for the password again before an act that counts.

The same answer, at the same cost, for an unknown address, a wrong password and a disabled person (SEC-5); guessing is
slowed down by `enrolment.services.attempts` (SEC-6).
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from admin_app.staff import Staff
from enrolment.known_browsers import KnownBrowsers
from enrolment.services import attempts, passwords, sessions
from schema.database import Database
from schema.enums import ActorKind, WebAudience
from schema.history import Actor
from schema.tables import StaffUser

BROWSER_COOKIE = "staff_browser"
BROWSER_SECONDS = 180 * 24 * 3600
_FACE = "staff"
_WRONG = "Adresse ou mot de passe incorrect. Vérifiez-les, puis recommencez."


@dataclass(frozen=True)
class Comer:
    """Who knocks: network address, what the browser calls itself, and its cookies."""

    address: str
    user_agent: str | None = None
    browser_cookie: str | None = None
    old_key: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """The key of the new session, and the cookie by which the browser will be known."""

    key: str
    browser_cookie: str


@dataclass(frozen=True)
class Refusal:
    """Why one may not come in, in French."""

    message: str
    status: int


def sign_in(database: Database, browsers: KnownBrowsers, email: str, password: str, comer: Comer) -> SignedIn | Refusal:
    """Check a password and open a session."""
    known = browsers.name(comer.browser_cookie, email)
    counters = attempts.sign_in_counters(_FACE, email, comer.address, known)
    with database.writing(Actor.system()) as session:
        turn = attempts.allowed(session, counters)
    if turn.wait:
        return Refusal(_too_many(turn.wait), 429)
    with database.reading() as session:
        person = _person(session, email)
    # The hash is checked outside any transaction: it takes long, on purpose.
    right = passwords.verify(person.password_hash if person is not None else None, password)
    if person is None or not right or not person.active:
        return Refusal(_WRONG, 422)
    actor = Actor(ActorKind.staff, person.id, f"{person.first_name} {person.last_name}")
    with database.writing(actor) as session:
        attempts.succeeded(session, turn)
        if comer.old_key is not None:
            sessions.revoke(session, comer.old_key)
        if person.password_hash is not None and passwords.is_stale(person.password_hash):
            fresh = session.get_one(StaffUser, person.id)
            fresh.password_hash = passwords.hashed(password)
        key = sessions.open(session, WebAudience.staff, person.id, comer.user_agent)
    return SignedIn(key, browsers.remember(comer.browser_cookie, email))


def password_is_right(database: Database, staff: Staff, password: str, address: str) -> str | None:
    """None when the password is that of who is signed in, else why it is refused, in French."""
    if not password:
        return "Saisissez votre mot de passe pour confirmer."
    counters = attempts.sign_in_counters(_FACE, staff.email, address, f"session-{staff.id}")
    with database.writing(Actor.system()) as session:
        turn = attempts.allowed(session, counters)
    if turn.wait:
        return _too_many(turn.wait)
    with database.reading() as session:
        stored = session.exec(select(StaffUser.password_hash).where(StaffUser.id == staff.id)).first()
    if not passwords.verify(stored, password):
        return "Ce n'est pas votre mot de passe."
    with database.writing(Actor.system()) as session:
        attempts.succeeded(session, turn)
    return None


def sign_out(database: Database, staff: Staff) -> None:
    """End the session, on the server."""
    with database.writing(staff.actor) as session:
        sessions.revoke(session, staff.session_key)


def _person(session: Session, email: str) -> StaffUser | None:
    return session.exec(select(StaffUser).where(sa.func.lower(col(StaffUser.email)) == email.strip().lower())).first()


def _too_many(wait: int) -> str:
    minutes = -(-wait // 60)
    unit = "minute" if minutes == 1 else "minutes"
    return f"Trop d'essais. Réessayez dans {minutes} {unit}."
