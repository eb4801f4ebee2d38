"""Reminds vendors of what the ASP waits for, before and after the last day to answer. The days are rows of `deadline`.

Run as often as one likes: each reminder of each date leaves once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.mail import messages, outbox
from enrolment.services import demands, notices
from enrolment.services.people import correspondent
from schema.enums import DemandKind, DemandState, ReferencingStatus
from schema.tables import Deadline, Demand, EnrolmentRequest, Referencing

_AFTER = "apres"
_CATCH_UP = timedelta(days=14)
"""How late a reminder may still leave, when the portal was down: later, it would only startle."""


def remind(session: Session, addresses: Addresses) -> int:
    """Queue every reminder that is due today; how many were."""
    deadlines = {row.status: row for row in session.exec(select(Deadline))}
    rows = session.exec(
        select(Demand, EnrolmentRequest)
        .join(EnrolmentRequest, col(Demand.request_id) == EnrolmentRequest.id)
        .where(Demand.state == DemandState.open, col(Demand.due_on).is_not(None))
    ).all()
    sent = 0
    for demand, request in rows:
        deadline = deadlines.get(request.status)
        if deadline is None or not _can_answer(session, demand, request):
            continue
        for moment in _moments(demand, deadline):
            _queue(session, demand, request, moment, addresses)
            sent += 1
    return sent


def remind_late(session: Session, demand: Demand, addresses: Addresses) -> None:
    """Queue the reminder that follows the last day, however long ago: somebody of the ASP asks for it."""
    _queue(session, demand, session.get_one(EnrolmentRequest, demand.request_id), _AFTER, addresses)


def _moments(demand: Demand, deadline: Deadline) -> Iterator[str]:
    """Which reminders fall due: « avant », « apres »."""
    assert demand.due_on is not None  # noqa: S101  The query asks for it.
    today = clock.today()
    if deadline.remind_before is not None:
        first = demand.due_on - timedelta(days=deadline.remind_before)
        # A demand whose whole delay is shorter than the reminder is not reminded on the day it is made.
        if first <= today <= demand.due_on and first > _asked_on(demand):
            yield "avant"
    if deadline.remind_after is not None:
        second = demand.due_on + timedelta(days=deadline.remind_after)
        if second <= today <= second + _CATCH_UP:
            yield _AFTER


def _asked_on(demand: Demand) -> date:
    return demand.asked_at.astimezone(clock.PARIS).date()


def _can_answer(session: Session, demand: Demand, request: EnrolmentRequest) -> bool:
    """Nobody is reminded of a certificate that the ANS has not given yet."""
    if demand.kind is not DemandKind.certificates:
        return True
    return session.get_one(Referencing, request.referencing_id).status is ReferencingStatus.validated


def _queue(session: Session, demand: Demand, request: EnrolmentRequest, moment: str, addresses: Addresses) -> None:
    answer = demands.read(session, demand)
    message = messages.VendorSilent(
        **notices.about(session, request, addresses),
        status_label=request.status.label,
        waiting_since=_asked_on(demand),
        items=tuple(point.label for point in answer.points if not point.is_given) or ("Terminer votre dépôt",),
        due_on=demand.due_on,
        action_link=addresses.answer(demand),
    )
    outbox.queue(
        session,
        message,
        to=correspondent(session, request).email,
        event_key=f"{message.name}-{demand.id}-{moment}-{demand.due_on}",
        request_id=request.id,
        account_id=request.account_id,
    )
