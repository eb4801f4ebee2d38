"""Adds rows of ours that a table does not have yet, and leaves those that it has as they are.

For seeds alone: the files of people are previewed, applied and undone by `enrolment.corrections`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session

from schema.base import Table, table_of
from schema.references import natural_key
from schema.tabular import Row


class BadSeed(ValueError):
    """A file of ours is wrong: the program must not start with half of its rules."""


def insert_missing(session: Session, model: type[Table], rows: Iterable[Row]) -> tuple[int, int]:
    """How many rows were added, and how many were there, by the natural key. Raises BadSeed for a wrong row."""
    table = table_of(model)
    names = natural_key(model)
    known = {tuple(row) for row in session.execute(sa.select(*(table.c[name] for name in names)))}
    before = session.info.get("batch")
    # The history shows what came together.
    session.info["batch"] = secrets.token_urlsafe(12)
    inserted = present = 0
    try:
        for row in rows:
            key = tuple(row.values.get(name) for name in names)
            if row.errors or None in key:
                raise BadSeed(f"{table.name}, line {row.line}: {' '.join(map(str, row.errors)) or 'no key'}")
            if key in known:
                present += 1
                continue
            known.add(key)
            session.add(model(**row.values))
            inserted += 1
        session.flush()
    finally:
        session.info["batch"] = before
    return inserted, present
