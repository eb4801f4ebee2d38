"""What the vendors of the demonstration do after the deposit, and the demands of correction of the ASP.

Made of the transitions themselves, which write the event and queue the mail that the workflow names.
"""

from __future__ import annotations

from sqlmodel import Session, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.mail import messages
from enrolment.services import notices, transition
from schema.enums import DemandKind, DemandState, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Attachment, Demand, DemandItem, DocumentKind, EnrolmentRequest


def complete_certificates(
    session: Session, actor: Actor, request: EnrolmentRequest, files: list[Attachment], addresses: Addresses
) -> None:
    """Deposit the certificates of an early request and finish (« Terminer mon dépôt »)."""
    line = transition.allowed(session, actor, request, Verb.complete_certificates)
    names: list[str] = []
    for file in files:
        file.request_id = request.id
        session.add(file)
        names.append(session.get_one(DocumentKind, file.document_kind_id).name)
    demand = session.exec(select(Demand).where(Demand.request_id == request.id, Demand.state == DemandState.open)).one()
    demand.state, demand.closed_at = DemandState.answered, clock.now()
    session.add(demand)
    event = transition.apply(session, actor, request, line)
    notice = messages.DepositReceived(
        **notices.about(session, request, addresses),
        received_at=clock.now(),
        items=tuple(names),
        status_label=request.status.label,
        status_link=addresses.status(request),
    )
    transition.notify(session, request, event, notice)


def withdraw(session: Session, actor: Actor, request: EnrolmentRequest, addresses: Addresses) -> None:
    """Give a request up."""
    line = transition.allowed(session, actor, request, Verb.withdraw)
    event = transition.apply(session, actor, request, line)
    notice = messages.Withdrawal(
        **notices.about(session, request, addresses),
        withdrawn_at=clock.now(),
        status_link=addresses.status(request),
    )
    transition.notify(session, request, event, notice)


def ask_correction(
    session: Session,
    actor: Actor,
    request: EnrolmentRequest,
    corrections: tuple[tuple[str, str, str, str], ...],
    addresses: Addresses,
) -> None:
    """Ask the vendor to correct fields, given as (field, label, reason, value found)."""
    line = transition.allowed(session, actor, request, Verb.ask_correction)
    due_on = notices.deadline(session, RequestStatus.awaiting_correction)
    demand = Demand(request_id=request.id, kind=DemandKind.correction, due_on=due_on)
    session.add(demand)
    session.flush()
    for name, _, reason, value in corrections:
        session.add(DemandItem(demand_id=demand.id, field=name, reason=reason, old_value=value))
    event = transition.apply(session, actor, request, line)
    notice = messages.CorrectionAsked(
        **notices.about(session, request, addresses),
        corrections=tuple((label, reason) for _, label, reason, _ in corrections),
        message="",
        due_on=due_on,
        action_link=addresses.status(request),
    )
    transition.notify(session, request, event, notice)
