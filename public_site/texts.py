"""The pages that show a text of the tables: terms of use, personal data, accessibility; and « Documents utiles »."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

import seeds
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


def show_text(kind: LegalTextKind, request: Request) -> Response:
    """A legal text in force."""
    text = kept_of(request).legal_text(kind)
    return render(request, "pages/text.html", {"text": text, "blocks": blocks(text.body)})


def show_documents(request: Request) -> Response:
    """The models of documents that the form asks for."""
    with portal_of(request).database.reading() as session:
        kinds = reference.document_kinds(session)
    models = [
        (kind, (FOLDER / kind.template_file).stat().st_size)
        for kind in kinds
        if kind.template_file and (FOLDER / kind.template_file).is_file()
    ]
    return render(request, "pages/documents.html", {"models": models})


def download(request: Request) -> Response:
    """One model. Only a name that the table of kinds holds is ever looked for on the disk."""
    name = request.path_params["name"]
    with portal_of(request).database.reading() as session:
        known = {kind.template_file for kind in reference.document_kinds(session)}
    path = FOLDER / name
    if name not in known or path.parent != FOLDER or not path.is_file():
        raise NotFound("Ce document n'existe pas ou n'existe plus. Retrouvez les modèles dans « Documents utiles ».")
    headers = named(name) | {"cache-control": "public, max-age=3600"}
    return Response(path.read_bytes(), media_type="application/pdf", headers=headers)


ROUTES = (
    *(page(path, partial(show_text, kind), access=Access.PUBLIC, name=f"text_{kind}") for path, kind in _PAGES.items()),
    page("/documents", show_documents, access=Access.PUBLIC, name="documents"),
    page("/documents/{name}", download, access=Access.PUBLIC, policy=Policy.FILE, name="document"),
)
