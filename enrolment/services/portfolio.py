"""What an account may see: the companies it acts for and their requests, and nothing of anybody else (rule A5).

The list is read by pages, along an index: an account with ten thousand requests opens it as fast as one with ten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment.workflow import WAITS_FOR_VENDOR
from schema.enums import DemandState, RequestKind, RequestStatus
from schema.folding import contains
from schema.tables import AccountProvider, Demand, EnrolmentRequest, Profile, Provider, Referencing

PAGE = 20
FARTHEST = 500
"""Pages that can be turned to; beyond, one searches."""

_MOST_WORDS = 6
_LAST = 5


@dataclass(frozen=True)
class RequestLine:
    """One line of « Gérer mes demandes d'enrôlement » (rule A1)."""

    public_id: str
    number: str
    submitted_at: datetime
    status: RequestStatus
    kind: RequestKind
    is_early: bool
    siret: str
    software: str
    profile: str | None
    due_on: date | None
    """The last day to answer what the ASP waits for."""


@dataclass(frozen=True)
class Company:
    """A company that the account acts for: its last declaration."""

    provider_id: int
    siret: str
    name: str


@dataclass(frozen=True)
class Criteria:
    """What one looks for in the list. `sort` is one of SORTS, descending when it begins with a dash."""

    status: RequestStatus | None = None
    kind: RequestKind | None = None
    is_early: bool | None = None
    siret: str = ""
    text: str = ""
    sort: str = "-date"
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is filtered out."""
        narrowed = (self.status, self.kind, self.is_early)
        return bool(self.siret or self.text) or any(value is not None for value in narrowed)


@dataclass(frozen=True)
class Page:
    """A page of the list. `total` counts what answers the criteria."""

    lines: tuple[RequestLine, ...]
    total: int
    first: int
    has_next: bool


_SORTS: Mapping[str, Any] = {
    "date": col(EnrolmentRequest.submitted_at),
    "numero": col(EnrolmentRequest.number),
    # In the order of the life of a request, not of the words of the program.
    "statut": sa.case(
        {status.value: place for place, status in enumerate(RequestStatus)}, value=col(EnrolmentRequest.status)
    ),
    "siret": col(Provider.siret),
    "profil": col(Profile.name),
    "type": sa.case(
        (sa.and_(col(EnrolmentRequest.kind) == RequestKind.initial, col(EnrolmentRequest.is_early).is_(False)), 0),
        (col(EnrolmentRequest.kind) == RequestKind.initial, 1),
        (col(EnrolmentRequest.is_early).is_(False), 2),
        else_=3,
    ),
}
SORTS = tuple(_SORTS)


def owns(session: Session, account_id: int, public_id: str) -> bool:
    """Whether a request belongs to a company that the account acts for. One query."""
    found = session.execute(
        sa.select(col(EnrolmentRequest.id))
        .join(AccountProvider, col(AccountProvider.provider_id) == col(EnrolmentRequest.provider_id))
        .where(col(EnrolmentRequest.public_id) == public_id, col(AccountProvider.account_id) == account_id)
    ).first()
    return found is not None


def companies(session: Session, account_id: int) -> tuple[Company, ...]:
    """The companies of an account, each SIRET once, as last declared."""
    rows = session.execute(
        sa.select(col(Provider.id), col(Provider.siret), col(Provider.legal_name))
        .join(AccountProvider, col(AccountProvider.provider_id) == Provider.id)
        .where(col(AccountProvider.account_id) == account_id)
        .order_by(col(Provider.id))
    )
    return tuple({siret: Company(key, siret, name) for key, siret, name in rows.tuples()}.values())


def read(session: Session, account_id: int, criteria: Criteria) -> Page:
    """A page of the requests of an account."""
    where = _where(session, account_id, criteria)
    joined = sa.select(sa.func.count()).select_from(EnrolmentRequest)
    if criteria.siret or criteria.text:
        joined = joined.join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
        joined = joined.join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
    total = session.execute(joined.where(*where)).scalar_one()
    page = min(max(criteria.page, 1), FARTHEST, max(-(-total // PAGE), 1))
    name = criteria.sort.removeprefix("-")
    order = _SORTS.get(name, _SORTS["date"])
    key = col(EnrolmentRequest.id)
    ordered = (order.desc(), key.desc()) if criteria.sort.startswith("-") else (order.asc(), key.asc())
    rows = session.execute(_LINES.where(*where).order_by(*ordered).limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    lines = tuple(_line(row) for row in rows[:PAGE])
    return Page(lines, total, (page - 1) * PAGE + 1, len(rows) > PAGE)


def last(session: Session, account_id: int) -> tuple[RequestLine, ...]:
    """The last few requests of an account. One query beside that of its companies."""
    where = _where(session, account_id, Criteria())
    newest = (col(EnrolmentRequest.submitted_at).desc(), col(EnrolmentRequest.id).desc())
    return tuple(_line(row) for row in session.execute(_LINES.where(*where).order_by(*newest).limit(_LAST)))


def has_validated(session: Session, account_id: int) -> bool:
    """Whether one request at least is fully validated: what opens financing (rule E3)."""
    where = _where(session, account_id, Criteria(status=RequestStatus.validated))
    return session.execute(sa.select(col(EnrolmentRequest.id)).where(*where).limit(1)).first() is not None


def waiting(session: Session, account_id: int) -> tuple[RequestLine, ...]:
    """What the ASP waits for from an account, the most pressing first; the first page of it."""
    where = _where(session, account_id, Criteria())
    pressing = (col(Demand.due_on).is_(None), col(Demand.due_on), col(EnrolmentRequest.id))
    rows = session.execute(
        _LINES.where(*where, col(EnrolmentRequest.status).in_(WAITS_FOR_VENDOR)).order_by(*pressing).limit(PAGE)
    )
    return tuple(_line(row) for row in rows)


_LINES = (
    sa.select(
        col(EnrolmentRequest.public_id),
        col(EnrolmentRequest.number),
        col(EnrolmentRequest.submitted_at),
        col(EnrolmentRequest.status),
        col(EnrolmentRequest.kind),
        col(EnrolmentRequest.is_early),
        col(Provider.siret),
        col(Referencing.software_name),
        col(Referencing.software_version),
        col(Profile.name).label("profile"),
        col(Demand.due_on),
    )
    .join_from(EnrolmentRequest, Provider, col(EnrolmentRequest.provider_id) == Provider.id)
    .join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
    .outerjoin(Profile, col(Referencing.profile_id) == Profile.id)
    # At most one is open.
    .outerjoin(Demand, sa.and_(col(Demand.request_id) == EnrolmentRequest.id, col(Demand.state) == DemandState.open))
)


def _line(row: sa.Row[tuple[object, ...]]) -> RequestLine:
    return RequestLine(
        public_id=row.public_id,
        number=row.number,
        submitted_at=row.submitted_at,
        status=row.status,
        kind=row.kind,
        is_early=row.is_early,
        siret=row.siret,
        software=f"{row.software_name} {row.software_version}",
        profile=row.profile,
        due_on=row.due_on,
    )


def _where(session: Session, account_id: int, criteria: Criteria) -> list[sa.ColumnElement[bool]]:
    """The conditions of a page. The companies are named one by one, so that the index gives their requests in order."""
    providers = session.execute(
        sa.select(col(AccountProvider.provider_id)).where(col(AccountProvider.account_id) == account_id)
    ).scalars()
    where: list[sa.ColumnElement[bool]] = [col(EnrolmentRequest.provider_id).in_(list(providers))]
    if criteria.status is not None:
        where.append(col(EnrolmentRequest.status) == criteria.status)
    if criteria.kind is not None:
        where.append(col(EnrolmentRequest.kind) == criteria.kind)
    if criteria.is_early is not None:
        where.append(col(EnrolmentRequest.is_early) == criteria.is_early)
    if criteria.siret:
        where.append(col(Provider.siret) == criteria.siret)
    for word in criteria.text.split()[:_MOST_WORDS]:
        columns: tuple[Any, ...] = (
            col(EnrolmentRequest.number),
            col(Referencing.software_name),
            col(Referencing.software_version),
            col(Referencing.ans_number),
        )
        where.append(sa.or_(*(contains(session, column, word) for column in columns)))
    return where
