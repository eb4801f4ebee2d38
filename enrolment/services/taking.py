"""Who instructs a request: taken by one case manager at a time, given back, or taken over in full knowledge.

Taking is not a transition: the status stays, and the history alone says who had the file when.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from enrolment.errors import Conflict, NotFound, Refused
from enrolment.services import notes, pending, queue
from enrolment.workflow import FINAL
from schema.enums import StaffRole
from schema.history import Actor
from schema.tables import EnrolmentRequest, HistoryEntry, StaffUser

_TRIES = 20


class AlreadyTaken(Conflict):
    """A colleague has the file, or has just given it back."""


def take(session: Session, actor: Actor, request_id: int, *, seen_holder: int | None) -> EnrolmentRequest:
    """Take a file from whoever the page said had it, nobody included.

    Raises AlreadyTaken when that is no longer so: two managers who press the button at once do not both get it.
    """
    request = locked(session, request_id)
    if request.assigned_to_id == actor.id:
        return request
    if request.status in FINAL:
        raise Conflict(f"Ce dossier est terminé ({request.status.label}) : il n'y a plus rien à prendre.")
    pending.require_none(session, request_id)
    if request.assigned_to_id != seen_holder:
        raise AlreadyTaken(_who(session, request))
    request.assigned_to_id = actor.id
    session.add(request)
    session.flush()
    return request


def take_next(session: Session, actor: Actor) -> EnrolmentRequest | None:
    """Take the oldest file that nobody has; None when there is none. Two managers at once get two files."""
    for line in queue.page(session, queue.Tab.to_take, 0, size=_TRIES).lines:
        free = session.exec(
            select(EnrolmentRequest)
            .where(EnrolmentRequest.id == line.id, col(EnrolmentRequest.assigned_to_id).is_(None))
            .with_for_update(skip_locked=True)
        ).first()
        if free is not None:
            return take(session, actor, free.id, seen_holder=None)
    return None


def release(session: Session, actor: Actor, request_id: int) -> EnrolmentRequest:
    """Give a file of one's own back to the queue. Raises AlreadyTaken when somebody else has it."""
    request = locked(session, request_id)
    if request.assigned_to_id is None:
        return request
    if request.assigned_to_id != actor.id:
        raise AlreadyTaken(_who(session, request))
    pending.require_none(session, request_id)
    request.assigned_to_id = None
    session.add(request)
    session.flush()
    return request


def hand_over(
    session: Session, actor: Actor, request_id: int, to_id: int, *, seen_holder: int | None, word: str = ""
) -> EnrolmentRequest:
    """Give a file to a colleague, with a word written as an internal note if there is one.

    Raises AlreadyTaken when somebody else has had it since, Refused for who cannot instruct.
    """
    request = locked(session, request_id)
    if request.status in FINAL:
        raise Conflict(f"Ce dossier est terminé ({request.status.label}) : il n'y a plus rien à confier.")
    pending.require_none(session, request_id)
    if request.assigned_to_id != seen_holder:
        raise AlreadyTaken(_who(session, request))
    if to_id not in {colleague.id for colleague in managers(session)}:
        raise Refused("Choisissez un gestionnaire en activité : lui seul peut instruire ce dossier.")
    request.assigned_to_id = to_id
    session.add(request)
    if word.strip() and actor.id is not None:
        notes.add(session, actor.id, request_id, word)
    session.flush()
    return request


def managers(session: Session) -> Sequence[StaffUser]:
    """Those who may hold a file, by name."""
    return session.exec(
        select(StaffUser)
        .where(StaffUser.role == StaffRole.manager, col(StaffUser.active).is_(True))
        .order_by(col(StaffUser.last_name), col(StaffUser.first_name))
    ).all()


def since(session: Session, request: EnrolmentRequest) -> datetime | None:
    """Since when its holder has a file, by its history; None when nobody has it or nothing says so."""
    if request.assigned_to_id is None:
        return None
    rows = session.exec(
        select(HistoryEntry)
        .where(HistoryEntry.table_name == "request", HistoryEntry.row_id == request.id)
        .order_by(col(HistoryEntry.id).desc())
    )
    return next((row.at for row in rows if "assigned_to_id" in row.changes), None)


def require_entrustable(request: EnrolmentRequest, holder_id: int | None) -> None:
    """Raise Conflict when a file cannot be given to this person: it has ended, or they have it."""
    if request.status in FINAL:
        raise Conflict(f"Demande terminée ({request.status.label}).")
    if request.assigned_to_id == holder_id:
        raise Conflict("Déjà confiée à ce gestionnaire.")


def entrust(session: Session, request: EnrolmentRequest, holder_id: int) -> None:
    """Give a locked file to a manager, whoever had it. Raises Conflict when there is nothing to give."""
    require_entrustable(request, holder_id)
    request.assigned_to_id = holder_id
    session.add(request)
    session.flush()


def locked(session: Session, request_id: int) -> EnrolmentRequest:
    """A request that nobody else changes until the end of the transaction. Raises NotFound."""
    request = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.id == request_id).with_for_update()).first()
    if request is None:
        raise NotFound("Cette demande n'existe pas.")
    return request


def _who(session: Session, request: EnrolmentRequest) -> str:
    if request.assigned_to_id is None:
        return f"Le dossier {request.number} vient d'être rendu à la file d'attente. Rechargez la page pour le prendre."
    holder = session.get_one(StaffUser, request.assigned_to_id)
    return (
        f"{holder.first_name} {holder.last_name} a déjà pris le dossier {request.number}. Prenez-en un autre, ou "
        "ouvrez celui-ci pour le reprendre en accord avec cette personne."
    )
