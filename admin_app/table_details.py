"""The page of one row: its values, what points to it, and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from admin_app import addresses, related, restoring, row_history, writes
from admin_app.corrections import offering
from admin_app.file_links import file_of
from admin_app.permissions import Right
from admin_app.rules import form as rules
from admin_app.rules import steps
from admin_app.staff import Staff, staff_of
from admin_app.table_list import Cell, cell
from enrolment.records import codes, presentation
from schema.base import Table
from schema.describe import FieldKind, FieldSpec, model_named
from schema.enums import Operation
from schema.tables import HistoryEntry
from web.parts import Crumb, Tab

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView

TAB = "onglet"
LINKED = "lignes-liees"
HISTORY = "historique"


def show(office: BackOffice, view: TableView, request: Request) -> Response:
    """The page, on one of its tabs."""
    staff = staff_of(request)
    key: int = request.path_params["pk"]
    tab = request.query_params.get(TAB, "")
    with office.database.reading() as session:
        row = view.row(session, request, key)
        name = presentation.title_of(session, row)
        linked = related.counted(session, staff, view.model, key)
        context: dict[str, Any] = {
            "view": view,
            "name": name,
            "crumbs": [Crumb(view.category), Crumb(view.name_plural, addresses.list_of(view.identity)), Crumb(name)],
            "tab": tab if tab in {LINKED, HISTORY} else "",
            "tabs": _tabs(view, key, tab, linked),
            "linked_tab": LINKED,
            **rules.context_of(session, view, row),
            "steps_url": steps.back(request),
            "history_tab": HISTORY,
            "file_url": file_of(staff, view.identity, row),
            "edit_url": _if_may(staff, view, Right.edit, addresses.edit(view.identity, key)),
            "delete_url": _if_may(staff, view, Right.delete, addresses.delete(view.identity, key)),
        }
        if tab == HISTORY and view.model.recorded:
            entries = row_history.history(session, view.model, key)
            if staff.may(view.identity, Right.edit):
                entries = restoring.with_links(row, entries)
            context |= {
                "entries": entries,
                "corrections": offering.of_batches(session, staff, (entry.batch for entry in entries)),
                "full_history_url": _full(staff, view, key),
            }
        elif tab == LINKED:
            context |= {"related": related.of(office, request, session, view.model, key, linked)}
        else:
            specs = presentation.visible(view.model)
            known = presentation.titles(session, presentation.keys_of(specs, [row]))
            context |= {
                "cells": [_cell(request, spec, row, known) for spec in specs if _is_told(spec)],
                "changed": _changed(session, row),
                "recreate_url": _recreate_url(staff, row),
                "technical": [_cell(request, spec, row, known) for spec in specs if _is_technical(spec)],
            }
    return office.render(request, "sqladmin/details.html", context)


def _is_technical(spec: FieldSpec) -> bool:
    return spec.name in presentation.TECHNICAL or codes.is_name_for_program(spec)


def _is_told(spec: FieldSpec) -> bool:
    return not _is_technical(spec) and spec.kind is not FieldKind.structure


def _cell(request: Request, spec: FieldSpec, row: Table, known: presentation.Titles) -> Cell:
    return cell(request, spec, getattr(row, spec.name), known, row)


def _if_may(staff: Staff, view: TableView, right: Right, url: str) -> str | None:
    return url if staff.may(view.identity, right) else None


def _full(staff: Staff, view: TableView, key: int) -> str | None:
    if not staff.may("history", Right.list):
        return None
    return addresses.list_of("history", table_name=view.identity, row_id__min=key, row_id__max=key)


def _tabs(view: TableView, key: int, tab: str, linked: list[writes.Held]) -> list[Tab]:
    here = addresses.details(view.identity, key)
    tabs = [Tab("Fiche", here, current=tab not in {LINKED, HISTORY})]
    if presentation.references_to(view.identity):
        tabs.append(Tab("Lignes liées", f"{here}?{TAB}={LINKED}", current=tab == LINKED, count=len(linked)))
    if view.model.recorded:
        tabs.append(Tab("Historique", f"{here}?{TAB}={HISTORY}", current=tab == HISTORY))
    return tabs


def _recreate_url(staff: Staff, row: Table) -> str | None:
    """From the line of the history that tells a deletion, the form that makes the row again."""
    if not isinstance(row, HistoryEntry) or row.operation is not Operation.delete:
        return None
    return addresses.recreate(row.table_name, row.id) if staff.may(row.table_name, Right.create) else None


def _changed(session: Session, row: Table) -> list[row_history.Change]:
    """What one line of the history itself tells, column by column."""
    if not isinstance(row, HistoryEntry):
        return []
    try:
        model = model_named(row.table_name)
    except KeyError:
        return []
    return row_history.entries_of(session, model, [row])[0].changes
