"""The pages of signing in and out of the back office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, sign_in
from admin_app.authentication import COOKIE, EXPIRED, HALF_COOKIE, put_cookie, way_back
from admin_app.staff import current, staff_of
from enrolment.known_browsers import KnownBrowsers
from enrolment.sealed_secrets import SealedSecrets
from enrolment.services import recovery_codes
from web import cookies
from web.fields import FieldView
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice

_LONGEST_PASSWORD = 1_000
RECOVERY = "secours"


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
    outcome = sign_in.sign_in(office.database, _keys(office), email, password, _comer(request))
    if isinstance(outcome, sign_in.Refusal):
        return _page(office, request, email, wanted, outcome)
    if isinstance(outcome, sign_in.HalfIn):
        suite = way_back(wanted) if wanted else ""
        response = RedirectResponse(addresses.with_query(addresses.SECOND_STEP, {"suite": suite}), 303)
        seconds = int(sign_in.HALF_WAY.total_seconds())
        cookies.put(response, request, HALF_COOKIE, outcome.token, seconds=seconds, same_site="strict")
        return response
    return _let_in(request, outcome, wanted)


def show_code(office: BackOffice, request: Request) -> Response:
    """The second page of signing in; nobody is here who has not given a password."""
    token = cookies.read(request, HALF_COOKIE)
    if token is None or sign_in.half_way(office.database, office.portal.links, token) is None:
        return _start_again(request)
    return _code_page(office, request, request.query_params.get("suite", ""))


def submit_code(office: BackOffice, request: Request) -> Response:
    """Check the code, then go on; the code is never sent back."""
    form, token = form_of(request), cookies.read(request, HALF_COOKIE)
    if token is None:
        return _start_again(request)
    wanted, is_recovery = form.get("suite"), RECOVERY in {name for name, _ in form.texts}
    code = form.get(RECOVERY)[: recovery_codes.LONGEST_TYPED] if is_recovery else form.get("code")[:20]
    outcome = sign_in.second_step(office.database, _keys(office), token, code, _comer(request), is_recovery=is_recovery)
    if isinstance(outcome, sign_in.Refusal):
        if outcome.is_over:
            return _start_again(request)
        return _code_page(office, request, wanted, outcome, is_recovery=is_recovery)
    response = _let_in(request, outcome, wanted)
    cookies.drop(response, request, HALF_COOKIE)
    return response


def leave(office: BackOffice, request: Request) -> Response:
    """Sign out: the session ends on the server, whatever the browser keeps."""
    sign_in.sign_out(office.database, staff_of(request))
    response = RedirectResponse(f"{addresses.SIGN_IN}?au-revoir=1", 303)
    cookies.drop(response, request, COOKIE)
    return response


def _keys(office: BackOffice) -> sign_in.Keys:
    secret = office.portal.settings.secret_key.get_secret_value()
    return sign_in.Keys(KnownBrowsers(secret), office.portal.links, SealedSecrets(secret), office.portal.addresses)


def _comer(request: Request) -> sign_in.Comer:
    return sign_in.Comer(
        address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent"),
        browser_cookie=cookies.read(request, sign_in.BROWSER_COOKIE),
        old_key=cookies.read(request, COOKIE),
    )


def _let_in(request: Request, signed_in: sign_in.SignedIn, wanted: str) -> Response:
    response = RedirectResponse(way_back(wanted), 303)
    put_cookie(response, request, signed_in.key)
    cookies.put(
        response,
        request,
        sign_in.BROWSER_COOKIE,
        signed_in.browser_cookie,
        seconds=sign_in.BROWSER_SECONDS,
        same_site="strict",
    )
    return response


def _start_again(request: Request) -> Response:
    response = RedirectResponse(f"{addresses.SIGN_IN}?delai=1", 303)
    cookies.drop(response, request, HALF_COOKIE)
    return response


def _code_page(
    office: BackOffice,
    request: Request,
    wanted: str,
    refusal: sign_in.Refusal | None = None,
    *,
    is_recovery: bool = False,
) -> Response:
    problem = refusal.message if refusal else None
    context = {
        "fields": [
            FieldView(
                "code",
                "Code à six chiffres",
                help="Celui que votre application d'authentification affiche en ce moment.",
                input_mode="numeric",
                autocomplete="one-time-code",
                max_length=20,
                width="short",
                error=None if is_recovery else problem,
            )
        ],
        "recovery": FieldView(
            RECOVERY,
            "Code de secours",
            help="Un des dix codes remis avec le second facteur ; chacun ne sert qu'une fois.",
            autocomplete="off",
            max_length=recovery_codes.LONGEST_TYPED,
            error=problem if is_recovery else None,
        ),
        "wanted": way_back(wanted) if wanted else "",
        "action": addresses.SECOND_STEP,
    }
    return office.render(request, "sqladmin/login_code.html", context, refusal.status if refusal else 200)


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
        "is_over": "delai" in request.query_params,
        "is_expired": EXPIRED in request.query_params,
    }
    return office.render(request, "sqladmin/login.html", context, refusal.status if refusal else 200)
