"""Finds the few rows that hold a word inside a text without reading all of them: SQLite's index of three letters.

It only says which rows may hold the word: `schema.folding` decides. Rows changed since the index was last brought up to
date are all said to. PostgreSQL has no such index without an extension and reads the rows. The tables and triggers are
made by a migration; a test compares them with `indexed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby, product
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, fields, model_named
from schema.folding import forms, variants
from schema.indexes import GROWING

_LETTERS = 3
_MOST_NUMBERS = 3
_LEAST_RUNS, _MOST_RUNS = 2, 4
_MOST_VARIANTS = 40
_CHANGES = sa.table("text_change", sa.column("table_name"), sa.column("row_id", sa.Integer))
APPENDED = frozenset({"history"})
"""Tables whose rows get ever higher keys: those above the highest of the index are new to it, and noted nowhere."""

_CODES = frozenset({"secret", "sha256"})


@cache
def indexed(model: type[Table]) -> tuple[FieldSpec, ...]:
    """The texts of a table that are looked into: all but secrets and digests, of tables that grow."""
    if table_of(model).name not in GROWING:
        return ()
    kinds = (FieldKind.text, FieldKind.long_text)
    return tuple(spec for spec in fields(model) if spec.kind in kinds and not spec.meta.secret and not _is_code(spec))


def _is_code(spec: FieldSpec) -> bool:
    return spec.field_type is not None and spec.field_type.name in _CODES


def name_of(table: str) -> str:
    """The name of the index of a table."""
    return f"{table}_text"


def is_part(name: str) -> bool:
    """Whether a table of the database belongs to such an index, and to no model."""
    return name == _CHANGES.name or any(
        name == name_of(table) or name.startswith(name_of(table) + "_") for table in GROWING
    )


def candidates(
    session: Session, model: type[Table], columns: tuple[FieldSpec, ...], words: Sequence[str]
) -> sa.Select[tuple[int]] | None:
    """Keys of the rows that may hold every word, each in one of these columns.

    None when no index can tell: a word of one or two letters is not in it.
    """
    found = _known(session, model, columns, words)
    return None if found is None else sa.select(sa.union_all(*_changed(model), found).subquery().c[0])


def newest(
    session: Session,
    model: type[Table],
    columns: tuple[FieldSpec, ...],
    words: Sequence[str],
    most: int,
    below: int | None = None,
) -> list[int]:
    """The highest keys of the candidates, below a key if one is given; none when all of them are fewer than `most`, or
    no index can tell.
    """
    found = _known(session, model, columns, words)
    if found is None:
        return []
    (key,) = found.selected_columns
    rows = found if below is None else found.where(key < below)
    keys = list(session.execute(rows.order_by(key.desc()).limit(most)).scalars())
    if len(keys) < most:
        return []
    for changed in _changed(model):
        (own,) = changed.selected_columns
        within = own >= keys[-1] if below is None else sa.and_(own >= keys[-1], own < below)
        keys += session.execute(changed.where(within)).scalars()
    return keys


def _known(
    session: Session, model: type[Table], columns: tuple[FieldSpec, ...], words: Sequence[str]
) -> sa.Select[tuple[int]] | None:
    """The candidates by the index as it is."""
    names = [spec.name for spec in columns if spec in indexed(model)]
    if session.get_bind().dialect.name != "sqlite" or len(names) < len(columns) or not names:
        return None
    asked = [_asked(word) for word in words]
    known = [expression for expression in asked if expression]
    if not known:
        return None
    name, rows = name_of(table_of(model).name), _index_of(model)
    expression = " AND ".join(f"({{{' '.join(names)}}} : ({each}))" for each in known)
    return sa.select(rows.c.rowid).where(sa.literal_column(name).op("MATCH")(expression))


def _changed(model: type[Table]) -> list[sa.Select[tuple[int]]]:
    """Keys of the rows that the index does not know as they are now."""
    table = table_of(model).name
    noted = sa.select(_CHANGES.c.row_id).where(_CHANGES.c.table_name == table)
    return [noted, _new_rows(model)] if table in APPENDED else [noted]


def _asked(word: str) -> str:
    """A word in any of its forms. Empty when one of them is too short."""
    found = [_expression(form) for form in forms(word)]
    return " OR ".join(f"({each})" for each in found) if all(found) else ""


def is_behind(session: Session) -> bool:
    """Whether rows changed since the index was brought up to date."""
    if session.get_bind().dialect.name != "sqlite":
        return False
    waiting = (sa.select(_CHANGES.c.row_id), *map(_new_rows, _appended()))
    return any(session.execute(one.limit(1)).first() is not None for one in waiting)


def refresh(session: Session, most: int = 500) -> None:
    """Bring the index up to date for so many changed rows, on SQLite."""
    noted = sa.select(_CHANGES.c.table_name, _CHANGES.c.row_id)
    found = session.execute(noted.order_by(_CHANGES.c.table_name, _CHANGES.c.row_id).limit(most)).all()
    for table, rows in groupby(found, key=lambda row: row.table_name):
        _take(session, model_named(table), [row.row_id for row in rows])
    for model in _appended():
        key = table_of(model).c.id
        _write(session, model, key.in_(_new_rows(model).order_by(key).limit(most - len(found))))


def _take(session: Session, model: type[Table], keys: Sequence[int]) -> None:
    """Bring it up to date for the rows of one table, every noted one from the first of these keys to the last."""
    table, index = table_of(model), _index_of(model)
    here = sa.and_(_CHANGES.c.table_name == table.name, _CHANGES.c.row_id.between(keys[0], keys[-1]))
    noted = sa.select(_CHANGES.c.row_id).where(here)
    # What is new to it stays so: an index with a row higher than others would not be told of these.
    known = table.c.id <= _highest(index) if table.name in APPENDED else sa.true()
    again = session.execute(sa.select(table.c.id).where(table.c.id.in_(noted), known)).scalars().all()
    session.execute(sa.delete(index).where(index.c.rowid.in_(noted)))
    _write(session, model, table.c.id.in_(again))
    session.execute(sa.delete(_CHANGES).where(here))


def _write(session: Session, model: type[Table], which: sa.ColumnElement[bool]) -> None:
    """Put rows into the index that it has not."""
    table, index = table_of(model), _index_of(model)
    names = [spec.name for spec in indexed(model)]
    rows = sa.select(table.c.id, *(table.c[name] for name in names)).where(which)
    session.execute(sa.insert(index).from_select(["rowid", *names], rows))


def _new_rows(model: type[Table]) -> sa.Select[tuple[int]]:
    """Keys of the rows above the highest of the index."""
    key = table_of(model).c.id
    return sa.select(key).where(key > _highest(_index_of(model)))


def _highest(index: Any) -> sa.ColumnElement[int]:
    last = sa.select(index.c.rowid).order_by(index.c.rowid.desc()).limit(1).scalar_subquery()
    return sa.func.coalesce(last, 0)


def _appended() -> list[type[Table]]:
    return [model_named(table) for table in sorted(APPENDED)]


def _index_of(model: type[Table]) -> Any:
    names = [spec.name for spec in indexed(model)]
    return sa.table(name_of(table_of(model).name), sa.column("rowid", sa.Integer), *map(sa.column, names))


def _expression(word: str) -> str:
    """Runs of three letters that a text with this word must hold, each with its accents."""
    return " AND ".join(
        f"({' OR '.join(_quoted(''.join(letters)) for letters in each)})" for each in map(_spelled, _telling(word))
    )


def _telling(word: str) -> list[str]:
    """The runs of a word that tell most: each more costs as much as the rows it is found in, and few leave few rows.

    The last digits of a number; of letters those written with few accents, from places that do not overlap.
    """
    runs = dict.fromkeys(word[start : start + _LETTERS] for start in range(len(word) - _LETTERS + 1))
    numbers = [run for run in runs if any(map(str.isdigit, run))]
    if len(numbers) > 1:
        return numbers[-_MOST_NUMBERS:]
    places = {run: word.index(run) for run in sorted(runs, key=lambda run: len(_spelled(run)))}
    easy = [run for run in places if len(_spelled(run)) <= _MOST_VARIANTS] or list(places)[:1]
    kept: list[str] = []
    for run in easy:
        if all(abs(places[run] - places[other]) >= _LETTERS for other in kept):
            kept.append(run)
    kept += [run for run in easy if run not in kept][: max(_LEAST_RUNS - len(kept), 0)]
    return kept[:_MOST_RUNS]


def _spelled(run: str) -> list[tuple[str, ...]]:
    return list(product(*map(variants, run)))


def _quoted(letters: str) -> str:
    return '"' + letters.replace('"', '""') + '"'
