"""The list of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from admin_app import addresses, filter_form, listing
from admin_app.bulk import choosing
from admin_app.corrections import offering
from admin_app.exports import offers
from admin_app.file_links import file_of
from admin_app.permissions import Right
from admin_app.saved_views import bar
from admin_app.staff import staff_of
from enrolment.records import filters, presentation, search
from enrolment.rules import active_rows
from schema.base import table_of
from schema.describe import FieldKind, FieldSpec, field
from web.parts import Crumb

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView


@dataclass(frozen=True)
class Head:
    """The head of a column, and where a click on it leads."""

    label: str
    url: str | None
    sorted: str | None
    numeric: bool


@dataclass(frozen=True)
class Cell:
    """One value of a row. `tone` colours a status; `url` leads to the row that it names."""

    label: str
    text: str
    url: str | None = None
    tone: str | None = None
    numeric: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    key: int
    name: str
    url: str | None
    cells: list[Cell]
    inactive: bool = False


def show(office: BackOffice, view: TableView, request: Request) -> Response:
    """One page of the list. Under filters that cannot be understood it shows no row, and says why."""
    staff = staff_of(request)
    path = addresses.list_of(view.identity)
    params = request.query_params
    with office.database.reading() as session:
        found = listing.page(session, view.model, view.list_query(request), path, params)
        form = filter_form.build(session, view.model, path, params, found.filters, found.searched)
        title_specs = [field(view.model, name) for name in view.model.title_columns]
        named = presentation.titles(session, presentation.keys_of(title_specs, found.rows))
        views = bar.build(session, staff, view.identity, path, params)
    shown = listing.columns(view.model, params)
    query = str(QueryParams([pair for pair in params.multi_items() if pair[0] not in _PLACE and pair[1]]))
    context = {
        "view": view,
        "crumbs": [Crumb(view.category), Crumb(view.name_plural)],
        "heads": list(_heads(path, params, view, found)),
        "rows": [_row(request, view, row, {**found.titles, **named}) for row in found.rows],
        "views": views,
        "columns": [(spec, spec in shown) for spec in presentation.visible(view.model)],
        "columns_kept": bar.carried(params),
        "links": found.links,
        "count": found.count,
        "form": form,
        "searched": found.searched,
        "can_search": search.is_searchable(view.model),
        "create_url": addresses.create(view.identity) if staff.may(view.identity, Right.create) else None,
        "delete_url": addresses.delete(view.identity) if staff.may(view.identity, Right.delete) else None,
        "exports": offers.of(staff, view.identity, query),
        "sizes": [
            (size, filter_form.without(path, params, filters.SIZE), size == found.size) for size in listing.SIZES
        ],
        "size_name": filters.SIZE,
        "path": path,
        "correct": offering.of_list(staff, view.model, query) if found.rows else None,
        "import_url": offering.of_file(staff, view.model),
        "bulk": choosing.of_table(staff, view.identity, query, found.count.said) if found.rows else None,
    }
    return office.render(request, "sqladmin/list.html", context, 400 if found.filters.problems else 200)


_PLACE = frozenset({filters.AFTER, filters.BEFORE, filters.RANK, filters.SIZE, filters.SORT, filters.DIRECTION})


def _heads(path: str, params: QueryParams, view: TableView, found: listing.Listing) -> Iterator[Head]:
    sortable = set(presentation.sortable(view.model))
    base = filter_form.without(path, params, filters.SORT, filters.DIRECTION)
    for spec in listing.columns(view.model, params):
        url, said = None, None
        if spec in sortable:
            is_sorted = found.order.spec is not None and found.order.spec.name == spec.name
            if is_sorted:
                said = "descending" if found.order.descending else "ascending"
            direction = "desc" if said == "ascending" else "asc"
            url = _joined(base, [(filters.SORT, spec.name), (filters.DIRECTION, direction)])
        yield Head(spec.label, url, said, spec.kind is FieldKind.integer)


def _joined(url: str, pairs: list[tuple[str, str]]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{QueryParams(pairs)}"


def _row(request: Request, view: TableView, row: Any, known: presentation.Titles) -> Row:
    specs = [field(view.model, name) for name in view.model.title_columns]
    may_open = staff_of(request).may(view.identity, Right.details)
    return Row(
        row.id,
        presentation.title(specs, row, known),
        addresses.details(view.identity, row.id) if may_open else None,
        [
            cell(request, spec, getattr(row, spec.name), known, row)
            for spec in listing.columns(view.model, request.query_params)
        ],
        inactive=not active_rows.is_active(row),
    )


def cell(request: Request, spec: FieldSpec, value: Any, known: presentation.Titles, row: Any) -> Cell:
    """A value as lists and pages of rows show it."""
    text = presentation.shown(spec, value, known)
    if spec.kind is FieldKind.long_text and len(text) > 120:
        text = text[:119] + "…"
    tone = str(value) if spec.kind is FieldKind.choice and value is not None and _is_status(spec) else None
    return Cell(spec.label, text, _url(request, spec, value, row), tone, spec.kind is FieldKind.integer)


def _is_status(spec: FieldSpec) -> bool:
    return spec.name in {"status", "source", "target"} and spec.enum is not None and spec.table.startswith("request")


_NAMED_BY = {
    ("request", "number"),
    ("financing_request", "number"),
    ("outgoing_mail", "subject"),
    ("correction", "title"),
}
"""Columns that name a row of which a page of ours tells more."""


def _url(request: Request, spec: FieldSpec, value: Any, row: Any) -> str | None:
    """Where the row that a value names can be read, for those who may read it."""
    table = spec.references
    if (spec.table, spec.name) in _NAMED_BY:
        return file_of(staff_of(request), spec.table, row)
    if table_of(spec.model).name == "history" and spec.name == "row_id":
        table = row.table_name
    if table is None or value is None or not staff_of(request).may(table, Right.details):
        return None
    return addresses.details(table, value)
