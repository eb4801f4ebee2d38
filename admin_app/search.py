"""Finds rows by what a person types: a whole number or code first, through an index, then words inside texts.

Case and accents do not matter (`schema.folding`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from admin_app import presentation
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named
from schema.folding import contains, starts_with
from schema.types import InvalidValue

LONGEST = 200
_MOST_WORDS = 8
_SHORTEST_PREFIX = 4


def searchable(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns that the search box looks into."""
    return tuple(spec for spec in presentation.visible(model) if spec.meta.searchable)


def is_searchable(model: type[Table]) -> bool:
    """Whether a table, or one that its list shows by name, can be searched."""
    return bool(searchable(model) or _searched_references(model))


def condition(session: Session, model: type[Table], typed: str) -> sa.ColumnElement[bool]:
    """Which rows answer a search. Raises nothing: a search that finds nothing shows an empty list."""
    found = _by_index(session, model, typed)
    if found is not None:
        return found
    return sa.and_(sa.true(), *(_word(session, model, word) for word in _words(typed)))


def _words(typed: str) -> list[str]:
    return typed[:LONGEST].replace("\x00", "").split()[:_MOST_WORDS]


def _word(session: Session, model: type[Table], word: str) -> sa.ColumnElement[bool]:
    columns = table_of(model).c
    places = [contains(session, columns[spec.name], word) for spec in searchable(model)]
    for spec in _searched_references(model):
        assert spec.references is not None  # noqa: S101  These are references by definition.
        places.append(columns[spec.name].in_(keys_answering(session, spec.references, word)))
    return sa.or_(sa.false(), *places)


def keys_answering(session: Session, table: str, typed: str) -> sa.Select[tuple[int]]:
    """Keys of the rows of a table that answer a search in their own columns."""
    model = model_named(table)
    columns = table_of(model).c
    found = _by_index(session, model, typed)
    if found is None:
        places = [columns[spec.name] for spec in searchable(model)]
        found = sa.and_(
            sa.true(),
            *(sa.or_(sa.false(), *(contains(session, place, word) for place in places)) for word in _words(typed)),
        )
    return sa.select(columns.id).where(found)


def _searched_references(model: type[Table]) -> tuple[FieldSpec, ...]:
    return tuple(
        spec
        for spec in presentation.listed(model)
        if spec.references is not None and searchable(model_named(spec.references))
    )


def _by_index(session: Session, model: type[Table], typed: str) -> sa.ColumnElement[bool] | None:
    """A condition that an index answers, when what was typed is a value, or the start of one, that exists."""
    columns = table_of(model).c
    indexed = [spec for spec in searchable(model) if _is_indexed(columns[spec.name])]
    candidates: list[sa.ColumnElement[bool]] = [
        columns[spec.name] == value for spec in indexed if (value := _value(spec, typed)) is not None
    ]
    candidates += _prefixes(session, model, indexed, typed)
    for candidate in candidates:
        if session.execute(sa.select(columns.id).where(candidate).limit(1)).first() is not None:
            return candidate
    return None


def _value(spec: FieldSpec, typed: str) -> Any:
    try:
        return spec.clean(typed)
    except InvalidValue:
        return None


def _prefixes(
    session: Session, model: type[Table], indexed: Sequence[FieldSpec], typed: str
) -> list[sa.ColumnElement[bool]]:
    """Starts of numbers: only when a digit shows that no word was meant."""
    start = "".join(_words(typed.upper()))
    if len(start) < _SHORTEST_PREFIX or not any(letter.isdigit() for letter in start):
        return []
    columns = table_of(model).c
    return [starts_with(session, columns[spec.name], start) for spec in indexed if spec.kind is FieldKind.text]


def _is_indexed(column: sa.Column[Any]) -> bool:
    return bool(column.unique or column.index)
