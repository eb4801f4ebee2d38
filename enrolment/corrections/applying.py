"""Applies a frozen correction, a range of lines at a time, each range in one short transaction.

Lines, rows, history and progress are written together: whatever dies, a line is either planned with nothing done, or
settled with everything done. The size of a range follows the time that the last one took, so that nobody waits longer
than a moment for the write lock.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session

from enrolment import clock
from enrolment.corrections import consequences, lines
from enrolment.corrections.recipes import Recipe
from enrolment.corrections.sheet import Sheet, Signed
from schema.base import table_of
from schema.database import Database
from schema.describe import model_named
from schema.enums import ActorKind, CorrectionOutcome, CorrectionState, Operation
from schema.history import Actor
from schema.staging import LINES
from schema.tables import Correction

_CORRECTIONS = table_of(Correction)
_REFUSED = "La base refuse cette ligne : une valeur est déjà prise par une autre, ou la ligne est encore utilisée."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Range:
    """Places from `low` to `high`, both included."""

    low: int
    high: int

    @property
    def size(self) -> int:
        """How many lines."""
        return self.high - self.low + 1


def author_of(correction: Correction) -> Actor:
    """In whose name a correction is done."""
    if correction.author_id is None:
        return Actor.system(correction.author_label)
    return Actor(ActorKind.staff, correction.author_id, correction.author_label)


def step(database: Database, correction: Correction, size: int) -> Range | None:
    """Apply the next lines; None when there is nothing more to do for this worker.

    A range that the database refuses as a whole is done line by line.
    """
    with database.reading() as session:
        last = lines.last_place(session, correction.id)
    chosen = Range(correction.done_upto + 1, min(correction.done_upto + size, last))
    if chosen.size <= 0:
        return None
    try:
        return chosen if _apply(database, correction, chosen) else None
    except (IntegrityError, DataError) as error:
        if chosen.size == 1:
            return chosen if _refuse(database, correction, chosen, error) else None
    return step(database, correction, max(chosen.size // 8, 1))


def _apply(database: Database, correction: Correction, chosen: Range) -> bool:
    with database.writing(author_of(correction)) as session:
        if not _claim(session, correction, chosen):
            return False
        _carry(session, correction, chosen)
        _add_counts(session, correction, chosen)
    return True


def _claim(session: Session, correction: Correction, chosen: Range) -> bool:
    """Move the progress on; False when somebody else did, or the correction does not run any more."""
    columns = _CORRECTIONS.c
    claimed = session.execute(
        sa.update(_CORRECTIONS)
        .where(
            columns.id == correction.id,
            columns.state == CorrectionState.applying,
            columns.done_upto == chosen.low - 1,
        )
        .values(done_upto=chosen.high)
        .execution_options(synchronize_session=False)
    )
    return bool(claimed.rowcount == 1)  # type: ignore[attr-defined]


def _carry(session: Session, correction: Correction, chosen: Range) -> None:
    recipe = Recipe.of(correction.recipe)
    sheet = Sheet(session, model_named(correction.table_name), correction.id, recipe.columns)
    now = clock.now()
    low, high = chosen.low, chosen.high
    sheet.lock(low, high)
    for operation in _operations(session, correction, chosen):
        if operation is Operation.insert:
            sheet.give_keys(low, high)
        sheet.mark(low, high, operation)
        if operation is Operation.insert:
            sheet.insert(low, high, now)
        elif operation is Operation.update:
            sheet.update(low, high, now)
        else:
            sheet.delete(low, high)
    consequences.follow(session, model_named(correction.table_name), correction.id, low, high)
    sheet.record(low, high, Signed(author_of(correction), correction.reason, correction.public_id), now)


def _operations(session: Session, correction: Correction, chosen: Range) -> list[Operation]:
    """What the planned lines of a range do to their rows."""
    here = lines.within(correction.id, chosen.low, chosen.high)
    planned = LINES.c.outcome == CorrectionOutcome.planned.value
    found = session.execute(sa.select(LINES.c.operation).where(here, planned).distinct()).scalars().all()
    return [operation for operation in Operation if operation.value in found]


def _add_counts(session: Session, correction: Correction, chosen: Range) -> None:
    found = lines.counts(session, lines.within(correction.id, chosen.low, chosen.high))
    columns = _CORRECTIONS.c
    session.execute(
        sa.update(_CORRECTIONS)
        .where(columns.id == correction.id)
        .values(
            applied=columns.applied + found.get(CorrectionOutcome.applied, 0),
            conflicts=columns.conflicts + found.get(CorrectionOutcome.conflict, 0),
        )
        .execution_options(synchronize_session=False)
    )


def _refuse(database: Database, correction: Correction, chosen: Range, error: Exception) -> bool:
    """Leave one line out that the database refuses."""
    _log.info("Line %s of correction %s was refused: %s", chosen.low, correction.id, type(error).__name__)
    with database.writing(author_of(correction)) as session:
        if not _claim(session, correction, chosen):
            return False
        lines.set_aside(session, correction.id, [chosen.low], CorrectionOutcome.refused, _REFUSED)
        columns = _CORRECTIONS.c
        session.execute(
            sa.update(_CORRECTIONS)
            .where(columns.id == correction.id)
            .values(set_aside=columns.set_aside + 1, planned=columns.planned - 1)
            .execution_options(synchronize_session=False)
        )
    return True
