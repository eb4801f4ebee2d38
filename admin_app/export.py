"""The CSV of a list: what its filters keep, streamed from the database in the form that the imports read back.

How a file is written (separators, dates, cells that a spreadsheet would run) is `schema.tabular`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.records import presentation
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldSpec, model_named
from schema.references import References, naming_of
from schema.tabular_columns import write_csv_parts

_AT_ONCE = 1000
_PIECE_BYTES = 256 * 1024


def csv_of(
    database: Database, model: type[Table], statement: sa.Select[Any], columns: Sequence[FieldSpec] | None = None
) -> Iterator[bytes]:
    """The file in large pieces, in a transaction of its own: it sees one moment of the database."""
    columns = columns or presentation.exported(model)
    named_by = [spec if spec.references is None else naming_of(model_named(spec.references)) for spec in columns]
    with database.reading_much() as session:
        piece = bytearray()
        for part in write_csv_parts(columns, named_by, _parts(session, model, statement, columns)):
            piece += part
            # Each piece goes through the server's loop, where the pages of others get their turn.
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


def _parts(
    session: Session, model: type[Table], statement: sa.Select[Any], columns: Sequence[FieldSpec]
) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows some hundreds at a time, as the driver gives them; references by the name that people know."""
    table = table_of(model)
    source: sa.FromClause = table
    wanted: list[sa.ColumnElement[Any]] = []
    for spec in columns:
        column: sa.ColumnElement[Any] = table.c[spec.name]
        if spec.references is not None:
            target = model_named(spec.references)
            naming = naming_of(target).name
            if naming != "id":
                other = table_of(target).alias()
                source = source.outerjoin(other, other.c.id == column)
                column = other.c[naming]
        wanted.append(column)
    exact = sa.select(*wanted).select_from(source).order_by(table.c.id)
    if statement.whereclause is not None:
        exact = exact.where(statement.whereclause)
    if session.get_bind().dialect.name != "sqlite":
        result = session.connection().execute(exact.execution_options(yield_per=_AT_ONCE))
        yield from result.partitions(_AT_ONCE)
        return
    # From the driver itself: SQLAlchemy would make a row of each and something of each value, thirty million times.
    with closing(session.connection().execute(exact)) as result:
        cursor: Any = result.cursor
        while part := cursor.fetchmany(_AT_ONCE):
            yield part
