"""Prepares a bulk action: its selection is frozen in one statement, and what can be told in advance is sorted out.

What only a look at one file can tell (documents due by the rules) is in `judging`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment import clock
from enrolment.errors import Refused
from enrolment.services import rights
from enrolment.services.bulk import judging
from enrolment.services.bulk.orders import Order, checked
from enrolment.workflow import FINAL, TRANSITIONS
from schema.base import table_of
from schema.enums import ActorKind, BulkOutcome, BulkVerb, RequestStatus, ReviewState, Verb
from schema.history import Actor
from schema.tables import Attachment, BulkAction, BulkLine, EnrolmentRequest, FieldFlag, PendingDecision

_LINES = table_of(BulkLine)
_REQUESTS = table_of(EnrolmentRequest)
_DECIDED = {
    BulkVerb.ask_documents: {Verb.ask_documents},
    BulkVerb.reject: {Verb.reject},
    BulkVerb.validate: {Verb.validate, Verb.validate_partially},
}


def prepare(session: Session, actor: Actor, order: Order, chosen: sa.Select[Any], said: str) -> BulkAction:
    """Freeze a selection. `chosen` selects requests, of which only the keys are read; `said` tells it in French.

    Raises Refused for an order that says nothing or a selection that holds nothing, Forbidden.
    """
    assert actor.id is not None  # noqa: S101  Only people of the staff come here.
    rights.require_launch(session, actor, order.verb)
    order = checked(session, order)
    action = BulkAction(verb=order.verb, author_id=actor.id, selection=said, content=order.content)
    session.add(action)
    session.flush()
    action.total = _freeze(session, action.id, chosen)
    if action.total == 0:
        raise Refused("Cette sélection ne contient aucune demande. Cochez des lignes ou changez de filtre.")
    session.add(action)
    session.flush()
    for condition, reason in _sieve(order):
        _set_aside(session, action.id, condition, reason)
    judging.begin(session, actor, action)
    return action


def _freeze(session: Session, action_id: int, chosen: sa.Select[Any]) -> int:
    """Write a line for each request, by the database alone: memory does not grow with the selection."""
    keys = chosen.with_only_columns(_REQUESTS.c.id, maintain_column_froms=True).order_by(None)
    moment = clock.now()
    columns = _LINES.c
    rows = (
        sa.select(
            sa.literal(1, columns.row_version.type),
            sa.literal(moment, columns.created_at.type),
            sa.literal(moment, columns.updated_at.type),
            sa.literal(action_id, columns.bulk_action_id.type),
            _REQUESTS.c.id,
            _REQUESTS.c.row_version,
            sa.literal(BulkOutcome.planned, columns.outcome.type),
        )
        .where(_REQUESTS.c.id.in_(keys))
        .order_by(_REQUESTS.c.id)
    )
    names = ["row_version", "created_at", "updated_at", "bulk_action_id", "request_id", "seen_version", "outcome"]
    session.execute(sa.insert(_LINES).from_select(names, rows, include_defaults=False))
    # Counted: one of the two engines does not say how many rows it wrote.
    count: int = session.execute(sa.select(sa.func.count()).where(_LINES.c.bulk_action_id == action_id)).scalar_one()
    return count


def _set_aside(session: Session, action_id: int, condition: sa.ColumnElement[bool], reason: str) -> None:
    """Skip the requests under a condition that the database can tell."""
    session.execute(
        sa.update(_LINES)
        .where(
            _LINES.c.bulk_action_id == action_id,
            _LINES.c.outcome == BulkOutcome.planned,
            _LINES.c.request_id.in_(sa.select(_REQUESTS.c.id).where(condition)),
        )
        .values(outcome=BulkOutcome.skipped, detail=reason, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _sieve(order: Order) -> list[tuple[sa.ColumnElement[bool], str]]:
    """(condition, reason) pairs, the first that holds winning."""
    pending = _REQUESTS.c.id.in_(sa.select(col(PendingDecision.request_id)))
    found: list[tuple[sa.ColumnElement[bool], str]] = [(pending, "Une décision attend déjà sur ce dossier.")]
    if order.verb is BulkVerb.assign:
        found += [(_REQUESTS.c.status == one, f"Demande terminée ({one.label}).") for one in _in_order(FINAL)]
        found.append((_REQUESTS.c.assigned_to_id == order.holder_id, "Déjà confiée à ce gestionnaire."))
    verbs = _DECIDED.get(order.verb)
    if verbs is not None:
        sources = {line.source for line in TRANSITIONS if line.verb in verbs and line.by is ActorKind.staff}
        closed = [status for status in RequestStatus if status not in sources]
        found += [(_REQUESTS.c.status == one, f"Impossible au statut « {one.label} ».") for one in closed]
    if order.verb is BulkVerb.validate:
        found += [
            (_REQUESTS.c.id.in_(sa.select(col(FieldFlag.request_id))), "Une donnée au moins est à corriger."),
            (_has_piece(ReviewState.to_redo), "Une pièce au moins est à refaire."),
            (_has_piece(ReviewState.unreviewed), "Une pièce au moins reste à examiner."),
        ]
    return found


def _in_order(statuses: frozenset[RequestStatus]) -> list[RequestStatus]:
    return [status for status in RequestStatus if status in statuses]


def _has_piece(state: ReviewState) -> sa.ColumnElement[bool]:
    """Requests that hold a current piece in a state."""
    return _REQUESTS.c.id.in_(
        sa.select(col(Attachment.request_id)).where(
            col(Attachment.review) == state,
            col(Attachment.replaced_by_id).is_(None),
            col(Attachment.request_id).is_not(None),
        )
    )
