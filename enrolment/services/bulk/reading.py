"""What pages and files show of bulk actions: counts, reasons, lines by pages. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from schema.base import table_of
from schema.enums import BulkOutcome, RequestStatus
from schema.tables import BulkAction, BulkLine, EnrolmentRequest, Provider, StaffUser

PAGE = 50
_AT_ONCE = 1000
_LINES = table_of(BulkLine)
Counts = dict[BulkOutcome, int]


@dataclass(frozen=True)
class Reason:
    """Why some requests were not done, and how many."""

    text: str
    count: int


@dataclass(frozen=True)
class Result:
    """One request of an action."""

    key: int
    request_id: int
    number: str
    company: str
    status: RequestStatus
    outcome: BulkOutcome
    detail: str
    at: datetime


@dataclass(frozen=True)
class Listed:
    """An action in the list of all."""

    action: BulkAction
    author: str
    done: int
    skipped: int
    failed: int


def counts(session: Session, action_ids: Sequence[int]) -> dict[int, Counts]:
    """How many requests of each action are in each outcome."""
    rows = session.execute(
        sa.select(_LINES.c.bulk_action_id, _LINES.c.outcome, sa.func.count())
        .where(_LINES.c.bulk_action_id.in_(action_ids))
        .group_by(_LINES.c.bulk_action_id, _LINES.c.outcome)
    )
    made = {key: dict.fromkeys(BulkOutcome, 0) for key in action_ids}
    for key, outcome, count in rows:
        made[key][BulkOutcome(outcome)] = count
    return made


def reasons(session: Session, action_id: int) -> list[Reason]:
    """Why requests were skipped or failed, most frequent first. What is told file by file is gathered by its text."""
    count = sa.func.count()
    rows = session.execute(
        sa.select(_LINES.c.detail, count)
        .where(
            _LINES.c.bulk_action_id == action_id,
            _LINES.c.outcome.in_((BulkOutcome.skipped, BulkOutcome.failed)),
        )
        .group_by(_LINES.c.detail)
        .order_by(count.desc(), _LINES.c.detail)
        .limit(PAGE)
    )
    return [Reason(text or "", count) for text, count in rows]


def page(
    session: Session,
    action_id: int,
    outcome: BulkOutcome | None = None,
    reason: str = "",
    after: int = 0,
    size: int = PAGE,
) -> tuple[list[Result], int | None]:
    """Some results, in the order in which they are done, and after which the next ones begin."""
    statement = _results(action_id).where(_LINES.c.id > after)
    if outcome is not None:
        statement = statement.where(_LINES.c.outcome == outcome)
    if reason:
        statement = statement.where(_LINES.c.detail == reason)
    found = [_result(row) for row in session.execute(statement.limit(size + 1))]
    return found[:size], found[size - 1].key if len(found) > size else None


def every(session: Session, action_id: int) -> Iterator[Result]:
    """All the results, a thousand at a time."""
    for row in session.execute(_results(action_id).execution_options(yield_per=_AT_ONCE)):
        yield _result(row)


def nth_planned(session: Session, action_id: int, place: int) -> BulkLine | None:
    """The nth request to do, from zero."""
    key = session.execute(
        sa.select(_LINES.c.id)
        .where(_LINES.c.bulk_action_id == action_id, _LINES.c.outcome == BulkOutcome.planned)
        .order_by(_LINES.c.id)
        .offset(place)
        .limit(1)
    ).scalar()
    return session.get(BulkLine, key) if key is not None else None


def actions(session: Session, before: int | None = None) -> tuple[list[Listed], int | None]:
    """The actions, newest first, and before which the next ones begin."""
    statement = (
        sa.select(BulkAction, StaffUser)
        .join(StaffUser, col(BulkAction.author_id) == StaffUser.id)
        .order_by(col(BulkAction.id).desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        statement = statement.where(col(BulkAction.id) < before)
    rows = session.execute(statement).all()
    shown = rows[:PAGE]
    known = counts(session, [action.id for action, _ in shown])
    listed = [
        Listed(
            action,
            f"{author.first_name} {author.last_name}",
            done=known[action.id][BulkOutcome.done],
            skipped=known[action.id][BulkOutcome.skipped],
            failed=known[action.id][BulkOutcome.failed],
        )
        for action, author in shown
    ]
    return listed, shown[-1][0].id if len(rows) > PAGE else None


def _results(action_id: int) -> sa.Select[tuple[int, int, str, str, RequestStatus, BulkOutcome, str | None, datetime]]:
    return (
        sa.select(
            _LINES.c.id,
            _LINES.c.request_id,
            col(EnrolmentRequest.number),
            col(Provider.legal_name),
            col(EnrolmentRequest.status),
            _LINES.c.outcome,
            _LINES.c.detail,
            _LINES.c.updated_at,
        )
        .join(EnrolmentRequest, _LINES.c.request_id == col(EnrolmentRequest.id))
        .join(Provider, col(EnrolmentRequest.provider_id) == col(Provider.id))
        .where(_LINES.c.bulk_action_id == action_id)
        .order_by(_LINES.c.id)
    )


def _result(row: sa.Row[tuple[int, int, str, str, RequestStatus, BulkOutcome, str | None, datetime]]) -> Result:
    key, request_id, number, company, status, outcome, detail, at = row
    return Result(key, request_id, number, company, status, BulkOutcome(outcome), detail or "", at)
