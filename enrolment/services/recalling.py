"""« Annuler l'envoi »: a decision waits some minutes before it takes effect, and can be recalled until then (ADR 0015).

What a decision does is in `decisions`; this keeps it meanwhile, tried beforehand so that its manager hears at once what
forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.errors import NotFound, Refused
from enrolment.mail.french_names import letter_in_french
from enrolment.mail.outbox import Letter
from enrolment.services import decisions, pending, staff
from enrolment.services.decisions import Decision
from enrolment.typography import shortened
from schema.history import Actor
from schema.tables import EnrolmentRequest, PendingDecision, StaffUser

DELAY = "undo_minutes"


def decide(
    session: Session,
    staff_id: int,
    actor: Actor,
    request_id: int,
    decision: Decision,
    addresses: Addresses,
    *,
    row_version: int,
    letter: Letter | None = None,
) -> PendingDecision | None:
    """Take a decision that can be recalled; None when the parameter wants it at once.

    The file is its manager's from now on. Raises whatever `decisions.decide` would raise.
    """
    request = decisions.locked(session, request_id, row_version)
    pending.require_none(session, request_id)
    forgotten = pending.of(session, request_id)
    if forgotten is not None:
        session.delete(forgotten)
        session.flush()
    delay = parameters.number(session, DELAY)
    if delay:
        _try(session, actor, request, decision, addresses, letter)
    else:
        decisions.decide(
            session, actor, request_id, decision, addresses, row_version=request.row_version, letter=letter
        )
    if request.assigned_to_id is None:
        request.assigned_to_id = staff_id
        session.add(request)
    session.flush()
    if not delay:
        return None
    kept = PendingDecision(
        request_id=request_id,
        verb=decision.verb,
        staff_user_id=staff_id,
        effective_at=clock.now() + timedelta(minutes=delay),
        seen_version=request.row_version,
        content=_content(decision, letter),
    )
    session.add(kept)
    session.flush()
    return kept


def recall(session: Session, request_id: int) -> tuple[Decision, Letter | None]:
    """Take back a decision that has not taken effect; what it held. Raises NotFound when it has, or never was."""
    _lock(session, request_id)
    kept = pending.of(session, request_id)
    if kept is None:
        raise NotFound("Cette décision a déjà pris effet, ou un collègue l'a annulée. Rechargez le dossier.")
    session.delete(kept)
    session.flush()
    return decision_of(kept), letter_of(kept)


def take_effect(session: Session, request_id: int, addresses: Addresses) -> EnrolmentRequest | None:
    """Carry out the decision that waits; None when none does any more. Raises what forbids it now."""
    _lock(session, request_id)
    kept = pending.of(session, request_id)
    if kept is None or kept.problem is not None:
        return None
    if not session.get_one(StaffUser, kept.staff_user_id).active:
        raise Refused("Son auteur n'est plus en activité : un autre gestionnaire doit reprendre la décision.")
    # Gone first: a decision that waits forbids every other.
    session.delete(kept)
    session.flush()
    return decisions.decide(
        session,
        actor_of(session, kept),
        request_id,
        decision_of(kept),
        addresses,
        row_version=kept.seen_version,
        letter=letter_of(kept),
    )


def cannot(session: Session, request_id: int, problem: str) -> None:
    """Note why a decision could not take effect; it stays until a manager has read it."""
    _lock(session, request_id)
    kept = pending.of(session, request_id)
    if kept is not None:
        kept.problem = shortened(problem)
        session.add(kept)
        session.flush()


def due(session: Session) -> Sequence[PendingDecision]:
    """The decisions whose time has come, oldest first."""
    return session.exec(
        select(PendingDecision)
        .where(col(PendingDecision.effective_at) <= clock.now(), col(PendingDecision.problem).is_(None))
        .order_by(col(PendingDecision.effective_at), col(PendingDecision.id))
    ).all()


def actor_of(session: Session, kept: PendingDecision) -> Actor:
    """In whose name it is carried out: whoever took it."""
    return staff.actor_of(session.get_one(StaffUser, kept.staff_user_id))


def decision_of(kept: PendingDecision) -> Decision:
    """The decision as it was taken."""
    content = kept.content
    return Decision(
        kept.verb,
        content["message"],
        tuple((code, note) for code, note in content["documents"]),
        tuple((name, reason) for name, reason in content["fields"]),
    )


def letter_of(kept: PendingDecision) -> Letter | None:
    """The mail as the manager left it."""
    letter = kept.content["letter"]
    return Letter(letter["subject"], letter_in_french(letter["body"])) if letter else None


def _content(decision: Decision, letter: Letter | None) -> dict[str, Any]:
    return {
        "message": decision.message,
        "documents": [list(pair) for pair in decision.documents],
        "fields": [list(pair) for pair in decision.fields],
        "letter": {"subject": letter.subject, "body": letter.body} if letter else None,
    }


def _try(
    session: Session,
    actor: Actor,
    request: EnrolmentRequest,
    decision: Decision,
    addresses: Addresses,
    letter: Letter | None,
) -> None:
    """Do it all and undo it at once: what forbids the decision is raised now, and nothing of it stays."""
    attempt = session.begin_nested()
    decisions.decide(session, actor, request.id, decision, addresses, row_version=request.row_version, letter=letter)
    attempt.rollback()


def _lock(session: Session, request_id: int) -> None:
    """The request first, always, so that two who act on one file never wait for each other."""
    session.exec(select(EnrolmentRequest).where(EnrolmentRequest.id == request_id).with_for_update()).first()
