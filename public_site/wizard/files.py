"""Shows a draft's file to the browser that holds the draft."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment import clock
from enrolment.errors import NotFound
from enrolment.services import pieces
from public_site.serving import served
from public_site.site import portal_of
from public_site.wizard.desk import find_open
from public_site.wizard.steps import open_only
from web.headers import Policy
from web.routing import Access, page
from web.typography import moment


def show_file(request: Request) -> Response:
    """The file given for a kind. A sensitive one is shown as a marked copy (SEC-15)."""
    portal = portal_of(request)
    with portal.database.reading() as session:
        draft = find_open(session, request)
        piece = pieces.of_draft(session, draft, request.path_params["kind"])
    if piece is None:
        raise NotFound("Aucun fichier de ce type n'est dans votre brouillon. Revenez à l'étape pour le déposer.")
    mark = f"Copie du dépôt sur le portail d'enrôlement – {moment(clock.now())}"
    return served(request, piece, pieces.copy_of(portal.storage, piece, mark))


DRAFT_ROUTES = (
    page(
        "/enrolement/{draft}/pieces/{kind}",
        open_only(show_file),
        access=Access.DRAFT,
        policy=Policy.FILE,
        name="draft_file",
    ),
)
