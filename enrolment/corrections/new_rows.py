"""Rows that a file creates: every value that the table must have, those that the portal fills by itself included."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from enrolment.corrections.codecs import Changes, kept
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, fields

_BOOKKEEPING = frozenset({"id", "row_version", "created_at", "updated_at"})


def is_creatable(model: type[Table]) -> bool:
    """Whether people give every value that a new row needs: what the process makes comes from no file."""
    return not any(
        spec.required and not spec.has_default and not spec.meta.editable and not _is_computed(spec)
        for spec in fields(model)
        if spec.name not in _BOOKKEEPING
    )


class NewRows:
    """Makes the values of new rows."""

    def __init__(self, model: type[Table]) -> None:
        own = [spec for spec in fields(model) if spec.name not in _BOOKKEEPING and not _is_computed(spec)]
        self._defaults = {spec.name: make for spec in own if (make := _default(spec)) is not None}
        self._required = [spec for spec in own if _is_asked(spec)]

    def missing(self, values: Mapping[str, Any]) -> list[str]:
        """The labels of the columns without which there is no row."""
        return [spec.label for spec in self._required if values.get(spec.name) is None]

    def changes(self, values: Mapping[str, Any]) -> Changes:
        """What the history says of the new row."""
        whole = {name: make() for name, make in self._defaults.items() if values.get(name) is None} | {
            name: value for name, value in values.items() if value is not None
        }
        return {name: [None, value] for name, value in whole.items() if value is not None}


def is_as_created(
    model: type[Table], row: Any, value: Callable[[FieldSpec], sa.ColumnElement[Any]]
) -> list[sa.ColumnElement[bool]]:
    """Whether a row still is, in every column, what its line created: a column that the line does not name is empty.

    `value` gives what the line says of a column.
    """
    own = [spec for spec in fields(model) if spec.name not in _BOOKKEEPING and not _is_computed(spec)]
    return [_comparable(spec, row.c[spec.name]).is_not_distinct_from(_comparable(spec, value(spec))) for spec in own]


def _comparable(spec: FieldSpec, value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """PostgreSQL compares no JSON, only its text."""
    return sa.cast(value, sa.Text) if spec.kind is FieldKind.structure else value


def is_asked(spec: FieldSpec) -> bool:
    """Whether a file must give this column of a new row, since nothing else does."""
    return spec.name not in _BOOKKEEPING and not _is_computed(spec) and _is_asked(spec)


def _is_asked(spec: FieldSpec) -> bool:
    return spec.required and _default(spec) is None


def _is_computed(spec: FieldSpec) -> bool:
    return table_of(spec.model).c[spec.name].computed is not None


def _default(spec: FieldSpec) -> Callable[[], Any] | None:
    """What gives the value of a column that nobody filled, in the history's form; None when nothing does."""
    default: Any = table_of(spec.model).c[spec.name].default
    if default is None:
        return None
    if default.is_callable:
        return lambda: kept(default.arg(None))
    value = kept(default.arg)
    return None if value is None else lambda: value
