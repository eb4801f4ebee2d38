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
from enrolment.corrections import consequences, lines, progress
from enrolment.corrections.recipes import Recipe
from enrolment.corrections.sheet import Sheet, Signed
from schema.database import Database
from schema.describe import model_named
from schema.enums import ActorKind, CorrectionOutcome, CorrectionState, Operation
from schema.history import Actor
from schema.staging import LINES
from schema.tables import Correction

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


def sheet_of(database: Database, correction: Correction) -> Sheet:
    """The statements of a correction, to be used for all its ranges."""
    with database.reading() as session:
        here = LINES.c.correction_id == correction.id
        found = session.execute(sa.select(LINES.c.operation).where(here).distinct()).scalars().all()
    return Sheet(
        database.engine.dialect,
        model_named(correction.table_name),
        correction.id,
        Recipe.of(correction.recipe).columns,
        [operation for operation in Operation if operation.value in found],
        Signed(author_of(correction), correction.reason, correction.public_id),
    )


def step(database: Database, correction: Correction, sheet: Sheet, chosen: Range) -> Range | None:
    """Apply a range of lines, or as many of them as can be; None when there is nothing more to do for this worker.

    A range that the database refuses as a whole is done in smaller ones, down to the line that it refuses.
    """
    if chosen.size <= 0:
        return None
    try:
        return chosen if _apply(database, correction, sheet, chosen) else None
    except (IntegrityError, DataError) as error:
        if chosen.size == 1:
            return chosen if _refuse(database, correction, chosen, error) else None
    return step(database, correction, sheet, Range(chosen.low, chosen.low + max(chosen.size // 8, 1) - 1))


def _apply(database: Database, correction: Correction, sheet: Sheet, chosen: Range) -> bool:
    with database.working(author_of(correction)) as session:
        if not _claim(session, correction, chosen):
            return False
        carried = sheet.carry(session, chosen.low, chosen.high, clock.now())
        consequences.follow(session, model_named(correction.table_name), correction.id, chosen.low, chosen.high)
        progress.add(session, correction.id, applied=carried.applied, conflicts=carried.conflicts)
    return True


def _claim(session: Session, correction: Correction, chosen: Range) -> bool:
    return progress.claim(session, correction.id, CorrectionState.applying, chosen.low - 1, chosen.high)


def _refuse(database: Database, correction: Correction, chosen: Range, error: Exception) -> bool:
    """Leave one line out that the database refuses."""
    _log.info("Line %s of correction %s was refused: %s", chosen.low, correction.id, type(error).__name__)
    with database.working(author_of(correction)) as session:
        if not _claim(session, correction, chosen):
            return False
        lines.set_aside(session, correction.id, [chosen.low], CorrectionOutcome.refused, _REFUSED)
        progress.add(session, correction.id, set_aside=1, planned=-1)
    return True
