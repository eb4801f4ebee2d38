"""Internal notes on a request: what the ASP's staff tell each other. No vendor ever reads one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from enrolment.errors import Conflict, NotFound, Refused
from schema.tables import EnrolmentRequest, RequestNote, StaffUser
from schema.types import InvalidValue, LongText
from schema.types.base import parse_as


@dataclass(frozen=True)
class Note:
    """One note as it is shown."""

    id: int
    row_version: int
    by: str
    author_id: int
    at: datetime
    changed: bool
    body: str


def of(session: Session, request_id: int) -> Sequence[Note]:
    """The notes of a request, newest first."""
    rows = session.exec(
        select(RequestNote, StaffUser)
        .join(StaffUser, col(RequestNote.author_id) == StaffUser.id)
        .where(RequestNote.request_id == request_id)
        .order_by(col(RequestNote.id).desc())
    )
    return [
        Note(
            row.id,
            row.row_version,
            f"{author.first_name} {author.last_name}",
            row.author_id,
            row.created_at,
            row.row_version > 1,
            row.body,
        )
        for row, author in rows
    ]


def add(session: Session, author_id: int, request_id: int, typed: str) -> RequestNote:
    """Write a note. Raises NotFound, or Refused for an empty one."""
    if session.get(EnrolmentRequest, request_id) is None:
        raise NotFound("Cette demande n'existe pas.")
    note = RequestNote(request_id=request_id, author_id=author_id, body=_body(typed))
    session.add(note)
    session.flush()
    return note


def change(session: Session, author_id: int, request_id: int, note_id: int, typed: str, *, row_version: int) -> None:
    """Write a note of one's own anew. Raises Conflict when it was changed from another window."""
    note = _own(session, author_id, request_id, note_id, row_version)
    note.body = _body(typed)
    session.add(note)
    session.flush()


def remove(session: Session, author_id: int, request_id: int, note_id: int, *, row_version: int) -> None:
    """Take a note of one's own away; the history keeps it."""
    session.delete(_own(session, author_id, request_id, note_id, row_version))
    session.flush()


def _own(session: Session, author_id: int, request_id: int, note_id: int, row_version: int) -> RequestNote:
    note = session.exec(
        select(RequestNote).where(RequestNote.id == note_id, RequestNote.request_id == request_id).with_for_update()
    ).first()
    if note is None:
        raise NotFound("Cette note n'existe pas ou a été retirée.")
    if note.author_id != author_id:
        raise Refused("Seul l'auteur d'une note la modifie ou la retire. Ajoutez la vôtre.")
    if note.row_version != row_version:
        raise Conflict("Vous avez déjà modifié cette note dans une autre fenêtre. Rechargez le dossier pour la relire.")
    return note


def _body(typed: str) -> str:
    if not typed.strip():
        raise Refused("Écrivez la note avant de l'enregistrer.")
    try:
        return parse_as(LongText, typed)
    except InvalidValue as error:
        raise Refused(error.message) from error
