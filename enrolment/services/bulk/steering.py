"""Confirms, pauses, resumes and cancels bulk actions: what a person does with one between its preview and its end."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.errors import Conflict, Forbidden, NotFound, Refused
from enrolment.services import rights
from enrolment.services.bulk.orders import Order, checked
from enrolment.typography import number
from schema.base import table_of
from schema.enums import BulkOutcome, BulkState
from schema.history import Actor
from schema.tables import BulkAction, BulkLine

_LINES = table_of(BulkLine)
ALIVE = frozenset({BulkState.prepared, BulkState.running, BulkState.paused})


def find(session: Session, public_id: str, *, lock: bool = False) -> BulkAction:
    """An action by its public identifier. Raises NotFound."""
    statement = select(BulkAction).where(BulkAction.public_id == public_id)
    found = session.exec(statement.with_for_update() if lock else statement).first()
    if found is None:
        raise NotFound("Cette action groupée n'existe pas. Choisissez-en une dans la liste.")
    return found


def planned(session: Session, action_id: int) -> int:
    """How many requests are still to do."""
    found: int = session.execute(
        sa.select(sa.func.count()).where(_LINES.c.bulk_action_id == action_id, _LINES.c.outcome == BulkOutcome.planned)
    ).scalar_one()
    return found


def is_large(session: Session, count: int) -> bool:
    """Whether an action of so many requests is confirmed twice: by its number, and by the password."""
    return count > parameters.number(session, "bulk_confirm_above")


def require_confirmable(session: Session, actor: Actor, action: BulkAction, typed: str) -> None:
    """Raise DomainError when this person may not launch it now, or did not type the number of a large one.

    What is confirmed is what the preview says: all the files are judged first.
    """
    if action.author_id != actor.id:
        raise Forbidden("Seule la personne qui a préparé cette action peut la lancer : elle décide en son nom.")
    rights.require_launch(session, actor, action.verb)
    if action.state is not BulkState.prepared:
        raise Conflict(f"Cette action n'attend plus de confirmation (« {action.state.label} »).")
    if action.next_to_judge is not None:
        raise Refused("Les dossiers ne sont pas encore tous vérifiés. L'aperçu avance tout seul : lancez à la fin.")
    count = planned(session, action.id)
    if count == 0:
        raise Refused("Il n'y a rien à faire : toutes les demandes sont écartées.")
    if is_large(session, count) and "".join(typed.split()) != str(count):
        raise Refused(f"Tapez le nombre de demandes concernées, {number(count)}, pour confirmer.")


def confirm(session: Session, actor: Actor, public_id: str, *, typed: str = "") -> BulkAction:
    """Launch a prepared action. Pressing twice launches it once. Raises DomainError."""
    action = find(session, public_id, lock=True)
    require_confirmable(session, actor, action, typed)
    checked(session, Order.of(action))
    action.started_at = clock.now()
    return _to(session, action, BulkState.running)


def pause(session: Session, public_id: str) -> BulkAction:
    """Stop after the requests that are being done at this moment."""
    action = _expected(session, public_id, BulkState.running)
    return _to(session, action, BulkState.paused)


def resume(session: Session, public_id: str) -> BulkAction:
    """Go on with what is left."""
    action = _expected(session, public_id, BulkState.paused)
    return _to(session, action, BulkState.running)


def cancel(session: Session, actor: Actor, public_id: str) -> BulkAction:
    """Give up what is left; what was done stays done."""
    action = _expected(session, public_id, *ALIVE)
    action.ended_at = clock.now()
    _to(session, action, BulkState.cancelled)
    session.execute(
        sa.update(_LINES)
        .where(_LINES.c.bulk_action_id == action.id, _LINES.c.outcome == BulkOutcome.planned)
        .values(outcome=BulkOutcome.skipped, detail=f"Action annulée par {actor.label}."[:255], updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return action


def end_if_done(session: Session, action_id: int) -> None:
    """Close a running action of which nothing is left, nor in the hands of another worker."""
    action = session.exec(select(BulkAction).where(BulkAction.id == action_id).with_for_update()).one()
    if action.state is BulkState.running and planned(session, action.id) == 0:
        action.ended_at = clock.now()
        _to(session, action, BulkState.done)


def running(session: Session) -> list[int]:
    """The actions to work on, oldest first."""
    return list(
        session.exec(
            select(BulkAction.id).where(BulkAction.state == BulkState.running).order_by(col(BulkAction.id))
        ).all()
    )


def _expected(session: Session, public_id: str, *states: BulkState) -> BulkAction:
    action = find(session, public_id, lock=True)
    if action.state not in states:
        raise Conflict(f"C'est impossible : cette action est à l'état « {action.state.label} ».")
    return action


def _to(session: Session, action: BulkAction, state: BulkState) -> BulkAction:
    action.state = state
    session.add(action)
    session.flush()
    return action
