"""Freezes the undoing of a correction: its applied lines turned round, or those changes of them that were chosen."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections.codecs import Changes, written
from enrolment.corrections.freezing import PART, Part
from enrolment.corrections.lines import Line
from schema.enums import CorrectionOutcome, Operation
from schema.staging import GROUPS, LINES
from schema.tables import Correction

_TURNED = {
    Operation.insert.value: Operation.delete.value,
    Operation.delete.value: Operation.insert.value,
    Operation.update.value: Operation.update.value,
}


class Turner:
    """The undoing of one correction; made anew at each turn of the worker."""

    def __init__(self, session: Session, correction: Correction) -> None:
        assert correction.undoes_id is not None  # noqa: S101  Only an undoing comes here.
        self._first = correction.undoes_id
        self.names: list[str] = list(correction.recipe["columns"])
        ranks = [int(rank) for rank in correction.recipe.get("groups", ())]
        self._chosen = self._groups(session, ranks) if ranks else None
        self._turned = lru_cache(maxsize=100_000)(self._turn)

    def _groups(self, session: Session, ranks: list[int]) -> set[tuple[str, str, str]]:
        found = session.execute(
            sa.select(GROUPS).where(GROUPS.c.correction_id == self._first, GROUPS.c.rank.in_(ranks))
        )
        return {(row.column_name, json.dumps(row.before), json.dumps(row.after)) for row in found}

    def part(self, session: Session, after: int) -> Part:
        """The lines that follow a place of the first correction."""
        # As text: what most lines hold is then turned once for all of them.
        text = sa.cast(LINES.c.changes, sa.Text).label("text")
        statement = (
            sa.select(LINES.c.place, LINES.c.row_id, LINES.c.operation, LINES.c.outcome, text)
            .where(LINES.c.correction_id == self._first, LINES.c.place > after)
            .order_by(LINES.c.place)
            .limit(PART)
        )
        rows = session.execute(statement).all()
        applied = [row for row in rows if row.outcome == CorrectionOutcome.applied.value]
        turned = [
            Line(row.row_id, changes, operation=_TURNED[row.operation])
            for row in applied
            if (changes := self._turned(row.text, row.operation)) is not None
        ]
        return Part(turned, len(turned), rows[-1].place if rows else after, len(rows) < PART)

    def _turn(self, text: str, operation: str) -> str | None:
        changes: Changes = json.loads(text)
        kept: dict[str, Any] = {
            name: [now, was]
            for name, (was, now) in changes.items()
            if self._chosen is None
            or operation != Operation.update.value
            or (name, json.dumps(was), json.dumps(now)) in self._chosen
        }
        return written(kept) if kept else None
