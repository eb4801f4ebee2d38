"""The page of one row: its values, what points to it, and its history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from admin_app import addresses, codes, presentation, writes
from admin_app.file_links import file_of
from admin_app.permissions import Right
from admin_app.rules import form as rules
from admin_app.staff import Staff, staff_of
from admin_app.table_list import Cell, cell
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, field, model_named
from schema.tables import HistoryEntry
from web.parts import Crumb, Tab

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView

TAB = "onglet"
LINKED = "lignes-liees"
HISTORY = "historique"
_MOST_ENTRIES = 50


@dataclass(frozen=True)
class Change:
    """One column of one change."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One change of the row."""

    at: datetime
    title: str
    by: str
    reason: str
    changes: list[Change]


@dataclass(frozen=True)
class Link:
    """Rows of another table that point to this one."""

    label: str
    column: str
    said: str
    url: str


def show(office: BackOffice, view: TableView, request: Request) -> Response:
    """The page, on one of its tabs."""
    staff = staff_of(request)
    key: int = request.path_params["pk"]
    tab = request.query_params.get(TAB, "")
    with office.database.reading() as session:
        row = view.row(session, request, key)
        name = presentation.title_of(session, row)
        linked = list(_linked(session, staff, view.model, key))
        context: dict[str, Any] = {
            "view": view,
            "name": name,
            "crumbs": [Crumb(view.category), Crumb(view.name_plural, addresses.list_of(view.identity)), Crumb(name)],
            "tab": tab if tab in {LINKED, HISTORY} else "",
            "tabs": _tabs(view, key, tab, linked),
            "linked": linked,
            "linked_tab": LINKED,
            **rules.context_of(session, view, row),
            "history_tab": HISTORY,
            "file_url": file_of(staff, view.identity, key),
            "edit_url": _if_may(staff, view, Right.edit, addresses.edit(view.identity, key)),
            "delete_url": _if_may(staff, view, Right.delete, addresses.delete(view.identity, key)),
        }
        if tab == HISTORY and view.model.recorded:
            context |= {"entries": history(session, view.model, key), "full_history_url": _full(staff, view, key)}
        elif tab != LINKED:
            specs = presentation.visible(view.model)
            known = presentation.titles(session, presentation.keys_of(specs, [row]))
            context |= {
                "cells": [_cell(request, spec, row, known) for spec in specs if _is_told(spec)],
                "changed": _changed(session, row),
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


def _tabs(view: TableView, key: int, tab: str, linked: list[Link]) -> list[Tab]:
    here = addresses.details(view.identity, key)
    tabs = [Tab("Fiche", here, current=tab not in {LINKED, HISTORY})]
    if presentation.references_to(view.identity):
        tabs.append(Tab("Lignes liées", f"{here}?{TAB}={LINKED}", current=tab == LINKED, count=len(linked)))
    if view.model.recorded:
        tabs.append(Tab("Historique", f"{here}?{TAB}={HISTORY}", current=tab == HISTORY))
    return tabs


def _linked(session: Session, staff: Staff, model: type[Table], key: int) -> Iterator[Link]:
    for held in writes.held_by(session, model, key):
        if staff.may(held.table, Right.list):
            spec = field(model_named(held.table), held.column)
            yield Link(held.label, spec.label, held.said, addresses.list_of(held.table, **{held.column: key}))


def _changed(session: Session, row: Table) -> list[Change]:
    """What one line of the history itself tells, column by column."""
    if not isinstance(row, HistoryEntry):
        return []
    try:
        model = model_named(row.table_name)
    except KeyError:
        return []
    return _entries(session, model, [row])[0].changes


def history(session: Session, model: type[Table], key: int) -> list[Entry]:
    """The last changes of a row, newest first."""
    table = table_of(model).name
    rows = session.exec(
        select(HistoryEntry)
        .where(HistoryEntry.table_name == table, HistoryEntry.row_id == key)
        .order_by(col(HistoryEntry.id).desc())
        .limit(_MOST_ENTRIES)
    ).all()
    return _entries(session, model, rows)


def _entries(session: Session, model: type[Table], rows: Sequence[HistoryEntry]) -> list[Entry]:
    """Lines of the history in French. Columns that are secret, or no longer exist, are left out."""
    specs = {spec.name: spec for spec in presentation.visible(model)}
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for name, values in row.changes.items():
            spec = specs.get(name)
            if spec is not None and spec.references is not None:
                wanted.setdefault(spec.references, set()).update(value for value in values if isinstance(value, int))
    known = presentation.titles(session, wanted)
    return [
        Entry(
            row.at,
            row.operation.label,
            f"{row.actor_label} ({row.actor_kind.label})",
            row.reason or "",
            [
                Change(specs[name].label, _said(specs[name], before, known), _said(specs[name], after, known))
                for name, (before, after) in row.changes.items()
                if name in specs
            ],
        )
        for row in rows
    ]


def _said(spec: FieldSpec, value: Any, known: presentation.Titles) -> str:
    """A value as history keeps it (JSON), in French. What can no longer be read is shown as it stands."""
    if value is None:
        return ""
    try:
        if spec.kind is FieldKind.moment:
            return spec.show(datetime.fromisoformat(value))
        if spec.kind is FieldKind.date:
            return spec.show(date.fromisoformat(value))
        return presentation.shown(spec, value, known)
    except (ValueError, TypeError):
        return str(value)


def said_of(session: Session, spec: FieldSpec, value: Any) -> str:
    """The same for a value met alone: the name behind a reference is looked up."""
    wanted = {spec.references: {value}} if spec.references is not None and isinstance(value, int) else {}
    return _said(spec, value, presentation.titles(session, wanted))
