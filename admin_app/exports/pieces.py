"""The archive of the pieces that a list names: one folder per request, an index, nothing held in memory but one file.

A piece is opened as on the page of its request: only when found healthy, marked when sensitive, and recorded before it
is read (rule F4). One that cannot be given is told in the index, and does not stop the others.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session
from zipstream import ZIP_STORED, ZipStream

from enrolment import parameters
from enrolment.errors import DomainError, Refused
from enrolment.portal import Portal
from enrolment.services import pieces, viewing
from enrolment.typography import moment, number
from schema.base import Table, table_of
from schema.history import Actor
from schema.tables import Attachment, DocumentKind, EnrolmentRequest
from schema.tabular import csv_line

_LIMIT = "export_pieces_most"
_INDEX = "index.csv"
_LONGEST_PART = 45
_HEAD = (
    "Numéro de demande",
    "Type de pièce",
    "Nom du fichier déposé",
    "Déposée le",
    "Remplacée",
    "Fichier",
    "Remarque",
)

logger = logging.getLogger("admin_app.exports")


@dataclass(frozen=True)
class Wanted:
    """A piece to put into the archive, and under which name."""

    request_id: int
    public_id: str
    number: str
    kind: str
    file_name: str
    deposited: str
    replaced: bool
    path: str


def wanted(session: Session, model: type[Table], statement: sa.Select[Any]) -> list[Wanted]:
    """The pieces of the rows of a list, of requests or of pieces. Raises Refused when there are none or too many."""
    attachment, request, kind = (table_of(one).c for one in (Attachment, EnrolmentRequest, DocumentKind))
    keys = statement.with_only_columns(table_of(model).c.id, maintain_column_froms=True).order_by(None)
    here = attachment.request_id if model is EnrolmentRequest else attachment.id
    most = parameters.number(session, _LIMIT)
    found = session.execute(
        sa.select(
            attachment.request_id,
            attachment.public_id,
            request.number,
            kind.name,
            attachment.file_name,
            attachment.deposited_at,
            attachment.replaced_by_id,
            attachment.id,
        )
        .join(request.id.table, request.id == attachment.request_id)
        .join(kind.id.table, kind.id == attachment.document_kind_id)
        .where(here.in_(keys))
        .order_by(request.number, attachment.id)
        .limit(most + 1)
    ).all()
    if not found:
        raise Refused("Aucune pièce de demande parmi ces lignes. Changez les filtres, puis recommencez.")
    if len(found) > most:
        said = f"{number(most)} pièces" if most > 1 else "1 pièce"
        raise Refused(
            f"Une archive contient au plus {said}, et cette liste en compte davantage. Ajoutez un filtre (statut, "
            "vague, dates de dépôt…), puis exportez en plusieurs fois."
        )
    return _named(found)


def archive(portal: Portal, actor: Actor, asked: Sequence[Wanted]) -> Iterator[bytes]:
    """The ZIP in pieces; each file is read, marked and sent before the next one is opened."""
    # PDF files and pictures are compressed already.
    stream = ZipStream(compress_type=ZIP_STORED)
    lines = [csv_line(_HEAD)]
    for piece in asked:
        content, remark = _content(portal, actor, piece)
        if content is not None:
            stream.add(content, piece.path)
            yield from stream.all_files()
        lines.append(
            csv_line(
                (
                    piece.number,
                    piece.kind,
                    piece.file_name,
                    piece.deposited,
                    "Oui" if piece.replaced else "Non",
                    piece.path if content is not None else "",
                    remark,
                )
            )
        )
    stream.add(b"\xef\xbb\xbf" + b"".join(lines), _INDEX)
    yield from stream.finalize()


def _content(portal: Portal, actor: Actor, piece: Wanted) -> tuple[bytes | None, str]:
    """What goes into the archive, and what the index says of it."""
    try:
        with portal.database.writing(actor) as session:
            opened = viewing.open_piece(session, actor, piece.request_id, piece.public_id)
        content = pieces.copy_of(portal.storage, opened, viewing.mark(actor))
    except DomainError as error:
        return None, error.message
    except Exception:
        # The answer has begun: only the index can still tell that a file is missing.
        logger.exception("a piece could not be exported")
        return None, "Cette pièce n'a pas pu être lue. Signalez-le à l'administrateur du portail."
    return content, "Copie filigranée, consultation enregistrée." if opened.sensitive else ""


def _named(found: Sequence[Any]) -> list[Wanted]:
    """Each piece with a name of its own, which is safe on any machine."""
    taken: set[str] = set()
    made = []
    for request_id, public_id, request_number, kind, file_name, deposited_at, replaced_by, key in found:
        stem, dot, ending = file_name.rpartition(".")
        ending = safe(ending if dot else "")[:8]
        name = " - ".join(part for part in (_part(kind), _part(stem if dot else file_name)) if part) or "piece"
        path = f"{safe(request_number)}/{name}{'.' if ending else ''}{ending}"
        if path.casefold() in taken:
            path = f"{safe(request_number)}/{name} ({key}){'.' if ending else ''}{ending}"
        taken.add(path.casefold())
        replaced = replaced_by is not None
        deposited = moment(deposited_at).replace("\u00a0", " ")
        made.append(Wanted(request_id, public_id, request_number, kind, file_name, deposited, replaced, path))
    return made


def _part(text: str) -> str:
    return safe(text)[:_LONGEST_PART].strip(" _")


def safe(text: str) -> str:
    """A text as part of a file name: letters, digits and a few signs, without accents, never a path."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE")).encode("ascii", "ignore").decode()
    spaced = re.sub(r"[\s',;]+", " ", plain)
    return re.sub(r"[^A-Za-z0-9 ()_-]+", "_", spaced).strip(" _")
