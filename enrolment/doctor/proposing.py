"""What a check of the data proposes for the rows that it finds: new values, worked out some rows at a time.

A correction asks for them part by part (`enrolment.corrections.freezing`), so that a million findings are never held
together. No check lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.doctor.check import Context, Find, Key, Keys
from schema.base import table_of
from schema.describe import FieldSpec, model_named
from schema.types import InvalidValue

PART = 4_000
"""Rows read at a time."""

Row = Mapping[Any, Any]
Proposals = Mapping[int, Mapping[str, Any]]
"""New values of rows by key, in the form in which they are stored; a row that is left alone is not in it."""


@dataclass(frozen=True)
class Ready:
    """A proposer ready for very many rows: `conditions` narrow the table to the rows that may be wrong."""

    propose: Callable[[Session, Sequence[Row]], Proposals]
    conditions: tuple[sa.ColumnElement[bool], ...] = ()


@dataclass(frozen=True)
class Proposer:
    """`reads` names the columns that it looks at, beside the key; `writes` those of which it may propose values."""

    table: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    start: Callable[[Session], Ready]


def one_by_one(propose: Callable[[Row], Mapping[str, Any]]) -> Callable[[Session, Sequence[Row]], Proposals]:
    """A proposer that looks at each row by itself; nothing proposed is an empty mapping."""

    def all_of(session: Session, rows: Sequence[Row]) -> Proposals:
        del session
        return {row["id"]: values for row in rows if (values := propose(row))}

    return all_of


def by_proposals(proposer: Proposer) -> Find:
    """A check that finds the rows for which it has something to propose."""

    def find(context: Context, keys: Keys | None) -> Iterator[Key]:
        ready = proposer.start(context.session)
        table: Any = table_of(model_named(proposer.table))
        columns = [table.c[name] for name in dict.fromkeys(["id", *proposer.reads])]
        chosen = () if keys is None else (table.c.id.in_(list(keys)),)
        after = 0
        while True:
            statement = sa.select(*columns).where(*ready.conditions, *chosen, table.c.id > after)
            rows = context.session.execute(statement.order_by(table.c.id).limit(PART)).mappings().all()
            yield from sorted(ready.propose(context.session, rows))
            if len(rows) < PART:
                return
            after = rows[-1]["id"]

    return find


def cleaned(spec: FieldSpec, value: str) -> str | None:
    """A value as its column takes it; None when it does not."""
    try:
        found: str | None = spec.clean(value)
    except InvalidValue:
        return None
    return found
