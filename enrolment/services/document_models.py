"""« Documents utiles »: the models that administrators upload, each in the place of the one that the portal ships.

Where the shipped ones lie, and how a model is shown, is the faces' business.
"""

from __future__ import annotations

import re

from sqlmodel import Session, col, select

from enrolment.errors import NotFound, Refused
from enrolment.files.storage import Storage, StoredFile
from enrolment.services.deposits import examine
from schema.enums import ScanState
from schema.folding import fold
from schema.history import Actor
from schema.tables import DocumentKind, DocumentModel

MOST_BYTES = 4 * 1024 * 1024
_UNFIT = re.compile(r"[^a-z0-9]+")


def uploaded(session: Session) -> dict[str, DocumentModel]:
    """The uploaded models by the code of their kind."""
    rows = session.exec(
        select(DocumentKind.code, DocumentModel).join(
            DocumentModel, col(DocumentModel.document_kind_id) == DocumentKind.id
        )
    )
    return dict(rows.all())


def named(session: Session, file_name: str) -> DocumentModel | None:
    """The uploaded model of a name, if it is in use."""
    return session.exec(
        select(DocumentModel)
        .join(DocumentKind, col(DocumentModel.document_kind_id) == DocumentKind.id)
        .where(DocumentModel.file_name == file_name, DocumentKind.template_file == file_name)
    ).first()


def kept(storage: Storage, name: str, content: bytes, clamd: str | None) -> DocumentModel:
    """A checked and stored file as a row not yet saved, outside any transaction. Raises FileRefused or Refused."""
    inspected, scan = examine(name, content, MOST_BYTES, clamd)
    if scan is ScanState.unscanned:
        raise Refused("L'antivirus ne répond pas : le modèle n'a pas été gardé. Réessayez dans quelques minutes.")
    stored = storage.put(inspected.content, sensitive=False)
    suffix = inspected.safe_name.rpartition(".")[2].lower()
    return DocumentModel(
        file_name=f"modele.{suffix}",
        content_type=inspected.content_type,
        size=inspected.size,
        sha256=inspected.sha256,
        storage_key=stored.key,
    )


def publish(session: Session, actor: Actor, kind_id: int, model: DocumentModel) -> DocumentKind:  # noqa: ARG001
    """Put a kept model in the place of whatever model its kind had. Every service is told who acts."""
    kind = _kind(session, kind_id)
    row = session.exec(select(DocumentModel).where(DocumentModel.document_kind_id == kind.id)).first()
    row = row or DocumentModel(document_kind_id=kind.id)
    row.file_name = _name(session, kind, model.file_name.rpartition(".")[2])
    row.content_type, row.size, row.sha256 = model.content_type, model.size, model.sha256
    row.storage_key = model.storage_key
    kind.template_file = row.file_name
    session.add_all([row, kind])
    session.flush()
    return kind


def withdraw(session: Session, actor: Actor, kind_id: int) -> DocumentKind:  # noqa: ARG001
    """Offer no model any more. The file is left to the sweep of orphans."""
    kind = _kind(session, kind_id)
    row = session.exec(select(DocumentModel).where(DocumentModel.document_kind_id == kind.id)).first()
    if row is not None:
        session.delete(row)
    kind.template_file = None
    session.add(kind)
    session.flush()
    return kind


def stored(model: DocumentModel) -> StoredFile:
    """Where its content is kept."""
    return StoredFile(model.storage_key, model.sha256, model.size, None)


def _kind(session: Session, kind_id: int) -> DocumentKind:
    kind = session.exec(select(DocumentKind).where(DocumentKind.id == kind_id).with_for_update()).first()
    if kind is None:
        raise NotFound("Ce type de pièce n'existe pas ou n'existe plus.")
    return kind


def _name(session: Session, kind: DocumentKind, suffix: str) -> str:
    """The French name of the kind, fit for an address; its code besides when another kind has that name already."""
    words = _UNFIT.sub("-", fold(kind.name).lower()).strip("-")[:100] or "modele"
    taken = session.exec(
        select(DocumentKind.id).where(
            DocumentKind.template_file == f"{words}.{suffix}", col(DocumentKind.id) != kind.id
        )
    ).first()
    return f"{words}.{suffix}" if taken is None else f"{words}-{kind.code.replace('_', '-')}.{suffix}"
