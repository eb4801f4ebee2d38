"""Finds the rows that the lines of a file name, very many at a time: one query, carried by the index of the key.

An export writes a table in its own order: where lines follow that order, the next rows are read first, and are the ones
if they bear the keys asked for. What rows hold comes back in the history's form, without a function call for a value
unless its kind needs one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections.codecs import kept
from enrolment.errors import Refused
from enrolment.typography import number
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, field

_MOST_WITHOUT_INDEX = 50_000
Keys = Sequence[Sequence[Any]]
_ARRAYS = {
    FieldKind.integer: "bigint[]",
    FieldKind.reference: "bigint[]",
    FieldKind.boolean: "boolean[]",
    FieldKind.date: "date[]",
}
_MOST_WRONG_GUESSES = 3
"""After so many a file is taken not to follow the order of its table: each costs half of a query by key."""

_NO_KEYS = frozenset({FieldKind.moment, FieldKind.structure, FieldKind.long_text})


@dataclass(frozen=True)
class Matches:
    """What was found. Everything has one entry for each key that was asked, in order; `columns` are those of the rows.

    The key of a row is None when there is none, and `ambiguous` names the places where there are several.
    """

    ids: Sequence[int | None]
    columns: Sequence[Sequence[Any]]
    ambiguous: frozenset[int]


class Matcher:
    """Rows of one table by one key. `names` are the columns that are read. Raises Refused for a key that cannot be."""

    def __init__(self, session: Session, model: type[Table], key: Sequence[str], names: Sequence[str]) -> None:
        self._table = table_of(model)
        self._key = [field(model, name) for name in key]
        self._specs = [field(model, name) for name in names]
        self._sqlite = session.get_bind().dialect.name == "sqlite"
        for spec in self._key:
            if spec.kind in _NO_KEYS or spec.meta.secret:
                raise Refused(f"La colonne « {spec.label} » ne peut pas servir à reconnaître les lignes.")
        self._require_index(session, model)
        quote = session.get_bind().dialect.identifier_preparer.quote
        read = ", ".join(f"found.{quote(spec.name)}" for spec in self._specs)
        self._statement = (self._on_sqlite if self._sqlite else self._on_postgresql)(quote, f", {read}" if read else "")
        self._following = self._in_order(quote)
        self._normal = [_normal(spec, sqlite=self._sqlite) for spec in self._specs]
        self._normal_key = [_normal(spec, sqlite=self._sqlite) for spec in self._key]
        self._last: int | None = None
        self._wrong_guesses = 0 if _is_unique(self._table, set(key)) else _MOST_WRONG_GUESSES

    def find(self, session: Session, keys: Keys) -> Matches:
        """The rows of these keys: for each column of the key its values, in the history's form."""
        found = self._next_rows(session, keys) or self._by_key(session, keys)
        self._last = _end_of_run(found.ids) if self._wrong_guesses < _MOST_WRONG_GUESSES else None
        return found

    def _next_rows(self, session: Session, keys: Keys) -> Matches | None:
        """The rows that follow those of the keys before, if they are the rows of these keys; None when not."""
        if self._last is None or not keys[0]:
            return None
        rows = _fetched(session, self._following, (self._last, len(keys[0])))
        ids, *columns = zip(*rows, strict=True) if rows else ((),)
        wide = len(self._key)
        own = [list(normal(column)) for normal, column in zip(self._normal_key, columns[:wide], strict=False)]
        if own != list(map(list, keys)) or any(None in column for column in own):
            self._wrong_guesses += 1
            return None
        values = [normal(column) for normal, column in zip(self._normal, columns[wide:], strict=True)]
        return Matches(ids, values, frozenset())

    def _by_key(self, session: Session, keys: Keys) -> Matches:
        parameters: tuple[Any, ...]
        if self._sqlite:
            parameters = (json.dumps(keys[0] if len(keys) == 1 else list(zip(*keys, strict=True))),)
        else:
            parameters = tuple(map(list, keys))
        rows = _fetched(session, self._statement, parameters)
        columns = list(zip(*rows, strict=True)) if rows else [()] * (2 + len(self._specs))
        ambiguous: set[int] = set()
        if columns[0] != tuple(range(len(keys[0]))):
            rows, ambiguous = _sorted_by_place(rows, len(keys[0]))
            columns = list(zip(*rows, strict=True)) if rows else columns
        values = [normal(column) for normal, column in zip(self._normal, columns[2:], strict=True)]
        return Matches(columns[1], values, frozenset(ambiguous))

    def _in_order(self, quote: Callable[[str], str]) -> str:
        read = ", ".join(quote(spec.name) for spec in (*self._key, *self._specs))
        mark = "?" if self._sqlite else "%s"
        # The names are the schema's own.
        return f"SELECT id, {read} FROM {quote(self._table.name)} WHERE id > {mark} ORDER BY id LIMIT {mark}"  # noqa: S608

    def _on_sqlite(self, quote: Callable[[str], str], read: str) -> str:
        one = len(self._key) == 1
        same = " AND ".join(
            f"found.{quote(spec.name)} = " + ("wanted.value" if one else f"json_extract(wanted.value, '$[{place}]')")
            for place, spec in enumerate(self._key)
        )
        return (
            f"SELECT wanted.key, found.id{read} FROM json_each(?) AS wanted "  # noqa: S608
            f"LEFT JOIN {quote(self._table.name)} AS found ON {same}"
        )

    def _on_postgresql(self, quote: Callable[[str], str], read: str) -> str:
        arrays = ", ".join(f"%s::{_ARRAYS.get(spec.kind, 'text[]')}" for spec in self._key)
        names = ", ".join(f"k{place}" for place in range(len(self._key)))
        same = " AND ".join(f"found.{quote(spec.name)} = wanted.k{place}" for place, spec in enumerate(self._key))
        return (
            f"SELECT wanted.place::int - 1, found.id{read} "  # noqa: S608  The same.
            f"FROM unnest({arrays}) WITH ORDINALITY AS wanted({names}, place) "
            f"LEFT JOIN {quote(self._table.name)} AS found ON {same}"
        )

    def _require_index(self, session: Session, model: type[Table]) -> None:
        """Without an index every part of the file would read the whole table."""
        names = {spec.name for spec in self._key}
        table = self._table
        indexed = [[one.name for one in index.columns] for index in table.indexes]
        indexed += [
            [one.name for one in rule.columns]
            for rule in table.constraints
            if isinstance(rule, sa.PrimaryKeyConstraint | sa.UniqueConstraint)
        ]
        indexed += [[one.name] for one in table.columns if one.unique]
        if any(columns and columns[0] in names for columns in indexed):
            return
        many = session.connection().exec_driver_sql(
            f"SELECT count(*) FROM (SELECT 1 FROM {table.name} LIMIT {_MOST_WITHOUT_INDEX + 1}) AS rows"  # noqa: S608
        )
        if many.scalar_one() > _MOST_WITHOUT_INDEX:
            labels = ", ".join(f"« {spec.label} »" for spec in self._key)
            raise Refused(
                f"{labels} ne permet pas de retrouver vite une ligne parmi plus de {number(_MOST_WITHOUT_INDEX)} dans "
                f"« {model.label_plural} ». Reconnaissez les lignes par « Identifiant technique », ou par une colonne "
                "dont la valeur est unique."
            )


