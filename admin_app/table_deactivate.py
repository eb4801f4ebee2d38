"""Putting a row out of use from the page that asks before deleting: the write of the form, for one column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm.exc import StaleDataError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, closing_fields, forms, table_delete, writes
from admin_app.messages import DONE
from admin_app.staff import staff_of
from enrolment.errors import DomainError, Impossible, NotFound, Refused
from enrolment.records import presentation
from enrolment.rules import active_rows
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView


def submit(office: BackOffice, view: TableView, request: Request) -> Response:
    """Deactivate a row, or say on the same page why it stays in use."""
    if not active_rows.has_active(view.model):
        raise NotFound("Les lignes de cette liste ne se désactivent pas.")
    key: int = request.path_params["pk"]
    staff, version = staff_of(request), forms.version_of(form_of(request))
    refused: DomainError
    problem = closing_fields.password_problem(office, view, request)
    try:
        if problem is None:
            with office.database.writing(staff.actor, closing_fields.reason_of(request)) as session:
                row = writes.locked(session, view.row_query(request, key))
                present = {spec.name: getattr(row, spec.name) for spec in presentation.editable(view.model)}
                writes.update(session, staff, row, version, present | {active_rows.ACTIVE: False})
            return RedirectResponse(f"{addresses.details(view.identity, key)}?{DONE}=desactive", 303)
        refused = Refused(problem)
    except (writes.Changed, StaleDataError):
        refused = writes.Changed()
    except (Impossible, Refused) as error:
        refused = error
    with office.database.reading() as session:
        row = view.row(session, request, key)
        return table_delete.page(office, view, request, session, [row], deactivation=refused)
