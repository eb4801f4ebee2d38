"""Freezes the undoing of a correction: its applied lines turned round, or those changes of them that were chosen.

One statement for some thousand lines: the first correction is already validated and laid out, and each of its lines
keeps its place.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs, progress
from enrolment.corrections.lines import last_place
from schema.base import table_of
from schema.describe import FieldSpec, field, model_named
from schema.enums import CorrectionOutcome, CorrectionState, Operation
from schema.prepared import PreparedChange
from schema.staging import GROUPS, LINES
from schema.tables import Correction

PART = 8_000
"""Places turned at a time."""

_LOW, _HIGH = sa.bindparam("low", type_=sa.Integer), sa.bindparam("high", type_=sa.Integer)
_UPDATE = Operation.update.value
_TURNED = sa.case(
    (LINES.c.operation == Operation.insert.value, Operation.delete.value),
    (LINES.c.operation == Operation.delete.value, Operation.insert.value),
    else_=_UPDATE,
)


class Turner:
    """The undoing of one correction; made anew at each turn of the worker."""

    def __init__(self, session: Session, correction: Correction) -> None:
        assert correction.undoes_id is not None  # noqa: S101  Only an undoing comes here.
        self._first = correction.undoes_id
        self._sqlite = session.get_bind().dialect.name == "sqlite"
        self._last = last_place(session, self._first)
        self.names: list[str] = list(correction.recipe["columns"])
        model = model_named(correction.table_name)
        specs = [field(model, name) for name in self.names]
        ranks = [int(rank) for rank in correction.recipe.get("groups", ())]
        kept = {spec.name: self._kept(session, spec, ranks) for spec in specs}
        statement = self._statement(correction.id, specs, kept, whole=not ranks)
        self._turn = PreparedChange(statement, session.get_bind().dialect)

    def turn(self, session: Session, correction: Correction) -> bool | None:
        """Turn the next lines, in the caller's transaction; whether they are the last ones.

        None when somebody else did, or the preparation was given up.
        """
        low = correction.done_upto
        high = min(low + PART, max(self._last, low))
        if not progress.claim(session, correction.id, CorrectionState.preparing, low, high):
            return None
        turned = self._turn.run(session, {"low": low + 1, "high": high})
        progress.add(session, correction.id, total=turned, planned=turned)
        return high >= self._last

    def _statement(
        self, correction_id: int, specs: list[FieldSpec], kept: dict[str, sa.ColumnElement[bool]], *, whole: bool
    ) -> Any:
        here = sa.and_(LINES.c.correction_id == self._first, LINES.c.place.between(_LOW, _HIGH))
        wanted = [here, LINES.c.outcome == CorrectionOutcome.applied.value]
        if not whole:
            wanted.append(sa.or_(*kept.values()))
        columns = {
            "correction_id": sa.literal(correction_id),
            "place": LINES.c.place,
            "row_id": LINES.c.row_id,
            "operation": _TURNED,
            "outcome": sa.literal(CorrectionOutcome.planned.value),
            "changes": self._changes(specs, kept),
        }
        rows = sa.select(*columns.values()).where(*wanted).order_by(LINES.c.place)
        return sa.insert(LINES).from_select(list(columns), rows, include_defaults=False)

    def _changes(self, specs: list[FieldSpec], kept: dict[str, sa.ColumnElement[bool]]) -> sa.ColumnElement[Any]:
        """The changes of a line, each turned round: text put together, so that every value keeps its kind."""
        pieces: Any = sa.literal("", sa.Text)
        for spec in specs:
            pieces += sa.case((kept[spec.name], self._pair(spec)), else_=sa.literal("", sa.Text))
        text = sa.literal("{", sa.Text) + sa.func.substr(pieces, 2, type_=sa.Text) + sa.literal("}", sa.Text)
        return text if self._sqlite else sa.cast(text, sa.JSON)

    def _pair(self, spec: FieldSpec) -> Any:
        name = sa.literal(f',"{spec.name}":', sa.Text)
        if self._sqlite:
            # Of several paths, SQLite makes an array.
            pair = sa.func.json_extract(LINES.c.changes, f'$."{spec.name}"[1]', f'$."{spec.name}"[0]', type_=sa.Text)
            return name + pair
        value = LINES.c.changes.op("->")(sa.literal(spec.name))
        after, before = (sa.cast(value.op("->")(sa.literal(place)), sa.Text) for place in (1, 0))
        return name + sa.literal("[", sa.Text) + after + sa.literal(",", sa.Text) + before + sa.literal("]", sa.Text)

    def _kept(self, session: Session, spec: FieldSpec, ranks: list[int]) -> sa.ColumnElement[bool]:
        """Which lines have this column turned. Rows that were created or deleted are turned as a whole."""
        touches = codecs.has(spec, LINES.c.changes, sqlite=self._sqlite)
        if not ranks:
            return touches
        chosen = session.execute(
            sa.select(GROUPS.c.before, GROUPS.c.after).where(
                GROUPS.c.correction_id == self._first, GROUPS.c.rank.in_(ranks), GROUPS.c.column_name == spec.name
            )
        )
        column = table_of(spec.model).c[spec.name]
        was, now = (each(spec, LINES.c.changes, sqlite=self._sqlite) for each in (codecs.before, codecs.after))
        same = [
            sa.and_(
                was.is_not_distinct_from(sa.literal(codecs.stored(spec, before), column.type)),
                now.is_not_distinct_from(sa.literal(codecs.stored(spec, after), column.type)),
            )
            for before, after in chosen
        ]
        return sa.and_(touches, sa.or_(LINES.c.operation != _UPDATE, *same))
