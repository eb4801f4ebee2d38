"""The CSV of a list: what its filters keep, streamed from the database in the form that the imports read back.

How a file is written (separators, dates, cells that a spreadsheet would run) is `schema.tabular`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from admin_app import presentation
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldSpec
from schema.references import References
from schema.tabular import write_csv

_AT_ONCE = 1000
_PIECE_BYTES = 64 * 1024


def csv_of(
    database: Database, model: type[Table], statement: sa.Select[Any], columns: Sequence[FieldSpec] | None = None
) -> Iterator[bytes]:
    """The file in large pieces, in a transaction of its own: it sees one moment of the database."""
    columns = columns or presentation.exported(model)
    with database.reading() as session:
        piece = bytearray()
        for line in write_csv(columns, rows(session, model, statement, columns)):
            piece += line
            if len(piece) >= _PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece)


def rows(
    session: Session, model: type[Table], statement: sa.Select[Any], columns: Sequence[FieldSpec]
) -> Iterator[tuple[Any, ...]]:
    """Rows a thousand at a time, references given by the name that people know."""
    table = table_of(model)
    wanted = statement.with_only_columns(*(table.c[spec.name] for spec in columns), maintain_column_froms=True)
    result = session.execute(wanted.order_by(table.c.id).execution_options(yield_per=_AT_ONCE))
    references = References(session)
    places = {place: spec for place, spec in enumerate(columns) if spec.references is not None}
    for part in result.partitions(_AT_ONCE):
        named = {
            place: references.names(spec, {row[place] for row in part if row[place] is not None})
            for place, spec in places.items()
        }
        for row in part:
            yield tuple(named[place].get(value, value) if place in named else value for place, value in enumerate(row))
