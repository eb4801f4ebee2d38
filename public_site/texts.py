"""The pages that show a text of the tables: terms of use, personal data, accessibility."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from public_site.blocks import blocks
from public_site.site import kept_of, render
from schema.enums import LegalTextKind
from web.routing import Access, page

_PAGES = {
    "/cgu": LegalTextKind.cgu,
    "/donnees-personnelles": LegalTextKind.privacy,
    "/accessibilite": LegalTextKind.accessibility,
}


def show_text(kind: LegalTextKind, request: Request) -> Response:
    """A legal text in force."""
    text = kept_of(request).legal_text(kind)
    return render(request, "pages/text.html", {"text": text, "blocks": blocks(text.body)})


ROUTES = tuple(
    page(path, partial(show_text, kind), access=Access.PUBLIC, name=f"text_{kind}") for path, kind in _PAGES.items()
)
