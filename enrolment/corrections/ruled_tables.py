"""Corrections of tables that have rules of their own: each line is tried on the real rows, then everything is undone.

In the order of the lines, since one line may forbid the next: two waves that overlap may stand in one file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from enrolment.corrections.codecs import stored
from enrolment.corrections.lines import planned
from enrolment.errors import DomainError, Refused
from enrolment.rules import table_writing
from enrolment.typography import number
from schema.base import Table
from schema.database import Database
from schema.describe import fields, model_named
from schema.enums import Operation
from schema.history import Actor
from schema.staging import LINES
from schema.tables import Correction

MOST = 500
"""Lines that are tried: rules are few, and the trial keeps other writers waiting."""

_DATABASE = "La base refuse cette ligne : une valeur est déjà prise par une autre, ou la ligne est encore utilisée."


def check(database: Database, correction: Correction, actor: Actor) -> list[tuple[list[int], str]]:
    """Places of the lines that a rule of the table forbids, with the reason. Raises Refused when they are too many."""
    if correction.table_name not in table_writing.TABLES:
        return []
    with database.reading() as session:
        planned = _planned(session, correction)
    if len(planned) > MOST:
        raise Refused(f"Au plus {number(MOST)} lignes à la fois dans cette table : coupez le fichier.")
    if not planned:
        return []
    model = model_named(correction.table_name)
    with database.writing(actor, correction.reason) as session:
        try:
            found = [(line.place, _tried(session, model, line, actor)) for line in planned]
        finally:
            session.rollback()
    return [([place], reason) for place, reason in found if reason is not None]


def _planned(session: Session, correction: Correction) -> list[Any]:
    statement = (
        sa.select(LINES.c.place, LINES.c.row_id, LINES.c.operation, sa.cast(LINES.c.changes, sa.Text).label("changes"))
        .where(planned(correction))
        .order_by(LINES.c.place)
        .limit(MOST + 1)
    )
    return list(session.execute(statement))


def _tried(session: Session, model: type[Table], line: Any, actor: Actor) -> str | None:
    """Why a line cannot be; None when it can, and is then done for the lines that follow."""
    specs = {spec.name: spec for spec in fields(model)}
    pairs = {name: pair for name, pair in json.loads(line.changes).items() if name in specs}
    after = {name: stored(specs[name], pair[1]) for name, pair in pairs.items()}
    try:
        with session.begin_nested():
            if line.operation == Operation.insert.value:
                _create(session, model, after)
            elif line.operation == Operation.update.value:
                before = {name: stored(specs[name], pair[0]) for name, pair in pairs.items()}
                _change(session, model, line.row_id, before, after, actor)
            else:
                _remove(session, model, line.row_id)
            session.flush()
    except DomainError as error:
        return error.message
    except (IntegrityError, DataError):
        return _DATABASE
    return None


def _create(session: Session, model: type[Table], values: Mapping[str, Any]) -> None:
    row = model(**values)
    with session.no_autoflush:
        table_writing.check(session, row, None)
    session.add(row)


def _change(
    session: Session, model: type[Table], row_id: int, before: Mapping[str, Any], after: Mapping[str, Any], actor: Actor
) -> None:
    row = session.get(model, row_id)
    if row is None:
        return
    with session.no_autoflush:
        for name, value in after.items():
            setattr(row, name, value)
        table_writing.not_oneself(actor.id, row, before)
        table_writing.check(session, row, before)


def _remove(session: Session, model: type[Table], row_id: int) -> None:
    row = session.get(model, row_id)
    if row is not None:
        table_writing.check_removal(session, row)
        session.delete(row)
