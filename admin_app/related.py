"""The rows of other tables that point to a row: the first of each table, the way to all, and the form of a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlmodel import Session
from starlette.requests import Request

from admin_app import addresses, writes
from admin_app.permissions import Right
from admin_app.staff import Staff, staff_of
from admin_app.table_list import Row, cell
from enrolment.records import presentation
from schema.base import Table, table_of
from schema.describe import FieldSpec
from schema.describe import field as field_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice

_FIRST = 5
_MOST_COLUMNS = 5


@dataclass(frozen=True)
class Related:
    """Rows of a table that point to a row by one column."""

    label: str
    column: str
    said: str
    url: str
    create_url: str | None
    heads: Sequence[str] = ()
    rows: list[Row] = field(default_factory=list)


def counted(session: Session, staff: Staff, model: type[Table], key: int) -> list[writes.Held]:
    """The tables that hold rows pointing to a row, for those who may list them."""
    return [held for held in writes.held_by(session, model, key) if staff.may(held.table, Right.list)]


def of(
    office: BackOffice, request: Request, session: Session, model: type[Table], key: int, held: list[writes.Held]
) -> list[Related]:
    """Each table of `held` with its newest rows, then those that have none yet and may be given one."""
    staff = staff_of(request)
    by_column = {(one.table, one.column): one for one in held}
    shown = [_filled(office, request, session, one, key) for one in held]
    return shown + list(_empty(staff, model, key, set(by_column)))


def _filled(office: BackOffice, request: Request, session: Session, held: writes.Held, key: int) -> Related:
    view = office.view_of(held.table)
    spec = field_of(view.model, held.column)
    specs = [one for one in presentation.listed(view.model) if one.name != spec.name][:_MOST_COLUMNS]
    columns = table_of(view.model).c
    statement = view.list_query(request).where(columns[spec.name] == key)
    rows = list(session.execute(statement.order_by(columns.id.desc()).limit(_FIRST)).scalars())
    titles = [field_of(view.model, name) for name in view.model.title_columns]
    known = presentation.titles(session, presentation.keys_of([*specs, *titles], rows))
    may_open = staff_of(request).may(held.table, Right.details)
    return Related(
        held.label,
        spec.label,
        held.said,
        addresses.list_of(held.table, **{held.column: key}),
        _create_url(staff_of(request), spec, key),
        [one.label for one in specs],
        [
            Row(
                row.id,
                presentation.title(titles, row, known),
                addresses.details(held.table, row.id) if may_open else None,
                [cell(request, one, getattr(row, one.name), known, row) for one in specs],
            )
            for row in rows
        ],
    )


def _empty(staff: Staff, model: type[Table], key: int, filled: set[tuple[str, str]]) -> Iterator[Related]:
    for spec in presentation.references_to(table_of(model).name):
        url = _create_url(staff, spec, key)
        if (spec.table, spec.name) not in filled and url:
            where = addresses.list_of(spec.table, **{spec.name: key})
            yield Related(spec.model.label_plural, spec.label, "0", where, url)


def _create_url(staff: Staff, spec: FieldSpec, key: int) -> str | None:
    """The form of a new row with its reference filled in."""
    if spec not in presentation.editable(spec.model) or not staff.may(spec.table, Right.create):
        return None
    return addresses.with_query(addresses.create(spec.table), {spec.name: key})
