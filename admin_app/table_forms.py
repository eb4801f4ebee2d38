"""The form of a row, new or not, the page that merges two versions, and the suggestions of references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from admin_app import addresses, closing_fields, forms, restoring, writes
from admin_app.messages import DONE
from admin_app.permissions import Right
from admin_app.rules import form as rules
from admin_app.rules import steps
from admin_app.rules.addresses import PLANNED
from admin_app.staff import staff_of
from admin_app.team import welcoming
from enrolment.errors import Impossible, NotFound, Refused
from enrolment.records import presentation
from enrolment.typography import moment
from schema.base import Table
from schema.tables import HistoryEntry
from web.fields import FieldView
from web.parts import Crumb
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView

RECREATED = "suppression"
_LONGEST_SEARCH = 100


def show_new(office: BackOffice, view: TableView, request: Request) -> Response:
    """The empty form; values given in the address are filled in."""
    with office.database.reading() as session:
        typed = forms.Typed(raw=forms.raw_row(view.model, None))
        if request.query_params.get(RECREATED):
            typed.raw |= restoring.deleted(session, view.model, request.query_params[RECREATED])
        for name in typed.raw:
            typed.raw[name] = request.query_params.get(name, typed.raw[name])
        return _page(office, view, request, session, typed, None)


def submit_new(office: BackOffice, view: TableView, request: Request) -> Response:
    """Write a new row, or show the form again with everything that was typed."""
    with office.database.reading() as session:
        typed = forms.read(session, view.model, form_of(request), None)
    _check_password(office, view, request, typed)
    effective_at = rules.read_date(view, form_of(request), typed)
    if typed.is_right:
        try:
            if rules.wants_preview(view, form_of(request)):
                preview = rules.make_preview(office, request, view, typed)
                with office.database.reading() as session:
                    return _page(office, view, request, session, typed, None, preview=preview)
            if effective_at is not None:
                rules.plan(office, request, view, typed, effective_at)
                return RedirectResponse(addresses.with_query(PLANNED, {DONE: "programme"}), 303)
            staff = staff_of(request)
            with office.database.writing(staff.actor, typed.reason) as session:
                row = writes.insert(session, staff, view.model, typed.values)
                landing = welcoming.landing(office, session, staff, row)
            return (
                RedirectResponse(landing, 303) if landing else _done(view, row.id, "cree", steps.origin(request, row))
            )
        except (Impossible, Refused) as error:
            _note(typed, error)
    with office.database.reading() as session:
        return _page(office, view, request, session, typed, None, status=422)


def show(office: BackOffice, view: TableView, request: Request) -> Response:
    """The form of a row."""
    with office.database.reading() as session:
        row = view.row(session, request, request.path_params["pk"])
        return _page(office, view, request, session, None, row)


def submit(office: BackOffice, view: TableView, request: Request) -> Response:
    """Write the changes of a row; show the form again, or both versions when somebody else was faster."""
    key: int = request.path_params["pk"]
    with office.database.reading() as session:
        row = view.row(session, request, key)
        typed = forms.read(session, view.model, form_of(request), row)
        if typed.version != row.row_version:
            return _merge_page(office, view, request, session, typed, row)
    _check_password(office, view, request, typed)
    effective_at = rules.read_date(view, form_of(request), typed)
    if typed.is_right:
        try:
            if rules.wants_preview(view, form_of(request)):
                preview = rules.make_preview(office, request, view, typed, key)
                with office.database.reading() as session:
                    row = view.row(session, request, key)
                    return _page(office, view, request, session, typed, row, preview=preview)
            if effective_at is not None:
                rules.plan(office, request, view, typed, effective_at, key)
                return RedirectResponse(addresses.with_query(PLANNED, {DONE: "programme"}), 303)
            staff = staff_of(request)
            with office.database.writing(staff.actor, typed.reason) as session:
                locked = writes.locked(session, view.row_query(request, key))
                writes.update(session, staff, locked, typed.version, typed.values)
            return _done(view, key, "modifie", steps.origin(request))
        except (writes.Changed, StaleDataError):
            with office.database.reading() as session:
                row = view.row(session, request, key)
                return _merge_page(office, view, request, session, typed, row)
        except (Impossible, Refused) as error:
            _note(typed, error)
    with office.database.reading() as session:
        return _page(office, view, request, session, typed, view.row(session, request, key), status=422)


def suggest(office: BackOffice, view: TableView, request: Request) -> Response:
    """What the combobox of a reference proposes, as JSON."""
    name = request.query_params.get("name", "")
    typed = request.query_params.get("term", "").strip()[:_LONGEST_SEARCH]
    spec = next((one for one in presentation.editable(view.model) if one.name == name), None)
    if spec is None or spec.references is None:
        raise NotFound("Ce champ n'a pas de suggestions.")
    if not staff_of(request).may(spec.references, Right.list) or not typed:
        return JSONResponse({"results": []})
    with office.database.reading() as session:
        found = forms.suggestions(session, spec.references, typed)
    return JSONResponse({"results": [{"id": key, "text": text} for key, text in found]})


def _done(view: TableView, key: int, what: str, origin: dict[str, str]) -> Response:
    return RedirectResponse(addresses.with_query(addresses.details(view.identity, key), {DONE: what, **origin}), 303)


def _note(typed: forms.Typed, error: Exception) -> None:
    if isinstance(error, Impossible):
        typed.errors |= error.errors
        typed.others += error.others
    else:
        typed.others.append(str(error))


def _check_password(office: BackOffice, view: TableView, request: Request, typed: forms.Typed) -> None:
    """Some tables ask who changes them to prove that it is still them (SEC-18)."""
    problem = closing_fields.password_problem(office, view, request) if typed.is_right else None
    if problem is not None:
        typed.errors[forms.PASSWORD] = problem


def _merge_page(
    office: BackOffice, view: TableView, request: Request, session: Session, typed: forms.Typed, row: Table
) -> Response:
    differences = forms.merge(session, view.model, typed, row)
    last = session.exec(
        select(HistoryEntry)
        .where(HistoryEntry.table_name == view.identity, HistoryEntry.row_id == row.id)
        .order_by(col(HistoryEntry.id).desc())
        .limit(1)
    ).first()
    by = f"{last.actor_label}, le {moment(last.at)}" if last is not None else moment(row.updated_at)
    return _page(office, view, request, session, typed, row, status=409, merged={"by": by, "rows": differences})


def _page(
    office: BackOffice,
    view: TableView,
    request: Request,
    session: Session,
    typed: forms.Typed | None,
    row: Table | None,
    *,
    status: int = 200,
    merged: dict[str, Any] | None = None,
    preview: rules.Preview | None = None,
) -> Response:
    views = forms.views(session, view.model, typed, row)
    name = presentation.title_of(session, row) if row is not None else None
    base = forms.raw_row(view.model, row) if row is not None else {}
    back = addresses.details(view.identity, row.id) if row is not None else addresses.list_of(view.identity)
    crumbs = [Crumb(view.category), Crumb(view.name_plural, addresses.list_of(view.identity))]
    crumbs += [Crumb(name, back), Crumb("Modifier")] if name is not None else [Crumb("Ajouter")]
    context = {
        "view": view,
        "name": name,
        "crumbs": crumbs,
        "fields": views,
        "after": [*rules.fields(view, request, typed), *_closing_fields(view, typed)],
        "preview": preview,
        **rules.context_of(session, view, row),
        "others": typed.others if typed is not None else [],
        "version": row.row_version if row is not None else None,
        "base": {forms.BASE_PREFIX + key: value for key, value in base.items()},
        "version_name": forms.VERSION,
        "back": steps.back(request) or back,
        "merged": merged,
    }
    template = "sqladmin/create.html" if row is None else "sqladmin/edit.html"
    return office.render(request, template, context, status)


def _closing_fields(view: TableView, typed: forms.Typed | None) -> list[FieldView]:
    if typed is None:
        return closing_fields.of(view)
    return closing_fields.of(view, typed.reason or "", typed.errors.get(forms.PASSWORD))
