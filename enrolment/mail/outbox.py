"""Queues mails in the transaction that causes them (rule M3), and lets staff look after those that did not leave.

Nothing is sent from here. What is kept of a mail is its words; the layout and the headers are put on when it leaves.
"""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from enrolment.clock import now
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.mail import markup
from enrolment.mail.context import links_of
from enrolment.mail.rendering import Letter, Source, check_letter, edited, shipped, write
from enrolment.mail.sandbox import TemplateFailed
from enrolment.mail.variables import Message
from enrolment.mail.wake import nudge_after_commit
from schema.base import new_public_id
from schema.enums import MailState
from schema.tables import MessageTemplate, OutgoingMail
from schema.types import Email
from schema.types.base import parse_as

__all__ = ["Letter", "cancel", "compose", "for_staff", "queue", "ready", "resend"]

MAX_PART = 200_000
_log = logging.getLogger(__name__)
_DEEP_ADDRESS = re.compile(r"(https?://[^\s/\"<>]+/)[^\s\"<>]+")


def compose(session: Session, message: Message) -> Letter:
    """The letter that a message makes, from the template of the database, else from the shipped one.

    A template that staff broke never stops the event that it tells: the shipped one takes its place, and the log says
    so.
    """
    row = session.exec(select(MessageTemplate).where(MessageTemplate.code == str(message.name))).first()
    if row is not None:
        try:
            return write(message, Source(row.subject, row.body))
        except TemplateFailed as error:
            _log.error("Mail template %s cannot be used, the shipped one is: %s", message.name, error)
    return write(message, shipped(message.name))


def queue(
    session: Session,
    message: Message,
    *,
    to: str,
    event_key: str,
    request_id: int | None = None,
    account_id: int | None = None,
    letter: Letter | None = None,
    send_after: datetime | None = None,
) -> OutgoingMail:
    """Queue a mail in the caller's transaction. The same `event_key` again changes nothing and gives the first mail.

    `letter` is what a case manager made of the composed one. Raises InvalidValue for an address that is none, Refused
    for a letter that cannot leave.
    """
    known = _by_event(session, event_key)
    if known is not None:
        return known
    letter = compose(session, message) if letter is None else _approved(message, letter)
    content = markup.with_links(letter.body, links_of(message))
    mail = OutgoingMail(
        event_key=event_key,
        template=str(message.name),
        recipient=parse_as(Email, to),
        subject=letter.subject,
        text_body=markup.to_text(content),
        html_body=markup.to_fragment(content),
        request_id=request_id,
        account_id=account_id,
        send_after=send_after or now(),
    )
    if max(len(mail.text_body), len(mail.html_body)) > MAX_PART:
        raise Refused("Ce message est trop long pour partir par mail : raccourcissez-le.")
    try:
        # The savepoint keeps the caller's own changes when another process queued the same event a moment before.
        with session.begin_nested():
            session.add(mail)
    except IntegrityError:
        first = _by_event(session, event_key)
        if first is None:
            raise
        return first
    nudge_after_commit(session)
    return mail


def ready(session: Session, limit: int = 100) -> list[OutgoingMail]:
    """The mails that should leave now, oldest first: those due, and those whose worker vanished."""
    due = select(OutgoingMail).where(is_due(now())).order_by(*ORDER).limit(limit)
    return list(session.exec(due))


def resend(session: Session, mail_id: int) -> OutgoingMail:
    """Send again. A mail that has not left starts afresh, as itself; one that has left gets a copy, a new mail."""
    mail = _existing(session, mail_id)
    if mail.state is MailState.sent:
        return _copy(session, mail)
    unsent = (MailState.queued, MailState.parked, MailState.cancelled)
    _change(session, mail, unsent, state=MailState.queued, attempts=0, send_after=now(), claimed_until=None)
    nudge_after_commit(session)
    return mail


def cancel(session: Session, mail_id: int) -> OutgoingMail:
    """Keep a mail from leaving. Raises Conflict when it is leaving or has left."""
    mail = _existing(session, mail_id)
    _change(session, mail, (MailState.queued, MailState.parked), state=MailState.cancelled)
    return mail


def for_staff(mail: OutgoingMail) -> str:
    """What a mail says, its links cut after the site's name: they would open what is the recipient's alone."""
    return _DEEP_ADDRESS.sub(r"\1…", mail.text_body)


def fragment_for_staff(mail: OutgoingMail) -> str:
    """The same of its HTML part, layout aside."""
    return _DEEP_ADDRESS.sub(r"\1", mail.html_body)


def is_due(moment: datetime) -> sa.ColumnElement[bool]:
    """Which mails a worker may take."""
    waiting = sa.and_(col(OutgoingMail.state) == MailState.queued, col(OutgoingMail.send_after) <= moment)
    abandoned = sa.and_(col(OutgoingMail.state) == MailState.sending, col(OutgoingMail.claimed_until) < moment)
    return sa.or_(waiting, abandoned)


ORDER = (col(OutgoingMail.send_after), col(OutgoingMail.id))


def _approved(message: Message, letter: Letter) -> Letter:
    letter = edited(letter.subject, letter.body)
    problems = check_letter(type(message), letter)
    if problems:
        raise Refused(str(problems[0]))
    return letter


def _by_event(session: Session, event_key: str) -> OutgoingMail | None:
    return session.exec(select(OutgoingMail).where(OutgoingMail.event_key == event_key)).first()


def _existing(session: Session, mail_id: int) -> OutgoingMail:
    mail = session.get(OutgoingMail, mail_id)
    if mail is None:
        raise NotFound("Ce courriel n'existe pas ou plus.")
    return mail


def _change(session: Session, mail: OutgoingMail, states: tuple[MailState, ...], **values: Any) -> None:
    """Change a mail if it is still in one of the states: a worker may have taken it since it was read."""
    change = (
        sa.update(OutgoingMail)
        .where(col(OutgoingMail.id) == mail.id, col(OutgoingMail.state).in_(states))
        .values(row_version=OutgoingMail.row_version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    changed = cast("sa.CursorResult[Any]", session.execute(change))
    session.refresh(mail)
    if changed.rowcount != 1:
        raise Conflict(f"Action impossible : ce courriel est à l'état « {mail.state.label} ».")


def _copy(session: Session, mail: OutgoingMail) -> OutgoingMail:
    copy = OutgoingMail(
        event_key=f"resend:{new_public_id()}",
        template=mail.template,
        recipient=mail.recipient,
        subject=mail.subject,
        text_body=mail.text_body,
        html_body=mail.html_body,
        request_id=mail.request_id,
        account_id=mail.account_id,
        send_after=now(),
    )
    session.add(copy)
    session.flush()
    nudge_after_commit(session)
    return copy
