"""Which worker sends which mail: short transactions before and after a sending, no lock held during it.

A claim is a date until which the mail is somebody's, and the number of the try. Whoever writes the outcome names that
number: a worker that was too slow cannot undo what its successor did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any, cast

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment.clock import now
from enrolment.mail.delivery import Parcel
from enrolment.mail.outbox import ORDER, is_due
from schema.database import Database
from schema.enums import MailState
from schema.history import Actor
from schema.tables import OutgoingMail

_ACTOR = Actor.system("Envoi des mails")
_INTERRUPTED = "L'envoi a été interrompu à chaque essai."
_random = SystemRandom()


@dataclass(frozen=True)
class Pace:
    """How fast and how often. Durations are seconds; the defaults give a mail up after about two days."""

    lease: float = 90.0
    poll: float = 1.0
    grace: float = 10.0
    lanes: int = 4
    most_tries: int = 20
    first_delay: float = 30.0
    longest_delay: float = 4 * 3600.0
    longest_pause: float = 60.0

    def delay(self, attempt: int) -> timedelta:
        """How long to wait after a try: twice as long each time, within a quarter so that mails spread out."""
        seconds = min(self.longest_delay, self.first_delay * 2.0 ** min(attempt - 1, 30))
        return timedelta(seconds=seconds * _random.uniform(0.75, 1.25))


@dataclass(frozen=True)
class Claim:
    """A mail that is this worker's until the lease ends. `attempt` is the number of the try."""

    mail_id: int
    attempt: int
    parcel: Parcel


def claim(database: Database, pace: Pace) -> Claim | None:
    """Take the mail that has waited longest, or None when there is nothing to send."""
    with database.reading() as session:
        # Looking first keeps an idle worker from asking for the write lock every second.
        if session.execute(sa.select(col(OutgoingMail.id)).where(is_due(now())).limit(1)).first() is None:
            return None
    with database.writing(_ACTOR) as session:
        while True:
            mail = session.execute(_next_mail(now())).scalars().first()
            if mail is None:
                return None
            if mail.attempts < pace.most_tries:
                return _taken(session, mail, pace)
            # Its workers died at every try: perhaps because of it.
            values = {"state": MailState.parked, "claimed_until": None}
            _update(session, mail.id, mail.attempts, **values, last_reply=mail.last_reply or _INTERRUPTED)


def mark_sent(database: Database, claim: Claim, reply: str) -> None:
    """The server has the mail, which stays true even when the lease ended meanwhile."""
    with database.writing(_ACTOR) as session:
        change = _change(
            claim.mail_id, state=MailState.sent, sent_at=now(), claimed_until=None, last_reply=_kept(reply)
        )
        session.execute(change.where(col(OutgoingMail.state) != MailState.sent))


def postpone(database: Database, claim: Claim, reply: str, pace: Pace) -> bool:
    """Try again later, or park the mail when it was the last try. Returns whether it was parked."""
    if claim.attempt >= pace.most_tries:
        park(database, claim, reply)
        return True
    later = now() + pace.delay(claim.attempt)
    _release(database, claim, state=MailState.queued, send_after=later, last_reply=_kept(reply))
    return False


def park(database: Database, claim: Claim, reply: str) -> None:
    """Give the mail up, visibly: the back office lists it, and may send it again."""
    _release(database, claim, state=MailState.parked, last_reply=_kept(reply))


def hand_back(database: Database, claim: Claim, reply: str | None = None) -> None:
    """Undo the claim as if there had been no try: the worker stops, or there is no server to try with."""
    values: dict[str, Any] = {"state": MailState.queued, "attempts": claim.attempt - 1}
    _release(database, claim, **values if reply is None else values | {"last_reply": _kept(reply)})


def _next_mail(moment: datetime) -> sa.Select[tuple[OutgoingMail]]:
    return sa.select(OutgoingMail).where(is_due(moment)).order_by(*ORDER).limit(1).with_for_update(skip_locked=True)


def _taken(session: Session, mail: OutgoingMail, pace: Pace) -> Claim:
    until = now() + timedelta(seconds=pace.lease)
    attempt = mail.attempts + 1
    _update(session, mail.id, mail.attempts, state=MailState.sending, claimed_until=until, attempts=attempt)
    return Claim(mail.id, attempt, parcel_of(mail))


def parcel_of(mail: OutgoingMail) -> Parcel:
    """A queued mail, ready to leave."""
    return Parcel(
        public_id=mail.public_id,
        queued_at=mail.created_at,
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text_body,
        fragment=mail.html_body,
    )


def _release(database: Database, claim: Claim, **values: Any) -> None:
    with database.writing(_ACTOR) as session:
        change = _change(claim.mail_id, claimed_until=None, **values)
        mine = (col(OutgoingMail.state) == MailState.sending, col(OutgoingMail.attempts) == claim.attempt)
        session.execute(change.where(*mine))


def _update(session: Session, mail_id: int, known_attempts: int, **values: Any) -> None:
    """Change the row that this transaction has just read and, where the engine can, locked."""
    change = _change(mail_id, **values).where(col(OutgoingMail.attempts) == known_attempts)
    changed = cast("sa.CursorResult[Any]", session.execute(change))
    if changed.rowcount != 1:
        raise RuntimeError("A mail was changed by somebody else while it was being claimed.")


def _change(mail_id: int, **values: Any) -> sa.Update:
    version = OutgoingMail.row_version + 1
    change = sa.update(OutgoingMail).where(col(OutgoingMail.id) == mail_id).values(row_version=version, **values)
    return change.execution_options(synchronize_session=False)


def _kept(reply: str) -> str | None:
    return reply[:1000] or None
