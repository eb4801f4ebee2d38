"""What every endpoint of the public site uses: the portal behind it, a page, a redirection, who is asking.

Nothing of one page in particular.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from enrolment.portal import Portal
from public_site.kept import Kept
from web.routing import Face

AFTER_POST = 303


def portal_of(request: Request) -> Portal:
    """The running portal."""
    portal: Portal = request.app.state.portal
    return portal


def kept_of(request: Request) -> Kept:
    """What this process keeps of the reference data for a few seconds."""
    kept: Kept = request.app.state.kept
    return kept


def render(request: Request, name: str, context: Mapping[str, Any] | None = None, status: int = 200) -> HTMLResponse:
    """A page of the public site."""
    face: Face = request.app.state.face
    return face.templates.render(request, name, context, status)


def redirect(address: str) -> RedirectResponse:
    """Go to another page, by GET."""
    return RedirectResponse(address, AFTER_POST)


def visitor_address(request: Request) -> str:
    """The network address of who asks, as far as it is known."""
    return request.client.host if request.client else ""
