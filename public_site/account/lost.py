"""« J'ai oublié mon identifiant » and « J'ai oublié mon mot de passe »: the same answer whether an account exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from enrolment.addresses import Addresses
from enrolment.services import attempts, forgotten
from public_site.account.guard import SIGN_IN
from public_site.account.pages import in_minutes, refuse_unknown_fields
from public_site.site import portal_of, render, visitor_address
from schema.describe import FieldSpec, field
from schema.history import Actor
from schema.tables import Account
from schema.types import InvalidValue
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

_FACE = "vendor-forgotten"


@dataclass(frozen=True)
class Lost:
    """One of the two pages: what it asks for and what it sends."""

    path: str
    title: str
    lead: str
    name: str
    spec: FieldSpec
    help: str
    kind: str
    autocomplete: str
    sent: str
    then: str
    send: Callable[[Session, Addresses, str], None]

    def view(self, typed: str, error: str | None) -> FieldView:
        """Its only field."""
        return FieldView.of(
            self.spec,
            typed,
            error,
            name=self.name,
            help=self.help,
            example=None,
            kind=self.kind,
            autocomplete=self.autocomplete,
            width="long",
        )

    def show(self, request: Request) -> Response:
        """The page."""
        return self._page(request, "")

    def answer(self, request: Request) -> Response:
        """Send the mail if there is an account; say the same thing either way."""
        form = form_of(request)
        refuse_unknown_fields(form, {self.name})
        typed = form.get(self.name)
        try:
            asked = str(self.spec.clean(typed))
        except InvalidValue as error:
            return self._page(request, typed, error.message, 422)
        portal = portal_of(request)
        with portal.database.writing(Actor.visitor()) as session:
            turn = attempts.allowed(session, attempts.mail_counters(_FACE, asked, visitor_address(request)))
            if not turn.wait:
                self.send(session, portal.addresses, asked)
        if turn.wait:
            error_text = f"Vous avez fait plusieurs demandes de suite. Réessayez dans {in_minutes(turn.wait)}."
            return self._page(request, typed, error_text, 429)
        return render(request, "account/lost_sent.html", {"lost": self, "asked": asked, "sign_in": SIGN_IN})

    def _page(self, request: Request, typed: str, error: str | None = None, status: int = 200) -> Response:
        context = {"lost": self, "views": [self.view(typed, error)], "sign_in": SIGN_IN}
        return render(request, "account/lost.html", context, status)


LOGIN = Lost(
    path=f"{SIGN_IN}/identifiant-oublie",
    title="J'ai oublié mon identifiant",
    lead="Indiquez l'adresse email de votre compte : nous vous y enverrons votre identifiant.",
    name="email",
    spec=field(Account, "email"),
    help="Celle du représentant légal ou du dépositaire, donnée lors de votre demande d'enrôlement.",
    kind="email",
    autocomplete="email",
    sent="Si un compte correspond à cette adresse email, nous venons d'y envoyer son identifiant.",
    then="Revenez vous connecter avec cet identifiant et votre mot de passe.",
    send=forgotten.send_login,
)
PASSWORD = Lost(
    path=f"{SIGN_IN}/mot-de-passe-oublie",
    title="J'ai oublié mon mot de passe",
    lead="Indiquez votre identifiant : nous vous enverrons par email un lien pour choisir un nouveau mot de passe.",
    name="identifiant",
    spec=field(Account, "login"),
    help="Il vous a été envoyé par email à l'ouverture de votre compte.",
    kind="text",
    autocomplete="username",
    sent="Si un compte correspond à cet identifiant, nous venons d'envoyer un lien à son adresse email.",
    then="Suivez le lien qu'il contient, puis choisissez votre nouveau mot de passe.",
    send=forgotten.send_password_link,
)

ROUTES = tuple(
    page(lost.path, endpoint, access=Access.PUBLIC, methods=[method], limits=SMALL_LIMITS, name=f"{method} {lost.name}")
    for lost in (LOGIN, PASSWORD)
    for method, endpoint in (("GET", lost.show), ("POST", lost.answer))
)
