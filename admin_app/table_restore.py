"""Putting back what a row was: a page that shows present and former values side by side, then the write of the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, closing_fields, forms, restoring, table_details, writes
from admin_app.messages import DONE
from admin_app.restoring import Restored
from admin_app.staff import staff_of
from enrolment.errors import Impossible, NotFound, Refused
from enrolment.records import presentation
from enrolment.typography import moment
from schema.base import Table
from schema.describe import field
from schema.tables import HistoryEntry
from web.parts import Crumb
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView

ENTRY = "modification"
COLUMN = "colonne"


def show(office: BackOffice, view: TableView, request: Request) -> Response:
    """The question."""
    with office.database.reading() as session:
        row = view.row(session, request, request.path_params["pk"])
        return _page(office, view, request, session, row)


def submit(office: BackOffice, view: TableView, request: Request) -> Response:
    """Restore in one transaction, through the rules of the form; or say why nothing was changed."""
    key: int = request.path_params["pk"]
    staff, version = staff_of(request), forms.version_of(form_of(request))
    problem = closing_fields.password_problem(office, view, request)
    refused, status = "", 422
    if problem is None:
        try:
            with office.database.writing(staff.actor, closing_fields.reason_of(request)) as session:
                row = writes.locked(session, view.row_query(request, key))
                restored = _restored(session, view, request, row)
                if not any(one.problem for one in restored):
                    writes.update(session, staff, row, version, restoring.values_of(row, restored))
                    return RedirectResponse(f"{addresses.details(view.identity, key)}?{DONE}=restaure", 303)
        except (writes.Changed, StaleDataError):
            refused, status = _CHANGED, 409
        except Impossible as error:
            refused = " ".join(_told(view, error))
        except Refused as error:
            refused = error.message
    with office.database.reading() as session:
        row = view.row(session, request, key)
        return _page(office, view, request, session, row, refused=refused, problem=problem, status=status)


_CHANGED = (
    "Quelqu'un d'autre a modifié cette ligne pendant que vous la regardiez. Voici ses valeurs à présent : vérifiez, "
    "puis restaurez à nouveau."
)


def _told(view: TableView, error: Impossible) -> list[str]:
    """What forbids the values, each with the name of its field."""
    named = [f"{field(view.model, name).label} : {message}" for name, message in error.errors.items()]
    return [*error.others, *named]


def _entry(session: Session, view: TableView, request: Request) -> HistoryEntry:
    typed = request.query_params.get(ENTRY, "")
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
        raise NotFound("Cette modification n'existe pas dans l'historique de cette ligne.")
    return restoring.entry_of(session, view.model, request.path_params["pk"], int(typed))


def _restored(session: Session, view: TableView, request: Request, row: Table) -> list[Restored]:
    entry = _entry(session, view, request)
    column = request.query_params.get(COLUMN)
    return restoring.of_column(session, row, entry, column) if column else restoring.of_row(session, row, entry)


def _page(
    office: BackOffice,
    view: TableView,
    request: Request,
    session: Session,
    row: Table,
    *,
    refused: str = "",
    problem: str | None = None,
    status: int = 200,
) -> Response:
    entry = _entry(session, view, request)
    restored = _restored(session, view, request, row)
    is_posted = request.method == "POST"
    column = request.query_params.get(COLUMN)
    said = f"Valeur d'avant le {moment(entry.at)}" if column else f"État du {moment(entry.at)}"
    reason = (closing_fields.reason_of(request) or "") if is_posted else f"Restauration : {said.lower()}"
    name = presentation.title_of(session, row)
    here = addresses.details(view.identity, row.id)
    context: dict[str, Any] = {
        "view": view,
        "name": name,
        "crumbs": [
            Crumb(view.category),
            Crumb(view.name_plural, addresses.list_of(view.identity)),
            Crumb(name, here),
            Crumb("Restaurer"),
        ],
        "title": "Restaurer cette valeur" if column else "Restaurer la ligne dans cet état",
        "said": said,
        "restored": restored,
        "is_possible": bool(restored) and not any(one.problem for one in restored),
        "refused": [refused] if refused else [],
        "fields": closing_fields.of(view, reason, problem),
        "version": row.row_version,
        "version_name": forms.VERSION,
        "back": f"{here}?{table_details.TAB}={table_details.HISTORY}",
    }
    return office.render(request, "sqladmin/restore.html", context, status)
