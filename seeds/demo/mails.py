"""Gives the mails of the demonstration the past of mails that left: a minute after they were written, as files.

No server ever gets them: their addresses are examples. What is written later leaves as it always does.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlmodel import Session, col, select

from enrolment.mail.claims import parcel_of
from enrolment.mail.delivery import FolderTransport
from enrolment.mail.rendering import Sender
from enrolment.settings import Settings
from schema.base import as_of
from schema.enums import MailState
from schema.tables import OutgoingMail

_SECONDS = (4, 9, 21, 38)
"""How long a mail waits for the worker, in turn."""


def deliver(session: Session, settings: Settings) -> None:
    """Send every mail that is due, at the time when it would have left."""
    session.flush()
    transport, sender = FolderTransport(settings.var / "mail"), Sender.of(settings)
    queued = select(OutgoingMail).where(OutgoingMail.state == MailState.queued).order_by(col(OutgoingMail.id))
    for place, mail in enumerate(session.exec(queued).all()):
        left = mail.created_at + timedelta(seconds=_SECONDS[place % len(_SECONDS)])
        with as_of(left):
            mail.last_reply = asyncio.run(transport.send(parcel_of(mail), sender))
            mail.state, mail.attempts, mail.sent_at = MailState.sent, 1, left
            session.add(mail)
            session.flush()
