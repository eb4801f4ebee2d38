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

from enrolment.corrections import progress, selecting
from enrolment.corrections.codecs import kept, stored, written
from enrolment.corrections.judging import Judge, Worked
from enrolment.corrections.lines import SET_ASIDE, Line, store
from enrolment.corrections.recipes import Recipe
from enrolment.corrections.transforms import Column
from enrolment.doctor import catalogue
from enrolment.doctor.proposing import Ready
from schema.base import Table, table_of
from schema.describe import field as field_of
from schema.describe import model_named
from schema.enums import CorrectionOutcome, CorrectionState
from schema.tables import Correction

PARTS = {"sqlite": 4_000, "postgresql": 2_000}
"""Rows read at a time, by engine: some 30 milliseconds of writing."""

_MOST_REMEMBERED = 50_000
Values = tuple[tuple[str, Any], ...]
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
        self._proposed: dict[int, Values] = dict(self.recipe.values)
        self._proposer = catalogue.named(self.recipe.check).proposer if self.recipe.check else None
        self._ready = self._proposer.start(session) if self._proposer is not None else None
        self._columns = [Column(session, self.model, one) for one in self.recipe.assignments]
        proposed = {name for values in self._proposed.values() for name, _ in values}
        proposed |= set(self._proposer.writes) if self._proposer is not None else set()
        asked = [*(column.spec.name for column in self._columns), *sorted(proposed)]
        self.judge = Judge(session, self.model, frozenset(asked))
        self.names = list(dict.fromkeys([*asked, *self.judge.writes]))
        sources = [column.source for column in self._columns]
        looked_at = self._proposer.reads if self._proposer is not None else ()
        self._read = list(dict.fromkeys([*self.names, *sources, *self.judge.reads, *looked_at]))
        self._known: dict[tuple[tuple[Any, ...], Values], Worked | None] = {}

    def part(self, session: Session, after: int) -> Part:
        """Work out the rows that follow a key. Raises WrongFilters."""
        table: Any = table_of(self.model)
        part = PARTS[session.get_bind().dialect.name]
        statement = sa.select(table.c.id, *(table.c[name] for name in self._read))
        statement = statement.where(*self._wanted(session), table.c.id > after).order_by(table.c.id).limit(part)
        rows = session.execute(statement).all()
        if self._ready is not None:
            self._proposed = self._asked(session, self._ready, rows)
        worked = [line for row in rows if (line := self._line(row)) is not None]
        # Rows that a check has nothing to propose for are none of this correction.
        read = len(rows) if self._ready is None else len(worked)
        return Part(worked, read, rows[-1][0] if rows else after, len(rows) < part)

    def _asked(self, session: Session, ready: Ready, rows: Sequence[sa.Row[Any]]) -> dict[int, Values]:
        """What a check proposes for these rows, in the form in which a recipe keeps it."""
        held = [{"id": row[0], **dict(zip(self._read, row[1:], strict=True))} for row in rows]
        proposals = ready.propose(session, held)
        return {
            key: tuple((name, kept(value)) for name, value in sorted(values.items()))
            for key, values in proposals.items()
        }

    def _wanted(self, session: Session) -> list[sa.ColumnElement[bool]]:
        if self._ready is not None:
            return list(self._ready.conditions)
        if self._proposed:
            return [table_of(self.model).c.id.in_(sorted(self._proposed))]
        return selecting.conditions(session, self.model, self.recipe)

    def _line(self, row: Sequence[Any]) -> Line | None:
        """The line of a row. Rows that hold the same become the same: each is worked out once."""
        key, *held = row
        given = self._proposed.get(key, ())
        same = (tuple(held), given)
        if same not in self._known:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[same] = self._worked(dict(zip(self._read, held, strict=True)), given)
        found = self._known[same]
        return None if found is None else Line(key, *found)

    def _worked(self, row: Mapping[str, Any], given: Values) -> Worked | None:
        new: dict[str, Any] = {name: stored(field_of(self.model, name), value) for name, value in given}
        for column in self._columns:
            name = column.spec.name
            becomes = column.work_out(row[name], row[column.source])
            if becomes.problem is not None:
                changes = written({name: [becomes.before, becomes.after]})
                return changes, CorrectionOutcome.invalid.value, f"{column.spec.label} : {becomes.problem}"
            if becomes.changes:
                new[name] = stored(column.spec, becomes.after)
        return self.judge.judged(row, new) if new else None


def keep(session: Session, correction: Correction, part: Part) -> bool:
    """Write a part, in the caller's transaction; False when somebody else did, or the preparation was given up."""
    # The last part moves nothing on: what follows the lines starts from it.
    aside = sum(line.outcome in _ASIDE for line in part.lines)
    counts = {
        "total": part.read,
        "planned": len(part.lines) - aside,
        "unchanged": part.read - len(part.lines),
        "set_aside": aside,
    }
    preparing, begun = CorrectionState.preparing, correction.done_upto
    if not progress.claim(session, correction.id, preparing, begun, part.upto, **counts):
        return False
    if part.lines:
        store(session, correction.id, correction.planned + correction.set_aside + 1, part.lines)
    return True
