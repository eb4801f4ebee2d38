"""The gates of the public site: who may open a draft, and what a signed link must prove before anything is read."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import Forbidden
from enrolment.links import ExpiredLink, InvalidLink, Purpose
from public_site.site import kept_of, portal_of, render
from public_site.wizard.start import known_drafts
from web.routing import Access

_LINKS = {
    "/suivi/": (Purpose.FOLLOW_REQUEST, "status_link_days"),
    "/enrolement/reprise/": (Purpose.RESUME_DRAFT, "resume_link_days"),
}
"""Start of the address → what its link is for, and the parameter that says how long it lasts."""


def draft_gate(request: Request, access: Access) -> Response | None:
    """Only the browser that began or resumed a draft opens it."""
    del access
    known_drafts(request).require(request)
    return None


def link_gate(request: Request, access: Access) -> Response | None:
    """A link must be ours, for this use, and not too old; `request.state.subject` then says what it opens."""
    del access
    path: str = request.scope["path"]
    start = next((start for start in _LINKS if path.startswith(start)), None)
    if start is None:
        raise Forbidden("Cette adresse ne s'ouvre qu'avec un lien reçu par email.")
    purpose, life = _LINKS[start]
    again = "/suivi" if purpose is Purpose.FOLLOW_REQUEST else "/enrolement/reprise"
    return opened(request, purpose, life, again)


def opened(request: Request, purpose: Purpose, life: str, again: str) -> Response | None:
    """Note what the link in the address opens, or the page that says why it does not and where to ask `again`.

    `life` is the parameter that says how many days such a link lasts.
    """
    try:
        link = portal_of(request).links.read(purpose, request.path_params["token"], kept_of(request).days(life))
    except (InvalidLink, ExpiredLink) as error:
        context = {"expired": isinstance(error, ExpiredLink), "message": error.message, "again": again}
        return render(request, "parts/link_problem.html", context, error.http_status)
    request.state.subject = link.subject
    return None
