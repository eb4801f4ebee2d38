"""Where a complementary request begins: the number to search, the drafts already begun, and what rule C2 holds up."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.application.questions import question
from enrolment.application.rules import ANS
from enrolment.application.state import Application
from enrolment.errors import Refused
from enrolment.services import complementing, drafts, portfolio, resuming
from public_site.account.guard import visitor_of
from public_site.complementary.desk import address_of
from public_site.private.addresses import COMPLEMENTARY, request_address
from public_site.private.frame import private_page
from public_site.site import portal_of, redirect
from public_site.wizard.views import question_view
from schema.enums import RequestKind, Step
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

_MISSING = "Saisissez votre numéro unique de référencement ANS, puis cliquez sur « Rechercher »."


def show(request: Request) -> Response:
    """The number to search, and the drafts of this account."""
    return _page(request)


def start(request: Request) -> Response:
    """« Rechercher » for the first time: begins a draft."""
    form = form_of(request)
    if form.unexpected({ANS, "action"}):
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    typed = form.get(ANS)
    if not typed.strip():
        return _page(request, {ANS: _MISSING}, 422)
    visitor = visitor_of(request)
    with portal_of(request).database.writing(visitor.actor) as session:
        draft = drafts.begun(session, visitor.account.id, typed)
        if draft is None:
            draft = drafts.start(session, RequestKind.complementary, visitor.account.id)
            drafts.save(session, draft, Step.referencing, {ANS: typed})
    return redirect(f"{address_of(draft.public_id)}#resultat")


def _page(request: Request, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    account = visitor_of(request).account
    with portal_of(request).database.reading() as session:
        waiting = complementing.waiting_anywhere(session, account.id)
        lines = resuming.lines_of_account(session, account.id)
        has_company = bool(portfolio.companies(session, account.id))
    searched = question_view(Application(RequestKind.complementary, {}), question(ANS), errors or {})
    context = {
        "searched": searched,
        "views": [searched],
        "waiting": [(one, request_address(one.public_id)) for one in waiting],
        "drafts": [(line, address_of(line.public_id)) for line in lines],
        "has_company": has_company,
        "deleted": request.query_params.get("etat") == "supprime",
    }
    return private_page(request, "complementary/start.html", context, status)


ROUTES = (
    page(COMPLEMENTARY, show, access=Access.ACCOUNT, name="start_complementary"),
    page(
        COMPLEMENTARY,
        start,
        access=Access.ACCOUNT,
        methods=["POST"],
        limits=SMALL_LIMITS,
        name="begin_complementary",
    ),
)
