"""Judges the files of a prepared action one by one, before it may be confirmed: what only a look at a file can tell.

The first ones are judged with the preparation, so that a small action is ready with its page; the worker judges the
others, a few in each transaction. Nothing is done to a request here, and what the database alone can tell was sorted
out by `preparing`.
"""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.errors import DomainError
from enrolment.portal import Portal
from enrolment.services import staff
from enrolment.services.bulk import acting
from enrolment.services.bulk.orders import Order
from enrolment.typography import shortened
from schema.base import table_of
from schema.enums import BulkOutcome, BulkState, BulkVerb
from schema.history import Actor
from schema.tables import BulkAction, BulkLine, EnrolmentRequest, StaffUser

AT_ONCE = 200
"""How many files are judged with the preparation."""

_A_BATCH = 10
"""Files of one transaction of the worker: the others who write wait no longer than that."""

_AT_A_TURN = 3.0
"""Seconds after which the worker's turn ends; the next one goes on."""

_ACTIONS, _LINES = table_of(BulkAction), table_of(BulkLine)
_TOLD_BY_THE_DATABASE = frozenset({BulkVerb.assign, BulkVerb.send_message})

_log = logging.getLogger(__name__)


def begin(session: Session, actor: Actor, action: BulkAction) -> None:
    """Judge the first files of an action that has just been prepared, and note where the others begin."""
    if action.verb not in _TOLD_BY_THE_DATABASE:
        _batch(session, actor, action, 0, AT_ONCE)


def run(portal: Portal, seconds: float = _AT_A_TURN) -> int:
    """Go on for some seconds with the actions whose files are not all judged, oldest first; how many were."""
    end = time.monotonic() + seconds
    judged = 0
    with portal.database.reading() as session:
        waiting = session.exec(select(BulkAction.id).where(*_still_to_judge()).order_by(col(BulkAction.id))).all()
    for action_id in waiting:
        while time.monotonic() < end:
            some = step(portal, action_id)
            if not some:
                break
            judged += some
    return judged


def step(portal: Portal, action_id: int) -> int:
    """Judge the next few files; how many. None is left of an action that was cancelled meanwhile."""
    with portal.database.writing(Actor.system("Actions groupées")) as session:
        # Whoever cancels it, or another worker, waits for the end of this batch.
        action = session.exec(
            select(BulkAction).where(BulkAction.id == action_id, *_still_to_judge()).with_for_update()
        ).first()
        if action is None or action.next_to_judge is None:
            return 0
        author = staff.actor_of(session.get_one(StaffUser, action.author_id))
        return _batch(session, author, action, action.next_to_judge, _A_BATCH)


def judged(session: Session, action: BulkAction) -> int:
    """How many requests are judged, those that were set aside at once included."""
    if action.next_to_judge is None:
        return action.total
    left: int = session.execute(
        sa.select(sa.func.count()).where(
            _LINES.c.bulk_action_id == action.id,
            _LINES.c.outcome == BulkOutcome.planned,
            _LINES.c.id >= action.next_to_judge,
        )
    ).scalar_one()
    return action.total - left


def _still_to_judge() -> tuple[sa.ColumnElement[bool], ...]:
    return col(BulkAction.state) == BulkState.prepared, col(BulkAction.next_to_judge).is_not(None)


def _batch(session: Session, actor: Actor, action: BulkAction, start: int, size: int) -> int:
    """Judge `size` planned lines from the key `start` on, and note which line is next."""
    rows = session.exec(
        select(BulkLine.id, EnrolmentRequest)
        .join(EnrolmentRequest, col(BulkLine.request_id) == EnrolmentRequest.id)
        .where(
            BulkLine.bulk_action_id == action.id,
            BulkLine.outcome == BulkOutcome.planned,
            col(BulkLine.id) >= start,
        )
        .order_by(col(BulkLine.id))
        .limit(size + 1)
    ).all()
    order = Order.of(action)
    for line_id, request in rows[:size]:
        reason = _why_not(session, actor, request, order)
        if reason is not None:
            session.execute(
                sa.update(_LINES)
                .where(_LINES.c.id == line_id)
                .values(outcome=BulkOutcome.skipped, detail=reason, updated_at=clock.now())
            )
    # By the table: how far the worker is makes no history.
    session.execute(
        sa.update(_ACTIONS)
        .where(_ACTIONS.c.id == action.id)
        .values(next_to_judge=rows[size][0] if len(rows) > size else None)
    )
    session.expire(action, ["next_to_judge"])
    return len(rows[:size])


def _why_not(session: Session, actor: Actor, request: EnrolmentRequest, order: Order) -> str | None:
    """Why a request would be skipped, in French; None when it would be done."""
    try:
        with session.begin_nested():
            acting.require(session, actor, request, order)
            kinds = acting.kinds_that_cannot_be_asked(session, request, order)
    except DomainError as error:
        return shortened(error.message)
    except sa.exc.OperationalError:
        # The database itself is in trouble: the batch is given up, and judged at the next turn.
        raise
    except Exception as error:  # noqa: BLE001  A file that cannot be judged is tried when its turn comes, and says so.
        _log.error("Request %s could not be judged: %s", request.id, type(error).__name__)
        return None
    return shortened(f"Ne peut pas être demandé pour ce dossier : {', '.join(kinds)}.") if kinds else None
