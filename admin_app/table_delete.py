"""Deleting rows: a page that asks first and tells what holds them, then one transaction for all or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, advice, closing_fields, forms, table_rules, writes
from admin_app.messages import DONE
from admin_app.permissions import Right
from admin_app.staff import Staff, staff_of
from enrolment.errors import DomainError, NotFound, Refused
from enrolment.records import presentation
from enrolment.rules import active_rows
from schema.base import Table
from web.parts import Crumb
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView

_MOST = 100
_LONGEST_REASON = 255


def show(office: BackOffice, view: TableView, request: Request) -> Response:
    """The question."""
    keys = _keys(request.query_params.getlist("pk"))
    if not keys:
        return RedirectResponse(addresses.list_of(view.identity), 303)
    with office.database.reading() as session:
        rows = [view.row(session, request, key) for key in keys]
        return page(office, view, request, session, rows)


def submit(office: BackOffice, view: TableView, request: Request) -> Response:
    """Delete, or say why nothing was deleted."""
    form = form_of(request)
    keys = _keys(form.getlist("pk"))
    if not keys:
        raise NotFound("Aucune ligne n'a été choisie. Revenez à la liste, puis cochez des lignes.")
    staff = staff_of(request)
    reason = form.get(forms.REASON).strip()[:_LONGEST_REASON] or None
    try:
        with office.database.writing(staff.actor, reason) as session:
            for key in keys:
                writes.delete(session, staff, writes.locked(session, view.row_query(request, key)))
    except (writes.StillHeld, Refused) as error:
        with office.database.reading() as session:
            rows = [view.row(session, request, key) for key in keys]
            return page(office, view, request, session, rows, error=error)
    said = "supprime" if len(keys) == 1 else "supprimes"
    return RedirectResponse(f"{addresses.list_of(view.identity)}?{DONE}={said}", 303)


def _keys(typed: Iterable[str]) -> list[int]:
    """The keys given, once each. Raises NotFound for what cannot be one."""
    keys = list(dict.fromkeys(typed))
    if len(keys) > _MOST:
        raise Refused(f"Supprimez {_MOST} lignes au plus à la fois.")
    if not all(key.isascii() and key.isdecimal() and len(key) < 19 for key in keys):
        raise NotFound("Cette ligne n'existe pas ou n'existe plus.")
    return [int(key) for key in keys]


def page(
    office: BackOffice,
    view: TableView,
    request: Request,
    session: Session,
    rows: list[Table],
    *,
    error: DomainError | None = None,
    deactivation: DomainError | None = None,
) -> Response:
    """The question, with what refused a deletion, or a deactivation, just before."""
    staff = staff_of(request)
    asked = [
        {
            "key": row.id,
            "name": presentation.title_of(session, row),
            "url": addresses.details(view.identity, row.id),
            "refused": _refused(session, staff, row),
            "held": [(held, _holders(staff, held, row)) for held in writes.held_by(session, view.model, row.id)],
        }
        for row in rows
    ]
    one = len(rows) == 1
    refused = error or deactivation
    is_kept = any(row["held"] or row["refused"] for row in asked)
    context = {
        "view": view,
        "crumbs": [
            Crumb(view.category),
            Crumb(view.name_plural, addresses.list_of(view.identity)),
            Crumb("Supprimer"),
        ],
        "rows": asked,
        "is_kept": is_kept,
        "error": error.message if error is not None else None,
        "back": addresses.details(view.identity, rows[0].id) if one else addresses.list_of(view.identity),
        "action": addresses.delete(view.identity),
        "reason_name": forms.REASON if view.model.recorded else None,
        "advice": advice.instead(staff, rows[0]) if one and is_kept else None,
        "deactivation": _deactivation(view, staff, rows[0], deactivation) if one else None,
    }
    return office.render(request, "sqladmin/delete.html", context, refused.http_status if refused is not None else 200)


def _refused(session: Session, staff: Staff, row: Table) -> str | None:
    """Why a rule of the table keeps a row; None when none does."""
    try:
        table_rules.check_delete(session, staff, row)
    except DomainError as error:
        return error.message
    return None


def _holders(staff: Staff, held: writes.Held, row: Table) -> str | None:
    """The list of the rows that hold a row, for those who may open it."""
    return addresses.list_of(held.table, **{held.column: row.id}) if staff.may(held.table, Right.list) else None


def _deactivation(view: TableView, staff: Staff, row: Table, refused: DomainError | None) -> dict[str, Any] | None:
    """What is asked to put a row out of use instead; None when that is not possible."""
    if not active_rows.has_active(view.model) or not active_rows.is_active(row):
        return None
    if not staff.may(view.identity, Right.edit):
        return None
    return {
        "action": addresses.deactivate(view.identity, row.id),
        "version_name": forms.VERSION,
        "version": row.row_version,
        "fields": closing_fields.of(view),
        "refused": [refused.message] if refused is not None else [],
    }
