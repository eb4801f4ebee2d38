"""What a case manager says of each piece: conforme, à refaire with a reason, sans objet.

These ticks decide which decisions are open, and write the draft of their mail (`services.dossier`). Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session, col, select

from enrolment.documents import proving
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.services import pending
from enrolment.services.viewing import HEALTHY, why_closed
from enrolment.workflow import WAITS_FOR_ASP
from schema.enums import ReviewState
from schema.history import Actor
from schema.tables import Attachment, DocumentKind, EnrolmentRequest
from schema.types import InvalidValue, LongText
from schema.types.base import parse_as


def review(
    session: Session,
    actor: Actor,  # noqa: ARG001  Every service is told who acts; here the history reads it from the session.
    request_id: int,
    public_id: str,
    state: ReviewState,
    reason: str = "",
    *,
    row_version: int,
) -> Attachment:
    """Note what a manager thinks of a piece. `row_version` is the one of the piece that the manager saw.

    Raises Refused without a reason for a piece to redo, Conflict when a colleague spoke first.
    """
    attachment = session.exec(
        select(Attachment)
        .where(Attachment.public_id == public_id, Attachment.request_id == request_id)
        .with_for_update()
    ).first()
    if attachment is None:
        raise NotFound("Cette pièce n'existe pas dans ce dossier.")
    request = session.get_one(EnrolmentRequest, request_id)
    pending.require_none(session, request_id)
    _check(attachment, request)
    written = _reason(reason) if state is ReviewState.to_redo else None
    if attachment.row_version != row_version:
        raise Conflict(
            f"Un collègue vient d'examiner cette pièce : « {attachment.review.label} »"
            f"{f', {attachment.review_reason}' if attachment.review_reason else ''}. Votre avis n'a pas été enregistré."
        )
    attachment.review = state
    attachment.review_reason = written
    session.add(attachment)
    session.flush()
    return attachment


def reopen(session: Session, request_id: int, changed: Iterable[str]) -> None:
    """Put back to « À examiner » the pieces in force that prove answers which have changed since they were examined."""
    codes = proving(changed)
    if not codes:
        return
    rows = session.exec(
        select(Attachment)
        .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(
            Attachment.request_id == request_id,
            col(Attachment.replaced_by_id).is_(None),
            Attachment.review != ReviewState.unreviewed,
            col(DocumentKind.code).in_(codes),
        )
    ).all()
    for row in rows:
        row.review, row.review_reason = ReviewState.unreviewed, None
        session.add(row)
    session.flush()


def _check(attachment: Attachment, request: EnrolmentRequest) -> None:
    if request.status not in WAITS_FOR_ASP:
        raise Refused(
            f"La demande est au statut « {request.status.label} » : ses pièces ne s'examinent plus pour le moment."
        )
    if attachment.replaced_by_id is not None:
        raise Refused("Cette pièce a été remplacée par une plus récente : examinez la nouvelle.")
    if attachment.scan not in HEALTHY:
        raise Refused(why_closed(attachment.scan))


def _reason(typed: str) -> str:
    if not typed.strip():
        raise Refused("Indiquez ce qui est à refaire : ce motif est repris dans le mail au fournisseur.")
    try:
        return str(parse_as(LongText, typed))
    except InvalidValue as error:
        raise Refused(error.message) from error
