"""The first page of the back office: what waits, what is late, what went wrong, and where to go from here.

Nothing here counts a large table: each number stops early or was counted by the worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses
from admin_app.dashboard.addresses import DASHBOARD
from admin_app.data_checks.page import CHECKS
from admin_app.dossier.addresses import QUEUE
from admin_app.permissions import Right
from admin_app.rules.addresses import PLANNED
from admin_app.saved_views.addresses import start_of
from admin_app.staff import Staff, staff_of
from enrolment.doctor import report
from enrolment.doctor.check import Severity
from enrolment.services import delays
from enrolment.typography import number
from enrolment.workflow import WAITS_FOR_ASP
from schema import counting
from schema.base import table_of
from schema.enums import MailState, PlannedState, RequestStatus, StaffRole
from schema.tables import Deadline, EnrolmentRequest, OutgoingMail, PlannedChange

if TYPE_CHECKING:
    from admin_app.office import BackOffice

_MOST_COUNTED = 10_000
_REQUEST = table_of(EnrolmentRequest).c


@dataclass(frozen=True)
class StatusCount:
    """How many requests stand in a status."""

    status: RequestStatus
    said: str
    url: str


@dataclass(frozen=True)
class Point:
    """One thing to know today. `wrong` says that somebody should act."""

    said: str
    about: str
    url: str
    wrong: bool


def show(office: BackOffice, request: Request) -> Response:
    """The overview."""
    staff = staff_of(request)
    if staff.role is StaffRole.manager and staff.may_open("queue"):
        # A case manager's day starts with what waits.
        return RedirectResponse(start_of(staff, QUEUE), 303)
    counts: list[StatusCount] = []
    with office.database.reading() as session:
        points = tuple(_points(session, staff))
        if staff.may("request", Right.list):
            for status in RequestStatus:
                said = _said(_counted(session, _REQUEST.status == status))
                counts.append(StatusCount(status, said, addresses.list_of("request", status=status.value)))
    context = {"counts": counts, "points": points, "dashboard": DASHBOARD}
    return office.render(request, "sqladmin/index.html", context)


def _points(session: Session, staff: Staff) -> Iterator[Point]:
    waiting = sum(_counted(session, _REQUEST.status == status) for status in sorted(WAITS_FOR_ASP))
    yield Point(_said(waiting), "Dossiers à traiter par l'ASP", QUEUE, wrong=False)
    late = _late(session)
    yield Point(_said(late), "Dossiers en retard à l'ASP", QUEUE, wrong=late > 0)
    if staff.may("outgoing_mail", Right.list):
        parked = _counted(session, col(OutgoingMail.state) == MailState.parked)
        url = addresses.list_of("outgoing_mail", state=MailState.parked.value)
        yield Point(_said(parked), "Courriels en échec", url, wrong=parked > 0)
    if staff.may("planned_change", Right.list):
        failed = _counted(session, col(PlannedChange.state) == PlannedState.failed)
        if failed:
            url = PLANNED
            yield Point(_said(failed), "Changements programmés impossibles", url, wrong=True)
    if staff.may_open("data_checks"):
        found = report.findings(session)
        wrong = any(one.check.severity is not Severity.note for one in found)
        yield Point(_said(len(found)), "Anomalies dans les données", CHECKS, wrong=wrong)


def _late(session: Session) -> int:
    """Files whose delay at the ASP has run out, by the index of its clock."""
    found = 0
    for deadline in session.exec(select(Deadline).where(col(Deadline.status).in_(sorted(WAITS_FOR_ASP)))):
        edge = delays.late_before(deadline.days)
        found += _counted(session, sa.and_(_REQUEST.status == deadline.status, _REQUEST.clock_from < edge))
    return found


def _counted(session: Session, condition: sa.ColumnElement[Any]) -> int:
    found: int = session.execute(sa.select(counting.up_to(_MOST_COUNTED, condition))).scalar_one()
    return found


def _said(found: int) -> str:
    return number(found) if found <= _MOST_COUNTED else f"plus de {number(_MOST_COUNTED)}"
