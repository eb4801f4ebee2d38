"""The page « Mon compte », and its small forms: phone, devices."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import NotFound
from enrolment.services import email_change, sessions
from public_site.account.guard import SIGN_IN, let_out, visitor_of
from public_site.account.pages import refuse_unknown_fields
from public_site.private.addresses import ACCOUNT
from public_site.private.frame import private_page
from public_site.site import portal_of, redirect
from schema.describe import field
from schema.enums import WebAudience
from schema.tables import Account
from schema.types import InvalidValue, Phone, show_as
from web.browser_names import browser_said
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

PHONE, SESSION = "telephone", "appareil"
_DONE = {
    "telephone": "Votre numéro de téléphone est enregistré.",
    "mot-de-passe": "Votre mot de passe est changé. Vos autres appareils sont déconnectés.",
    "email": "Les messages de confirmation sont partis aux deux adresses.",
    "annule": "Le changement d'adresse est annulé.",
    "appareil": "L'appareil est déconnecté.",
    "autres": "Tous vos autres appareils sont déconnectés.",
}


def show(request: Request) -> Response:
    """Who one is, how one is reached, and where one is signed in."""
    return _page(request)


def save_phone(request: Request) -> Response:
    """Keep another phone number."""
    form = form_of(request)
    refuse_unknown_fields(form, {PHONE})
    typed = form.get(PHONE)
    visitor = visitor_of(request)
    try:
        phone = field(Account, "phone").clean(typed)
    except InvalidValue as error:
        return _page(request, typed, error.message, 422)
    with portal_of(request).database.writing(visitor.actor) as session:
        account = session.get_one(Account, visitor.account.id)
        account.phone = phone
        session.add(account)
    return redirect(f"{ACCOUNT}?etat=telephone")


def end_one(request: Request) -> Response:
    """Sign one browser out."""
    form = form_of(request)
    refuse_unknown_fields(form, {SESSION})
    typed = form.get(SESSION)
    visitor = visitor_of(request)
    handle = int(typed) if re.fullmatch(r"[0-9]{1,9}", typed) else 0
    with portal_of(request).database.writing(visitor.actor) as session:
        if not sessions.end(session, WebAudience.vendor, visitor.account.id, handle):
            raise NotFound("Cet appareil n'est plus connecté à votre compte. Rechargez la page.")
    return redirect(f"{ACCOUNT}?etat=appareil#appareils")


def end_others(request: Request) -> Response:
    """Sign every other browser out."""
    refuse_unknown_fields(form_of(request), ())
    visitor = visitor_of(request)
    with portal_of(request).database.writing(visitor.actor) as session:
        sessions.revoke_all(session, WebAudience.vendor, visitor.account.id, but=visitor.key)
    return redirect(f"{ACCOUNT}?etat=autres#appareils")


def end_all(request: Request) -> Response:
    """« Se déconnecter partout », this browser included."""
    refuse_unknown_fields(form_of(request), ())
    visitor = visitor_of(request)
    with portal_of(request).database.writing(visitor.actor) as session:
        sessions.revoke_all(session, WebAudience.vendor, visitor.account.id)
    response = redirect(f"{SIGN_IN}?etat=deconnecte")
    let_out(response, request)
    return response


def _page(request: Request, typed: str | None = None, error: str | None = None, status: int = 200) -> Response:
    visitor = visitor_of(request)
    with portal_of(request).database.reading() as session:
        account = session.get_one(Account, visitor.account.id)
        change = email_change.pending(session, account.id)
        opened = sessions.open_ones(session, WebAudience.vendor, account.id, visitor.key)
    phone = show_as(Phone, account.phone) if account.phone else ""
    view = FieldView.of(
        field(Account, "phone"),
        phone if typed is None else typed,
        error,
        name=PHONE,
        kind="tel",
        autocomplete="tel",
        help="Pour vous joindre au sujet de vos demandes.",
        width="medium",
    )
    context = {
        "account": account,
        "phone": view,
        "change": change,
        "sessions": [(one, browser_said(one.browser)) for one in opened],
        "done": _DONE.get(request.query_params.get("etat", "")),
        "base": ACCOUNT,
    }
    return private_page(request, "account/own/profile.html", context, status)


ROUTES = (
    page(ACCOUNT, show, access=Access.ACCOUNT, name="account"),
    *(
        page(f"{ACCOUNT}/{part}", endpoint, access=Access.ACCOUNT, methods=["POST"], limits=SMALL_LIMITS, name=name)
        for part, endpoint, name in (
            ("telephone", save_phone, "save_phone"),
            ("appareils/un", end_one, "end_session"),
            ("appareils/autres", end_others, "end_other_sessions"),
            ("appareils/tous", end_all, "end_all_sessions"),
        )
    ),
)
