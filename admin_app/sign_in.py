"""Signing in to the back office, and asking for the password again before an act that counts.

Whoever has a second factor comes in by two pages: the password first, then a code. No session exists before the second.
The same answer, at the same cost, for an unknown address, a wrong password and a disabled person (SEC-5); guessing is
slowed down by `enrolment.services.attempts` (SEC-6).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.requests import Request

from admin_app.staff import Staff
from enrolment.addresses import Addresses
from enrolment.errors import Refused
from enrolment.known_browsers import KnownBrowsers
from enrolment.links import ExpiredLink, InvalidLink, Links, Purpose
from enrolment.sealed_secrets import SealedSecrets
from enrolment.services import attempts, passwords, recovery_codes, second_factor, sessions
from enrolment.services import staff as staff_service
from schema.database import Database
from schema.enums import WebAudience
from schema.history import Actor
from schema.tables import StaffUser
from web.browser_names import browser_said

BROWSER_COOKIE = "staff_browser"
BROWSER_SECONDS = 180 * 24 * 3600
HALF_WAY = timedelta(minutes=10)
"""How long a password that was right waits for its code."""
_FACE = "staff"
_CODE = "staff-code"
_WRONG_CODE = "Ce code n'est pas le bon, ou il a déjà servi. Saisissez celui que votre application affiche maintenant."
_WRONG_RECOVERY = "Ce code de secours n'est pas le bon, ou il a déjà servi. Vérifiez-le, ou prenez-en un autre."
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
class HalfIn:
    """The password was right; a code must follow. `token` proves the first to the second page."""

    token: str


@dataclass(frozen=True)
class Refusal:
    """Why one may not come in, in French. `is_over`: the password must be given again."""

    message: str
    status: int
    is_over: bool = False


@dataclass(frozen=True)
class Keys:
    """What signing in needs of the portal's secrets."""

    browsers: KnownBrowsers
    links: Links
    seals: SealedSecrets
    addresses: Addresses


def sign_in(database: Database, keys: Keys, email: str, password: str, comer: Comer) -> SignedIn | HalfIn | Refusal:
    """Check a password; open a session, unless the person has a second factor."""
    browsers = keys.browsers
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
    with database.writing(staff_service.actor_of(person)) as session:
        current = staff_service.as_verified(session, person, password)
        if current is None:
            return Refusal(_WRONG, 422)
        attempts.succeeded(session, turn)
        if current.totp_confirmed_at is not None:
            return HalfIn(keys.links.sign(Purpose.SECOND_STEP, str(current.id), stamp=_stamp(current)))
        key = _opened(session, current, comer)
    return SignedIn(key, browsers.remember(comer.browser_cookie, email))


def second_step(
    database: Database, keys: Keys, token: str, code: str, comer: Comer, *, is_recovery: bool = False
) -> SignedIn | Refusal:
    """Check the code that follows a right password, of the telephone or of the paper, and open the session."""
    person = half_way(database, keys.links, token)
    if person is None:
        return _over()
    known = keys.browsers.name(comer.browser_cookie, person.email)
    counters = attempts.sign_in_counters(_CODE, person.email, comer.address, known)
    with database.writing(Actor.system()) as session:
        turn = attempts.allowed(session, counters)
    if turn.wait:
        return Refusal(_too_many(turn.wait), 429)
    with database.writing(staff_service.actor_of(person)) as session:
        current = session.get(StaffUser, person.id, with_for_update=True)
        if current is None or not current.active or _stamp(current) != _stamp(person):
            return _over()
        if is_recovery:
            browser = browser_said(comer.user_agent or "")
            if not recovery_codes.spend(session, current.id, code, keys.addresses, browser):
                return Refusal(_WRONG_RECOVERY, 422)
        elif not second_factor.spend(session, current.id, keys.seals, code):
            return Refusal(_WRONG_CODE, 422)
        attempts.succeeded(session, turn)
        key = _opened(session, current, comer)
    return SignedIn(key, keys.browsers.remember(comer.browser_cookie, person.email))


def half_way(database: Database, links: Links, token: str) -> StaffUser | None:
    """Who gave a right password with this token; None when it is too old or anything of theirs changed since."""
    try:
        link = links.read(Purpose.SECOND_STEP, token, HALF_WAY)
    except (InvalidLink, ExpiredLink):
        return None
    with database.reading() as session:
        person = session.get(StaffUser, int(link.subject))
    return person if person is not None and person.active and _stamp(person) == link.stamp else None


def _opened(session: Session, person: StaffUser, comer: Comer) -> str:
    if comer.old_key is not None:
        sessions.revoke(session, comer.old_key)
    return sessions.open(session, WebAudience.staff, person.id, comer.user_agent)


def _stamp(person: StaffUser) -> str:
    """Changes with the password and with the factor, so that what was proven before counts no more."""
    proven = f"{person.password_hash}\n{person.totp_secret}"
    return hashlib.sha256(proven.encode()).hexdigest()[:32]


def _over() -> Refusal:
    return Refusal(
        "Le délai pour saisir le code est passé. Saisissez de nouveau votre mot de passe.", 422, is_over=True
    )


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


def require_password(database: Database, staff: Staff, password: str, request: Request) -> None:
    """Raise Refused unless the password is that of who is signed in: before an act that counts (SEC-18)."""
    client = request.client.host if request.client else ""
    problem = password_is_right(database, staff, password, client)
    if problem is not None:
        raise Refused(problem)


def code_is_allowed(database: Database, staff: Staff, address: str) -> tuple[attempts.Turn, str | None]:
    """A turn to try a code while signed in, and why it must wait, in French."""
    counters = attempts.sign_in_counters(_CODE, staff.email, address, f"session-{staff.id}")
    with database.writing(Actor.system()) as session:
        turn = attempts.allowed(session, counters)
    return turn, _too_many(turn.wait) if turn.wait else None


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
