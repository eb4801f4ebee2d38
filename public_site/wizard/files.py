"""Shows a draft's file to the browser that holds the draft."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import NotFound
from enrolment.services import pieces
from public_site.serving import own_copy
from public_site.site import portal_of
from public_site.wizard.desk import find_open
from public_site.wizard.steps import open_only
from web.headers import Policy
from web.routing import Access, page


def show_file(request: Request) -> Response:
    """The file given for a kind. A sensitive one is shown as a marked copy (SEC-15)."""
    portal = portal_of(request)
    with portal.database.reading() as session:
        draft = find_open(session, request)
        piece = pieces.of_draft(session, draft, request.path_params["kind"])
    if piece is None:
        raise NotFound("Aucun fichier de ce type n'est dans votre brouillon. Revenez à l'étape pour le déposer.")
    return own_copy(request, piece)


DRAFT_ROUTES = (
    page(
        "/enrolement/{draft}/pieces/{kind}",
        open_only(show_file),
        access=Access.DRAFT,
        policy=Policy.FILE,
        name="draft_file",
    ),
)
