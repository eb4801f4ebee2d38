"""What the ASP must act on, oldest first, one page at a time: the time of a page does not grow with the table.

Each status is read from its own end of an index and the few rows found are merged; nothing is counted beyond a cap.
How a page looks and what a person may do with a file are elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, unique
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.errors import DomainError
from enrolment.services import delays
from enrolment.services.delays import Delay
from enrolment.wording import enrolment_type
from enrolment.workflow import FINAL, WAITS_FOR_ASP, WAITS_FOR_VENDOR
from schema import counting
from schema.base import table_of
from schema.enums import DemandState, RequestStatus
from schema.tables import Deadline, Demand, Dsr, EnrolmentRequest, PendingDecision, Provider, Referencing, StaffUser
from schema.types import Siret, show_as

PAGE = 40
MOST_COUNTED = 999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS = table_of(EnrolmentRequest).c
_ANSWER_DUE = (
    sa.select(sa.func.max(col(Demand.due_on)))
    .where(col(Demand.request_id) == _ROWS.id, col(Demand.state) == DemandState.open)
    .scalar_subquery()
    .label("answer_due")
)


@unique
class Holder(Enum):
    """Whose files a tab keeps."""

    anyone = "anyone"
    nobody = "nobody"
    me = "me"


@unique
class Tab(Enum):
    """A view of the queue. `slug` stands in addresses; `newest_first` is for what nobody waits for any more."""

    to_take = ("a-prendre", "À prendre", WAITS_FOR_ASP, Holder.nobody, False)
    mine = ("les-miennes", "Les miennes", WAITS_FOR_ASP, Holder.me, False)
    vendor = ("en-attente", "En attente du fournisseur", WAITS_FOR_VENDOR, Holder.anyone, False)
    late = ("en-retard", "En retard", WAITS_FOR_ASP, Holder.anyone, False)
    ended = ("terminees", "Terminées", FINAL, Holder.anyone, True)
    every = ("toutes", "Toutes", frozenset(RequestStatus), Holder.anyone, True)

    def __init__(
        self,
        slug: str,
        label: str,
        statuses: frozenset[RequestStatus],
        holder: Holder,
        newest_first: bool,
    ) -> None:
        self.slug = slug
        self.label = label
        self.statuses = tuple(status for status in RequestStatus if status in statuses)
        self.holder = holder
        self.newest_first = newest_first

    @classmethod
    def named(cls, slug: str) -> Tab:
        """The tab of an address. Raises DomainError for a word that is none."""
        for tab in cls:
            if tab.slug == slug:
                return tab
        raise DomainError("Cet onglet n'existe pas : choisissez-en un au-dessus de la liste.")


@dataclass(frozen=True)
class Place:
    """Where a page of the queue ended: its last row."""

    since: datetime
    key: int

    def __str__(self) -> str:
        return f"{(self.since - _EPOCH) // timedelta(microseconds=1)}-{self.key}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """From an address; None at the start. Raises DomainError for what no page of ours wrote."""
        if not text:
            return None
        moment, _, key = text.partition("-")
        if not (moment.isdecimal() and key.isdecimal() and len(moment) < 18 and len(key) < 19):
            raise DomainError("Cette adresse de page est incomplète : reprenez au début de la file d'attente.")
        return cls(_EPOCH + timedelta(microseconds=int(moment)), int(key))


@dataclass(frozen=True)
class Line:
    """One request of the queue, and where it stands in time."""

    id: int
    number: str
    siret: str
    company: str
    ans_number: str
    software: str
    dsr: str
    kind: str
    status: RequestStatus
    submitted_at: datetime
    since: datetime
    delay: Delay
    holder_id: int | None
    holder: str | None
    waits: str
    """What is said of a decision that has not taken effect, if there is one."""


@dataclass(frozen=True)
class QueuePage:
    """Some lines, and where the next ones begin."""

    lines: tuple[Line, ...]
    next: Place | None


def page(
    session: Session,
    tab: Tab,
    staff_id: int,
    after: Place | None = None,
    size: int = PAGE,
    narrowed: Sequence[sa.ColumnElement[bool]] = (),
) -> QueuePage:
    """One page of a tab; `narrowed` are conditions that each request shown meets besides."""
    moment, newest_first = _order_of(tab)
    found: list[tuple[datetime, int]] = []
    for condition in _runs(tab, staff_id, _allowed(session)):
        statement = sa.select(moment, _ROWS.id).where(condition, *narrowed)
        if after is not None:
            row = sa.tuple_(moment, _ROWS.id)
            edge = sa.tuple_(sa.literal(after.since, moment.type), sa.literal(after.key))
            statement = statement.where(row < edge if newest_first else row > edge)
        directed = (moment.desc(), _ROWS.id.desc()) if newest_first else (moment, _ROWS.id)
        found += [(at, key) for at, key in session.execute(statement.order_by(*directed).limit(size + 1))]
    found.sort(reverse=newest_first)
    shown = found[:size]
    more = Place(*shown[-1]) if len(found) > size else None
    return QueuePage(lines(session, [key for _, key in shown]), more)


def lines(session: Session, keys: Sequence[int]) -> tuple[Line, ...]:
    """These requests, in this order."""
    rows = session.execute(
        sa.select(EnrolmentRequest, Provider, Referencing, col(Dsr.name), StaffUser, PendingDecision, _ANSWER_DUE)
        .join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
        .join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
        .join(Dsr, col(Referencing.dsr_id) == Dsr.id)
        .outerjoin(StaffUser, col(EnrolmentRequest.assigned_to_id) == StaffUser.id)
        .outerjoin(PendingDecision, col(PendingDecision.request_id) == EnrolmentRequest.id)
        .where(col(EnrolmentRequest.id).in_(keys))
    )
    allowed = _allowed(session)
    made = {
        request.id: _line(
            request, provider, referencing, dsr, holder, decision, delays.of(request, allowed.get(request.status), due)
        )
        for request, provider, referencing, dsr, holder, decision, due in rows
    }
    return tuple(made[key] for key in keys if key in made)


def condition(session: Session, tab: Tab, staff_id: int) -> sa.ColumnElement[bool]:
    """What the requests of a tab have in common, for whoever acts on all of them."""
    return sa.or_(sa.false(), *_runs(tab, staff_id, _allowed(session)))


def counts(session: Session, staff_id: int) -> dict[Tab, str]:
    """How many requests each tab holds, as a page says it: « 12 », « 999+ ». One query, bounded."""
    allowed = _allowed(session)
    table = table_of(EnrolmentRequest)
    columns = []
    for tab in Tab:
        runs = (counting.up_to(MOST_COUNTED, run, table=table) for run in _runs(tab, staff_id, allowed))
        columns.append(sum(runs, start=sa.literal(0)).label(tab.name))
    row = session.execute(sa.select(*columns)).one()
    return {tab: _said(getattr(row, tab.name)) for tab in Tab}


def _order_of(tab: Tab) -> tuple[sa.Column[Any], bool]:
    """By what a tab is sorted, and whether downwards. All the requests go by their deposit, the rest by their wait."""
    if tab is Tab.every:
        return _ROWS.submitted_at, True
    return (_ROWS.status_since if tab.newest_first else _ROWS.clock_from), tab.newest_first


def _allowed(session: Session) -> Mapping[RequestStatus, int]:
    """How many days each status may last."""
    return {row.status: row.days for row in session.exec(select(Deadline))}


def _runs(tab: Tab, staff_id: int, allowed: Mapping[RequestStatus, int]) -> list[sa.ColumnElement[bool]]:
    """Conditions whose rows an index gives already sorted, and which together make the tab."""
    if tab is Tab.every:
        return [sa.true()]
    if tab is Tab.late:
        return [
            sa.and_(_ROWS.status == status, _ROWS.clock_from < delays.late_before(allowed[status]))
            for status in tab.statuses
            if status in allowed
        ]
    held: dict[Holder, tuple[sa.ColumnElement[bool], ...]] = {
        Holder.anyone: (),
        Holder.nobody: (_ROWS.assigned_to_id.is_(None),),
        Holder.me: (_ROWS.assigned_to_id == staff_id,),
    }
    return [sa.and_(_ROWS.status == status, *held[tab.holder]) for status in tab.statuses]


def _said(count: int) -> str:
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"


def _decision_said(decision: PendingDecision | None) -> str:
    if decision is None:
        return ""
    return "Décision non appliquée" if decision.problem else "Décision prise, pas encore envoyée"


def _line(
    request: EnrolmentRequest,
    provider: Provider,
    referencing: Referencing,
    dsr: str,
    holder: StaffUser | None,
    decision: PendingDecision | None,
    delay: Delay,
) -> Line:
    return Line(
        id=request.id,
        number=request.number,
        siret=show_as(Siret, provider.siret),
        company=provider.legal_name,
        ans_number=referencing.ans_number,
        software=f"{referencing.software_name} {referencing.software_version}",
        dsr=dsr,
        kind=enrolment_type(request.kind, is_early=request.is_early),
        status=request.status,
        submitted_at=request.submitted_at,
        since=request.status_since,
        delay=delay,
        holder_id=holder.id if holder else None,
        holder=f"{holder.first_name} {holder.last_name}" if holder else None,
        waits=_decision_said(decision),
    )
