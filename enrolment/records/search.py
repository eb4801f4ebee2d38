"""Finds rows by what a person types: a whole number or code first, through an index, then words inside texts.

Case and accents do not matter (`schema.folding`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.records import presentation
from schema import text_index
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named
from schema.folding import contains, starts_with
from schema.indexes import GROWING
from schema.types import InvalidValue

LONGEST = 200
_MOST_WORDS = 8
_SHORTEST_PREFIX = 4
_NEWEST = 1_000

Keys = sa.Select[tuple[int]]
Newest = Callable[[int, int | None], list[int]]
"""So many keys, the highest ones, below a key if one is given, among which the rows are; none when it cannot tell."""

_Columns = sa.ColumnCollection[str, Any]


def searchable(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns that the search box looks into."""
    return tuple(spec for spec in presentation.visible(model) if spec.meta.searchable)


def is_searchable(model: type[Table]) -> bool:
    """Whether a table, or one that its list shows by name, can be searched."""
    return bool(searchable(model) or _searched_references(model))


@dataclass(frozen=True)
class Answer:
    """Which rows answer a search; keys, each through an index, among which all of them are; a way to the newest."""

    condition: sa.ColumnElement[bool]
    narrow: list[Keys]
    newest: Newest | None = None


def answer(session: Session, model: type[Table], typed: str) -> Answer:
    """Raises nothing: a search that finds nothing shows an empty list."""
    table = table_of(model)
    found = _by_index(session, model, table.c, typed)
    if found is not None:
        return Answer(found, [sa.select(table.c.id).where(found)])
    words = _words(typed)
    narrow = (_keys_of_word(session, model, word) for word in words)
    return Answer(
        sa.and_(sa.true(), *(_word(session, model, word) for word in words)),
        [keys for keys in narrow if keys is not None],
        None if _searched_references(model) else newest_holding(session, model, searchable(model), words),
    )


def newest_holding(session: Session, model: type[Table], specs: tuple[FieldSpec, ...], words: Sequence[str]) -> Newest:
    """A way to the newest rows that hold every word, each in one of these columns."""
    return lambda most, below: text_index.newest(session, model, specs, words, most, below)


def _words(typed: str) -> list[str]:
    return typed[:LONGEST].replace("\x00", "").split()[:_MOST_WORDS]


def _word(session: Session, model: type[Table], word: str) -> sa.ColumnElement[bool]:
    columns = table_of(model).c
    places = [contains(session, columns[spec.name], word) for spec in searchable(model)]
    places += [names_answering(session, spec, word) for spec in _searched_references(model)]
    return sa.or_(sa.false(), *places)


def _keys_of_word(session: Session, model: type[Table], word: str) -> Keys | None:
    """Keys of the rows where a word may be, in their own columns or in what they refer to. None when no index tells."""
    own = searchable(model)
    found = [text_index.candidates(session, model, own, [word])] if own else []
    found += [keys_holding(session, spec, word) for spec in _searched_references(model)]
    known = [keys for keys in found if keys is not None]
    if not known or len(known) < len(found):
        return None
    return sa.select(sa.union_all(*known).subquery().c[0])


def names_answering(session: Session, spec: FieldSpec, typed: str) -> sa.ColumnElement[bool]:
    """Whether the row that a reference points to answers a search, looked up row by row."""
    assert spec.references is not None  # noqa: S101  Only references have names.
    model = model_named(spec.references)
    target = table_of(model).alias()
    found = _answering(session, model, target.c, typed)
    return sa.exists().where(target.c.id == table_of(spec.model).c[spec.name], found)


def keys_holding(session: Session, spec: FieldSpec, typed: str) -> Keys | None:
    """Keys of the rows whose column, or what it refers to, may hold what was typed. None when no index tells."""
    columns = table_of(spec.model).c
    if spec.references is None:
        return text_index.candidates(session, spec.model, (spec,), [typed])
    target = model_named(spec.references)
    keys = keys_answering(session, spec.references, typed)
    if table_of(target).name in GROWING:
        near = text_index.candidates(session, target, searchable(target), _words(typed))
        if near is None:
            return None
        keys = keys.where(table_of(target).c.id.in_(near))
    return sa.select(columns.id).where(columns[spec.name].in_(keys))


def keys_answering(session: Session, table: str, typed: str) -> Keys:
    """Keys of the rows of a table that answer a search in their own columns."""
    model = model_named(table)
    columns = table_of(model).c
    return sa.select(columns.id).where(_answering(session, model, columns, typed))


def first_keys(session: Session, table: str, typed: str, most: int) -> list[int]:
    """Keys of the newest rows that answer: a frequent word is met among the newest that the index of words knows."""
    model = model_named(table)
    key = table_of(model).c.id
    keys = keys_answering(session, table, typed).order_by(key.desc()).limit(most)
    own, words = searchable(model), _words(typed)
    every = text_index.candidates(session, model, own, words)
    if every is None:
        return list(session.execute(keys).scalars())
    newest = text_index.newest(session, model, own, words, _NEWEST)
    found = list(session.execute(keys.where(key.in_(newest))).scalars()) if newest else []
    return found if len(found) >= most else list(session.execute(keys.where(key.in_(every))).scalars())


def _answering(session: Session, model: type[Table], columns: _Columns, typed: str) -> sa.ColumnElement[bool]:
    found = _by_index(session, model, columns, typed)
    if found is not None:
        return found
    places = [columns[spec.name] for spec in searchable(model)]
    return sa.and_(
        sa.true(),
        *(sa.or_(sa.false(), *(contains(session, place, word) for place in places)) for word in _words(typed)),
    )


def _searched_references(model: type[Table]) -> tuple[FieldSpec, ...]:
    return tuple(
        spec
        for spec in presentation.listed(model)
        if spec.references is not None and searchable(model_named(spec.references))
    )


def _by_index(session: Session, model: type[Table], columns: _Columns, typed: str) -> sa.ColumnElement[bool] | None:
    """A condition that an index answers, when what was typed is a value, or the start of one, that exists."""
    own = table_of(model).c
    indexed = [spec for spec in searchable(model) if own[spec.name].unique or own[spec.name].index]
    candidates: list[sa.ColumnElement[bool]] = [
        columns[spec.name] == value for spec in indexed if (value := _value(spec, typed)) is not None
    ]
    candidates += _prefixes(session, columns, indexed, typed)
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
    session: Session, columns: _Columns, indexed: Sequence[FieldSpec], typed: str
) -> list[sa.ColumnElement[bool]]:
    """Starts of numbers: only when a digit shows that no word was meant."""
    start = "".join(_words(typed.upper()))
    if len(start) < _SHORTEST_PREFIX or not any(letter.isdigit() for letter in start):
        return []
    return [starts_with(session, columns[spec.name], start) for spec in indexed if spec.kind is FieldKind.text]
