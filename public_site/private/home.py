"""The home page of the private portal: who one is, what is waited for, and the requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from enrolment.addresses import Addresses
from enrolment.services import portfolio
from enrolment.wording import STATUS_WORDS, StatusWords, Turn, enrolment_type
from public_site.account.guard import HOME, visitor_of
from public_site.private.frame import private_page
from public_site.site import portal_of, redirect
from public_site.wizard.addresses import START
from schema.enums import RequestStatus
from schema.types import Siret, show_as
from web.routing import Access, page

REQUESTS = "demandes"
_DONE = {"mot-de-passe": "Votre mot de passe est enregistré et vous êtes connecté."}


@dataclass(frozen=True)
class Line:
    """A request as the list shows it (rule A1)."""

    number: str
    url: str
    submitted_at: datetime
    status: RequestStatus
    siret: str
    software: str
    profile: str
    type: str

    @property
    def words(self) -> StatusWords:
        """What its status means."""
        return STATUS_WORDS[self.status]

    @property
    def is_waited_for(self) -> bool:
        """Whether the vendor must act, on a request that is still open."""
        return self.words.turn is Turn.vendor and self.status is not RequestStatus.rejected


def show(request: Request) -> Response:
    """The home page."""
    visitor = visitor_of(request)
    portal = portal_of(request)
    with portal.database.reading() as session:
        companies = portfolio.companies(session, visitor.account.id)
        found = portfolio.requests(session, visitor.account.id)
    lines = [_line(item, portal.addresses) for item in found]
    context = {
        "companies": [(company.name, show_as(Siret, company.siret)) for company in companies],
        "lines": lines,
        "to_do": [line for line in lines if line.is_waited_for],
        "done": _DONE.get(request.query_params.get("etat", "")),
        "requests_id": REQUESTS,
        "start": START,
    }
    return private_page(request, "private/home.html", context)


def _line(item: portfolio.RequestLine, addresses: Addresses) -> Line:
    row = item.request
    return Line(
        number=row.number,
        url=urlsplit(addresses.status(row)).path,
        submitted_at=row.submitted_at,
        status=row.status,
        siret=show_as(Siret, item.siret),
        software=item.software,
        profile=item.profile or "",
        type=enrolment_type(row.kind, is_early=row.is_early),
    )


def to_home(request: Request) -> Response:
    """`/espace` without its slash."""
    del request
    return redirect(HOME)


ROUTES = (
    page(HOME, show, access=Access.ACCOUNT, name="home"),
    page(HOME.rstrip("/"), to_home, access=Access.ACCOUNT, name="home_without_slash"),
)
