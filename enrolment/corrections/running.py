"""The worker's part: prepares and applies the corrections that were asked for, in turns of a few seconds.

Between two short transactions it leaves the write lock to whoever waits: the public site and the managers work on.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.corrections import applying, checking, freezing, grouping, progress, ruled_tables, standing, telling
from enrolment.corrections.applying import Range
from enrolment.corrections.collector import no_collector
from enrolment.corrections.files import Means
from enrolment.corrections.freezing import Freezer
from enrolment.corrections.lines import counts, last_place, set_aside
from enrolment.corrections.loading import Loader
from enrolment.corrections.undoing import Turner
from enrolment.errors import DomainError
from schema.database import Database
from schema.enums import CorrectionOutcome, CorrectionSource, CorrectionState
from schema.history import Actor
from schema.staging import LINES
from schema.tables import Correction

_AT_A_TURN = 4.0
_WORKER = Actor.system("Corrections en masse")
# A range of lines aims at this many seconds: all writers of SQLite wait meanwhile, of PostgreSQL those of its rows.
_AIMS = {"sqlite": 0.04, "postgresql": 0.045}
_SMALLEST, _FIRST, _LARGEST = 100, 500, 20_000
_BETWEEN_NEWS = 0.5
_ACTIVE = (CorrectionState.preparing, CorrectionState.applying)

_log = logging.getLogger(__name__)

Progress = Callable[[Correction], None]
Work = Freezer | Turner | Loader
Unfinished = dict[int, Loader]
"""Files that this process has begun to read, by correction: each is read on from where it was left."""


def run(means: Means, seconds: float = _AT_A_TURN, unfinished: Unfinished | None = None) -> None:
    """Work on what was asked for, oldest first, for some seconds. `unfinished` is kept from one turn to the next."""
    end = time.monotonic() + seconds
    unfinished = {} if unfinished is None else unfinished
    with means.database.reading() as session:
        waiting = list(
            session.exec(select(Correction.id).where(col(Correction.state).in_(_ACTIVE)).order_by(col(Correction.id)))
        )
    for gone in unfinished.keys() - set(waiting):
        unfinished.pop(gone).close()
    for correction_id in waiting:
        if time.monotonic() < end:
            go_on(means, correction_id, end, unfinished)


def finish(means: Means, correction_id: int, progress: Progress | None = None) -> Correction:
    """Work on one correction until it waits for a person or has ended; how the command line runs it."""
    tell = Teller(means.database, progress)
    unfinished: Unfinished = {}
    while True:
        go_on(means, correction_id, math.inf, unfinished, tell)
        with means.database.reading() as session:
            correction = session.get_one(Correction, correction_id)
        if correction.state not in _ACTIVE:
            for work in unfinished.values():
                work.close()
            if progress is not None:
                progress(correction)
            return correction


class Teller:
    """Tells how far a correction is, now and then."""

    def __init__(self, database: Database, progress: Progress | None) -> None:
        self._database = database
        self._progress = progress
        self._next = 0.0

    def __call__(self, correction_id: int) -> None:
        """Something was done."""
        if self._progress is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _BETWEEN_NEWS
        with self._database.reading() as session:
            correction = session.get_one(Correction, correction_id)
        self._progress(correction)


def go_on(means: Means, correction_id: int, end: float, unfinished: Unfinished, tell: Teller | None = None) -> None:
    """Work on one correction until a moment, by the monotonic clock."""
    database = means.database
    tell = tell or Teller(database, None)
    with database.reading() as session:
        correction = session.get_one(Correction, correction_id)
    started = time.monotonic()
    if correction.state is CorrectionState.preparing:
        _prepare(means, correction, end, unfinished, tell)
        name = "seconds_to_prepare"
    elif correction.state is CorrectionState.applying:
        _apply(database, correction, end, tell)
        name = "seconds_to_apply"
    else:
        return
    spent = round(time.monotonic() - started)
    if spent:
        with database.working(_WORKER) as session:
            progress.add(session, correction_id, **{name: spent})


def _prepare(means: Means, correction: Correction, end: float, unfinished: Unfinished, tell: Teller) -> None:
    database = means.database
    work: Work | None = None
    try:
        with database.reading() as session:
            work = _work(session, means, correction, unfinished.pop(correction.id, None))
        while True:
            with no_collector():
                is_last = _next(database, correction, work)
            if is_last is None:
                _leave(unfinished, correction, work)
                return
            with database.reading() as session:
                correction = session.get_one(Correction, correction.id)
            tell(correction.id)
            if is_last:
                _complete(database, correction, work)
                return
            if time.monotonic() > end:
                _leave(unfinished, correction, work)
                return
            if isinstance(work, Turner):
                # The others read and work out between two transactions: whoever waits has had a turn.
                database.rest()
    except DomainError as error:
        _stop(database, correction.id, error.message)
    finally:
        if isinstance(work, Loader) and unfinished.get(correction.id) is not work:
            work.close()


def _next(database: Database, correction: Correction, work: Work) -> bool | None:
    """Prepare the next lines; whether they are the last ones. None when another worker goes on, or it was given up."""
    if isinstance(work, Turner):
        with database.working(_WORKER) as session:
            return work.turn(session, correction)
    with database.reading() as session:
        part = work.part(session, correction.done_upto)
    with database.working(_WORKER) as session:
        return part.is_last if freezing.keep(session, correction, part) else None


def _leave(unfinished: Unfinished, correction: Correction, work: Work) -> None:
    """Keep a file open until the next turn."""
    if isinstance(work, Loader):
        unfinished[correction.id] = work


def _work(session: Session, means: Means, correction: Correction, begun: Loader | None) -> Work:
    """Who prepares a correction: for a file the one that began, unless another worker went on meanwhile."""
    if begun is not None:
        if begun.upto == correction.done_upto:
            return begun
        begun.close()
    if correction.source is CorrectionSource.file:
        return Loader(session, correction, means.storage)
    if correction.source is CorrectionSource.undo:
        return Turner(session, correction)
    return Freezer(session, correction)


def _complete(database: Database, correction: Correction, work: Work) -> None:
    """After the last line: what the database would refuse is set aside, equal changes are counted."""
    names = frozenset(work.names)
    if isinstance(work, Loader):
        with database.reading() as session:
            twice = work.twice(session, correction)
        with database.writing(_WORKER) as session:
            for place, reason in twice.items():
                set_aside(session, correction.id, [place], CorrectionOutcome.duplicate, reason)
    with database.reading() as session:
        refused = checking.check(session, correction, names)
    with database.writing(_WORKER) as session:
        checking.refuse(session, correction, refused)
    forbidden = ruled_tables.check(database, correction, applying.author_of(correction))
    if forbidden:
        with database.writing(_WORKER) as session:
            checking.refuse(session, correction, forbidden)
    telling.plan(database, correction, names)
    with database.reading() as session:
        groups = grouping.count(session, correction, names)
        found = counts(session, LINES.c.correction_id == correction.id)
    with database.writing(_WORKER, "Préparation terminée") as session:
        row = _locked(session, correction.id)
        if row.state is not CorrectionState.preparing:
            return
        grouping.keep(session, correction, groups)
        met = found.get(CorrectionOutcome.conflict, 0)
        row.recipe = {**row.recipe, "columns": sorted(names), "met": met}
        row.planned = found.get(CorrectionOutcome.planned, 0)
        row.conflicts = met
        row.set_aside = sum(found.values()) - row.planned - met - found.get(CorrectionOutcome.unchanged, 0)
        if isinstance(work, Loader):
            row.selection = work.selection
        row.frozen_at = clock.now()
        row.state = CorrectionState.frozen
        session.add(row)


def _apply(database: Database, correction: Correction, end: float, tell: Teller) -> None:
    with database.reading() as session:
        last = last_place(session, correction.id)
    sheet = applying.sheet_of(database, correction)
    aim = _AIMS[database.engine.dialect.name]
    after, size = correction.done_upto, _FIRST
    while True:
        begun = time.monotonic()
        done = applying.step(database, correction, sheet, Range(after + 1, min(after + size, last)))
        spent = time.monotonic() - begun
        if done is None:
            _end(database, correction)
            return
        after, size = done.high, _next_size(done.size, spent, aim)
        tell(correction.id)
        if time.monotonic() > end:
            return
        database.rest()


def _next_size(size: int, spent: float, aim: float) -> int:
    """How many lines fit in the aim, going by the last range; never twice as many at once."""
    fitting = size * aim / max(spent, 0.001)
    return int(min(max(min(fitting, 2 * size), _SMALLEST), _LARGEST))


def _end(database: Database, correction: Correction) -> None:
    """Close a correction of which nothing is left; what it undoes takes the state that follows from it."""
    with database.writing(_WORKER, "Application terminée") as session:
        row = _locked(session, correction.id)
        if row.state is not CorrectionState.applying or row.applied + row.conflicts < standing.to_settle(row):
            return
        row.ended_at = clock.now()
        standing.settle(session, row)


def _locked(session: Session, correction_id: int) -> Correction:
    """A correction that nobody else steers until the end of the transaction."""
    return session.exec(select(Correction).where(Correction.id == correction_id).with_for_update()).one()


def _stop(database: Database, correction_id: int, problem: str) -> None:
    """A preparation that cannot go on says why."""
    with database.writing(_WORKER, "Préparation impossible") as session:
        row = _locked(session, correction_id)
        if row.state is CorrectionState.preparing:
            row.problem, row.state = problem[:10_000], CorrectionState.cancelled
            row.ended_at = clock.now()
            session.add(row)
