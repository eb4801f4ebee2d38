"""The pages of signing in and out of the back office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, sign_in
from admin_app.authentication import COOKIE, put_cookie, way_back
from admin_app.staff import current, staff_of
from enrolment.known_browsers import KnownBrowsers
from web import cookies
from web.fields import FieldView
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice

_LONGEST_PASSWORD = 1_000


def show(office: BackOffice, request: Request) -> Response:
    """The form; whoever is already signed in goes on."""
    wanted = request.query_params.get("suite", "")
    if current(request) is not None:
        return RedirectResponse(way_back(wanted), 303)
    return _page(office, request, "", wanted)


def submit(office: BackOffice, request: Request) -> Response:
    """Check, then go on, or show the form again with what was typed, but for the password."""
    form = form_of(request)
    email, password, wanted = form.get("email"), form.get("mot_de_passe"), form.get("suite")
    if not email.strip() or not password or len(password) > _LONGEST_PASSWORD:
        message = "Saisissez votre adresse et votre mot de passe."
        return _page(office, request, email, wanted, sign_in.Refusal(message, 422))
    browsers = KnownBrowsers(office.portal.settings.secret_key.get_secret_value())
    comer = sign_in.Comer(
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent"),
        browser_cookie=cookies.read(request, sign_in.BROWSER_COOKIE),
        old_key=cookies.read(request, COOKIE),
    )
    outcome = sign_in.sign_in(office.database, browsers, email, password, comer)
    if isinstance(outcome, sign_in.Refusal):
        return _page(office, request, email, wanted, outcome)
    response = RedirectResponse(way_back(wanted), 303)
    put_cookie(response, request, outcome.key)
    cookies.put(
        response,
        request,
        sign_in.BROWSER_COOKIE,
        outcome.browser_cookie,
        seconds=sign_in.BROWSER_SECONDS,
        same_site="strict",
    )
    return response


def leave(office: BackOffice, request: Request) -> Response:
    """Sign out: the session ends on the server, whatever the browser keeps."""
    sign_in.sign_out(office.database, staff_of(request))
    response = RedirectResponse(f"{addresses.SIGN_IN}?au-revoir=1", 303)
    cookies.drop(response, request, COOKIE)
    return response


def _page(
    office: BackOffice, request: Request, email: str, wanted: str, refusal: sign_in.Refusal | None = None
) -> Response:
    fields = [
        FieldView("email", "Adresse mail", value=email[:254], kind="email", autocomplete="username", max_length=254),
        FieldView("mot_de_passe", "Mot de passe", kind="password", autocomplete="current-password"),
    ]
    context = {
        "fields": fields,
        "refusal": refusal.message if refusal else None,
        "wanted": way_back(wanted) if wanted else "",
        "left": "au-revoir" in request.query_params,
    }
    return office.render(request, "sqladmin/login.html", context, refusal.status if refusal else 200)
