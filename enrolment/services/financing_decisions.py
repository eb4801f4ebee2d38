"""What the ASP decides on a financing request: sent back, accepted or refused, each with its mail."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.financing import workflow
from enrolment.financing.lines import amount
from enrolment.mail.financing import AboutFinancing, FinancingAccepted, FinancingRefused, FinancingToModify
from enrolment.services import financing, rights
from enrolment.services.financing import Line
from schema.enums import FinancingStatus
from schema.history import Actor
from schema.tables import FinancingRequest
from schema.types import InvalidValue, LongText, parse_as

_LISTED = 100


def find(session: Session, key: int, *, lock: bool = False) -> FinancingRequest:
    """A financing request. Raises NotFound."""
    statement = select(FinancingRequest).where(FinancingRequest.id == key)
    found = session.exec(statement.with_for_update() if lock else statement).first()
    if found is None:
        raise NotFound("Cette demande de financement n'existe pas. Revenez à la liste.")
    return found


def counts(session: Session) -> dict[FinancingStatus, int]:
    """How many requests are in each status."""
    rows = session.execute(
        sa.select(col(FinancingRequest.status), sa.func.count()).group_by(col(FinancingRequest.status))
    )
    return dict(rows.tuples().all())


def lines(session: Session, statuses: Collection[FinancingStatus]) -> tuple[tuple[Line, ...], bool]:
    """The first requests in some statuses, those that wait longest first, and whether there are more."""
    rows = session.execute(
        financing.with_enrolment()
        .where(col(FinancingRequest.status).in_(statuses))
        .order_by(col(FinancingRequest.status_since), col(FinancingRequest.id))
        .limit(_LISTED + 1)
    ).all()
    return tuple(financing.line(*row) for row in rows[:_LISTED]), len(rows) > _LISTED


def decide(
    session: Session,
    actor: Actor,
    key: int,
    target: FinancingStatus,
    message: str,
    addresses: Addresses,
    *,
    row_version: int,
) -> FinancingRequest:
    """Lead a request where the ASP decides. Raises Forbidden, NotFound, Conflict, or Refused without a message."""
    rights.require_financing(session, actor)
    request = find(session, key, lock=True)
    line = workflow.find(request.status, target, actor.kind)
    if request.row_version != row_version:
        raise Conflict(
            "Cette demande de financement a changé depuis que vous l'avez ouverte : relisez-la, puis décidez."
        )
    said = _message(message, needed=line.needs_message)
    request.status = line.target
    request.status_since = clock.now()
    request.message = said
    session.add(request)
    last = financing.deposits(session, request.id)[0]
    last.outcome, last.answer, last.answered_at = line.target, said, request.status_since
    session.add(last)
    session.flush()
    mail = _mail(session, request, addresses)
    financing.notify(session, request, mail, f"{line.target.value}-{last.place}")
    return request


def _message(typed: str, *, needed: bool) -> str | None:
    if not typed.strip():
        if needed:
            raise Refused("Écrivez ce qui est à modifier, ou le motif du refus : le fournisseur le recevra par mail.")
        return None
    try:
        return parse_as(LongText, typed)
    except InvalidValue as error:
        raise Refused(f"Message : {error}") from error


def _mail(session: Session, request: FinancingRequest, addresses: Addresses) -> AboutFinancing:
    about = financing.about(session, request, addresses)
    message = request.message or ""
    if request.status is FinancingStatus.accepted:
        return FinancingAccepted(**about, total=amount(request.total_cents), message=message)
    if request.status is FinancingStatus.refused:
        return FinancingRefused(**about, message=message, appeal_rule=parameters.text(session, "appeal_rule"))
    return FinancingToModify(**about, message=message)
