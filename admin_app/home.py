"""The first page of the back office: how many requests stand where, and where to go from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses
from admin_app.dossier.addresses import QUEUE
from admin_app.permissions import Right
from admin_app.staff import staff_of
from enrolment.typography import number
from schema.enums import RequestStatus, StaffRole
from schema.tables import EnrolmentRequest

if TYPE_CHECKING:
    from admin_app.office import BackOffice

_MOST_COUNTED = 10_000


@dataclass(frozen=True)
class StatusCount:
    """How many requests stand in a status."""

    status: RequestStatus
    said: str
    url: str


def show(office: BackOffice, request: Request) -> Response:
    """The overview."""
    staff = staff_of(request)
    if staff.role is StaffRole.manager and staff.may_open("queue"):
        # A case manager's day starts with what waits.
        return RedirectResponse(QUEUE, 303)
    counts: list[StatusCount] = []
    if staff.may("request", Right.list):
        with office.database.reading() as session:
            for status in RequestStatus:
                # Each count stops early, so that this page costs the same whatever the size of the table.
                few = sa.select(sa.literal(1)).where(col(EnrolmentRequest.status) == status).limit(_MOST_COUNTED + 1)
                found = session.execute(sa.select(sa.func.count()).select_from(few.subquery())).scalar_one()
                said = number(found) if found <= _MOST_COUNTED else f"plus de {number(_MOST_COUNTED)}"
                counts.append(StatusCount(status, said, addresses.list_of("request", status=status.value)))
    return office.render(request, "sqladmin/index.html", {"counts": counts})
