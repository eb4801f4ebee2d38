"""Finds, before anything is applied, the lines that the database would refuse: values already taken, columns at odds.

Set-based, on the frozen lines. What changes between this and the application is met again there, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from enrolment.corrections.lines import planned, set_aside
from schema.base import Table, table_of
from schema.describe import field, fields, model_named
from schema.enums import CorrectionOutcome, Operation
from schema.staging import LINES
from schema.tables import Correction

_WORDS = re.compile(r"\w+")


def check(session: Session, correction: Correction, touched: frozenset[str]) -> list[tuple[list[int], str]]:
    """Places of the lines that cannot be, with the reason. `touched` are the columns that the lines change."""
    model = model_named(correction.table_name)
    found: list[tuple[list[int], str]] = []
    for names in unique_keys(model):
        if touched & set(names):
            found += _taken(session, correction, model, names)
    for rule in _rules_of_several(model):
        if touched & _columns_in(model, rule):
            found.append((_breaking(session, correction, model, rule), _AT_ODDS))
    return [(places, reason) for places, reason in found if places]


_AT_ODDS = "Deux colonnes de cette ligne se contrediraient : une règle de la base l'interdit."


def refuse(session: Session, correction: Correction, found: Sequence[tuple[list[int], str]]) -> None:
    """Set these lines aside."""
    for places, reason in found:
        set_aside(session, correction.id, places, CorrectionOutcome.refused, reason)


def unique_keys(model: type[Table]) -> list[tuple[str, ...]]:
    """Sets of columns that no two rows share, but for the technical key and those under a condition."""
    table = table_of(model)
    keys: set[tuple[str, ...]] = {(col.name,) for col in table.columns if col.unique}
    keys |= {
        tuple(col.name for col in one.columns) for one in table.constraints if isinstance(one, sa.UniqueConstraint)
    }
    keys |= {
        tuple(col.name for col in index.columns)
        for index in table.indexes
        if index.unique and index.dialect_options["sqlite"]["where"] is None
    }
    return sorted(keys)


def merged(model: type[Table], names: Sequence[str], row: Any, *, sqlite: bool) -> dict[str, sa.ColumnElement[Any]]:
    """What these columns hold once a line is applied. `row` is the table, joined to the lines, empty for a new row."""
    found: dict[str, sa.ColumnElement[Any]] = {}
    for name in names:
        spec = field(model, name)
        touches = codecs.has(spec, LINES.c.changes, sqlite=sqlite)
        after = codecs.after(spec, LINES.c.changes, sqlite=sqlite)
        found[name] = sa.case((touches, after), else_=row.c[name])
    return found


def _planned(correction: Correction) -> sa.ColumnElement[bool]:
    return sa.and_(planned(correction), LINES.c.operation != Operation.delete.value)


def _future(session: Session, correction: Correction, model: type[Table], names: Sequence[str]) -> sa.Subquery:
    """Each planned line with what its row will hold, under the columns' own names."""
    row = table_of(model).alias("present")
    sqlite = session.get_bind().dialect.name == "sqlite"
    columns = [value.label(name) for name, value in merged(model, names, row, sqlite=sqlite).items()]
    joined = LINES.outerjoin(row, row.c.id == LINES.c.row_id)
    statement = sa.select(LINES.c.place.label("line_place"), LINES.c.row_id.label("line_row"), *columns)
    return statement.select_from(joined).where(_planned(correction)).subquery("future")


def _taken(
    session: Session, correction: Correction, model: type[Table], names: tuple[str, ...]
) -> Iterator[tuple[list[int], str]]:
    """Lines whose key another line, or another row, has. Empty values are never taken."""
    labels = ", ".join(f"« {field(model, name).label} »" for name in names)
    future = _future(session, correction, model, names)
    values = [future.c[name] for name in names]
    filled = [value.is_not(None) for value in values]
    rank = sa.func.row_number().over(partition_by=values, order_by=future.c.line_place)
    ranked = sa.select(future.c.line_place, rank.label("rank")).where(*filled).subquery()
    twice = session.execute(sa.select(ranked.c.line_place).where(ranked.c.rank > 1)).scalars().all()
    yield list(twice), f"Une autre ligne de cette correction aurait la même valeur : {labels}."
    other = table_of(model).alias("other")
    same = [other.c[name] == future.c[name] for name in names]
    elsewhere = sa.or_(future.c.line_row.is_(None), other.c.id != future.c.line_row)
    holder = sa.select(sa.func.min(other.c.id)).where(*same, elsewhere).scalar_subquery()
    taken = sa.select(future.c.line_place, holder).where(sa.exists().where(*same, elsewhere))
    holders = {place: key for place, key in session.execute(taken)}  # noqa: C416  Rows are no pairs.
    moved = _moved(session, correction, model, names, set(holders.values()))
    stays = [place for place, key in holders.items() if key not in moved]
    yield stays, f"Une autre ligne de la table a déjà cette valeur : {labels}."
    yield [place for place, key in holders.items() if key in moved], _EXCHANGED.format(labels)


def _moved(
    session: Session, correction: Correction, model: type[Table], names: Sequence[str], keys: set[int]
) -> frozenset[int]:
    """Which of some rows this correction would give another value, where they are few enough to be looked at."""
    if not keys or len(keys) > _MOST_EXCHANGED:
        return frozenset()
    sqlite = session.get_bind().dialect.name == "sqlite"
    touches = sa.or_(*(codecs.has(field(model, name), LINES.c.changes, sqlite=sqlite) for name in names))
    moved = sa.select(LINES.c.row_id).where(_planned(correction), LINES.c.row_id.in_(sorted(keys)), touches)
    return frozenset(session.execute(moved).scalars())


_MOST_EXCHANGED = 1_000
_EXCHANGED = (
    "Une autre ligne a cette valeur, que cette correction change aussi : {}. Pour échanger des valeurs, faites deux "
    "corrections : la première donne à l'une une valeur provisoire."
)


def _rules_of_several(model: type[Table]) -> list[str]:
    """CHECKs over several columns: those of one column repeat its type, which judged the value already."""
    texts = [str(one.sqltext) for one in table_of(model).constraints if isinstance(one, sa.CheckConstraint)]
    return sorted(text for text in texts if len(_columns_in(model, text)) > 1)


def _columns_in(model: type[Table], rule: str) -> set[str]:
    return {spec.name for spec in fields(model)} & set(_WORDS.findall(rule))


def _breaking(session: Session, correction: Correction, model: type[Table], rule: str) -> list[int]:
    future = _future(session, correction, model, sorted(_columns_in(model, rule)))
    # The rule is the schema's own text; its words are the columns of the subquery.
    statement = sa.select(future.c.line_place).where(sa.text(f"NOT ({rule})"))
    return list(session.execute(statement).scalars())
