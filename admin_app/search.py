"""Finds rows by what a person types: a whole number or code first, through an index, then words inside texts.

Case and accents do not matter, on both engines and without an extension: PostgreSQL folds the column, SQLite, whose
LIKE folds ASCII only, matches a pattern in which each letter stands with its accents and cases.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from admin_app import presentation
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named
from schema.types import InvalidValue

LONGEST = 200
_MOST_WORDS = 8
_SHORTEST_PREFIX = 4
_ACCENTED = {
    "a": "àâäáãå",
    "c": "ç",
    "e": "éèêë",
    "i": "îïíì",
    "n": "ñ",
    "o": "ôöóòõ",
    "u": "ùûüú",
    "y": "ÿý",
}
_LIGATURES = {"œ": "oe", "æ": "ae"}
_FROM = "".join(letters + letters.upper() for letters in _ACCENTED.values())
_TO = "".join(plain * 2 * len(letters) for plain, letters in _ACCENTED.items())
_ESCAPE = "\\"


def fold(text: str) -> str:
    """What a person typed, in lower case and without accents."""
    for ligature, plain in _LIGATURES.items():
        text = text.replace(ligature, plain).replace(ligature.upper(), plain)
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def contains(session: Session, column: sa.ColumnElement[Any], typed: str) -> sa.ColumnElement[bool]:
    """Whether a text column contains what was typed, whatever the case and the accents."""
    word = fold(typed)
    if _is_sqlite(session):
        forms = [word, *(word.replace(plain, ligature) for ligature, plain in _LIGATURES.items() if plain in word)]
        return sa.or_(*(_matches(column, form) for form in forms))
    folded = sa.func.translate(sa.func.lower(column), _FROM, _TO)
    for ligature, plain in _LIGATURES.items():
        folded = sa.func.replace(folded, ligature, plain)
    return folded.like(f"%{_escaped(word)}%", escape=_ESCAPE)


def _matches(column: sa.ColumnElement[Any], form: str) -> sa.ColumnElement[bool]:
    """Each letter with its accents and cases. LIKE, four times as fast, first leaves out most of the rows."""
    loose = "".join("_" if letter in _ACCENTED or not letter.isascii() else _escaped(letter) for letter in form)
    exact = "".join(_glob_letter(letter) for letter in form)
    return sa.and_(column.like(f"%{loose}%", escape=_ESCAPE), column.op("GLOB")(f"*{exact}*"))


def _glob_letter(letter: str) -> str:
    # Inside brackets nothing is special, but for the brackets' own signs.
    variants = letter + letter.upper() + "".join(plain + plain.upper() for plain in _ACCENTED.get(letter, ""))
    return letter if letter in "]-^" else f"[{variants}]"


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _escaped(text: str) -> str:
    return text.replace(_ESCAPE, _ESCAPE * 2).replace("%", _ESCAPE + "%").replace("_", _ESCAPE + "_")


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


def starts_with(session: Session, column: sa.ColumnElement[Any], start: str) -> sa.ColumnElement[bool]:
    """Whether a column starts with a text, in a form that the index of each engine answers."""
    if _is_sqlite(session):
        return sa.and_(column >= start, column < start + "\U0010ffff")
    return column.like(_escaped(start) + "%", escape=_ESCAPE)


def _is_indexed(column: sa.Column[Any]) -> bool:
    return bool(column.unique or column.index)
