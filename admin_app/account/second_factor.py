"""The pages where one's second factor is set up and taken away (SEC-5). The drawn code comes from a route of ours."""

from __future__ import annotations

import io
from collections.abc import Sequence

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, sign_in
from admin_app.messages import DONE, said
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment.errors import NotFound, Refused
from enrolment.sealed_secrets import SealedSecrets
from enrolment.services import attempts, recovery_codes, second_factor
from schema.history import Actor
from schema.tables import StaffUser
from web.fields import FieldView
from web.parts import Crumb
from web.routing import form_of

PATH = "/mon-compte/second-facteur"
PASSWORD, CODE, CODES_PASSWORD = "mot_de_passe", "code", "mot_de_passe_codes"
_WRONG = "Ce code n'est pas le bon. Vérifiez l'heure de votre téléphone, puis saisissez le code affiché maintenant."


class SecondFactorPage(StaffPage):
    """« Second facteur »."""

    name = "Second facteur"

    @page(PATH, permission="account")
    def show(self, request: Request) -> Response:
        """Where one stands: none, waiting for its first code, or in place."""
        return self._page(request)

    @page(f"{PATH}/commencer", permission="account", methods=("POST",))
    def begin(self, request: Request) -> Response:
        """Draw a secret. Who is made to set one up has given the password a moment ago: it is not asked again."""
        staff = staff_of(request)
        if not staff.must_enrol and (problem := self._password_problem(request)):
            return self._page(request, {PASSWORD: problem})
        with self.office.database.writing(staff.actor) as session:
            second_factor.begin(session, staff.actor, staff.id, self._seals)
        return RedirectResponse(addresses.SECOND_FACTOR, 303)

    @page(PATH, permission="account", methods=("POST",))
    def confirm(self, request: Request) -> Response:
        """Put it in force with its first code."""
        staff, code = staff_of(request), form_of(request).get(CODE)[:20]
        turn, wait = sign_in.code_is_allowed(self.office.database, staff, _address(request))
        if wait is not None:
            return self._page(request, {CODE: wait}, 429)
        with self.office.database.writing(staff.actor) as session:
            right = second_factor.confirm(session, staff.actor, staff.id, self._seals, code, key=staff.session_key)
            codes = recovery_codes.renew(session, staff.actor, staff.id) if right else ()
        if not right:
            return self._page(request, {CODE: _WRONG})
        with self.office.database.writing(Actor.system()) as session:
            attempts.succeeded(session, turn)
        return self._codes_page(request, codes, "second-facteur")

    @page(f"{PATH}/codes", permission="account", methods=("POST",))
    def renew_codes(self, request: Request) -> Response:
        """Draw ten new recovery codes, after the password was given again."""
        staff = staff_of(request)
        if problem := self._password_problem(request, CODES_PASSWORD):
            return self._page(request, {CODES_PASSWORD: problem})
        with self.office.database.writing(staff.actor, "Nouveaux codes de secours") as session:
            codes = recovery_codes.renew(session, staff.actor, staff.id)
        return self._codes_page(request, codes, "codes-de-secours")

    @page(f"{PATH}/retirer", permission="account", methods=("POST",))
    def remove(self, request: Request) -> Response:
        """Take it away, unless it is required."""
        staff = staff_of(request)
        if self.office.portal.settings.staff_second_factor == "required":
            raise Refused(
                "Un second facteur est obligatoire sur ce portail. Demandez à un administrateur de retirer le vôtre."
            )
        if problem := self._password_problem(request):
            return self._page(request, {PASSWORD: problem})
        with self.office.database.writing(staff.actor) as session:
            second_factor.remove(session, staff.actor, staff.id)
        return _done("second-facteur-retire")

    @page(f"{PATH}/code.svg", permission="account")
    def drawn(self, request: Request) -> Response:
        """The secret as a code to scan, while it waits for its first code."""
        user, secret = self._pending(request)
        if secret is None:
            raise NotFound("Il n'y a pas de code à scanner : mettez d'abord en place un second facteur.")
        issuer = f"{self.office.portal.settings.operator_short} enrôlement"
        out = io.BytesIO()
        segno.make(second_factor.address(secret, user.email, issuer), error="m").save(out, kind="svg", scale=5)
        return Response(out.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"})

    @property
    def _seals(self) -> SealedSecrets:
        return SealedSecrets(self.office.portal.settings.secret_key.get_secret_value())

    def _pending(self, request: Request) -> tuple[StaffUser, str | None]:
        with self.office.database.reading() as session:
            user = session.get_one(StaffUser, staff_of(request).id)
        return user, second_factor.pending(user, self._seals)

    def _codes_page(self, request: Request, codes: Sequence[str], done: str) -> Response:
        """The codes, once: they are kept nowhere in clear, and no address leads back to them."""
        context = {
            "codes": codes,
            "done": said(done),
            "home_url": addresses.HOME,
            "account_url": addresses.ACCOUNT,
            "crumbs": [
                Crumb("Mon compte", addresses.ACCOUNT),
                Crumb("Second facteur", addresses.SECOND_FACTOR),
                Crumb("Codes de secours"),
            ],
        }
        response = self.office.render(request, "account/recovery_codes.html", context)
        response.headers["cache-control"] = "no-store"
        return response

    def _password_problem(self, request: Request, name: str = PASSWORD) -> str | None:
        typed = form_of(request).get(name)
        return sign_in.password_is_right(self.office.database, staff_of(request), typed, _address(request))

    def _page(self, request: Request, errors: dict[str, str] | None = None, status: int = 422) -> Response:
        user, secret = self._pending(request)
        errors = errors or {}
        password, codes_password = (
            FieldView(
                name,
                "Votre mot de passe",
                help="Demandé avant un changement sensible.",
                kind="password",
                autocomplete="current-password",
                error=errors.get(name),
            )
            for name in (PASSWORD, CODES_PASSWORD)
        )
        code = FieldView(
            CODE,
            "Code à six chiffres",
            help="Celui que votre application affiche en ce moment.",
            input_mode="numeric",
            autocomplete="one-time-code",
            max_length=20,
            width="short",
            error=errors.get(CODE),
        )
        context = {
            "user": user,
            "is_required": self.office.portal.settings.staff_second_factor == "required",
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)) if secret else None,
            "password": password,
            "codes_password": codes_password,
            "remaining": recovery_codes.remaining(user),
            "code": code,
            "base": addresses.SECOND_FACTOR,
            "account_url": addresses.ACCOUNT,
            "crumbs": [Crumb("Mon compte", addresses.ACCOUNT), Crumb("Second facteur")],
        }
        return self.office.render(request, "account/second_factor.html", context, status if errors else 200)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _done(word: str) -> Response:
    return RedirectResponse(addresses.with_query(addresses.ACCOUNT, {DONE: word}), 303)
