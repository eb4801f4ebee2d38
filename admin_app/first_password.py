"""The page behind the one-time link of a member of the staff: they choose a password, then sign in with it.

Opening the page uses nothing up, since mail programs open links too; and it opens no session, since whoever holds a
mail has not given a second factor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses
from admin_app.messages import DONE
from enrolment.errors import DomainError
from enrolment.links import ExpiredLink, InvalidLink
from enrolment.services import passwords, staff, staff_links
from enrolment.services.accounts import PasswordRefused
from schema.tables import StaffUser
from web.fields import FieldView
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice

PATH = "/mot-de-passe/{token}"
NEW, AGAIN = "nouveau_mot_de_passe", "encore_une_fois"


def show(office: BackOffice, request: Request) -> Response:
    """The rules and the two fields; or why the link cannot serve."""
    return _page(office, request)


def submit(office: BackOffice, request: Request) -> Response:
    """Keep the password, which uses the link up."""
    form = form_of(request)
    if form.get(NEW) != form.get(AGAIN):
        return _page(office, request, {AGAIN: "Les deux saisies du mot de passe diffèrent."})
    try:
        user = _owner(office, request)
        with office.database.writing(staff.actor_of(user), "Mot de passe choisi par lien") as session:
            staff_links.choose(session, office.portal.links, _token(request), form.get(NEW))
    except PasswordRefused as error:
        return _page(office, request, {NEW: error.message})
    except (InvalidLink, ExpiredLink) as error:
        return _dead(office, request, error)
    return RedirectResponse(addresses.with_query(addresses.SIGN_IN, {DONE: "mot-de-passe-choisi"}), 303)


def _page(office: BackOffice, request: Request, errors: dict[str, str] | None = None) -> Response:
    errors = errors or {}
    try:
        user = _owner(office, request)
    except (InvalidLink, ExpiredLink) as error:
        return _dead(office, request, error)
    said = ((NEW, "Mot de passe"), (AGAIN, "Mot de passe, encore une fois"))
    context = {
        "user": user,
        "rules": passwords.rules(staff.owner(user)),
        "fields": [
            FieldView(
                name,
                label,
                kind="password",
                autocomplete="new-password",
                error=errors.get(name),
                max_length=passwords.LONGEST,
            )
            for name, label in said
        ],
        "here": request.url.path,
    }
    return office.render(request, "account/first_password.html", context, 422 if errors else 200)


def _dead(office: BackOffice, request: Request, error: DomainError) -> Response:
    context = {"is_expired": isinstance(error, ExpiredLink)}
    return office.render(request, "account/dead_link.html", context, error.http_status)


def _owner(office: BackOffice, request: Request) -> StaffUser:
    with office.database.reading() as session:
        return staff_links.owner_of(session, office.portal.links, _token(request))


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token
