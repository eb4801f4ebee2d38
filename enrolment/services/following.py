"""What the status page of a request shows (rule A6), read in a fixed, small number of queries.

Only what its vendor may see: no name of a manager, no internal note. What was typed is read apart, by `sent_data`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.application.questions import question
from enrolment.application.recap import RecapSection
from enrolment.errors import NotFound
from enrolment.mail import outbox
from enrolment.mail.messages import StatusLink
from enrolment.services import notices, recaps
from enrolment.services.people import correspondent
from enrolment.wording import STATUS_WORDS, StatusWords, enrolment_type
from schema.base import table_of
from schema.enums import ActorKind, DemandKind, DemandState, RequestStatus, ReviewState, ScanState
from schema.prepared import Prepared, Snapshot
from schema.tables import (
    Attachment,
    Demand,
    DemandItem,
    DocumentKind,
    Dsr,
    EnrolmentRequest,
    Provider,
    Referencing,
    RequestEvent,
)

GONE = "Cette demande n'existe pas ou n'existe plus. Demandez un nouveau lien de suivi, ou contactez l'assistance."
_SAME_EVENT_MINUTES = 5


class DatedEvent(NamedTuple):
    """One line of the history. `by` says which side acted, never who."""

    at: datetime
    title: str
    status: RequestStatus
    by: str
    message: str


@dataclass(frozen=True)
class AskedItem:
    """A document or a field that the ASP asks for."""

    label: str
    reason: str
    is_given: bool


@dataclass(frozen=True)
class Asked:
    """The open demand of the ASP."""

    kind: DemandKind
    message: str
    due_on: date | None
    items: tuple[AskedItem, ...]


class PieceLine(NamedTuple):
    """A file of the request."""

    public_id: str
    kind: str
    file_name: str
    size: int
    deposited_at: datetime
    scan: ScanState
    review: ReviewState
    review_reason: str
    is_replaced: bool


class Following(NamedTuple):
    """A request as its vendor sees it."""

    request_id: int
    public_id: str
    number: str
    status: RequestStatus
    status_since: datetime
    submitted_at: datetime
    enrolment_type: str
    is_early: bool
    has_account: bool
    software: str
    dsr: str
    company: str
    siret: str
    words: StatusWords
    events: tuple[DatedEvent, ...]
    asked: Asked | None
    pieces: tuple[PieceLine, ...]

    @property
    def reason(self) -> str:
        """The last message of the ASP about the present status; empty when there is none."""
        last = self.events[0] if self.events else None
        return last.message if last is not None and last.status is self.status else ""


_request = table_of(EnrolmentRequest)
_event = table_of(RequestEvent)
_demand = table_of(Demand)
_item = table_of(DemandItem)
_attachment = table_of(Attachment)
_kind = table_of(DocumentKind)
_provider = table_of(Provider)
_referencing = table_of(Referencing)
_dsr = table_of(Dsr)

_HEAD = Prepared(
    sa.select(
        _request.c.id,
        _request.c.public_id,
        _request.c.number,
        _request.c.kind,
        _request.c.status,
        _request.c.status_since,
        _request.c.submitted_at,
        _request.c.is_early,
        _request.c.account_id,
        _referencing.c.software_name,
        _referencing.c.software_version,
        _dsr.c.name.label("dsr"),
        _provider.c.legal_name,
        _provider.c.siret,
    )
    .join_from(_request, _referencing, _request.c.referencing_id == _referencing.c.id)
    .join(_dsr, _referencing.c.dsr_id == _dsr.c.id)
    .join(_provider, _request.c.provider_id == _provider.c.id)
    .where(_request.c.public_id == sa.bindparam("public_id"))
)
_EVENTS = Prepared(
    sa.select(_event.c.at, _event.c.verb, _event.c.target, _event.c.actor_kind, _event.c.message)
    .where(_event.c.request_id == sa.bindparam("request_id"))
    .order_by(_event.c.at.desc(), _event.c.id.desc())
)
_ASKED = Prepared(
    sa.select(
        _demand.c.kind,
        _demand.c.message,
        _demand.c.due_on,
        _item.c.field,
        _item.c.reason,
        _item.c.new_value,
        _item.c.attachment_id,
        _kind.c.name,
    )
    .join_from(_demand, _item, _item.c.demand_id == _demand.c.id)
    .outerjoin(_kind, _item.c.document_kind_id == _kind.c.id)
    .where(_demand.c.request_id == sa.bindparam("request_id"), _demand.c.state == DemandState.open)
    .order_by(_item.c.id)
)
_PIECES = Prepared(
    sa.select(
        _attachment.c.public_id,
        _kind.c.name,
        _attachment.c.file_name,
        _attachment.c.size,
        _attachment.c.deposited_at,
        _attachment.c.scan,
        _attachment.c.review,
        _attachment.c.review_reason,
        _attachment.c.replaced_by_id,
    )
    .join_from(_attachment, _kind, _attachment.c.document_kind_id == _kind.c.id)
    .where(_attachment.c.request_id == sa.bindparam("request_id"))
    .order_by(_attachment.c.deposited_at, _attachment.c.id)
)
_WAITS_FOR_VENDOR = frozenset(
    {
        RequestStatus.awaiting_documents,
        RequestStatus.awaiting_correction,
        RequestStatus.awaiting_certificates,
    }
)
_BY = {ActorKind.vendor: "Vous", ActorKind.staff: "L'ASP", ActorKind.system: "Le portail"}


def follow(snapshot: Snapshot, public_id: str) -> Following:
    """Everything that the status page says. Raises NotFound."""
    head = snapshot.first(_HEAD, public_id=public_id)
    if head is None:
        raise NotFound(GONE)
    status: RequestStatus = head.status
    asked = snapshot.rows(_ASKED, request_id=head.id) if status in _WAITS_FOR_VENDOR else ()
    return Following(
        request_id=head.id,
        public_id=head.public_id,
        number=head.number,
        status=status,
        status_since=head.status_since,
        submitted_at=head.submitted_at,
        enrolment_type=enrolment_type(head.kind, is_early=head.is_early),
        is_early=head.is_early,
        has_account=head.account_id is not None,
        software=f"{head.software_name} {head.software_version}",
        dsr=head.dsr,
        company=head.legal_name,
        siret=head.siret,
        words=STATUS_WORDS[status],
        events=tuple(_dated(row) for row in snapshot.rows(_EVENTS, request_id=head.id)),
        asked=_asked(asked),
        pieces=tuple(_piece(row) for row in snapshot.rows(_PIECES, request_id=head.id)),
    )


def sent_data(session: Session, public_id: str) -> tuple[str, tuple[RecapSection, ...]]:
    """The number of a request and all that its vendor declared. Raises NotFound."""
    request = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.public_id == public_id)).first()
    if request is None:
        raise NotFound(GONE)
    return request.number, recaps.recap_of(session, request)


def send_link(session: Session, number: str, email: str, addresses: Addresses) -> None:
    """Mail the status link of a request to its correspondent, if this is the address. Nobody learns whether it is."""
    request = session.exec(select(EnrolmentRequest).where(col(EnrolmentRequest.number) == number)).first()
    if request is None or correspondent(session, request).email.casefold() != email.casefold():
        return
    life = parameters.number(session, "status_link_days")
    slot = int(clock.now().timestamp()) // (60 * _SAME_EVENT_MINUTES)
    outbox.queue(
        session,
        StatusLink(
            **notices.about(session, request, addresses),
            status_label=request.status.label,
            status_link=addresses.status(request),
            expires_at=clock.end_of_day(clock.in_days(life)),
        ),
        to=correspondent(session, request).email,
        event_key=f"status-link-{request.id}-{slot}",
        request_id=request.id,
    )


def _dated(row: Any) -> DatedEvent:
    return DatedEvent(
        at=row.at,
        title=row.verb.label,
        status=row.target,
        by=_BY[row.actor_kind],
        message=row.message or "",
    )


def _asked(rows: Any) -> Asked | None:
    if not rows:
        return None
    first = rows[0]
    items = tuple(
        AskedItem(
            label=row.name or question(row.field).label,
            reason=row.reason or "",
            is_given=row.attachment_id is not None or row.new_value is not None,
        )
        for row in rows
    )
    return Asked(DemandKind(first.kind), first.message or "", first.due_on, items)


def _piece(row: Any) -> PieceLine:
    return PieceLine(
        public_id=row.public_id,
        kind=row.name,
        file_name=row.file_name,
        size=row.size,
        deposited_at=row.deposited_at,
        scan=row.scan,
        review=row.review,
        review_reason=row.review_reason or "",
        is_replaced=row.replaced_by_id is not None,
    )
