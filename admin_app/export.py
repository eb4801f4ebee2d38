"""The CSV of a list: what its filters keep, streamed row by row, safe to open in a spreadsheet.

Semicolons, a byte order mark and CRLF, as French spreadsheets expect; a cell that a spreadsheet would run as a formula
is made a text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from admin_app import presentation
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldKind, FieldSpec

_AT_ONCE = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BYTE_ORDER_MARK = "\ufeff"


def harmless(text: str) -> str:
    """A cell that no spreadsheet runs as a formula (SEC-9)."""
    bare = text.lstrip(" \u00a0\u202f")
    return f"'{text}" if bare.startswith(_FORMULA) or text.startswith(_FORMULA) else text


def rows_as_csv(database: Database, model: type[Table], statement: sa.Select[Any]) -> Iterator[bytes]:
    """The file, in pieces of some hundred rows, in a transaction of its own: it sees one moment of the database."""
    specs = presentation.exported(model)
    columns = [table_of(model).c[spec.name] for spec in specs]
    with database.reading() as session:
        wanted = statement.with_only_columns(*columns, maintain_column_froms=True).order_by(table_of(model).c.id)
        result = session.execute(wanted.execution_options(stream_results=True, yield_per=_AT_ONCE))
        yield (_BYTE_ORDER_MARK + _lines([[spec.label for spec in specs]])).encode()
        for part in result.partitions(_AT_ONCE):
            known = presentation.titles(session, presentation.keys_of(specs, part))
            yield _lines(
                [[harmless(_cell(spec, value, known)) for spec, value in zip(specs, row, strict=True)] for row in part]
            ).encode()


def _cell(spec: FieldSpec, value: Any, known: presentation.Titles) -> str:
    if value is None:
        return ""
    if spec.kind is FieldKind.structure:
        return ""
    if spec.kind in (FieldKind.text, FieldKind.long_text) and spec.name != "table_name":
        # As stored: a SIRET without its spaces can be looked up and imported again.
        return str(value)
    return presentation.shown(spec, value, known)


def _lines(rows: list[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(rows)
    return written.getvalue()
