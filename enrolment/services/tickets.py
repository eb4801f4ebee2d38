"""« Contacter l'assistance »: a question becomes a numbered ticket, an acknowledgement and a mail to the team."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.mail import outbox
from enrolment.mail.messages import TicketForTeam, TicketReceived
from enrolment.services.numbers import next_number
from schema.history import Actor
from schema.tables import AccountProvider, EnrolmentRequest, Referencing, Ticket

SERIES = "AST"
MOST_OFFERED = 50
"""A longer list is no help: a vendor with more requests types the number."""


@dataclass(frozen=True)
class Question:
    """What somebody asks, every value already read by the schema."""

    name: str
    email: str
    subject: str
    body: str
    ans_number: str | None = None
    request_number: str | None = None


def requests_offered(session: Session, account_id: int) -> tuple[tuple[str, str], ...]:
    """The requests a signed-in vendor may ask about, newest first: number and software. Empty when too many."""
    rows = session.execute(
        sa.select(col(EnrolmentRequest.number), col(Referencing.software_name), col(Referencing.software_version))
        .join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
        .join(AccountProvider, col(AccountProvider.provider_id) == col(EnrolmentRequest.provider_id))
        .where(col(AccountProvider.account_id) == account_id)
        .order_by(col(EnrolmentRequest.submitted_at).desc(), col(EnrolmentRequest.id).desc())
        .limit(MOST_OFFERED + 1)
    ).all()
    if len(rows) > MOST_OFFERED:
        return ()
    return tuple((number, f"{name} {version}") for number, name, version in rows)


def open_ticket(session: Session, actor: Actor, question: Question, addresses: Addresses) -> Ticket:
    """Keep a question, tell its author that it arrived and the team that it waits."""
    del actor  # The history reads it from the session; every service is told who acts.
    ticket = Ticket(
        number=next_number(session, SERIES),
        name=question.name,
        email=question.email,
        subject=question.subject,
        body=question.body,
        ans_number=question.ans_number,
        request_number=question.request_number,
    )
    session.add(ticket)
    session.flush()
    received_at = clock.now()
    outbox.queue(
        session,
        TicketReceived(
            person_name=question.name,
            support_link=addresses.assistance(),
            ticket_number=ticket.number,
            received_at=received_at,
            support_hours=parameters.text(session, "support_hours"),
        ),
        to=ticket.email,
        event_key=f"ticket-{ticket.id}",
    )
    outbox.queue(
        session,
        TicketForTeam(
            ticket_number=ticket.number,
            received_at=received_at,
            author_name=ticket.name,
            author_email=ticket.email,
            subject=ticket.subject,
            question=ticket.body,
            ans_number=ticket.ans_number or "",
            request_number=ticket.request_number or "",
            ticket_link=f"{addresses.base_url}/admin/ticket/details/{ticket.id}",
        ),
        to=parameters.text(session, "asp_email"),
        event_key=f"ticket-{ticket.id}-team",
    )
    return ticket
