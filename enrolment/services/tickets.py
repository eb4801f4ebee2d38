"""« Contacter l'assistance »: a question becomes a numbered ticket, an acknowledgement and a mail to the team."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.mail import outbox
from enrolment.mail.messages import TicketForTeam, TicketReceived
from enrolment.services.numbers import next_number
from schema.history import Actor
from schema.tables import Ticket

SERIES = "AST"


@dataclass(frozen=True)
class Question:
    """What somebody asks, every value already read by the schema."""

    name: str
    email: str
    subject: str
    body: str
    ans_number: str | None = None
    request_number: str | None = None


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
