"""« Équipe et sessions »: who is in, with what browser, and the acts by which an administrator closes an access."""

from __future__ import annotations

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, sign_in
from admin_app.menu import PageEntry, Section
from admin_app.messages import DONE
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.staff import staff_of
from admin_app.team import addresses as team_addresses
from admin_app.team import welcoming
from enrolment.errors import NotFound, Refused
from enrolment.services import second_factor, sessions, staff_links, taking, team
from schema.enums import WebAudience
from web.browser_names import browser_said
from web.fields import FieldView
from web.parts import Crumb
from web.routing import form_of

PATH, MEMBER = "/sessions", "/sessions/membres/{staff_id:int}"
PASSWORD, HEIR = "mot_de_passe", "dossiers"
FACTOR_PASSWORD, LINK_PASSWORD = f"facteur_{PASSWORD}", f"lien_{PASSWORD}"
QUEUE = "file"
_LARGEST_KEY = 2**31 - 1


class SessionsPage(StaffPage):
    """« Équipe et sessions »."""

    name = "Équipe et sessions"
    entry: ClassVar[PageEntry | None] = PageEntry("Équipe et sessions", team_addresses.SESSIONS, "team", Section.team)

    @page(PATH, permission="team")
    def show(self, request: Request) -> Response:
        """Everybody, then every signed-in browser."""
        staff = staff_of(request)
        with self.office.database.reading() as session:
            members, live = team.members(session), team.live(session)
        context = {
            "members": members,
            "live": [(one, browser_said(one.browser)) for one in live],
            "addresses": team_addresses,
            "new_url": addresses.create("staff_user") if staff.may("staff_user", Right.create) else None,
            "crumbs": [Crumb("Équipe"), Crumb(self.name)],
        }
        return self.office.render(request, "team/sessions.html", context)

    @page(f"{PATH}/{{handle:int}}/fermer", permission="team", methods=("POST",))
    def end(self, request: Request) -> Response:
        """Sign somebody's browser out."""
        staff, handle = staff_of(request), request.path_params["handle"]
        with self.office.database.writing(staff.actor) as session:
            team.end_session(session, handle if 0 < handle <= _LARGEST_KEY else 0)
        return _back(team_addresses.SESSIONS, "session-fermee")

    @page(MEMBER, permission="team")
    def member(self, request: Request) -> Response:
        """One member: their access and what can be done about it."""
        return self._member_page(request)

    @page(f"{MEMBER}/fermer", permission="team", methods=("POST",))
    def end_all(self, request: Request) -> Response:
        """Sign somebody out everywhere."""
        staff, key = staff_of(request), _key(request)
        with self.office.database.writing(staff.actor) as session:
            team.member(session, key)
            kept = staff.session_key if key == staff.id else None
            sessions.revoke_all(session, WebAudience.staff, key, but=kept)
        return _back(team_addresses.member(key), "sessions-fermees")

    @page(f"{MEMBER}/desactiver", permission="team", methods=("POST",))
    def disable(self, request: Request) -> Response:
        """Close an access; the files go to a colleague or back to the queue."""
        staff, key = staff_of(request), _key(request)
        if problem := self._password_problem(request):
            return self._member_page(request, {PASSWORD: problem})
        typed = form_of(request).get(HEIR)
        if typed != QUEUE and not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
            return self._member_page(request, {HEIR: "Choisissez qui reprend les dossiers de cet agent."})
        try:
            with self.office.database.writing(staff.actor, "Agent désactivé") as session:
                team.disable(session, staff.actor, key, to_id=None if typed == QUEUE else int(typed))
        except Refused as error:
            return self._member_page(request, {HEIR: error.message})
        return _back(team_addresses.member(key), "agent-desactive")

    @page(f"{MEMBER}/activer", permission="team", methods=("POST",))
    def enable(self, request: Request) -> Response:
        """Open an access again."""
        staff, key = staff_of(request), _key(request)
        if problem := self._password_problem(request):
            return self._member_page(request, {PASSWORD: problem})
        with self.office.database.writing(staff.actor, "Agent réactivé") as session:
            team.enable(session, staff.actor, key)
        return _back(team_addresses.member(key), "agent-reactive")

    @page(f"{MEMBER}/second-facteur", permission="team", methods=("POST",))
    def reset_second_factor(self, request: Request) -> Response:
        """Take away the second factor of who has lost their telephone."""
        staff, key = staff_of(request), _key(request)
        if problem := self._password_problem(request, FACTOR_PASSWORD):
            return self._member_page(request, {FACTOR_PASSWORD: problem})
        if key == staff.id:
            raise Refused("Pour votre propre second facteur, passez par « Mon compte ».")
        with self.office.database.writing(staff.actor, "Second facteur retiré par un administrateur") as session:
            second_factor.remove(session, staff.actor, key)
        return _back(team_addresses.member(key), "facteur-retire")

    @page(f"{MEMBER}/lien", permission="team", methods=("POST",))
    def give_link(self, request: Request) -> Response:
        """Give a one-time link to choose a password: by mail, or shown this once where no mail server is set."""
        staff, key = staff_of(request), _key(request)
        if problem := self._password_problem(request, LINK_PASSWORD):
            return self._member_page(request, {LINK_PASSWORD: problem})
        is_mailed = welcoming.by_mail(self.office)
        with self.office.database.writing(staff.actor, "Lien de mot de passe") as session:
            user = team.member(session, key).user
            given = staff_links.give(session, staff.actor, user, self.office.portal.addresses, mailed=is_mailed)
        if is_mailed:
            return _back(team_addresses.member(key), "lien-envoye")
        response = self._member_page(request, given=given)
        response.headers["cache-control"] = "no-store"
        return response

    @page(f"{MEMBER}/lien/annuler", permission="team", methods=("POST",))
    def revoke_link(self, request: Request) -> Response:
        """Make the link that was given worthless."""
        staff, key = staff_of(request), _key(request)
        with self.office.database.writing(staff.actor, "Lien de mot de passe annulé") as session:
            staff_links.revoke(session, staff.actor, team.member(session, key).user)
        return _back(team_addresses.member(key), "lien-annule")

    def _password_problem(self, request: Request, name: str = PASSWORD) -> str | None:
        address = request.client.host if request.client else ""
        return sign_in.password_is_right(self.office.database, staff_of(request), form_of(request).get(name), address)

    def _member_page(
        self, request: Request, errors: dict[str, str] | None = None, given: staff_links.Given | None = None
    ) -> Response:
        errors, staff = errors or {}, staff_of(request)
        with self.office.database.reading() as session:
            found = team.member(session, _key(request))
            live = team.live(session, found.user.id)
            link_until = staff_links.until(session, found.user)
            colleagues = [one for one in taking.managers(session) if one.id != found.user.id]
        choices = [
            (QUEUE, "Rendus à la file d'attente"),
            *((str(one.id), f"Confiés à {one.first_name} {one.last_name}") for one in colleagues),
        ]
        context = {
            "member": found,
            "is_oneself": found.user.id == staff.id,
            "live": [(one, browser_said(one.browser)) for one in live],
            "heir": FieldView(
                HEIR, "Ses dossiers en cours", kind="select", choices=choices, value=QUEUE, error=errors.get(HEIR)
            ),
            "password": _password(PASSWORD, errors),
            "factor_password": _password(FACTOR_PASSWORD, errors),
            "link_password": _password(LINK_PASSWORD, errors),
            "link_until": link_until,
            "given": given,
            "by_mail": welcoming.by_mail(self.office),
            "edit_url": addresses.edit("staff_user", found.user.id) if staff.may("staff_user", Right.edit) else None,
            "here": team_addresses.member(found.user.id),
            "account_url": addresses.ACCOUNT,
            "addresses": team_addresses,
            "crumbs": [Crumb("Équipe"), Crumb(self.name, team_addresses.SESSIONS), Crumb(found.name)],
        }
        return self.office.render(request, "team/member.html", context, 422 if errors else 200)


def _password(name: str, errors: dict[str, str]) -> FieldView:
    return FieldView(
        name, "Votre mot de passe", kind="password", autocomplete="current-password", error=errors.get(name)
    )


def _key(request: Request) -> int:
    key: int = request.path_params["staff_id"]
    if not 0 < key <= _LARGEST_KEY:
        raise NotFound("Cet agent n'existe pas ou n'existe plus.")
    return key


def _back(path: str, word: str) -> Response:
    return RedirectResponse(addresses.with_query(path, {DONE: word}), 303)
