"""The pages that show a text of the tables: terms of use, personal data, accessibility; and « Documents utiles »."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

import seeds
from enrolment.documents import Kind
from enrolment.errors import NotFound
from enrolment.services import reference
from public_site.blocks import blocks
from public_site.serving import named
from public_site.site import kept_of, portal_of, render
from schema.enums import LegalTextKind
from web.headers import Policy
from web.routing import Access, page

FOLDER = Path(seeds.__file__).parent / "documents"
_PAGES = {
    "/cgu": LegalTextKind.cgu,
    "/donnees-personnelles": LegalTextKind.privacy,
    "/accessibilite": LegalTextKind.accessibility,
}


@dataclass(frozen=True)
class Model:
    """A model to download: what it is for, and when it is asked."""

    kind: Kind
    reasons: tuple[str, ...]
    format: str
    size: int
    updated_at: datetime


def show_text(kind: LegalTextKind, request: Request) -> Response:
    """A legal text in force."""
    text = kept_of(request).legal_text(kind)
    return render(request, "pages/text.html", {"text": text, "blocks": blocks(text.body)})


def show_documents(request: Request) -> Response:
    """The models of documents that the form asks for."""
    with portal_of(request).database.reading() as session:
        kinds, rules = reference.document_kinds(session), reference.document_rules(session)
    models = []
    for kind in kinds:
        path = FOLDER / (kind.template_file or "")
        if path.is_file():
            reasons = tuple(dict.fromkeys(rule.reason for rule in rules if rule.kind.code == kind.code))
            found = path.stat()
            updated_at = _updated_at(path, found.st_mtime)
            models.append(Model(kind, reasons, path.suffix[1:].upper(), found.st_size, updated_at))
    return render(request, "pages/documents.html", {"models": models})


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
    """One model. Only a name that the table of kinds holds is ever looked for on the disk."""
    name = request.path_params["name"]
    with portal_of(request).database.reading() as session:
        known = {kind.template_file for kind in reference.document_kinds(session)}
    path = FOLDER / name
    if name not in known or path.parent != FOLDER or not path.is_file():
        raise NotFound("Ce document n'existe pas ou n'existe plus. Retrouvez les modèles dans « Documents utiles ».")
    headers = named(name) | {"cache-control": "public, max-age=3600"}
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Response(path.read_bytes(), media_type=media_type, headers=headers)


ROUTES = (
    *(page(path, partial(show_text, kind), access=Access.PUBLIC, name=f"text_{kind}") for path, kind in _PAGES.items()),
    page("/documents", show_documents, access=Access.PUBLIC, name="documents"),
    page("/documents/{name}", download, access=Access.PUBLIC, policy=Policy.FILE, name="document"),
)
