"""The second factor of staff (SEC-5): a code of six digits that a telephone makes from a shared secret (RFC 6238).

A code is good for its half minute and its two neighbours, since clocks drift, and serves once. How often one may try
is for the caller (`attempts`); whether a factor is required is a setting.
"""

from __future__ import annotations

import hmac

import pyotp
import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.errors import Conflict, NotFound
from enrolment.sealed_secrets import SealedSecrets
from enrolment.services import sessions
from schema.enums import WebAudience
from schema.history import Actor
from schema.tables import StaffUser

STEP_SECONDS = 30
DIGITS = 6
_DRIFT = (0, -1, 1)


def begin(session: Session, actor: Actor, user_id: int, seals: SealedSecrets) -> None:  # noqa: ARG001  The history reads the actor from the session.
    """Draw a secret for somebody. It counts for nothing until its first code is given."""
    user = _locked(session, user_id)
    if user.totp_confirmed_at is not None:
        raise Conflict("Votre second facteur est déjà en place. Retirez-le avant d'en mettre un autre.")
    user.totp_secret = seals.seal(pyotp.random_base32(), _place(user_id))
    user.totp_last_step = user.recovery_codes = None
    session.add(user)
    session.flush()


def pending(user: StaffUser, seals: SealedSecrets) -> str | None:
    """The secret to type or to scan, while it waits for its first code; a confirmed one is never shown again."""
    if user.totp_secret is None or user.totp_confirmed_at is not None:
        return None
    return seals.open(user.totp_secret, _place(user.id))


def address(secret: str, email: str, issuer: str) -> str:
    """What the drawn code holds for the telephone: an `otpauth://` address."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS, digits=DIGITS).provisioning_uri(name=email, issuer_name=issuer)


def confirm(session: Session, actor: Actor, user_id: int, seals: SealedSecrets, code: str, *, key: str) -> bool:  # noqa: ARG001  As above.
    """Put the factor in force with its first code; the person's other browsers are signed out. False: a wrong code."""
    user = _locked(session, user_id)
    secret = pending(user, seals)
    step = _step_of(secret, code) if secret is not None else None
    if step is None:
        return False
    user.totp_confirmed_at = clock.now()
    user.totp_last_step = step
    session.add(user)
    session.flush()
    sessions.revoke_all(session, WebAudience.staff, user_id, but=key)
    return True


def spend(session: Session, user_id: int, seals: SealedSecrets, code: str) -> bool:
    """Whether a code is right and was never used. It is used by that: of two that send it at once one passes."""
    user = session.get(StaffUser, user_id)
    if user is None or user.totp_secret is None or user.totp_confirmed_at is None:
        return False
    secret = seals.open(user.totp_secret, _place(user_id))
    step = _step_of(secret, code) if secret is not None else None
    if step is None:
        return False
    last = col(StaffUser.totp_last_step)
    # One statement decides, outside the history: a sign-in is no change of the person's row.
    used = session.execute(
        sa.update(StaffUser)
        .where(col(StaffUser.id) == user_id, sa.or_(last.is_(None), last < step))
        .values(totp_last_step=step)
        .returning(col(StaffUser.id))
        .execution_options(synchronize_session=False)
    )
    return used.first() is not None


def remove(session: Session, actor: Actor, user_id: int) -> None:
    """Take the factor away, by its owner or by an administrator; in the second case every browser is signed out."""
    user = _locked(session, user_id)
    user.totp_secret = user.totp_confirmed_at = user.totp_last_step = user.recovery_codes = None
    session.add(user)
    session.flush()
    if actor.id != user_id:
        sessions.revoke_all(session, WebAudience.staff, user_id)


def _step_of(secret: str, code: str) -> int | None:
    """The half minute that a code belongs to, among now and its neighbours."""
    typed = "".join(code.split())
    if not (typed.isascii() and typed.isdecimal() and len(typed) == DIGITS):
        return None
    now = int(clock.now().timestamp()) // STEP_SECONDS
    one_time = pyotp.TOTP(secret, interval=STEP_SECONDS, digits=DIGITS)
    found = None
    for drift in _DRIFT:
        if hmac.compare_digest(one_time.generate_otp(now + drift), typed) and found is None:
            found = now + drift
    return found


def _locked(session: Session, user_id: int) -> StaffUser:
    user = session.exec(select(StaffUser).where(StaffUser.id == user_id).with_for_update()).first()
    if user is None:
        raise NotFound("Cet agent n'existe pas ou n'existe plus.")
    return user


def _place(user_id: int) -> str:
    return f"staff_user/{user_id}"
