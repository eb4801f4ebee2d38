"""Recovery codes of the second factor (SEC-5): ten words on paper, each of which replaces a code of the telephone.

Only their digests are kept, and a used one is forgotten. A code has 79 random bits, so that a plain digest is enough:
who reads the table cannot try them all. How often one may try is for the caller (`attempts`).
"""

from __future__ import annotations

import hashlib
import secrets

from sqlmodel import Session

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.errors import NotFound, Refused
from enrolment.mail import outbox
from enrolment.mail.team import RecoveryCodeUsed
from schema.history import Actor
from schema.tables import StaffUser

COUNT = 10
# Without what is misread when copied by hand: 0 o, 1 l i.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH, _GROUP = 16, 4
LONGEST_TYPED = 60


def renew(session: Session, actor: Actor, user_id: int) -> tuple[str, ...]:  # noqa: ARG001  The history reads the actor from the session.
    """Ten new codes, to be shown once; those made before are worth nothing any more.

    Raises Refused for who has no second factor: there would be nothing to replace.
    """
    user = _locked(session, user_id)
    if user.totp_confirmed_at is None:
        raise Refused("Mettez d'abord en place un second facteur : un code de secours le remplace.")
    drawn = tuple("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(COUNT))
    _keep(session, user, [_digest(user_id, code) for code in drawn])
    return tuple("-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for code in drawn)


def spend(session: Session, user_id: int, typed: str, addresses: Addresses, browser: str) -> bool:
    """Whether a code is one of this person's that was never used. It is used by that: of two at once one passes.

    They are told by mail: whoever found the paper is not the one who reads the mails.
    """
    code = "".join(char for char in typed[:LONGEST_TYPED].lower() if char.isalnum())
    if len(code) != _LENGTH:
        return False
    user = _locked(session, user_id)
    wanted = _digest(user_id, code)
    left = [kept for kept in _digests(user) if not secrets.compare_digest(kept, wanted)]
    if user.totp_confirmed_at is None or len(left) == remaining(user):
        return False
    _keep(session, user, left)
    outbox.queue(
        session,
        RecoveryCodeUsed(
            person_name=f"{user.first_name} {user.last_name}",
            sign_in_link=addresses.staff_sign_in(),
            used_at=clock.now(),
            browser=browser,
            remaining=str(len(left)),
            account_link=addresses.staff_account(),
        ),
        to=user.email,
        event_key=f"recovery-code-{user_id}-{wanted[:32]}",
    )
    return True


def remaining(user: StaffUser) -> int:
    """How many codes somebody has left."""
    return len(_digests(user))


def _digests(user: StaffUser) -> list[str]:
    return list((user.recovery_codes or {}).get("left", ()))


def _keep(session: Session, user: StaffUser, digests: list[str]) -> None:
    user.recovery_codes = {"left": digests}
    session.add(user)
    session.flush()


def _digest(user_id: int, code: str) -> str:
    return hashlib.sha256(f"recovery\n{user_id}\n{code}".encode()).hexdigest()


def _locked(session: Session, user_id: int) -> StaffUser:
    user = session.get(StaffUser, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound("Cet agent n'existe pas ou n'existe plus.")
    return user
