"""The statements that carry a range of lines into their table, the same on both engines, compiled once.

Each looks at one range of places. What the row holds is compared with « before » first: a row that changed since is
marked as a conflict and left alone; all that follows looks only at the lines so marked as applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlmodel import Session

from enrolment.corrections import codecs
from enrolment.corrections.new_rows import is_as_created
from schema.base import Table, table_of
from schema.describe import FieldSpec, field, fields
from schema.enums import CorrectionOutcome, Operation
from schema.history import Actor
from schema.prepared import PreparedChange
from schema.staging import LINES
from schema.tables import ALL, HistoryEntry

_PLANNED = CorrectionOutcome.planned.value
_CONFLICT = CorrectionOutcome.conflict.value
_HISTORY: Any = table_of(HistoryEntry)
_LOW, _HIGH = sa.bindparam("low", type_=sa.Integer), sa.bindparam("high", type_=sa.Integer)


@dataclass(frozen=True)
class Signed:
    """In whose name, why and in which batch the history records it."""

    actor: Actor
    reason: str
    batch: str


@dataclass(frozen=True)
class Carried:
    """How many lines of a range were applied, and how many met a row that had changed."""

    applied: int
    conflicts: int


class Sheet:
    """The lines of one correction. `names` are the columns that they change, `operations` what they do to rows."""

    def __init__(
        self,
        dialect: Dialect,
        model: type[Table],
        correction_id: int,
        names: Sequence[str],
        operations: Sequence[Operation],
        signed: Signed,
    ) -> None:
        self._model = model
        self._table: Any = table_of(model)
        self._specs = [field(model, name) for name in sorted(names)]
        self._sqlite = dialect.name == "sqlite"
        self._here = sa.and_(LINES.c.correction_id == correction_id, LINES.c.place.between(_LOW, _HIGH))
        self._moment = sa.bindparam("now", type_=self._table.c.updated_at.type)
        first: list[Any] = [] if self._sqlite else [self._lock()]
        if Operation.insert in operations:
            first.append(self._give_keys())
        carriers = {Operation.insert: self._insert, Operation.update: self._update, Operation.delete: self._delete}
        self._first = [PreparedChange(one, dialect) for one in first]
        self._pairs = [
            (PreparedChange(self._mark(operation), dialect), PreparedChange(carriers[operation](), dialect))
            for operation in operations
        ]
        self._last = [PreparedChange(self._record(signed), dialect)] if model.recorded else []

    def carry(self, session: Session, low: int, high: int, now: datetime) -> Carried:
        """Apply the planned lines from one place to another, both included."""
        given = {"low": low, "high": high, "now": now}
        for statement in self._first:
            statement.run(session, given)
        conflicts = applied = 0
        for mark, carrier in self._pairs:
            conflicts += mark.run(session, given)
            applied += carrier.run(session, given)
        for statement in self._last if applied else ():
            statement.run(session, given)
        return Carried(applied, conflicts)

    def _lock(self) -> Any:
        """Hold the rows that will change, in the order of their keys; SQLite has one writer at a time."""
        keys = sa.select(LINES.c.row_id).where(self._here, LINES.c.outcome == _PLANNED)
        rows = sa.select(self._table.c.id).where(self._table.c.id.in_(keys)).order_by(self._table.c.id)
        # Counted, so that no key travels.
        return sa.select(sa.func.count()).select_from(rows.with_for_update().subquery())

    def _give_keys(self) -> Any:
        """Give the rows to create their keys."""
        if self._sqlite:
            highest = sa.select(sa.func.coalesce(sa.func.max(self._table.c.id), 0)).scalar_subquery()
            key: Any = highest + LINES.c.place - _LOW + 1
        else:
            key = sa.func.nextval(sa.func.pg_get_serial_sequence(self._table.name, "id"))
        new = sa.and_(self._here, self._is(Operation.insert), LINES.c.row_id.is_(None))
        return sa.update(LINES).where(new).values(row_id=key)

    def _mark(self, operation: Operation) -> Any:
        """Mark the planned lines that cannot be applied: what then is planned in the range can."""
        changed = sa.and_(self._is(operation), ~self._stands(operation))
        return sa.update(LINES).where(self._here, changed).values(outcome=_CONFLICT)

    def _update(self) -> Any:
        values: dict[str, Any] = {spec.name: self._new(spec) for spec in self._specs}
        values |= {"row_version": self._table.c.row_version + 1, "updated_at": self._moment}
        rows = sa.and_(self._table.c.id == LINES.c.row_id, self._here, self._is(Operation.update))
        return sa.update(self._table).where(rows).values(values)

    def _insert(self) -> Any:
        fixed = {
            "id": LINES.c.row_id,
            "row_version": sa.literal(1),
            "created_at": self._moment,
            "updated_at": self._moment,
        }
        values = {spec.name: codecs.after(spec, LINES.c.changes, sqlite=self._sqlite) for spec in self._specs}
        applied = sa.and_(self._here, self._is(Operation.insert))
        rows = sa.select(*fixed.values(), *values.values()).where(applied).order_by(LINES.c.place)
        return sa.insert(self._table).from_select([*fixed, *values], rows, include_defaults=False)

    def _delete(self) -> Any:
        keys = sa.select(LINES.c.row_id).where(self._here, self._is(Operation.delete))
        return sa.delete(self._table).where(self._table.c.id.in_(keys))

    def _record(self, signed: Signed) -> Any:
        """Write the history of the applied lines: their changes as they are."""
        columns = _HISTORY.c
        fixed = {
            "row_version": 1,
            "table_name": self._table.name,
            "actor_kind": signed.actor.kind,
            "actor_id": signed.actor.id,
            "actor_label": signed.actor.label,
            "reason": signed.reason,
            "batch": signed.batch,
        }
        literals = [sa.literal(value, columns[name].type) for name, value in fixed.items()]
        moments = dict.fromkeys(("created_at", "updated_at", "at"), self._moment)
        own = {"row_id": LINES.c.row_id, "operation": LINES.c.operation, "changes": LINES.c.changes}
        rows = sa.select(*literals, *moments.values(), *own.values())
        rows = rows.where(self._here, LINES.c.outcome == _PLANNED).order_by(LINES.c.place)
        return sa.insert(_HISTORY).from_select([*fixed, *moments, *own], rows, include_defaults=False)

    def _is(self, operation: Operation) -> sa.ColumnElement[bool]:
        return sa.and_(LINES.c.outcome == _PLANNED, LINES.c.operation == operation.value)

    def _stands(self, operation: Operation) -> sa.ColumnElement[bool]:
        """Whether the row is still as the preview showed it."""
        row = self._table.alias("present")
        here = row.c.id == LINES.c.row_id
        if operation is Operation.insert:
            return ~sa.exists().where(here)
        if operation is Operation.delete:
            same = is_as_created(
                self._model, row, lambda spec: codecs.before(spec, LINES.c.changes, sqlite=self._sqlite)
            )
            users = (table_of(spec.model).c[spec.name] for spec in self._users())
            # Said of the row and not of the line: a query two levels down would look at every line there is.
            same += [~sa.exists().where(column == row.c.id) for column in users]
        else:
            same = [self._is_before(spec, row.c[spec.name]) for spec in self._specs]
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
