"""The links by which both addresses of an account agree to a change. Opening one changes nothing: mail programs do."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.links import ExpiredLink, InvalidLink
from enrolment.services import email_change
from enrolment.services.email_change import Outcome, Side, Waiting
from public_site.account.guard import SIGN_IN
from public_site.account.pages import refuse_unknown_fields
from public_site.site import portal_of, render
from schema.history import Actor
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

PATH = "/confirmation-email/{token}"
BY_LINK = Access("email_link")
_ANSWER, _YES, _NO = "reponse", "oui", "non"


def link_gate(request: Request, access: Access) -> Response | None:
    """The link must be ours, not too old, and its change still awaited, else the page says what to do."""
    del access
    portal = portal_of(request)
    try:
        with portal.database.reading() as session:
            request.state.waiting = email_change.of_link(session, portal.links, request.path_params["token"])
    except (InvalidLink, ExpiredLink) as error:
        context = {"is_expired": isinstance(error, ExpiredLink), "sign_in": SIGN_IN}
        return render(request, "account/own/dead_link.html", context, error.http_status)
    return None


def show(request: Request) -> Response:
    """What would change, and the buttons."""
    return _page(request)


def answer(request: Request) -> Response:
    """Yes, or « ce n'est pas moi »."""
    form = form_of(request)
    refuse_unknown_fields(form, {_ANSWER})
    portal = portal_of(request)
    token = request.path_params["token"]
    if form.get(_ANSWER) == _NO:
        with portal.database.writing(Actor.visitor()) as session:
            email_change.refuse(session, portal.links, token)
        return render(request, "account/own/answered.html", {"outcome": "refused", "sign_in": SIGN_IN})
    with portal.database.writing(Actor.visitor()) as session:
        outcome = email_change.confirm(session, portal.links, token, portal.addresses)
    status = 409 if outcome is Outcome.IMPOSSIBLE else 200
    context = {"outcome": outcome.value, "sign_in": SIGN_IN}
    return render(request, "account/own/answered.html", context, status)


def _page(request: Request) -> Response:
    waiting: Waiting = request.state.waiting
    is_old = waiting.side is Side.OLD
    context = {
        "is_old": is_old,
        "login": waiting.account.login if is_old else "",
        "new_email": waiting.change.new_email,
        "already": (waiting.change.old_confirmed_at if is_old else waiting.change.new_confirmed_at) is not None,
    }
    return render(request, "account/own/confirm.html", context)


ROUTES = (
    page(PATH, show, access=BY_LINK, name="confirm_email"),
    page(PATH, answer, access=BY_LINK, methods=["POST"], limits=SMALL_LIMITS, name="answer_email_change"),
)
