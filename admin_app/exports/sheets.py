"""The rows of a list as a CSV or XLSX file, streamed. Under wrong filters nothing at all is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from admin_app import export, listing
from admin_app.exports import columns
from enrolment import clock
from enrolment.errors import Refused
from enrolment.typography import number
from schema.base import Table
from schema.database import Database
from schema.describe import FieldSpec
from schema.folding import fold
from schema.tabular import CSV, XLSX
from schema.workbook import MOST_ROWS, write_xlsx

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView


def csv(office: BackOffice, view: TableView, request: Request) -> Response:
    """The CSV of what the filters keep. Raises WrongFilters rather than give more than was asked."""
    statement = selected(office, view, request)
    chosen = columns.chosen(view.model, request.query_params)
    return _answer(view, "csv", CSV, export.csv_of(office.database, view.model, statement, chosen))


def xlsx(office: BackOffice, view: TableView, request: Request) -> Response:
    """The same as a workbook. Raises Refused when a sheet cannot hold as many rows."""
    statement = selected(office, view, request)
    rows = _rows_of(office.database, statement)
    if rows > MOST_ROWS - 1:
        raise Refused(
            f"Une feuille Excel contient au plus {number(MOST_ROWS)} lignes, en-tête compris, et cette liste en a "
            "davantage. Ajoutez un filtre pour en garder moins, ou exportez en CSV."
        )
    chosen = columns.chosen(view.model, request.query_params)
    return _answer(view, "xlsx", XLSX, _workbook(office.database, view.model, statement, chosen, rows))


def selected(office: BackOffice, view: TableView, request: Request) -> sa.Select[Any]:
    """The rows that the filters and the search of an address keep. Raises WrongFilters."""
    with office.database.reading() as session:
        statement, read, _ = listing.selection(session, view.model, view.list_query(request), request.query_params)
        read.conditions()
    return statement


def file_name(name: str, ending: str) -> str:
    """The name under which a file is saved: what it is about, and when it was made."""
    return f"{name}_{clock.now().astimezone(clock.PARIS):%Y-%m-%d_%H-%M}.{ending}"


def slug(label: str) -> str:
    """The French name of a table as the start of a name of file: « Règles de pièces » gives regles-de-pieces."""
    return "-".join(re.findall(r"[a-z0-9]+", fold(label)))


def _answer(view: TableView, ending: str, media_type: str, content: Iterator[bytes]) -> Response:
    name = file_name(slug(view.name_plural), ending)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(content, media_type=media_type, headers=headers)


def _rows_of(database: Database, statement: sa.Select[Any]) -> int:
    """How many rows there are, never counted beyond what a sheet holds."""
    bare = statement.with_only_columns(sa.literal(1), maintain_column_froms=True).order_by(None)
    with database.reading() as session:
        counted = sa.select(sa.func.count()).select_from(bare.limit(MOST_ROWS).subquery())
        return int(session.execute(counted).scalar_one())


def _workbook(
    database: Database, model: type[Table], statement: sa.Select[Any], chosen: Sequence[FieldSpec], expected: int
) -> Iterator[bytes]:
    """In a transaction of its own: it sees one moment of the database."""
    with database.reading() as session:
        rows = export.rows(session, model, statement, chosen)
        yield from write_xlsx(chosen, rows, model.label_plural, expected=expected)
