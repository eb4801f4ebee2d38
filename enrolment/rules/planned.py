"""Changes of rules that take effect at a date: planned by somebody, made by the worker in their name.

A change is checked when it is planned (by the form, which tries it and undoes it) and again when it is made: what
became impossible meanwhile is marked so, with the reason, and never half done. A change whose author may no longer make
it is parked the same way: an administrator makes it in their own name, or drops it. Each has its own transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.errors import Conflict, DomainError, Impossible, NotFound
from enrolment.rules import checks
from enrolment.services import rights, staff
from enrolment.typography import moment
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import field, model_named
from schema.enums import PlannedState
from schema.history import Actor
from schema.tables import PlannedChange, StaffUser
from schema.types import InvalidValue

logger = logging.getLogger(__name__)

WAITING = frozenset({PlannedState.planned, PlannedState.failed})
"""Still to be made, by its date or by an administrator."""

_GONE = "Ce changement n'existe pas ou n'existe plus."
_LONGEST_REASON = 255


def plan(
    session: Session,
    model: type[Table],
    row_id: int | None,
    changes: Mapping[str, str],
    *,
    effective_at: datetime,
    author_id: int,
    reason: str | None,
) -> PlannedChange:
    """Keep a change for later. `changes` are the texts that a form would show. Raises Impossible when it collides."""
    if not changes:
        raise Impossible({}, ("Rien ne change : modifiez au moins un champ avant de programmer.",))
    if effective_at <= clock.now():
        raise Impossible({}, ("La date d'effet est passée : choisissez une date à venir, ou laissez-la vide.",))
    table = table_of(model).name
    for other in waiting(session, table, row_id):
        if row_id is not None:
            shared = sorted(set(other.changes) & set(changes))
            if shared:
                labels = ", ".join(f"« {field(model, name).label} »" for name in shared)
                when = moment(other.effective_at)
                said = f"Un changement de {labels} est déjà programmé pour le {when}. Annulez-le d'abord."
                raise Impossible({}, (said,))
        elif "code" in changes and other.changes.get("code") == changes["code"]:
            raise Impossible({"code": f"Une ligne de ce code est déjà programmée le {moment(other.effective_at)}."})
    change = PlannedChange(
        table_name=table,
        row_id=row_id,
        changes=dict(changes),
        effective_at=effective_at,
        author_id=author_id,
        reason=reason,
    )
    session.add(change)
    session.flush()
    return change


def waiting(session: Session, table: str | None = None, row_id: int | None = None) -> Sequence[PlannedChange]:
    """The changes still to come, soonest first: all, or those of a row (of new rows when `row_id` is None)."""
    statement = select(PlannedChange).where(PlannedChange.state == PlannedState.planned)
    if table is not None:
        statement = statement.where(PlannedChange.table_name == table)
        row = col(PlannedChange.row_id)
        statement = statement.where(row.is_(None) if row_id is None else row == row_id)
    return session.exec(statement.order_by(col(PlannedChange.effective_at), col(PlannedChange.id))).all()


def failed(session: Session) -> Sequence[PlannedChange]:
    """The changes that could not be made, newest first: somebody has to look at them, then cancel them."""
    return session.exec(
        select(PlannedChange)
        .where(PlannedChange.state == PlannedState.failed)
        .order_by(col(PlannedChange.effective_at).desc())
    ).all()


def cancel(session: Session, change_id: int) -> None:
    """Give a change up, planned or failed. Raises Conflict when it was made meanwhile."""
    change = _locked(session, change_id)
    if change.state not in WAITING:
        raise Conflict(f"Ce changement n'attend plus : il est « {change.state.label} ».")
    change.state = PlannedState.cancelled
    session.flush()


def apply_due(database: Database) -> int:
    """Make every change whose date has come; how many were made. Several workers may run this at once."""
    with database.reading() as session:
        due = session.exec(
            select(PlannedChange.id)
            .where(PlannedChange.state == PlannedState.planned, col(PlannedChange.effective_at) <= clock.now())
            .order_by(col(PlannedChange.effective_at), col(PlannedChange.id))
        ).all()
    return sum(apply(database, change_id) for change_id in due)


def apply(database: Database, change_id: int, *, by: Actor | None = None) -> bool:
    """Make one change in its author's name, or note why it cannot be. Whether it was made.

    `by` makes it now and in their own name, whatever became of its author; a parked change is tried again.
    """
    with database.reading() as session:
        change = session.get(PlannedChange, change_id)
        if change is None:
            raise NotFound(_GONE)
        author = staff.actor_of(session.get_one(StaffUser, change.author_id))
        reason = change.reason or f"Changement programmé n° {change.id}"
        if by is not None and by.id != author.id:
            reason = f"{reason} (programmé par {author.label})"[:_LONGEST_REASON]
    waits = {PlannedState.planned} if by is None else WAITING
    try:
        with database.writing(by or author, reason) as session:
            change = _locked(session, change_id)
            if change.state not in waits:
                # Another worker was faster, or somebody cancelled it.
                return False
            if by is None:
                rights.require_rule_change(session, author, change.table_name, is_new=change.row_id is None)
            else:
                change.effective_at = min(change.effective_at, clock.now())
            _make(session, change)
            change.state, change.problem = PlannedState.applied, None
        return True
    except StaleDataError:
        # Somebody saved the row at this very moment: the next round tries again.
        return False
    except (DomainError, InvalidValue) as error:
        _note_failure(database, change_id, str(error))
    except IntegrityError:
        logger.exception("planned change %s was refused by the database", change_id)
        _note_failure(database, change_id, "La base de données refuse ces valeurs : une autre ligne les a peut-être.")
    return False


def values_of(session: Session, model: type[Table], changes: Mapping[str, str]) -> dict[str, Any]:
    """The values that the kept texts stand for. Raises InvalidValue."""
    values: dict[str, Any] = {}
    for name, raw in changes.items():
        spec = field(model, name)
        if spec.references is not None and raw:
            values[name] = int(raw)
            if session.get(model_named(spec.references), values[name]) is None:
                raise InvalidValue(f"La ligne choisie pour « {spec.label} » n'existe plus.")
        else:
            values[name] = spec.clean(raw)
    return values


def _make(session: Session, change: PlannedChange) -> None:
    model = model_named(change.table_name)
    values = values_of(session, model, change.changes)
    if change.row_id is None:
        row, before = model(**values), None
    else:
        found = session.get(model, change.row_id, with_for_update=True)
        if found is None:
            raise NotFound("La ligne à modifier n'existe plus.")
        row, before = found, {name: getattr(found, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
    checks.check(session, row, before)
    session.add(row)
    session.flush()
    change.row_id = row.id


def _locked(session: Session, change_id: int) -> PlannedChange:
    found = session.exec(select(PlannedChange).where(PlannedChange.id == change_id).with_for_update()).first()
    if found is None:
        raise NotFound(_GONE)
    return found


def _note_failure(database: Database, change_id: int, problem: str) -> None:
    with database.writing(Actor.system("Changements programmés")) as session:
        change = _locked(session, change_id)
        if change.state in WAITING:
            change.state, change.problem = PlannedState.failed, problem
