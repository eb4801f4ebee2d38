"""The one-time link of a mail: choosing a first password, or a new one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from enrolment.links import ExpiredLink, InvalidLink
from enrolment.services import accounts, passwords
from public_site.account.guard import HOME, SIGN_IN, let_in
from public_site.account.lost import PASSWORD as LOST_PASSWORD
from public_site.account.pages import refuse_unknown_fields
from public_site.account.sign_in import end_session
from public_site.site import portal_of, redirect, render
from schema.tables import Account
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

PATH = "/mot-de-passe/{token}"
BY_LINK = Access("password_link")
LOGIN, NEW, AGAIN = "identifiant", "nouveau_mot_de_passe", "confirmation"
_DIFFERENT = "Les deux mots de passe ne sont pas identiques : saisissez le même deux fois."


def link_gate(request: Request, access: Access) -> Response | None:
    """The gate of these pages: the link must be ours, not too old and not yet used, else the page says what to do."""
    del access
    portal = portal_of(request)
    try:
        with portal.database.reading() as session:
            account = accounts.account_of_link(session, portal.links, request.path_params["token"])
    except (InvalidLink, ExpiredLink) as error:
        is_expired = isinstance(error, ExpiredLink)
        context = {"is_expired": is_expired, "lost_password": LOST_PASSWORD.path, "sign_in": SIGN_IN}
        return render(request, "account/dead_link.html", context, error.http_status)
    request.state.account = account
    return None


def show(request: Request) -> Response:
    """The page behind the link. Opening it uses nothing up: mail programs open links too."""
    return _page(request)


def choose(request: Request) -> Response:
    """Keep the password, and sign in: whoever holds the link has shown that the mailbox is theirs."""
    form = form_of(request)
    refuse_unknown_fields(form, {LOGIN, NEW, AGAIN})
    account: Account = request.state.account
    password, again = form.get(NEW), form.get(AGAIN)
    errors = _errors(password, again, account)
    if errors:
        return _page(request, errors, 422)
    portal = portal_of(request)
    with portal.database.writing(accounts.actor_of(account)) as session:
        account = accounts.create_password(session, portal.links, request.path_params["token"], password)
        end_session(request, session)
        key = accounts.sign_in(session, account, password, request.headers.get("user-agent"))
    response = redirect(f"{HOME}?etat=mot-de-passe")
    let_in(response, request, key, account.login)
    return response


def _errors(password: str, again: str, account: Account) -> dict[str, str]:
    errors: dict[str, str] = {}
    problems = passwords.check(password, accounts.password_owner(account))
    if problems:
        errors[NEW] = " ".join(problems)
    if password != again:
        errors[AGAIN] = _DIFFERENT
    return errors


def _page(request: Request, errors: dict[str, str] | None = None, status: int = 200) -> Response:
    errors = errors or {}
    account: Account = request.state.account
    # The login is shown to password managers, which keep it with the password; what is sent back is ignored.
    login = FieldView(LOGIN, "Identifiant", value=account.login, autocomplete="username", read_only=True, width="long")
    views = [login] + [
        FieldView(
            name,
            label,
            help=help_,
            error=errors.get(name),
            kind="password",
            autocomplete="new-password",
            width="long",
            attributes={"data-password": ""},
        )
        for name, label, help_ in (
            (NEW, "Mot de passe", ""),
            (AGAIN, "Confirmation du mot de passe", "Saisissez-le une seconde fois."),
        )
    ]
    context = {
        "views": views,
        "is_first": account.password_hash is None,
        "rules": passwords.rules(accounts.password_owner(account)),
    }
    return render(request, "account/password.html", context, status)


ROUTES = (
    page(PATH, show, access=BY_LINK, name="password"),
    page(PATH, choose, access=BY_LINK, methods=["POST"], limits=SMALL_LIMITS, name="choose_password"),
)
