"""The two doors to the pages about one request: the vendor's account, and a link received by mail.

A gate notes on `request.state` what it proved; a page then asks its `Door`, and never how one came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from enrolment.errors import NotFound
from enrolment.links import Purpose
from enrolment.services import demands
from public_site.account.guard import visitor_of
from public_site.links_gate import opened
from public_site.private.addresses import request_address
from public_site.private.frame import private_page
from public_site.private.owning import OWN_REQUEST
from public_site.site import portal_of, render
from schema.history import Actor
from schema.tables import Demand, EnrolmentRequest
from web.routing import Access, Gate

BY_ANSWER_LINK = Access("answer_link")
BY_WITHDRAWAL_LINK = Access("withdrawal_link")
BY_NEW_DEPOSIT_LINK = Access("new_deposit_link")
BY_ACCOUNT = OWN_REQUEST
ANSWER, WITHDRAWAL, NEW_DEPOSIT = "/suivi/repondre", "/suivi/retirer", "/suivi/redeposer"
OWN = "/espace/demandes/{request}"
LINK_LIFE = "action_link_days"


@dataclass(frozen=True)
class Door:
    """How one came in. `subject` is the public id of the request, or of the demand for an answer by link."""

    base: str
    subject: str
    by_link: bool
    actor: Actor

    def demand(self, session: Session) -> Demand:
        """The demand to answer: the link's own, or the latest of the account's request. Raises NotFound."""
        if self.by_link:
            return demands.find(session, self.subject)
        found = demands.latest(session, self.subject)
        if found is None:
            raise NotFound("L'ASP ne vous a rien demandé pour cette demande d'enrôlement.")
        return found

    def follow(self, request: Request, row: EnrolmentRequest) -> str:
        """Where the request can be read afterwards."""
        if not self.by_link:
            return request_address(row.public_id)
        portal = portal_of(request)
        return portal.addresses.status(row).removeprefix(portal.settings.base_url)

    def page(
        self, request: Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200
    ) -> HTMLResponse:
        """A page in the frame of the private portal, or in the public one."""
        framed = {
            "door": self,
            "layout": "public.html" if self.by_link else "private/layout.html",
            **(context or {}),
        }
        shown = render if self.by_link else private_page
        return shown(request, template, framed, status)


def door_of(request: Request) -> Door:
    """The door that the gate of this page opened."""
    by_link: bool = getattr(request.state, "by_link", False)
    actor = Actor.visitor() if by_link else visitor_of(request).actor
    return Door(request.state.base, request.state.subject, by_link, actor)


def _gate(purpose: Purpose, start: str) -> Gate:
    def admit(request: Request, access: Access) -> Response | None:
        """The link must be ours, for this action and not too old."""
        del access
        refusal = opened(request, purpose, LINK_LIFE, again="/suivi")
        if refusal is not None:
            return refusal
        request.state.base = f"{start}/{request.path_params['token']}"
        request.state.by_link = True
        return None

    return admit


GATES: dict[str, Gate] = {
    BY_ANSWER_LINK.kind: _gate(Purpose.ANSWER_DEMAND, ANSWER),
    BY_WITHDRAWAL_LINK.kind: _gate(Purpose.WITHDRAW_REQUEST, WITHDRAWAL),
    BY_NEW_DEPOSIT_LINK.kind: _gate(Purpose.RESUBMIT_REQUEST, NEW_DEPOSIT),
}
