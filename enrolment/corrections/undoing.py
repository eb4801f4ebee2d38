"""Freezes the undoing of a correction: its applied lines turned round, or those changes of them that were chosen.

One statement for some thousand lines: the first correction is already validated and laid out, and each of its lines
keeps its place. Where others wrote in the table since, lines are compared with the rows: a change that is back already,
by an earlier undoing or by hand, is left out, and a row that holds something else is shown as a conflict.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs, progress
from enrolment.corrections import lines as lines_of
from enrolment.corrections.new_rows import is_as_created
from schema.base import Table, table_of
from schema.describe import FieldSpec, field, model_named
from schema.enums import CorrectionOutcome, CorrectionState, Operation
from schema.prepared import PreparedChange
from schema.staging import GROUPS, LINES
from schema.tables import Correction, HistoryEntry

PART = 8_000
"""Places turned at a time."""

_LOW, _HIGH = sa.bindparam("low", type_=sa.Integer), sa.bindparam("high", type_=sa.Integer)
_UPDATE, _INSERT = Operation.update.value, Operation.insert.value
_PLANNED, _CONFLICT = CorrectionOutcome.planned.value, CorrectionOutcome.conflict.value
_Kept = dict[str, sa.ColumnElement[bool]]
_TURNED = sa.case(
    (LINES.c.operation == _INSERT, Operation.delete.value),
    (LINES.c.operation == Operation.delete.value, _INSERT),
    else_=_UPDATE,
)


class Turner:
    """The undoing of one correction; made anew at each turn of the worker."""

    def __init__(self, session: Session, correction: Correction) -> None:
        assert correction.undoes_id is not None  # noqa: S101  Only an undoing comes here.
        self._first = session.get_one(Correction, correction.undoes_id)
        self._sqlite = session.get_bind().dialect.name == "sqlite"
        self._last = lines_of.last_place(session, self._first.id)
        self.names: list[str] = list(correction.recipe["columns"])
        self._model = model_named(correction.table_name)
        self._row: Any = table_of(self._model).alias("present")
        specs = [field(self._model, name) for name in self.names]
        ranks = [int(rank) for rank in correction.recipe.get("groups", ())]
        kept = {spec.name: self._kept(session, spec, ranks) for spec in specs}
        if _is_alone(session, self._first, self._model):
            statement = self._alone(correction.id, specs, kept, whole=not ranks)
        else:
            statement = self._compared(correction.id, specs, kept)
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

    def _alone(self, correction_id: int, specs: list[FieldSpec], kept: _Kept, *, whole: bool) -> Any:
        """For a table that nobody wrote in since: every row holds what the lines say."""
        wanted = [] if whole else [sa.or_(*kept.values())]
        return self._turned(correction_id, LINES, wanted, sa.literal(_PLANNED), self._changes(specs, kept))

    def _compared(self, correction_id: int, specs: list[FieldSpec], kept: _Kept) -> Any:
        """For a table that changed since: what is back is left out, what holds something else is a conflict."""
        row = self._row
        is_gone = row.c.id.is_(None)
        left, odd = {}, []
        for spec in specs:
            held = row.c[spec.name]
            was, becomes = (each(spec, LINES.c.changes, sqlite=self._sqlite) for each in (codecs.before, codecs.after))
            is_left = sa.or_(LINES.c.operation != _UPDATE, is_gone, held.is_distinct_from(was))
            left[spec.name] = sa.and_(kept[spec.name], is_left)
            odd.append(sa.and_(left[spec.name], held.is_distinct_from(becomes)))
        created = is_as_created(self._model, row, lambda spec: codecs.after(spec, LINES.c.changes, sqlite=self._sqlite))
        wanted = sa.case(
            (LINES.c.operation == _UPDATE, sa.or_(*left.values())),
            (LINES.c.operation == _INSERT, ~is_gone),
            else_=is_gone,
        )
        outcome = sa.case(
            (sa.and_(LINES.c.operation == _UPDATE, sa.or_(is_gone, *odd)), _CONFLICT),
            (sa.and_(LINES.c.operation == _INSERT, ~sa.and_(*created)), _CONFLICT),
            else_=_PLANNED,
        )
        lines = LINES.outerjoin(row, row.c.id == LINES.c.row_id)
        return self._turned(correction_id, lines, [wanted], outcome, self._changes(specs, left))

    def _turned(
        self,
        correction_id: int,
        lines: Any,
        wanted: list[sa.ColumnElement[bool]],
        outcome: sa.ColumnElement[str],
        changes: sa.ColumnElement[Any],
    ) -> Any:
        columns = {
            "correction_id": sa.literal(correction_id),
            "place": LINES.c.place,
            "row_id": LINES.c.row_id,
            "operation": _TURNED,
            "outcome": outcome,
            "changes": changes,
        }
        here = (lines_of.applied(self._first), LINES.c.place.between(_LOW, _HIGH))
        rows = sa.select(*columns.values()).select_from(lines).where(*here, *wanted).order_by(LINES.c.place)
        return sa.insert(LINES).from_select(list(columns), rows, include_defaults=False)

    def _changes(self, specs: list[FieldSpec], kept: _Kept) -> sa.ColumnElement[Any]:
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
                GROUPS.c.correction_id == self._first.id, GROUPS.c.rank.in_(ranks), GROUPS.c.column_name == spec.name
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


def _is_alone(session: Session, first: Correction, model: type[Table]) -> bool:
    """Whether, going by the history, nobody else wrote in the table since a correction began to be applied."""
    if not model.recorded:
        return False
    table = table_of(HistoryEntry)
    own = table.c.batch == first.public_id
    began, ended, many = session.execute(
        sa.select(sa.func.min(table.c.id), sa.func.max(table.c.id), sa.func.count()).where(own)
    ).one()
    if many == 0:
        return False
    # Entries that follow one another leave no room for somebody else's.
    since = ended if ended - began + 1 == many else began
    others = sa.and_(
        table.c.id > since, table.c.table_name == first.table_name, table.c.batch.is_distinct_from(first.public_id)
    )
    return session.execute(sa.select(sa.literal(1)).where(others).limit(1)).first() is None
