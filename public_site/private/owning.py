"""The gate of a request's private pages: only an account that acts for its company passes (rule A5, SEC-2)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import NotFound
from enrolment.services import portfolio
from public_site.account.guard import admit, visitor_of
from public_site.private.addresses import request_address
from public_site.site import portal_of
from web.routing import Access

OWN_REQUEST = Access("own_request")
"""A request of the account: the address names it in `{request}`."""

GONE = "Cette demande n'existe pas, ou n'est pas l'une des vôtres. Revenez à la liste de vos demandes."


def admit_owner(request: Request, access: Access) -> Response | None:
    """Let the account's own requests be opened; anybody else's is 404, like one that does not exist.

    `request.state.subject` then holds the public id of the request, and `request.state.base` the start of its
    addresses.
    """
    refusal = admit(request, access)
    if refusal is not None:
        return refusal
    public_id = request.path_params["request"]
    with portal_of(request).database.reading() as session:
        if not portfolio.owns(session, visitor_of(request).account.id, public_id):
            raise NotFound(GONE)
    request.state.subject = public_id
    request.state.base = request_address(public_id)
    return None
