"""Freezes a filter, ticked rows or the proposals of a check: a line for each row that changes, part by part.

Each part is read and worked out without a lock, then written in a short transaction together with how far the work is:
whatever dies, the next turn goes on from there, and two workers never write the same part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import selecting
from enrolment.corrections.codecs import stored, written
from enrolment.corrections.judging import Judge
from enrolment.corrections.lines import SET_ASIDE, Line, store
from enrolment.corrections.recipes import Recipe
from enrolment.corrections.transforms import Column
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import field as field_of
from schema.describe import model_named
from schema.enums import CorrectionOutcome, CorrectionState
from schema.history import Actor
from schema.tables import Correction

PART = 4_000
"""Rows read at a time."""

_CORRECTIONS = table_of(Correction)
_ASIDE = frozenset(outcome.value for outcome in SET_ASIDE)


@dataclass(frozen=True)
class Part:
    """Some rows worked out. `upto` is the last key that was read; `read` how many rows."""

    lines: Sequence[Line]
    read: int
    upto: int
    is_last: bool


class Freezer:
    """The preparation of one correction; made anew at each turn of the worker."""

    def __init__(self, session: Session, correction: Correction) -> None:
        self.model: type[Table] = model_named(correction.table_name)
        self.recipe = Recipe.of(correction.recipe)
        self._proposed = dict(self.recipe.values)
        self._columns = [Column(session, self.model, one) for one in self.recipe.assignments]
        proposed = {name for values in self._proposed.values() for name, _ in values}
        asked = [*(column.spec.name for column in self._columns), *sorted(proposed)]
        self.judge = Judge(session, self.model, frozenset(asked))
        self.names = list(dict.fromkeys([*asked, *self.judge.writes]))

    def part(self, session: Session, after: int) -> Part:
        """Work out the rows that follow a key. Raises WrongFilters."""
        table: Any = table_of(self.model)
        sources = [column.source for column in self._columns]
        names = dict.fromkeys(["id", *self.names, *sources, *self.judge.reads])
        wanted = self._wanted(session)
        statement = sa.select(*(table.c[name] for name in names)).where(*wanted, table.c.id > after)
        rows = session.execute(statement.order_by(table.c.id).limit(PART)).mappings().all()
        worked = [line for row in rows if (line := self._line(row)) is not None]
        return Part(worked, len(rows), rows[-1]["id"] if rows else after, len(rows) < PART)

    def _wanted(self, session: Session) -> list[sa.ColumnElement[bool]]:
        if self._proposed:
            return [table_of(self.model).c.id.in_(sorted(self._proposed))]
        return selecting.conditions(session, self.model, self.recipe)

    def _line(self, row: Mapping[Any, Any]) -> Line | None:
        new: dict[str, Any] = {
            name: stored(field_of(self.model, name), value) for name, value in self._proposed.get(row["id"], ())
        }
        for column in self._columns:
            name = column.spec.name
            worked = column.work_out(row[name], row[column.source])
            if worked.problem is not None:
                changes = written({name: [worked.before, worked.after]})
                detail = f"{column.spec.label} : {worked.problem}"
                return Line(row["id"], changes, CorrectionOutcome.invalid.value, detail)
            if worked.changes:
                new[name] = stored(column.spec, worked.after)
        return self.judge.line(row["id"], row, new) if new else None


def keep(session: Session, correction: Correction, part: Part) -> bool:
    """Write a part, in the caller's transaction; False when somebody else did, or the preparation was given up."""
    aside = sum(line.outcome in _ASIDE for line in part.lines)
    columns = _CORRECTIONS.c
    claimed = session.execute(
        sa.update(_CORRECTIONS)
        .where(
            columns.id == correction.id,
            columns.state == CorrectionState.preparing,
            columns.done_upto == correction.done_upto,
        )
        .values(
            # Kept as it is on the last part too: what follows the lines starts from it.
            done_upto=part.upto,
            total=columns.total + part.read,
            planned=columns.planned + len(part.lines) - aside,
            unchanged=columns.unchanged + part.read - len(part.lines),
            set_aside=columns.set_aside + aside,
        )
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        return False
    if part.lines:
        store(session, correction.id, correction.planned + correction.set_aside + 1, part.lines)
    return True


def add_seconds(database: Database, correction_id: int, name: str, seconds: int) -> None:
    """Add to the time that a correction took."""
    column = _CORRECTIONS.c[name]
    with database.writing(Actor.system()) as session:
        session.execute(
            sa.update(_CORRECTIONS)
            .where(_CORRECTIONS.c.id == correction_id)
            .values({name: column + seconds})
            .execution_options(synchronize_session=False)
        )
