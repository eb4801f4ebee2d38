"""Carries out confirmed bulk actions, request by request, in the worker.

A request and its result are written in one transaction, whose lock on the line keeps other workers off it: whatever
dies at whatever moment, a line is either planned with nothing done, or done with everything done. There is no claim to
give back, hence nothing to wait for after a crash.
"""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.errors import DomainError
from enrolment.portal import Portal
from enrolment.services import rights, staff
from enrolment.services.bulk import acting, steering
from enrolment.services.bulk.orders import Order
from enrolment.typography import shortened
from schema.enums import BulkOutcome, BulkState
from schema.history import Actor
from schema.tables import BulkAction, BulkLine, StaffUser

_AT_A_TURN = 4.0
"""Seconds after which the worker's turn ends; the next one goes on."""

_log = logging.getLogger(__name__)


def run(portal: Portal, seconds: float = _AT_A_TURN) -> int:
    """Do what can be done in some seconds; how many requests were settled."""
    end = time.monotonic() + seconds
    settled = 0
    with portal.database.reading() as session:
        actions = steering.running(session)
    for action_id in actions:
        actor = _author(portal, action_id)
        if actor is None:
            continue
        while time.monotonic() < end and step(portal, action_id, actor):
            settled += 1
        with portal.database.writing(Actor.system("Actions groupées")) as session:
            steering.end_if_done(session, action_id)
    return settled


def step(portal: Portal, action_id: int, actor: Actor) -> bool:
    """Settle one request; False when none is left or the action does not run."""
    with portal.database.writing(actor, f"Action groupée n° {action_id}") as session:
        action = session.get_one(BulkAction, action_id)
        if action.state is not BulkState.running:
            return False
        line = session.exec(
            select(BulkLine)
            .where(BulkLine.bulk_action_id == action_id, BulkLine.outcome == BulkOutcome.planned)
            .order_by(col(BulkLine.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if line is None:
            return False
        line.outcome, line.detail = _result(portal, session, actor, Order.of(action), line)
        session.add(line)
    return True


def _result(portal: Portal, session: Session, actor: Actor, order: Order, line: BulkLine) -> tuple[BulkOutcome, str]:
    """Do one request under a savepoint: what goes wrong undoes it alone, and the line says so."""
    key = f"bulk-{line.bulk_action_id}-{line.request_id}"
    try:
        with session.begin_nested():
            said = acting.act(session, actor, line.request_id, line.seen_version, order, portal.addresses, key)
            session.flush()
    except DomainError as error:
        return BulkOutcome.skipped, shortened(error.message)
    except sa.exc.OperationalError:
        # The database itself is in trouble: the whole transaction is given up, and tried again at the next turn.
        raise
    except Exception as error:  # noqa: BLE001  One request that fails stops none of the others.
        _log.error(
            "Request %s of bulk action %s failed: %s", line.request_id, line.bulk_action_id, type(error).__name__
        )
        return BulkOutcome.failed, "Erreur imprévue : rien n'a été fait. Ouvrez le dossier, ou prévenez l'assistance."
    return BulkOutcome.done, shortened(said)


def _author(portal: Portal, action_id: int) -> Actor | None:
    """In whose name it is done. An action whose author lost the right to decide is paused."""
    with portal.database.writing(Actor.system("Actions groupées"), "Auteur sans droit de décider") as session:
        action = session.get_one(BulkAction, action_id)
        author = session.get_one(StaffUser, action.author_id)
        actor = staff.actor_of(author)
        if rights.may_launch(session, actor, action.verb):
            return actor
        if action.state is BulkState.running:
            steering.pause(session, action.public_id)
    return None
