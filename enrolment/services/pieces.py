"""Gives a deposited file to somebody who may see it: never unscanned, marked when sensitive, and recorded (F3, F4).

Who may see it is decided by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from enrolment.errors import Refused
from enrolment.files.storage import Storage, StoredFile
from schema.enums import ScanState
from schema.history import Actor
from schema.tables import Attachment, AttachmentAccess, Demand, DocumentKind, Draft


@dataclass(frozen=True)
class Piece:
    """A file and what its kind says of it."""

    attachment_id: int
    file_name: str
    content_type: str
    sensitive: bool
    scan: ScanState
    stored: StoredFile


def of_draft(session: Session, draft: Draft, kind_code: str) -> Piece | None:
    """The file that a draft holds for a kind."""
    return _piece(session, Attachment.draft_id == draft.id, DocumentKind.code == kind_code)


def of_request(session: Session, request_id: int, public_id: str) -> Piece | None:
    """A file of a request."""
    return _piece(session, Attachment.request_id == request_id, Attachment.public_id == public_id)


def of_demand(session: Session, demand: Demand, kind_code: str) -> Piece | None:
    """The file given for a kind in answer to a demand that has not ended."""
    return _piece(session, Attachment.demand_id == demand.id, DocumentKind.code == kind_code)


def record_access(session: Session, actor: Actor, piece: Piece) -> None:
    """Note that somebody opens a sensitive file (rule F4)."""
    if piece.sensitive:
        session.add(
            AttachmentAccess(
                attachment_id=piece.attachment_id, actor_kind=actor.kind, actor_id=actor.id, actor_label=actor.label
            )
        )


def copy_of(storage: Storage, piece: Piece, mark: str) -> bytes:
    """The content to show; `mark` is written across a sensitive one. Raises Refused for one not known to be clean."""
    require_scanned(piece)
    content = storage.get(piece.stored)
    if not piece.sensitive:
        return content
    from enrolment.files.watermark import watermark  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.

    return watermark(content, piece.content_type, mark)


def is_open(piece: Piece) -> bool:
    """Whether the antivirus lets a file be opened."""
    return piece.scan not in {ScanState.unscanned, ScanState.infected}


def require_scanned(piece: Piece) -> None:
    """Raise Refused for a file that the antivirus has not cleared."""
    require_state(piece.scan)


def require_state(scan: ScanState) -> None:
    """The same, for what the antivirus said."""
    if scan is ScanState.unscanned:
        raise Refused(
            "Cette pièce est bien enregistrée, mais l'antivirus ne l'a pas encore analysée : elle ne peut pas être "
            "ouverte. Réessayez dans quelques minutes."
        )
    if scan is ScanState.infected:
        raise Refused(
            "L'antivirus a trouvé un contenu dangereux dans cette pièce : elle ne peut pas être ouverte. Déposez une "
            "copie saine du document si elle vous est demandée."
        )


def _piece(session: Session, *conditions: bool) -> Piece | None:
    found = session.exec(
        select(Attachment, DocumentKind.sensitive)
        .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(*conditions)
        .order_by(col(Attachment.id).desc())
    ).first()
    if found is None:
        return None
    row, sensitive = found
    return Piece(
        attachment_id=row.id,
        file_name=row.file_name,
        content_type=row.content_type,
        sensitive=sensitive,
        scan=row.scan,
        stored=StoredFile(row.storage_key, row.sha256, row.size, row.encryption_key),
    )
