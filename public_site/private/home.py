"""The home page of the private portal: who one is, what is waited for, the last requests, and where to go."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.services import portfolio
from public_site.account.guard import HOME, visitor_of
from public_site.private import addresses
from public_site.private.actions import Row
from public_site.private.frame import private_page
from public_site.site import portal_of, redirect
from schema.types import Siret, show_as
from web.routing import Access, page

_DONE = {"mot-de-passe": "Votre mot de passe est enregistré et vous êtes connecté."}


def show(request: Request) -> Response:
    """The home page."""
    account_id = visitor_of(request).account.id
    with portal_of(request).database.reading() as session:
        companies = portfolio.companies(session, account_id)
        waiting = portfolio.waiting(session, account_id)
        last = portfolio.last(session, account_id)
        may_ask_money = portfolio.has_validated(session, account_id)
    context = {
        "companies": [(company.name, show_as(Siret, company.siret)) for company in companies],
        "to_do": [Row(line) for line in waiting],
        "rows": [Row(line) for line in last],
        "may_ask_money": may_ask_money,
        "to_finalise": next((Row(line) for line in waiting if line.status.value == "awaiting_certificates"), None),
        "done": _DONE.get(request.query_params.get("etat", "")),
        "addresses": addresses,
    }
    return private_page(request, "private/home.html", context)


def to_home(request: Request) -> Response:
    """`/espace` without its slash."""
    del request
    return redirect(HOME)


ROUTES = (
    page(HOME, show, access=Access.ACCOUNT, name="home"),
    page(HOME.rstrip("/"), to_home, access=Access.ACCOUNT, name="home_without_slash"),
)
