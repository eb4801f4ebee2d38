"""« Se connecter » and « Se déconnecter »."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from enrolment.services import accounts, attempts, sessions
from public_site.account.guard import (
    BROWSER_COOKIE,
    HOME,
    SESSION_COOKIE,
    SIGN_IN,
    browsers,
    current,
    is_private,
    let_in,
    let_out,
)
from public_site.account.pages import in_minutes, refuse_unknown_fields
from public_site.site import portal_of, redirect, render, visitor_address
from public_site.wizard.addresses import START
from schema.describe import field
from schema.history import Actor
from schema.tables import Account
from web import cookies
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

FACE = "vendor"
LOGIN, PASSWORD, NEXT = "identifiant", "mot_de_passe", "suite"
_WRONG = "Identifiant ou mot de passe incorrect. Vérifiez-les, puis recommencez."
_NOT_A_MAIL = "L'identifiant n'est pas votre adresse email : il vous a été envoyé à l'ouverture de votre compte."
_STATES = {
    "expiree": ("info", "Vous avez été déconnecté après une période d'inactivité. Connectez-vous pour continuer."),
    "deconnecte": ("success", "Vous êtes déconnecté."),
}


def show(request: Request) -> Response:
    """The sign-in page; whoever is signed in already goes on."""
    wanted = _next(request.query_params.get(NEXT, ""))
    if current(request) is not None:
        return redirect(wanted or HOME)
    return _page(request, wanted=wanted, notice=_STATES.get(request.query_params.get("etat", "")))


def sign_in(request: Request) -> Response:
    """Check login and password. Whatever is wrong, and whether the account exists, the answer is the same (SEC-5)."""
    form = form_of(request)
    refuse_unknown_fields(form, {LOGIN, PASSWORD, NEXT})
    login, password, wanted = form.get(LOGIN), form.get(PASSWORD), _next(form.get(NEXT))
    missing = {name: said for name, said in _MISSING.items() if not form.get(name).strip()}
    if missing:
        return _page(request, login, wanted, missing, status=422)
    database = portal_of(request).database
    known = browsers(request).name(cookies.read(request, BROWSER_COOKIE), login)
    counters = attempts.sign_in_counters(FACE, login, visitor_address(request), known)
    with database.writing(Actor.visitor()) as session:
        turn = attempts.allowed(session, counters)
    if turn.wait:
        return _page(request, login, wanted, problems=[_too_many(turn.wait)], status=429)
    # The hash is checked outside any write transaction: it takes long, on purpose.
    with database.reading() as session:
        account = accounts.authenticate(session, login, password)
    if account is None:
        hint = [_NOT_A_MAIL] if "@" in login else []
        return _page(request, login, wanted, problems=[_WRONG, *hint], status=422)
    with database.writing(accounts.actor_of(account)) as session:
        attempts.succeeded(session, turn)
        end_session(request, session)
        key = accounts.sign_in(session, account, password, request.headers.get("user-agent"))
    response = redirect(wanted or HOME)
    let_in(response, request, key, account.login)
    return response


def sign_out(request: Request) -> Response:
    """End the session, on the server and in the browser."""
    with portal_of(request).database.writing(Actor.visitor()) as session:
        end_session(request, session)
    response = redirect(f"{SIGN_IN}?etat=deconnecte")
    let_out(response, request)
    return response


def end_session(request: Request, session: Session) -> None:
    """End the session that this browser came with: signing in always starts a new one (SEC-4)."""
    old = cookies.read(request, SESSION_COOKIE)
    if old is not None:
        sessions.revoke(session, old)


_MISSING = {LOGIN: "Saisissez votre identifiant.", PASSWORD: "Saisissez votre mot de passe."}


def _page(
    request: Request,
    login: str = "",
    wanted: str = "",
    errors: dict[str, str] | None = None,
    *,
    problems: list[str] | None = None,
    notice: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    errors = errors or {}
    spec = field(Account, "login")
    login_view = FieldView.of(
        spec, login, errors.get(LOGIN), name=LOGIN, help="", example=None, autocomplete="username", width="long"
    )
    password_view = FieldView(
        PASSWORD,
        "Mot de passe",
        error=errors.get(PASSWORD),
        kind="password",
        autocomplete="current-password",
        width="long",
        attributes={"data-password": ""},
    )
    context = {
        "views": [login_view, password_view],
        "problems": problems or [],
        "notice": notice,
        "wanted": wanted,
        "start": START,
    }
    return render(request, "account/sign_in.html", context, status)


def _next(address: str) -> str:
    return address if is_private(address) else ""


def _too_many(wait: int) -> str:
    return (
        f"Trop d'essais infructueux. Réessayez dans {in_minutes(wait)}, ou choisissez un nouveau mot de passe avec "
        "« J'ai oublié mon mot de passe »."
    )


ROUTES = (
    page(SIGN_IN, show, access=Access.PUBLIC, name="sign_in"),
    page(SIGN_IN, sign_in, access=Access.PUBLIC, methods=["POST"], limits=SMALL_LIMITS, name="check_sign_in"),
    page("/deconnexion", sign_out, access=Access.PUBLIC, methods=["POST"], limits=SMALL_LIMITS, name="sign_out"),
)
