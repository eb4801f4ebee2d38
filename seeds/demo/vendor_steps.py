"""The demands of correction of the demonstration.

Made of the transitions themselves, which write the event and queue the mail that the workflow names.
"""

from __future__ import annotations

from sqlmodel import Session

from enrolment.addresses import Addresses
from enrolment.mail import messages
from enrolment.services import notices, transition
from schema.enums import DemandKind, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Demand, DemandItem, EnrolmentRequest


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
