"""Records every change of every recorded table, in the transaction that makes it.

Who, when and why come from the session (`Database.writing`); a change without an author is an error, never an
anonymous line. Columns marked secret appear as changed, without their values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session

from schema.base import Table
from schema.columns import meta_of
from schema.enums import ActorKind, Operation
from schema.tables import HistoryEntry

HIDDEN = "•••"
_BOOKKEEPING = frozenset({"row_version", "updated_at", "created_at"})


@dataclass(frozen=True)
class Actor:
    """Who acts. `id` is the key of the account or the staff user, None for the portal itself."""

    kind: ActorKind
    id: int | None
    label: str

    @classmethod
    def system(cls, label: str = "Portail") -> Actor:
        """The portal itself: seeds, worker, purge."""
        return cls(ActorKind.system, None, label)

    @classmethod
    def visitor(cls) -> Actor:
        """A vendor that has no account yet."""
        return cls(ActorKind.vendor, None, "Fournisseur sans compte")


def record_changes(session: Session) -> None:
    """Make a session write one history row for each row it changes."""
    sa.event.listen(session, "after_flush", _after_flush)


def json_value(value: Any) -> Any:
    """A value as history, imports and corrections compare it: text, number, boolean or None."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def _after_flush(session: Session, context: UOWTransaction) -> None:  # noqa: ARG001  Fixed by SQLAlchemy.
    actor: Actor = session.info["actor"]
    rows = [
        {
            "table_name": row.__tablename__,
            "row_id": row.id,
            "operation": operation,
            "changes": changes,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_label": actor.label,
            "reason": session.info.get("reason"),
            "batch": session.info.get("batch"),
        }
        for operation, row in _touched(session)
        if (changes := _changes(row, operation))
    ]
    if rows:
        session.connection().execute(sa.insert(HistoryEntry), rows)


def _touched(session: Session) -> list[tuple[Operation, Table]]:
    groups = ((Operation.insert, session.new), (Operation.update, session.dirty), (Operation.delete, session.deleted))
    return [(operation, row) for operation, rows in groups for row in rows if row.recorded]


def _changes(row: Table, operation: Operation) -> dict[str, list[Any]]:
    state: Any = sa.inspect(row)
    found: dict[str, list[Any]] = {}
    for col in state.mapper.local_table.columns:
        if col.name in _BOOKKEEPING or col.primary_key:
            continue
        past = state.attrs[col.name].history
        before = past.deleted[0] if past.deleted else None
        after = getattr(row, col.name)
        if operation is Operation.insert:
            before = None
        elif operation is Operation.delete:
            before, after = after, None
        elif not past.has_changes():
            continue
        if before == after:
            continue
        if meta_of(col).secret:
            before, after = (HIDDEN if value is not None else None for value in (before, after))
        found[col.name] = [json_value(before), json_value(after)]
    return found
