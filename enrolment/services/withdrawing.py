"""A vendor gives its request up. What it was asked is asked no more; what it had given stays in the file."""

from __future__ import annotations

from sqlmodel import Session, select

from enrolment.addresses import Addresses
from enrolment.errors import NotFound
from enrolment.mail import messages
from enrolment.services import answering, demands, notices, transition
from schema.enums import DemandState, Verb
from schema.history import Actor
from schema.tables import EnrolmentRequest


def withdraw(session: Session, actor: Actor, public_id: str, addresses: Addresses) -> EnrolmentRequest:
    """Withdraw a request. Raises NotFound or TransitionRefused."""
    request = session.exec(
        select(EnrolmentRequest).where(EnrolmentRequest.public_id == public_id).with_for_update()
    ).first()
    if request is None:
        raise NotFound("Cette demande n'existe pas ou n'existe plus.")
    line = transition.allowed(session, actor, request, Verb.withdraw)
    demand = demands.open_of(session, request.id, lock=True)
    if demand is not None:
        answering.hand_over(session, demand)
        answering.close(session, demand, DemandState.cancelled)
    event = transition.apply(session, actor, request, line)
    notice = messages.Withdrawal(
        **notices.about(session, request, addresses),
        withdrawn_at=event.at,
        resubmit_link=addresses.resubmit(request),
        status_link=addresses.status(request),
    )
    transition.notify(session, request, event, notice)
    return request
