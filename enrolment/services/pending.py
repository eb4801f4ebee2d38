"""Whether a decision of a request waits for its effect, and what that forbids meanwhile.

Taking, recalling and carrying out such decisions is in `recalling`.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from enrolment.errors import Conflict
from enrolment.typography import moment
from schema.tables import PendingDecision, StaffUser


class DecisionWaits(Conflict):
    """A decision was taken on the file and has not taken effect yet."""


def of(session: Session, request_id: int) -> PendingDecision | None:
    """The decision of a request that waits, or that could not take effect."""
    return session.exec(select(PendingDecision).where(PendingDecision.request_id == request_id)).first()


def require_none(session: Session, request_id: int, *, nor_unread: bool = False) -> None:
    """Raise DecisionWaits when a decision waits: whoever acts now would make it impossible.

    `nor_unread` also stops at one that could not take effect and that no manager has read: an act on many files reads
    none of them.
    """
    found = session.exec(
        select(PendingDecision, StaffUser)
        .join(StaffUser, col(PendingDecision.staff_user_id) == StaffUser.id)
        .where(PendingDecision.request_id == request_id)
    ).first()
    if found is None:
        return
    waiting, staff = found
    said = f"Une décision de {staff.first_name} {staff.last_name} (« {waiting.verb.label} »)"
    if waiting.problem is None:
        raise DecisionWaits(
            f"{said} prend effet le {moment(waiting.effective_at)}. Annulez-la d'abord, ou attendez son effet."
        )
    if nor_unread:
        raise DecisionWaits(f"{said} n'a pas pu prendre effet. Ouvrez le dossier pour la lire et la reprendre.")
