"""« Mon compte »: one's password and one's sessions. The second factor has pages of its own."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, sign_in
from admin_app.messages import DONE
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment.errors import NotFound
from enrolment.services import passwords, recovery_codes, sessions
from enrolment.services import staff as staff_service
from enrolment.services.accounts import PasswordRefused
from schema.enums import WebAudience
from schema.tables import StaffUser
from web.browser_names import browser_said
from web.fields import FieldView
from web.parts import Crumb
from web.routing import form_of

CURRENT, NEW, AGAIN = "mot_de_passe_actuel", "nouveau_mot_de_passe", "encore_une_fois"
PATH = "/mon-compte"
_LONGEST_KEY = 2**63 - 1


class AccountPage(StaffPage):
    """« Mon compte »."""

    name = "Mon compte"

    @page(PATH, permission="account")
    def show(self, request: Request) -> Response:
        """Who one is, and what protects one's access."""
        return self._page(request)

    @page(f"{PATH}/mot-de-passe", permission="account", methods=("POST",))
    def change_password(self, request: Request) -> Response:
        """Take another password; the other browsers are signed out."""
        staff, form = staff_of(request), form_of(request)
        address = request.client.host if request.client else ""
        problem = sign_in.password_is_right(self.office.database, staff, form.get(CURRENT), address)
        if problem is not None:
            return self._page(request, {CURRENT: problem})
        if form.get(NEW) != form.get(AGAIN):
            return self._page(request, {AGAIN: "Les deux saisies du nouveau mot de passe diffèrent."})
        try:
            with self.office.database.writing(staff.actor) as session:
                user = session.get_one(StaffUser, staff.id)
                staff_service.set_password(session, staff.actor, user, form.get(NEW), but=staff.session_key)
        except PasswordRefused as error:
            return self._page(request, {NEW: error.message})
        return _done("mot-de-passe")

    @page(f"{PATH}/sessions/{{handle:int}}/fermer", permission="account", methods=("POST",))
    def end_session(self, request: Request) -> Response:
        """Sign out one of one's other browsers."""
        staff, handle = staff_of(request), request.path_params["handle"]
        with self.office.database.writing(staff.actor) as session:
            known = 0 < handle <= _LONGEST_KEY
            if not known or not sessions.end(session, WebAudience.staff, staff.id, handle):
                raise NotFound("Cette session est déjà fermée.")
        return _done("session-fermee")

    @page(f"{PATH}/sessions/fermer-les-autres", permission="account", methods=("POST",))
    def end_others(self, request: Request) -> Response:
        """Sign out every browser but this one."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            sessions.revoke_all(session, WebAudience.staff, staff.id, but=staff.session_key)
        return _done("autres-fermees")

    def _page(self, request: Request, errors: dict[str, str] | None = None) -> Response:
        staff = staff_of(request)
        with self.office.database.reading() as session:
            user = session.get_one(StaffUser, staff.id)
            opened = sessions.open_ones(session, WebAudience.staff, staff.id, staff.session_key)
        context = {
            "user": user,
            "fields": _password_fields(errors or {}),
            "rules": _rules(user),
            "opened": [(one, browser_said(one.browser)) for one in opened],
            "remaining_codes": recovery_codes.remaining(user),
            "has_second_factor": user.totp_confirmed_at is not None,
            "base": addresses.ACCOUNT,
            "second_factor_url": addresses.SECOND_FACTOR,
            "crumbs": [Crumb("Mon compte")],
        }
        return self.office.render(request, "account/account.html", context, 422 if errors else 200)


def _rules(user: StaffUser) -> Sequence[str]:
    return passwords.rules(staff_service.owner(user))


def _password_fields(errors: dict[str, str]) -> list[FieldView]:
    said = (
        (CURRENT, "Mot de passe actuel", "current-password"),
        (NEW, "Nouveau mot de passe", "new-password"),
        (AGAIN, "Nouveau mot de passe, encore une fois", "new-password"),
    )
    return [
        FieldView(name, label, kind="password", autocomplete=autocomplete, error=errors.get(name), max_length=200)
        for name, label, autocomplete in said
    ]


def _done(word: str) -> Response:
    return RedirectResponse(addresses.with_query(addresses.ACCOUNT, {DONE: word}), 303)
