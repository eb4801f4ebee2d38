"""One SQLAdmin view for each table of the schema, made from its description.

A view says which rows exist for whom (`list_query`, the single scope that every page, export and deletion goes through)
and how rows are written (in our transactions, with their history). How pages look is in the `table_*` modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

import anyio
import sqlalchemy as sa
from sqladmin import ModelView
from sqlmodel import Session
from starlette.requests import Request

from admin_app import menu, writes
from admin_app.permissions import TABLES, Right
from admin_app.staff import staff_of
from enrolment.errors import NotFound
from enrolment.records import presentation
from schema.base import Table, table_of
from schema.tables import ALL

if TYPE_CHECKING:
    from admin_app.office import BackOffice

_LARGEST_KEY = 2**63 - 1


class TableView(ModelView):
    """What all generated views share."""

    # Imports have pages of their own; files are never served from a column.
    can_import: ClassVar[bool] = False
    model: ClassVar[type[Table]]

    @property
    def office(self) -> BackOffice:
        """The back office that this view belongs to."""
        return cast("BackOffice", self._admin_ref)

    def list_query(self, request: Request) -> sa.Select[Any]:
        """Every row that exists for whoever asks: lists, pages, exports, forms and deletions all start from it."""
        statement = sa.select(self.model)
        if table_of(self.model).name == "history":
            role = staff_of(request).role
            seen = [table for table, row in TABLES.items() if Right.list in row[role]]
            if len(seen) < len(TABLES):
                statement = statement.where(table_of(self.model).c.table_name.in_(seen))
        return statement

    def row_query(self, request: Request, key: int) -> sa.Select[Any]:
        """One row, within the same scope. Raises NotFound for a key that cannot exist."""
        if not 0 < key <= _LARGEST_KEY:
            raise NotFound("Cette ligne n'existe pas ou n'existe plus.")
        return self.list_query(request).where(table_of(self.model).c.id == key)

    def row(self, session: Session, request: Request, key: int) -> Table:
        """One row to show. Raises NotFound."""
        found = session.execute(self.row_query(request, key)).scalar()
        if found is None:
            raise NotFound("Cette ligne n'existe pas ou n'existe plus.")
        return cast("Table", found)

    def details_query(self, request: Request) -> sa.Select[Any]:
        """SQLAdmin's name for one row of the scope."""
        return self.row_query(request, int(request.path_params["pk"]))

    form_edit_query = details_query
    form_details_query = details_query

    def count_query(self, request: Request) -> sa.Select[Any]:
        """SQLAdmin's name for the count of the scope."""
        return sa.select(sa.func.count()).select_from(self.list_query(request).subquery())

    async def get_object_for_delete(self, value: Any) -> Any:
        """SQLAdmin's own deletion knows no request, hence no scope: it has no route here and finds nothing."""
        del value

    async def insert_model(self, request: Request, data: dict[str, Any]) -> Table:
        """Write a row in a transaction of ours."""

        def write() -> Table:
            staff = staff_of(request)
            with self.office.database.writing(staff.actor) as session:
                return writes.insert(session, staff, self.model, data)

        return await anyio.to_thread.run_sync(write)

    async def update_model(self, request: Request, pk: str, data: dict[str, Any]) -> Table:
        """Write changes in a transaction of ours; `row_version` must be among the data."""

        def write() -> Table:
            staff = staff_of(request)
            values = dict(data)
            version = values.pop("row_version", None)
            with self.office.database.writing(staff.actor) as session:
                row = writes.locked(session, self.row_query(request, int(pk)))
                writes.update(session, staff, row, version, values)
                return row

        return await anyio.to_thread.run_sync(write)

    async def delete_model(self, request: Request, pk: Any) -> None:
        """Delete in a transaction of ours."""

        def write() -> None:
            staff = staff_of(request)
            with self.office.database.writing(staff.actor) as session:
                writes.delete(session, staff, writes.locked(session, self.row_query(request, int(pk))))

        await anyio.to_thread.run_sync(write)


def _make(model: type[Table]) -> type[TableView]:
    table = table_of(model).name
    columns = table_of(model).c
    attributes: dict[str, Any] = {
        "__doc__": model.about,
        "__module__": __name__,
        "name": model.label,
        "name_plural": model.label_plural,
        "category": menu.category_of(table),
        "column_list": [spec.name for spec in presentation.listed(model)],
        "column_details_list": [spec.name for spec in presentation.visible(model)],
        "column_sortable_list": [spec.name for spec in presentation.sortable(model)],
        "column_searchable_list": [spec.name for spec in presentation.visible(model) if spec.meta.searchable],
        "column_labels": {spec.name: spec.label for spec in presentation.visible(model)},
        "column_export_list": [spec.name for spec in presentation.exported(model)],
        "form_columns": [spec.name for spec in presentation.editable(model)] or [columns.id.name],
        "column_default_sort": ("id", True),
    }
    metaclass: Any = type(TableView)
    made = metaclass(f"{model.__name__}View", (TableView,), attributes, model=model)
    made.identity = table
    return cast("type[TableView]", made)


def make_views() -> tuple[type[TableView], ...]:
    """Every table of the schema, in its order. SQLAdmin ties a class to one application, so each gets its own."""
    return tuple(_make(model) for model in ALL)