def _fetched(session: Session, statement: str, parameters: tuple[Any, ...]) -> list[Any]:
    """The driver's own rows: nobody reads them by name."""
    driver: Any = session.connection().connection.dbapi_connection
    with closing(driver.cursor()) as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


def _is_unique(table: Any, key: set[str]) -> bool:
    """Whether no two rows can have the same key."""
    unique = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
    rules = [rule.columns for rule in table.constraints if isinstance(rule, unique)]
    rules += [one.columns for one in table.indexes if one.unique and one.dialect_options["sqlite"]["where"] is None]
    return any(key >= {column.name for column in columns} for columns in rules)


def _end_of_run(ids: Sequence[int | None]) -> int | None:
    """The last of some keys that follow one another but for a few that are missing; None when they do not."""
    if not ids:
        return None
    first, last = ids[0], ids[-1]
    if first is None or last is None or not 0 <= last - first < 2 * len(ids):
        return None
    return last


def _sorted_by_place(found: Sequence[Any], count: int) -> tuple[list[Any], set[int]]:
    """One row for each key, in the order of the keys; which keys have several."""
    rows: list[Any] = [None] * count
    several = set()
    for row in found:
        if rows[row[0]] is not None:
            several.add(row[0])
        rows[row[0]] = row
    return rows, several


def _normal(spec: FieldSpec, *, sqlite: bool) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """How the driver's values of a column take the history's form. Only PostgreSQL's driver gives days as days."""
    if spec.kind is FieldKind.boolean:
        return lambda values: [None if value is None else bool(value) for value in values]
    if spec.kind is FieldKind.date and not sqlite:
        return lambda values: [kept(value) for value in values]
    if spec.kind is FieldKind.moment:
        return lambda values: [None if value is None else kept(_moment(value)) for value in values]
    return lambda values: values


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value
