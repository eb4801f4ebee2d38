"""The statements that carry a run of lines into their table, the same on both engines.

Each looks at one range of places. What the row holds is compared with « before » first: a row that changed since is
marked as a conflict and left alone; all that follows looks only at the lines so marked as applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from enrolment.corrections.lines import within
from schema.base import Table, table_of
from schema.describe import FieldSpec, field, fields
from schema.enums import CorrectionOutcome, Operation
from schema.history import Actor
from schema.staging import LINES
from schema.tables import ALL, HistoryEntry

_PLANNED = CorrectionOutcome.planned.value
_APPLIED = CorrectionOutcome.applied.value
_CONFLICT = CorrectionOutcome.conflict.value
_HISTORY: Any = table_of(HistoryEntry)


@dataclass(frozen=True)
class Signed:
    """In whose name, why and in which batch the history records it."""

    actor: Actor
    reason: str
    batch: str


class Sheet:
    """The lines of one correction. `names` are the columns that they change; `one` says that every line changes all."""

    def __init__(self, session: Session, model: type[Table], correction_id: int, names: Sequence[str]) -> None:
        self._session = session
        self._model = model
        self._table: Any = table_of(model)
        self._id = correction_id
        self._specs = [field(model, name) for name in sorted(names)]
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    def lock(self, low: int, high: int) -> None:
        """Hold the rows that will change, in the order of their keys; SQLite has one writer at a time."""
        if self._sqlite:
            return
        keys = sa.select(LINES.c.row_id).where(within(self._id, low, high), LINES.c.outcome == _PLANNED)
        rows = sa.select(self._table.c.id).where(self._table.c.id.in_(keys)).order_by(self._table.c.id)
        self._session.execute(rows.with_for_update())

    def give_keys(self, low: int, high: int) -> None:
        """Give the rows to create their keys."""
        new = sa.and_(self._of(low, high, Operation.insert), LINES.c.row_id.is_(None))
        if self._sqlite:
            highest = sa.select(sa.func.coalesce(sa.func.max(self._table.c.id), 0)).scalar_subquery()
            key: Any = highest + LINES.c.place - low + 1
        else:
            key = sa.func.nextval(sa.func.pg_get_serial_sequence(self._table.name, "id"))
        self._run(sa.update(LINES).where(new).values(row_id=key))

    def mark(self, low: int, high: int, operation: Operation) -> None:
        """Say of each planned line whether it can be applied."""
        outcome = sa.case((self._stands(operation), _APPLIED), else_=_CONFLICT)
        self._run(sa.update(LINES).where(self._of(low, high, operation)).values(outcome=outcome))

    def update(self, low: int, high: int, now: datetime) -> None:
        """Change the rows of the applied lines."""
        values: dict[str, Any] = {spec.name: self._new(spec) for spec in self._specs}
        values |= {"row_version": self._table.c.row_version + 1, "updated_at": now}
        rows = sa.and_(self._table.c.id == LINES.c.row_id, self._done(low, high, Operation.update))
        self._run(sa.update(self._table).where(rows).values(values))

    def insert(self, low: int, high: int, now: datetime) -> None:
        """Create the rows of the applied lines."""
        columns = self._table.c
        fixed = {
            "id": LINES.c.row_id,
            "row_version": sa.literal(1),
            "created_at": sa.literal(now, columns.created_at.type),
            "updated_at": sa.literal(now, columns.updated_at.type),
        }
        values = {spec.name: codecs.after(spec, LINES.c.changes, sqlite=self._sqlite) for spec in self._specs}
        rows = sa.select(*fixed.values(), *values.values()).where(self._done(low, high, Operation.insert))
        names = [*fixed, *values]
        self._run(sa.insert(self._table).from_select(names, rows.order_by(LINES.c.place), include_defaults=False))

    def delete(self, low: int, high: int) -> None:
        """Delete the rows of the applied lines."""
        keys = sa.select(LINES.c.row_id).where(self._done(low, high, Operation.delete))
        self._run(sa.delete(self._table).where(self._table.c.id.in_(keys)))

    def record(self, low: int, high: int, signed: Signed, now: datetime) -> None:
        """Write the history of the applied lines: their changes as they are."""
        if not self._model.recorded:
            return
        columns = _HISTORY.c
        fixed = {
            "row_version": 1,
            "created_at": now,
            "updated_at": now,
            "at": now,
            "table_name": self._table.name,
            "actor_kind": signed.actor.kind,
            "actor_id": signed.actor.id,
            "actor_label": signed.actor.label,
            "reason": signed.reason,
            "batch": signed.batch,
        }
        literals = [sa.literal(value, columns[name].type) for name, value in fixed.items()]
        own = [LINES.c.row_id, LINES.c.operation, LINES.c.changes]
        applied = sa.and_(within(self._id, low, high), LINES.c.outcome == _APPLIED)
        rows = sa.select(*literals, *own).where(applied).order_by(LINES.c.place)
        names = [*fixed, "row_id", "operation", "changes"]
        self._run(sa.insert(_HISTORY).from_select(names, rows, include_defaults=False))

    def _of(self, low: int, high: int, operation: Operation) -> sa.ColumnElement[bool]:
        planned = LINES.c.outcome == _PLANNED
        return sa.and_(within(self._id, low, high), planned, LINES.c.operation == operation.value)

    def _done(self, low: int, high: int, operation: Operation) -> sa.ColumnElement[bool]:
        done = LINES.c.outcome == _APPLIED
        return sa.and_(within(self._id, low, high), done, LINES.c.operation == operation.value)

    def _stands(self, operation: Operation) -> sa.ColumnElement[bool]:
        """Whether the row is still as the preview showed it."""
        row = self._table.alias("present")
        here = row.c.id == LINES.c.row_id
        if operation is Operation.insert:
            return ~sa.exists().where(here)
        same = [self._is_before(spec, row.c[spec.name]) for spec in self._specs]
        if operation is Operation.delete:
            same += [
                ~sa.exists().where(table_of(other.model).c[other.name] == LINES.c.row_id) for other in self._users()
            ]
        return sa.exists().where(here, *same)

    def _is_before(self, spec: FieldSpec, held: Any) -> sa.ColumnElement[bool]:
        before = codecs.before(spec, LINES.c.changes, sqlite=self._sqlite)
        same: sa.ColumnElement[bool] = held.is_not_distinct_from(before)
        if len(self._specs) == 1:
            return same
        return sa.or_(~codecs.has(spec, LINES.c.changes, sqlite=self._sqlite), same)

    def _new(self, spec: FieldSpec) -> Any:
        after = codecs.after(spec, LINES.c.changes, sqlite=self._sqlite)
        if len(self._specs) == 1:
            return after
        touches = codecs.has(spec, LINES.c.changes, sqlite=self._sqlite)
        return sa.case((touches, after), else_=self._table.c[spec.name])

    def _users(self) -> list[FieldSpec]:
        """Every column of any table that may point to a row of this one."""
        return [spec for model in ALL for spec in fields(model) if spec.references == self._table.name]

    def _run(self, statement: Any) -> None:
        self._session.execute(statement.execution_options(synchronize_session=False))
