"""One value in its two forms: as its column stores it, and as the history (`changes`) keeps it in JSON.

In Python and in SQL, on both engines: a correction is frozen in the history's form, so that what is applied, recorded
and undone is one and the same text.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from json.encoder import encode_basestring
from typing import Any

import sqlalchemy as sa

from schema.base import table_of
from schema.describe import FieldKind, FieldSpec

Changes = dict[str, list[Any]]

_TEXTS = frozenset({FieldKind.text, FieldKind.long_text, FieldKind.choice})
_NUMBERS = frozenset({FieldKind.integer, FieldKind.reference})


def kept(value: Any) -> Any:
    """A stored value as the history keeps it. Moments have one form, so that equal ones are equal texts."""
    if type(value) is str:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def stored(spec: FieldSpec, value: Any) -> Any:
    """The value of a column from its history's form."""
    if value is None or spec.kind in _NUMBERS or spec.kind is FieldKind.boolean:
        return value
    if spec.kind is FieldKind.moment:
        return datetime.fromisoformat(value)
    if spec.kind is FieldKind.date:
        return date.fromisoformat(value)
    return spec.enum(value) if spec.enum is not None else value


def written(changes: Changes) -> str:
    """Changes as the database is given them."""
    return _WRITER.encode(changes)


def written_pair(name: str, before: Any, after: Any) -> str:
    """One change as `written` puts it between its braces, for very many of them."""
    return f'"{name}":[{_value(before)},{_value(after)}]'


def _value(value: Any) -> str:
    if type(value) is str:
        return encode_basestring(value)
    return "null" if value is None else _WRITER.encode(value)


_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def has(spec: FieldSpec, changes: sa.ColumnElement[Any], *, sqlite: bool) -> sa.ColumnElement[bool]:
    """Whether the changes of a line touch a column."""
    if sqlite:
        return sa.func.json_type(changes, f'$."{spec.name}"').is_not(None)
    return changes.op("->")(sa.literal(spec.name)).is_not(None)


def before(spec: FieldSpec, changes: sa.ColumnElement[Any], *, sqlite: bool) -> sa.ColumnElement[Any]:
    """What a column held when the line was frozen, in the column's own type."""
    return _decoded(spec, changes, 0, sqlite=sqlite)


def after(spec: FieldSpec, changes: sa.ColumnElement[Any], *, sqlite: bool) -> sa.ColumnElement[Any]:
    """What a column is to hold, in the column's own type."""
    return _decoded(spec, changes, 1, sqlite=sqlite)


def _decoded(spec: FieldSpec, changes: sa.ColumnElement[Any], index: int, *, sqlite: bool) -> sa.ColumnElement[Any]:
    # A choice is read as its text: SQLAlchemy takes statements over two lists of choices for the same one.
    kind = sa.String() if spec.kind is FieldKind.choice else table_of(spec.model).c[spec.name].type
    if not sqlite:
        text = changes.op("->")(sa.literal(spec.name)).op("->>")(sa.literal(index))
        if spec.kind in _TEXTS:
            return sa.type_coerce(text, kind)
        return sa.cast(text, sa.DateTime(timezone=True) if spec.kind is FieldKind.moment else kind)
    value = sa.func.json_extract(changes, f'$."{spec.name}"[{index}]')
    if spec.kind is FieldKind.moment:
        # SQLite keeps a moment as a text in UTC without its zone.
        value = sa.func.replace(sa.func.substr(value, 1, 26), "T", " ")
    return sa.type_coerce(value, kind)
