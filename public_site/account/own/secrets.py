"""Changing one's password or mail address: the present password is asked again, and guessing it is slowed (SEC-6)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import Refused
from enrolment.services import accounts, attempts, email_change, passwords
from enrolment.services.accounts import PasswordRefused, WrongPassword
from public_site.account.guard import visitor_of
from public_site.account.pages import in_minutes, refuse_unknown_fields
from public_site.pace import wait_message
from public_site.private.addresses import ACCOUNT
from public_site.private.frame import private_page
from public_site.site import portal_of, redirect, visitor_address
from schema.describe import field
from schema.tables import Account
from schema.types import InvalidValue
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

CURRENT, NEW, AGAIN, EMAIL = "mot_de_passe_actuel", "nouveau_mot_de_passe", "confirmation", "email"
_MAIL_FACE = "email-change"
_DIFFERENT = "Les deux mots de passe ne sont pas identiques : saisissez le même deux fois."
_INVALID = 422


def show_password(request: Request) -> Response:
    """The form to change one's password."""
    return _password_page(request, {})


def save_password(request: Request) -> Response:
    """Change it; every other browser is signed out."""
    form = form_of(request)
    refuse_unknown_fields(form, {CURRENT, NEW, AGAIN})
    current, new = form.get(CURRENT), form.get(NEW)
    visitor, portal = visitor_of(request), portal_of(request)
    errors: dict[str, str] = {}
    if not current:
        errors[CURRENT] = "Saisissez votre mot de passe actuel."
    problems = passwords.check(new, accounts.password_owner(visitor.account))
    if problems:
        errors[NEW] = " ".join(problems)
    if new != form.get(AGAIN):
        errors[AGAIN] = _DIFFERENT
    if errors:
        return _password_page(request, errors, _INVALID)
    waited = _wrong_password(request, current)
    if waited is not None:
        return _password_page(request, {CURRENT: waited[0]}, waited[1])
    try:
        with portal.database.writing(visitor.actor) as session:
            accounts.change_password(session, visitor.account.id, current, new, portal.addresses, key=visitor.key)
    except WrongPassword as error:
        return _password_page(request, {CURRENT: error.message}, _INVALID)
    except PasswordRefused as error:
        return _password_page(request, {NEW: error.message}, _INVALID)
    return redirect(f"{ACCOUNT}?etat=mot-de-passe")


def show_email(request: Request) -> Response:
    """The form to change one's mail address."""
    return _email_page(request, "", {})


def ask_email(request: Request) -> Response:
    """Ask for the change; the answer is the same whether the address is another account's or not."""
    form = form_of(request)
    refuse_unknown_fields(form, {EMAIL, CURRENT})
    typed = form.get(EMAIL)
    visitor, portal = visitor_of(request), portal_of(request)
    errors: dict[str, str] = {}
    email = ""
    try:
        email = str(field(Account, "email").clean(typed))
    except InvalidValue as error:
        errors[EMAIL] = error.message if typed.strip() else "Saisissez votre nouvelle adresse email."
    if not form.get(CURRENT):
        errors[CURRENT] = "Saisissez votre mot de passe."
    if errors:
        return _email_page(request, typed, errors, _INVALID)
    waited = _wrong_password(request, form.get(CURRENT))
    if waited is not None:
        return _email_page(request, typed, {CURRENT: waited[0]}, waited[1])
    try:
        with portal.database.writing(visitor.actor) as session:
            turn = attempts.allowed(session, attempts.mail_counters(_MAIL_FACE, email, visitor_address(request)))
            if not turn.wait:
                account = session.get_one(Account, visitor.account.id)
                email_change.ask(session, account, email, portal.addresses)
    except Refused as error:
        return _email_page(request, typed, {EMAIL: error.message}, _INVALID)
    if turn.wait:
        return _email_page(request, typed, {EMAIL: wait_message(turn.wait)}, 429)
    return redirect(f"{ACCOUNT}?etat=email")


