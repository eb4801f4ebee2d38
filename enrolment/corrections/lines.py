"""Writes and counts the lines of a correction, in the way that each engine does fastest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from schema.enums import CorrectionOutcome, Operation
from schema.staging import LINES
from schema.tables import Correction

SET_ASIDE = frozenset(
    {CorrectionOutcome.invalid, CorrectionOutcome.missing, CorrectionOutcome.duplicate, CorrectionOutcome.refused}
)
"""What became of lines that cannot be applied as they are."""

LONGEST_DETAIL = 400
_COLUMNS = ("correction_id", "place", "row_id", "file_line", "operation", "outcome", "changes", "detail")
_INSERT = f"INSERT INTO {LINES.name} ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608  Names of ours.
_COPY = f"COPY {LINES.name} ({', '.join(_COLUMNS)}) FROM STDIN"
_IN_ONE_QUERY = 500


class Line(NamedTuple):
    """One line before it has its place. `changes` is already written as JSON."""

    row_id: int | None
    changes: str
    outcome: str = CorrectionOutcome.planned.value
    detail: str | None = None
    operation: str = Operation.update.value
    file_line: int | None = None


def store(session: Session, correction_id: int, first: int, lines: Sequence[Line]) -> None:
    """Write lines at the places from `first` on."""
    rows = [
        (correction_id, place, row_id, line, operation, outcome, changes, detail and detail[:LONGEST_DETAIL])
        for place, (row_id, changes, outcome, detail, operation, line) in enumerate(lines, start=first)
    ]
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_INSERT, rows)
        return
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)


def planned(correction: Correction) -> sa.ColumnElement[bool]:
    """The lines of a correction that nothing keeps from being applied, or that were."""
    return sa.and_(LINES.c.correction_id == correction.id, LINES.c.outcome == _PLANNED)


def applied(correction: Correction) -> sa.ColumnElement[bool]:
    """The lines of a correction that were applied: what was planned, up to where the application has come.

    No line is written again to say so, which would cost as much as the change itself; what was left out says why.
    """
    return sa.and_(planned(correction), LINES.c.place <= settled_upto(correction))


def left(correction: Correction) -> sa.ColumnElement[bool]:
    """The lines of a correction that are still to be applied, or never will be."""
    return sa.and_(planned(correction), LINES.c.place > settled_upto(correction))


def settled_upto(correction: Correction) -> int:
    """The place up to which lines were applied, or left out with a reason."""
    return correction.done_upto if correction.started_at is not None else 0


def as_they_stand(correction: Correction) -> sa.Select[Any]:
    """The lines of a correction, each with its outcome at this moment."""
    is_applied = sa.and_(LINES.c.outcome == _PLANNED, LINES.c.place <= settled_upto(correction))
    outcome = sa.case((is_applied, CorrectionOutcome.applied.value), else_=LINES.c.outcome).label("outcome")
    columns = [outcome if column.name == "outcome" else column for column in LINES.c]
    return sa.select(*columns).where(LINES.c.correction_id == correction.id)


_PLANNED = CorrectionOutcome.planned.value


def within(correction_id: int, low: int, high: int) -> sa.ColumnElement[bool]:
    """The lines of a correction from one place to another, both included."""
    return sa.and_(LINES.c.correction_id == correction_id, LINES.c.place.between(low, high))


def last_place(session: Session, correction_id: int) -> int:
    """The place of the last line of a correction; 0 when it has none."""
    found = session.execute(sa.select(sa.func.max(LINES.c.place)).where(LINES.c.correction_id == correction_id))
    return found.scalar_one() or 0


def counts(session: Session, condition: sa.ColumnElement[bool]) -> dict[CorrectionOutcome, int]:
    """How many lines have each outcome; those that none has are not in it."""
    found = session.execute(sa.select(LINES.c.outcome, sa.func.count()).where(condition).group_by(LINES.c.outcome))
    return {CorrectionOutcome(outcome): count for outcome, count in found}


def set_aside(
    session: Session, correction_id: int, places: Iterable[int], outcome: CorrectionOutcome, detail: str
) -> int:
    """Take planned lines out of what will be applied, and say why; how many."""
    wanted = sorted(places)
    for start in range(0, len(wanted), _IN_ONE_QUERY):
        session.execute(
            sa.update(LINES)
            .where(LINES.c.correction_id == correction_id, LINES.c.place.in_(wanted[start : start + _IN_ONE_QUERY]))
            .values(outcome=outcome.value, detail=detail[:LONGEST_DETAIL])
        )
    return len(wanted)
