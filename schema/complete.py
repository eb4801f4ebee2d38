"""Completes the mapped tables from their descriptions: lengths, CHECKs, relationships and indexes come from the types.

SQLModel loses the length of an optional annotated type, creates no CHECK for an enum or a bound, and wants each
relationship spelled out. Doing it once, here, is what makes a new column a single line.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import relationship

from schema.base import Table, table_of
from schema.columns import ColumnMeta, meta_of
from schema.indexes import add_indexes
from schema.moments import UtcDateTime
from schema.types import field_type_of


def bare_type(annotation: Any) -> Any:
    """The plain class of an annotation: `Annotated[str, …] | None` gives `str`."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return bare_type(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return bare_type(next(arg for arg in typing.get_args(annotation) if arg is not type(None)))
    return origin or annotation


def annotations_of(model: type[Table]) -> dict[str, Any]:
    """Annotations of every column of a model, `Annotated` metadata kept."""
    return typing.get_type_hints(model, include_extras=True)


def complete(models: Iterable[type[Table]]) -> None:
    """Complete every table. Called once, when `schema.tables` is imported."""
    by_table = {table_of(model).name: model for model in models}
    for model in by_table.values():
        table = table_of(model)
        annotations = annotations_of(model)
        for col in table.columns:
            _complete_column(table, col, annotations[col.name])
        for col in list(table.columns):
            for key in col.foreign_keys:
                target = by_table[key.column.table.name]
                link = relationship(target, foreign_keys=[col], remote_side=[table_of(target).c.id])
                setattr(model, col.name.removesuffix("_id"), link)
    add_indexes(table_of(model) for model in by_table.values())


def _complete_column(table: sa.Table, col: sa.Column[Any], annotation: Any) -> None:
    kind = bare_type(annotation)
    if isinstance(kind, type) and issubclass(kind, Enum):
        values = [str(member.value) for member in kind]
        col.type = sa.Enum(
            kind,
            native_enum=False,
            create_constraint=False,
            length=40,
            values_callable=lambda enum: [member.value for member in enum],
        )
        listed = ", ".join(f"'{value}'" for value in values)
        _check(table, col, f"{col.name} IN ({listed})", "value")
    elif kind is datetime:
        col.type = UtcDateTime()
    elif kind is str:
        field_type = field_type_of(annotation)
        if field_type is not None:
            col.type = sa.String(field_type.max_length)
            _check(table, col, f"length({col.name}) BETWEEN 1 AND {field_type.max_length}", "length")
    elif kind is int:
        _check_bounds(table, col, meta_of(col))


def _check_bounds(table: sa.Table, col: sa.Column[Any], meta: ColumnMeta) -> None:
    if meta.ge is not None:
        _check(table, col, f"{col.name} >= {meta.ge}", "minimum")
    if meta.le is not None:
        _check(table, col, f"{col.name} <= {meta.le}", "maximum")


def _check(table: sa.Table, col: sa.Column[Any], rule: str, name: str) -> None:
    table.append_constraint(sa.CheckConstraint(rule, name=f"{col.name}_{name}"))
