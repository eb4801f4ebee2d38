"""What pages and files show of corrections: lists, groups of changes, lines by their places. Nothing is changed here.

A correction may have a million lines: nothing here counts or reads more of them than a page shows, or says where it
stopped. How a value is said in French is in `enrolment.records.presentation`.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.corrections import codecs, searching
from enrolment.corrections.lines import SET_ASIDE, applied, as_they_stand, last_place, left
from schema.base import table_of
from schema.describe import field, model_named
from schema.enums import CorrectionOutcome, CorrectionState, Operation
from schema.staging import GROUPS, LINES
from schema.tables import Correction, HistoryEntry

PAGE = 50
MOST_COUNTED = 10_000
_AT_ONCE = 1_000
_WINDOW = 20_000
_SECONDS = 1.0
_MOST_CHANGES_OF_PAGE = 1_000
_LINES_A_SECOND = 15_000
# Written as the partial index of the lines has it: SQLite uses the index for these very words only.
_ODD = sa.text("outcome NOT IN ('planned', 'applied')")
_OUTCOMES_IN_COUNTS = frozenset({CorrectionOutcome.planned, CorrectionOutcome.applied, CorrectionOutcome.unchanged})

_REHEARSAL = table_of(Correction).c.recipe["rehearsal"].as_boolean()
# What was asked for its preview alone is nobody's any more once it is given up; its page and its number remain.
_IS_LISTED = sa.or_(col(Correction.state) != CorrectionState.cancelled, sa.func.coalesce(_REHEARSAL, False).is_(False))

Row = sa.Row[Any]


@dataclass(frozen=True)
class Lines:
    """Lines in the order of their places. `after` is the place after which the next page begins, None when this is the
    last one; `stopped` says that the search took long and was left there, with lines still to be read.
    """

    rows: Sequence[Row]
    after: int | None
    stopped: bool = False


def listed(
    session: Session, tables: Collection[str], states: Collection[CorrectionState], before: int | None
) -> tuple[list[Correction], int | None]:
    """A page of corrections, newest first, and the key from which the next page starts."""
    statement = select(Correction).where(col(Correction.table_name).in_(tables), _IS_LISTED)
    if states:
        statement = statement.where(col(Correction.state).in_(states))
    if before is not None:
        statement = statement.where(Correction.id < before)
    found = list(session.exec(statement.order_by(col(Correction.id).desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def state_counts(session: Session, tables: Collection[str]) -> dict[CorrectionState, int]:
    """How many corrections are in each state; those that none is in are not there."""
    columns = table_of(Correction).c
    counted = sa.select(columns.state, sa.func.count()).where(columns.table_name.in_(tables), _IS_LISTED)
    return {CorrectionState(state): count for state, count in session.execute(counted.group_by(columns.state))}


def by_batches(session: Session, batches: Collection[str]) -> dict[str, Correction]:
    """The corrections whose batch the history bears."""
    if not batches:
        return {}
    found = session.exec(select(Correction).where(col(Correction.public_id).in_(batches)))
    return {one.public_id: one for one in found}


def undoings(session: Session, correction: Correction) -> list[Correction]:
    """The corrections that undo this one or may do so, newest first. One that was given up did nothing."""
    given_up = col(Correction.state) == CorrectionState.cancelled
    found = session.exec(select(Correction).where(Correction.undoes_id == correction.id, ~given_up))
    return sorted(found, key=lambda one: -one.id)


def operations(correction: Correction) -> dict[Operation, int]:
    """How many planned lines add, change or delete a row; an operation that none has is not there."""
    told: dict[str, int] = correction.recipe.get("operations", {})
    counts = {Operation.update: correction.planned - sum(told.values())}
    counts |= {Operation(name): count for name, count in told.items()}
    return {operation: count for operation, count in counts.items() if count}


def groups(session: Session, correction: Correction) -> list[Row]:
    """The largest groups of equal changes, largest first."""
    columns = GROUPS.c
    statement = sa.select(
        columns.rank, columns.column_name, columns.before, columns.after, columns["count"].label("number")
    )
    return list(session.execute(statement.where(columns.correction_id == correction.id).order_by(columns.rank)))


def odd_counts(session: Session, correction: Correction) -> dict[CorrectionOutcome, int]:
    """How many lines were set aside or left alone, by outcome, none counted beyond MOST_COUNTED and one."""
    found = {}
    for outcome in CorrectionOutcome:
        if outcome in _OUTCOMES_IN_COUNTS:
            continue
        few = sa.select(sa.literal(1)).select_from(LINES).where(*_of_outcome(correction, outcome))
        counted = sa.select(sa.func.count()).select_from(few.limit(MOST_COUNTED + 1).subquery())
        count = session.execute(counted).scalar_one()
        if count:
            found[outcome] = count
    return found


def reasons(session: Session, correction: Correction) -> list[tuple[str, int]]:
    """Why lines are set aside, most frequent first, among the first of them."""
    aside = [outcome.value for outcome in SET_ASIDE]
    few = (
        sa.select(LINES.c.detail)
        .where(LINES.c.correction_id == correction.id, _ODD, LINES.c.outcome.in_(aside))
        .limit(MOST_COUNTED)
        .subquery()
    )
    count = sa.func.count()
    found = session.execute(
        sa.select(few.c.detail, count).group_by(few.c.detail).order_by(count.desc(), few.c.detail).limit(PAGE)
    )
    return [(detail or "", number) for detail, number in found]


def lines(
    session: Session,
    correction: Correction,
    *,
    outcome: CorrectionOutcome | None = None,
    searched: str = "",
    after: int = 0,
) -> Lines:
    """A page of lines after a place, of one outcome, that a search finds in their values or in the name of their row.

    Read by runs of places for a second at most: a word that is met nowhere must not hold the page.
    """
    wanted = _of_outcome(correction, outcome)
    if searched:
        wanted.append(searching.condition(session, correction, searched))
    last = last_place(session, correction.id)
    end = time.monotonic() + _SECONDS
    found: list[Row] = []
    low = after
    while low < last and len(found) <= PAGE:
        high = min(low + _WINDOW, last)
        run = as_they_stand(correction).where(*wanted, LINES.c.place > low, LINES.c.place <= high)
        found += session.execute(run.order_by(LINES.c.place).limit(PAGE + 1 - len(found))).all()
        low = high
        if time.monotonic() > end:
            break
    if len(found) > PAGE:
        return Lines(found[:PAGE], found[PAGE - 1].place)
    return Lines(found, low if low < last else None, stopped=low < last)


def every(session: Session, correction: Correction) -> Iterator[Sequence[Row]]:
    """All the lines in the order of their places, some at a time."""
    place = 0
    while True:
        statement = as_they_stand(correction).where(LINES.c.place > place)
        found = session.execute(statement.order_by(LINES.c.place).limit(_AT_ONCE)).all()
        if not found:
            return
        yield found
        place = found[-1].place


def changed_since(session: Session, correction: Correction, conflicts: Sequence[Row]) -> dict[int, HistoryEntry]:
    """Of these lines in conflict, who changed the row since the correction was asked for, by the key of the row: the
    first change of a column that the line was about, or the deletion of the row. For an undoing: since what it undoes.
    """
    since_when, own = correction.created_at, {correction.public_id}
    if correction.undoes_id is not None:
        first = session.get_one(Correction, correction.undoes_id)
        since_when = first.started_at or first.created_at
        own |= {first.public_id, *(one.public_id for one in undoings(session, first))}
    keys = [line.row_id for line in conflicts if line.row_id is not None]
    found = session.exec(
        select(HistoryEntry)
        .where(
            HistoryEntry.table_name == correction.table_name,
            col(HistoryEntry.row_id).in_(keys),
            HistoryEntry.at >= since_when,
            sa.or_(col(HistoryEntry.batch).is_(None), col(HistoryEntry.batch).not_in(own)),
        )
        .order_by(col(HistoryEntry.id))
        .limit(_MOST_CHANGES_OF_PAGE)
    ).all()
    touched = {line.row_id: line.changes.keys() for line in conflicts}
    since: dict[int, HistoryEntry] = {}
    for entry in found:
        if entry.changes.keys() & touched[entry.row_id]:
            since.setdefault(entry.row_id, entry)
    return since


def present(session: Session, correction: Correction, conflicts: Sequence[Row]) -> Mapping[int, Mapping[str, Any]]:
    """What the rows of these lines hold now in the columns of the correction, in the history's form."""
    model = model_named(correction.table_name)
    names = [name for name in correction.recipe["columns"] if not field(model, name).meta.secret]
    columns = table_of(model).c
    keys = [line.row_id for line in conflicts if line.row_id is not None]
    found = session.execute(sa.select(columns.id, *(columns[name] for name in names)).where(columns.id.in_(keys)))
    return {row.id: {name: codecs.kept(getattr(row, name)) for name in names} for row in found}


def lines_a_second(session: Session) -> float:
    """How fast lines are applied here, going by the last corrections that took a while."""
    statement = (
        select(Correction.applied, Correction.seconds_to_apply)
        .where(Correction.seconds_to_apply >= 5, col(Correction.ended_at).is_not(None))
        .order_by(col(Correction.id).desc())
        .limit(5)
    )
    found = session.exec(statement).all()
    applied, seconds = sum(one for one, _ in found), sum(one for _, one in found)
    return applied / seconds if applied and seconds else float(_LINES_A_SECOND)


def _of_outcome(correction: Correction, outcome: CorrectionOutcome | None) -> list[Any]:
    if outcome is CorrectionOutcome.planned:
        return [left(correction)]
    if outcome is CorrectionOutcome.applied:
        return [applied(correction)]
    wanted: list[Any] = [LINES.c.correction_id == correction.id]
    return wanted if outcome is None else [*wanted, LINES.c.outcome == outcome.value, _ODD]