def send_again(request: Request) -> Response:
    """Send the confirmation links again."""
    refuse_unknown_fields(form_of(request), ())
    visitor, portal = visitor_of(request), portal_of(request)
    with portal.database.writing(visitor.actor) as session:
        counters = attempts.mail_counters(_MAIL_FACE, f"again-{visitor.account.id}", visitor_address(request))
        turn = attempts.allowed(session, counters)
        if not turn.wait:
            account = session.get_one(Account, visitor.account.id)
            email_change.send_again(session, account, portal.addresses)
    if turn.wait:
        raise Refused(wait_message(turn.wait), 429)
    return redirect(f"{ACCOUNT}?etat=email")


def cancel_email(request: Request) -> Response:
    """Forget the change."""
    refuse_unknown_fields(form_of(request), ())
    visitor = visitor_of(request)
    with portal_of(request).database.writing(visitor.actor) as session:
        email_change.cancel(session, visitor.account.id)
    return redirect(f"{ACCOUNT}?etat=annule")


def _wrong_password(request: Request, typed: str) -> tuple[str, int] | None:
    """Why the present password is not taken, and the status to answer with; None when it is right."""
    visitor, database = visitor_of(request), portal_of(request).database
    with database.writing(visitor.actor) as session:
        turn = attempts.allowed(session, attempts.password_counters(visitor.account.id))
    if turn.wait:
        return f"Trop d'essais infructueux. Réessayez dans {in_minutes(turn.wait)}.", 429
    # The hash is checked outside any write transaction: it takes long, on purpose.
    if not passwords.verify(visitor.account.password_hash, typed):
        return WrongPassword().message, _INVALID
    with database.writing(visitor.actor) as session:
        attempts.succeeded(session, turn)
    return None


def _password_page(request: Request, errors: Mapping[str, str], status: int = 200) -> Response:
    visitor = visitor_of(request)
    views = [
        _password_view(CURRENT, "Mot de passe actuel", errors, "current-password"),
        _password_view(NEW, "Nouveau mot de passe", errors, "new-password"),
        _password_view(AGAIN, "Confirmation du nouveau mot de passe", errors, "new-password"),
    ]
    rules = passwords.rules(accounts.password_owner(visitor.account))
    context = {"views": views, "rules": rules, "base": ACCOUNT}
    return private_page(request, "account/own/password.html", context, status)


def _email_page(request: Request, typed: str, errors: Mapping[str, str], status: int = 200) -> Response:
    email = FieldView.of(
        field(Account, "email"),
        typed,
        errors.get(EMAIL),
        name=EMAIL,
        label="Nouvelle adresse email",
        help="Nous y enverrons un lien, ainsi qu'à votre adresse actuelle : le changement se fait quand les deux "
        "l'ont confirmé.",
        example=None,
        kind="email",
        autocomplete="email",
        width="long",
    )
    views = [email, _password_view(CURRENT, "Mot de passe actuel", errors, "current-password")]
    return private_page(request, "account/own/email.html", {"views": views, "base": ACCOUNT}, status)


def _password_view(name: str, label: str, errors: Mapping[str, str], autocomplete: str) -> FieldView:
    return FieldView(
        name,
        label,
        error=errors.get(name),
        kind="password",
        autocomplete=autocomplete,
        width="long",
        attributes={"data-password": ""},
    )


ROUTES = (
    page(f"{ACCOUNT}/mot-de-passe", show_password, access=Access.ACCOUNT, name="change_password"),
    page(f"{ACCOUNT}/email", show_email, access=Access.ACCOUNT, name="change_email"),
    *(
        page(f"{ACCOUNT}/{part}", endpoint, access=Access.ACCOUNT, methods=["POST"], limits=SMALL_LIMITS, name=name)
        for part, endpoint, name in (
            ("mot-de-passe", save_password, "save_password"),
            ("email", ask_email, "ask_email_change"),
            ("email/renvoyer", send_again, "send_email_change_again"),
            ("email/annuler", cancel_email, "cancel_email_change"),
        )
    ),
)
