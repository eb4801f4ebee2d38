"""Statements compiled once, where building and compiling them each time would cost several times the work itself.

`Prepared` are fixed SELECTs with named parameters, read straight from the driver, for the few pages that are opened
very often. `PreparedChange` are the statements of a long work that comes in thousands of parts: they run in a session,
and record nothing by themselves. Whatever else changes something goes through a session, which records it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Session

_Converter = Callable[[Any], Any] | None


class Prepared:
    """A SELECT, and for each engine its text and the conversions of its columns. Rows are named tuples."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def form(self, dialect: Dialect) -> _Form:
        """The statement as this engine takes it; compiled at its first use."""
        found = self._forms.get(dialect.name)
        if found is None:
            found = self._forms[dialect.name] = _Form(self._statement, dialect)
        return found


class PreparedChange:
    """A statement that changes rows, compiled for one engine. Its values are given by name at each run."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        self._text = _Text(statement, dialect)

    def run(self, session: Session, given: Mapping[str, Any]) -> int:
        """Run it in the transaction of a session; how many rows it changed, where the driver says.

        `given` may hold more values than the statement takes.
        """
        values = {name: given[name] for name in self._text.asked}
        converted = self._text.converted(values)
        done = session.connection().exec_driver_sql(self._text.text, self._text.values(converted))
        return int(done.rowcount)


class _Text:
    """A statement as one engine takes it, with the values that never change."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._dialect = dialect
        self._kinds = {name: bind.type for name, bind in compiled.binds.items()}
        self._fixed = {
            name: _to_driver(bind.type, dialect, bind.value)
            for name, bind in compiled.binds.items()
            if not bind.required
        }
        self.asked = [name for name in compiled.binds if name not in self._fixed]
        self._order = compiled.positiontup

    def values(self, given: Mapping[str, Any]) -> Any:
        """The parameters in the shape that the driver takes."""
        named = {**self._fixed, **given}
        return named if self._order is None else tuple(named[name] for name in self._order)

    def converted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Values of the program as the driver takes them."""
        return {name: _to_driver(self._kinds[name], self._dialect, value) for name, value in given.items()}


class _Form(_Text):
    """A SELECT of one engine."""

    def __init__(self, statement: sa.Select[Any], dialect: Dialect) -> None:
        super().__init__(statement, dialect)
        columns = statement.selected_columns
        shape = namedtuple("Row", columns.keys())  # type: ignore[misc]  # noqa: PYI024  Known only now.
        self._row: Callable[[Iterable[Any]], Any] = shape._make
        converters = [_from_driver(column.type, dialect) for column in columns]
        self._converters = [(place, convert) for place, convert in enumerate(converters) if convert is not None]

    def rows(self, read: Iterable[Any]) -> list[Any]:
        """Rows as the driver gave them, with the values that the program works with."""
        make, converters, made = self._row, self._converters, []
        for row in read:
            cells = list(row)
            for place, convert in converters:
                cells[place] = convert(cells[place])
            made.append(make(cells))
        return made


class Snapshot:
    """One moment of the database, read through prepared statements. `Database.snapshot` gives it."""

    def __init__(self, dialect: Dialect, cursor: Any) -> None:
        self._dialect = dialect
        self._cursor = cursor

    def rows(self, statement: Prepared, **values: Any) -> list[Any]:
        """All the rows. An error of the driver is raised as SQLAlchemy would, without the values."""
        form = statement.form(self._dialect)
        try:
            self._cursor.execute(form.text, form.values(values))
            return form.rows(self._cursor.fetchall())
        except self._dialect.loaded_dbapi.Error as error:
            base = self._dialect.loaded_dbapi.Error
            raise sa.exc.DBAPIError.instance(form.text, None, error, base, hide_parameters=True) from error

    def first(self, statement: Prepared, **values: Any) -> Any | None:
        """The first row, if there is any."""
        rows = self.rows(statement, **values)
        return rows[0] if rows else None


class _Known(dict[Any, Any]):
    """The values of a closed list, converted once each."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, read: Any) -> Any:
        value = self[read] = self._convert(read)
        return value


def _from_driver(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> _Converter:
    convert: _Converter = kind.dialect_impl(dialect).result_processor(dialect, None)
    if convert is not None and isinstance(kind, sa.Enum | sa.Boolean):
        return _Known(convert).__getitem__
    return convert


def _to_driver(kind: sa.types.TypeEngine[Any], dialect: Dialect, value: Any) -> Any:
    convert: _Converter = kind.dialect_impl(dialect).bind_processor(dialect)
    return value if convert is None else convert(value)
