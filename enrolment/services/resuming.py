"""Taking a draft up again on another device: the link sent by mail, and what a browser lists of its own drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.application.rules import ANS
from enrolment.mail import outbox
from enrolment.mail.messages import DraftLink
from enrolment.services import reference
from schema.enums import Step
from schema.tables import Draft

_SAME_EVENT_MINUTES = 2
"""Asking twice within these minutes sends one mail."""

_LAST_DRAFTS = 5
"""Links sent at once to somebody who began several requests."""


@dataclass(frozen=True)
class DraftLine:
    """A draft in a list: what it is about, how far it is, and how long it is kept."""

    public_id: str
    software: str
    step: Step
    saved_at: datetime
    expires_at: datetime


def send_link(session: Session, draft: Draft, email: str, addresses: Addresses) -> None:
    """Mail the link that opens a draft on any device, and remember the address. Raises InvalidValue."""
    outbox.queue(
        session,
        DraftLink(
            person_name=_person(draft),
            support_link=addresses.assistance(),
            resume_link=addresses.resume(draft),
            kept_until=draft.expires_at.astimezone(clock.PARIS).date(),
        ),
        to=email,
        event_key=f"draft-link-{draft.public_id}-{email.casefold()}-{_slot(clock.now())}",
    )
    draft.email = email
    session.add(draft)


def send_links_again(session: Session, email: str, addresses: Addresses) -> None:
    """Mail again the links of the drafts that were sent to an address. Nobody learns whether there were any."""
    found = session.exec(
        select(Draft)
        .where(Draft.email == email, col(Draft.request_id).is_(None), col(Draft.expires_at) > clock.now())
        .order_by(col(Draft.updated_at).desc())
        .limit(_LAST_DRAFTS)
    ).all()
    for draft in found:
        send_link(session, draft, email, addresses)


def lines_of_account(session: Session, account_id: int) -> tuple[DraftLine, ...]:
    """The drafts of an account that can still be taken up, most recent first."""
    found = session.exec(select(Draft.public_id).where(Draft.account_id == account_id)).all()
    return lines(session, found)


def lines(session: Session, public_ids: Sequence[str]) -> tuple[DraftLine, ...]:
    """The drafts with these ids that can still be taken up, most recent first."""
    found = session.exec(
        select(Draft)
        .where(
            col(Draft.public_id).in_(public_ids),
            col(Draft.request_id).is_(None),
            col(Draft.expires_at) > clock.now(),
        )
        .order_by(col(Draft.updated_at).desc())
    )
    return tuple(
        DraftLine(draft.public_id, _software(session, draft), Step(draft.step), draft.updated_at, draft.expires_at)
        for draft in found
    )


def suggested_email(draft: Draft) -> str:
    """The address that the vendor most likely wants the link at: the one that was used, or typed in the form."""
    answers = draft.answers
    is_depositary = answers.get("request.is_representative") == "non"
    typed = answers.get("depositary.email" if is_depositary else "representative.email")
    return draft.email or str(typed or "")


def _software(session: Session, draft: Draft) -> str:
    typed = str(draft.answers.get(ANS) or "")
    found = reference.software(session, typed)
    return f"{found.name} {found.version}" if found else typed


def _person(draft: Draft) -> str:
    prefix = "depositary" if draft.answers.get("request.is_representative") == "non" else "representative"
    names = (draft.answers.get(f"{prefix}.first_name"), draft.answers.get(f"{prefix}.last_name"))
    return " ".join(str(name).strip() for name in names if name)


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // (60 * _SAME_EVENT_MINUTES)
