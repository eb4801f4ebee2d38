"""Many rows in every table, full of ties and empty values: what lists must order and walk without losing any."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, fields

_WORDS = ("a", "B", "é", "Z", "a b", "Ab")
_KNOWN = "keys of other tables"
# What the rules of a table want of columns together.
_FIXED: dict[str, dict[str, Any]] = {
    "attachment": {"draft_id": None, "demand_id": None, "review_reason": "x"},
    "person": {"quality": None, "role": "representative"},
    "request": {"status": "in_review"},
}


def add(session: Session, model: type[Table], count: int, chance: random.Random) -> int:
    """Try to add rows; what the database refuses (unique, triggers) is left out. How many were added."""
    added = 0
    for _ in range(count):
        try:
            with session.begin_nested():
                session.execute(sa.insert(table_of(model)).values(_row(session, model, chance)))
        except DatabaseError:
            continue
        added += 1
    session.info.get(_KNOWN, {}).pop(table_of(model).name, None)
    return added


def _row(session: Session, model: type[Table], chance: random.Random) -> dict[str, Any]:
    table = table_of(model)
    row = {
        spec.name: _value(session, spec, chance)
        for spec in fields(model)
        if not spec.primary_key and table.c[spec.name].computed is None
    }
    return row | {"row_version": 1} | _FIXED.get(table.name, {})


def _value(session: Session, spec: FieldSpec, chance: random.Random) -> Any:
    if not spec.required and chance.random() < 0.4:
        return None
    if spec.references is not None:
        return chance.choice(_keys(session, spec.references))
    if spec.enum is not None:
        return spec.enum(chance.choice(spec.choices)[0])
    return _MAKERS.get(spec.kind, _text)(spec, chance)


def _keys(session: Session, table: str) -> list[int]:
    """Some keys of a table, read once in a session."""
    known: dict[str, list[int]] = session.info.setdefault(_KNOWN, {})
    if table not in known:
        target = sa.table(table, sa.column("id"))
        known[table] = list(session.execute(sa.select(target.c.id).limit(200)).scalars())
    return known[table]


@cache
def _is_unique(spec: FieldSpec) -> bool:
    together = [
        [column.name for column in constraint.columns]
        for constraint in table_of(spec.model).constraints
        if isinstance(constraint, sa.UniqueConstraint)
    ]
    return spec.unique or any(spec.name in names for names in together)


def _text(spec: FieldSpec, chance: random.Random) -> str:
    word = f"{chance.randint(0, 10**9)}" if _is_unique(spec) else chance.choice(_WORDS)
    return word[: spec.max_length or 9]


def _integer(spec: FieldSpec, chance: random.Random) -> int:
    low = spec.meta.ge if spec.meta.ge is not None else 1
    high = spec.meta.le if spec.meta.le is not None else 10**6
    return chance.randint(low, high if _is_unique(spec) else min(low + 2, high))


_MAKERS: dict[FieldKind, Callable[[FieldSpec, random.Random], Any]] = {
    FieldKind.integer: _integer,
    FieldKind.boolean: lambda spec, chance: chance.random() < 0.5,
    FieldKind.date: lambda spec, chance: date(2026, 1, 1) + timedelta(days=chance.randint(0, 2)),
    FieldKind.moment: lambda spec, chance: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randint(0, 2)),
    FieldKind.structure: lambda spec, chance: {},
}
