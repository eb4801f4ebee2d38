"""Moves a request from one status to another: the only place that writes a status.

The table is `enrolment.workflow`; this applies one line of it, writes the event, and queues the mail that the line
names, all in the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.mail import outbox
from enrolment.mail.outbox import Letter
from enrolment.mail.variables import Message
from enrolment.services.people import correspondent
from enrolment.workflow import WAITS_FOR_ASP, Situation, Transition, find, target_of
from schema.enums import DemandState, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Demand, DemandItem, EnrolmentRequest, FieldFlag, RequestEvent


def situation(session: Session, request: EnrolmentRequest) -> Situation:
    """What the guards need to know of a request."""
    missing = session.exec(
        select(DemandItem.id)
        .join(Demand, col(DemandItem.demand_id) == Demand.id)
        .where(
            Demand.request_id == request.id,
            Demand.state == DemandState.open,
            col(DemandItem.attachment_id).is_(None),
            col(DemandItem.new_value).is_(None),
        )
    ).first()
    return Situation(
        status=request.status,
        is_early=request.is_early,
        asked_from=request.asked_from,
        complete=missing is None,
    )


def begin(session: Session, actor: Actor, request: EnrolmentRequest) -> RequestEvent:
    """Write the first event of a request that was just inserted."""
    return _event(session, actor, request, Verb.submit, None, None)


def apply(
    session: Session, actor: Actor, request: EnrolmentRequest, line: Transition, *, message: str | None = None
) -> RequestEvent:
    """Move a request along a line that `workflow.find` allowed, and write the event."""
    source = request.status
    target = target_of(line, Situation(source, request.is_early, request.asked_from))
    moment = clock.now()
    asks = target in {RequestStatus.awaiting_documents, RequestStatus.awaiting_correction}
    request.asked_from = source if asks else None
    _turn_clock(request, target, moment)
    request.status = target
    request.status_since = moment
    if target in {RequestStatus.validated, RequestStatus.rejected}:
        request.decided_at = moment
    session.add(request)
    if target not in WAITS_FOR_ASP:
        _forget_flags(session, request)
    session.flush()
    return _event(session, actor, request, line.verb, source, message)


def _forget_flags(session: Session, request: EnrolmentRequest) -> None:
    """What was flagged in the declared data has been asked, or no longer matters: the history keeps it."""
    for row in session.exec(select(FieldFlag).where(FieldFlag.request_id == request.id)):
        session.delete(row)


def _turn_clock(request: EnrolmentRequest, target: RequestStatus, moment: datetime) -> None:
    """Count the delay of the status to come: the ASP's stops while the vendor holds the file, and goes on after.

    A decision ends it: what comes back after a partial validation or a refused certificate is a new instruction.
    """
    if request.status in WAITS_FOR_ASP:
        suspended = target in {RequestStatus.awaiting_documents, RequestStatus.awaiting_correction}
        spent = int((moment - request.clock_from).total_seconds()) if suspended else 0
        request.clock_spent = max(spent, 0)
    back = target in WAITS_FOR_ASP
    request.clock_from = moment - timedelta(seconds=request.clock_spent) if back else moment


def allowed(session: Session, actor: Actor, request: EnrolmentRequest, verb: Verb) -> Transition:
    """The line of the table that applies. Raises TransitionRefused."""
    return find(situation(session, request), verb, actor.kind)


def notify(
    session: Session,
    request: EnrolmentRequest,
    event: RequestEvent,
    message: Message,
    letter: Letter | None = None,
) -> None:
    """Queue the mail of an event: one event, one mail (rule M3)."""
    person = correspondent(session, request)
    outbox.queue(
        session,
        message,
        to=person.email,
        event_key=f"event-{event.id}",
        request_id=request.id,
        account_id=request.account_id,
        letter=letter,
    )


def _event(
    session: Session,
    actor: Actor,
    request: EnrolmentRequest,
    verb: Verb,
    source: RequestStatus | None,
    message: str | None,
) -> RequestEvent:
    event = RequestEvent(
        request_id=request.id,
        at=request.status_since,
        verb=verb,
        source=source,
        target=request.status,
        actor_kind=actor.kind,
        actor_label=actor.label,
        message=message or None,
    )
    session.add(event)
    session.flush()
    return event
