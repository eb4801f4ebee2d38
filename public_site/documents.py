"""« Documents utiles »: the models that the form asks for, uploaded by the ASP or shipped with the portal."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

import seeds
from enrolment.documents import Kind
from enrolment.errors import NotFound
from enrolment.services import document_models, reference
from public_site.serving import named
from public_site.site import portal_of, render
from schema.tables import DocumentModel
from web.headers import Policy
from web.routing import Access, page

FOLDER = Path(seeds.__file__).parent / "documents"


@dataclass(frozen=True)
class Model:
    """A model to download: what it is for, and when it is asked."""

    kind: Kind
    reasons: tuple[str, ...]
    format: str
    size: int
    updated_at: datetime


def show_documents(request: Request) -> Response:
    """Every model, with the documents that it is for."""
    with portal_of(request).database.reading() as session:
        models = _models(session)
    return render(request, "pages/documents.html", {"models": models})


def _models(session: Session) -> list[Model]:
    rules = reference.document_rules(session)
    uploaded = document_models.uploaded(session)
    found = []
    for kind in reference.document_kinds(session):
        about = _about(kind, uploaded)
        if about is not None:
            reasons = tuple(dict.fromkeys(rule.reason for rule in rules if rule.kind.code == kind.code))
            found.append(Model(kind, reasons, *about))
    return found


def _about(kind: Kind, uploaded: dict[str, DocumentModel]) -> tuple[str, int, datetime] | None:
    """Format, size and date of a kind's model; None when it has none."""
    name = kind.template_file or ""
    row = uploaded.get(kind.code)
    if row is not None and row.file_name == name:
        return _format(name), row.size, row.updated_at
    path = FOLDER / name
    if not path.is_file():
        return None
    stat = path.stat()
    return _format(name), stat.st_size, _updated_at(path, stat.st_mtime)


def _format(name: str) -> str:
    return name.rpartition(".")[2].upper()


@lru_cache(maxsize=64)
def _updated_at(path: Path, changed: float) -> datetime:
    """When a model was last written: what a PDF says of itself, since copying a file changes its own date."""
    if path.suffix == ".pdf":
        import pikepdf  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.

        with pikepdf.open(path) as pdf:
            said = str(pdf.docinfo.get("/ModDate", ""))
        try:
            return datetime.strptime(said[2:16], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            pass
    return datetime.fromtimestamp(changed, UTC)


def download(request: Request) -> Response:
    """One model. Only a name that the table of kinds holds is ever looked for."""
    name = request.path_params["name"]
    portal = portal_of(request)
    with portal.database.reading() as session:
        known = {kind.template_file for kind in reference.document_kinds(session)}
        row = document_models.named(session, name)
    path = FOLDER / name
    if name not in known or (row is None and not (path.parent == FOLDER and path.is_file())):
        raise NotFound("Ce document n'existe pas ou n'existe plus. Retrouvez les modèles dans « Documents utiles ».")
    content = path.read_bytes() if row is None else portal.storage.get(document_models.stored(row))
    headers = named(name) | {"cache-control": "public, max-age=3600"}
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(content, media_type=media_type, headers=headers)


ROUTES = (
    page("/documents", show_documents, access=Access.PUBLIC, name="documents"),
    page("/documents/{name}", download, access=Access.PUBLIC, policy=Policy.FILE, name="document"),
)
