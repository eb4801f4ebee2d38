"""« Rôles et droits »: the matrix of permissions in force, and what administrators take from a role (SEC-18)."""

from __future__ import annotations

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app import addresses, sign_in
from admin_app.menu import PageEntry, Section
from admin_app.messages import DONE
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from admin_app.team import matrix
from admin_app.team.addresses import ROLES, role_rights
from enrolment.errors import NotFound
from enrolment.services import withdrawals
from schema.enums import StaffRole
from web.fields import FieldView
from web.parts import Crumb
from web.routing import form_of

RIGHT, PASSWORD = "droit", "mot_de_passe"


class RolesPage(StaffPage):
    """« Rôles et droits »."""

    name = "Rôles et droits"
    entry: ClassVar[PageEntry | None] = PageEntry("Rôles et droits", ROLES, "roles", Section.team)

    @page("/roles", permission="roles")
    def show(self, request: Request) -> Response:
        """Rows are acts and tables, columns are roles."""
        with self.office.database.reading() as session:
            taken = {role: withdrawals.of_role(session, role) for role in StaffRole}
        context = {
            "roles": [(role, role_rights(role)) for role in StaffRole],
            "groups": [*matrix.acts(taken), *matrix.tables(taken)],
            "acts": matrix.count_of_acts(),
            "crumbs": [Crumb("Équipe"), Crumb(self.name)],
        }
        return self.office.render(request, "team/roles.html", context)

    @page("/roles/{role}", permission="roles")
    def role(self, request: Request) -> Response:
        """The rights of a role, each with a box."""
        role = _role(request)
        with self.office.database.reading() as session:
            withdrawn = withdrawals.of_role(session, role)
        return self._role_page(request, role, withdrawn)

    @page("/roles/{role}", permission="roles", methods=("POST",))
    def save(self, request: Request) -> Response:
        """Take away what is not ticked, give back what is: in force at the next page of anybody."""
        staff, role, form = staff_of(request), _role(request), form_of(request)
        wanted = matrix.taken_by(role, [value for name, value in form.texts if name == RIGHT])
        address = request.client.host if request.client else ""
        problem = sign_in.password_is_right(self.office.database, staff, form.get(PASSWORD), address)
        if problem is not None:
            return self._role_page(request, role, frozenset(wanted), problem)
        with self.office.database.writing(staff.actor, f"Droits du rôle {role.label}") as session:
            withdrawals.replace(session, staff.actor, role, wanted)
        return RedirectResponse(addresses.with_query(ROLES, {DONE: "droits"}), 303)

    def _role_page(
        self, request: Request, role: StaffRole, withdrawn: frozenset[tuple[str, str]], problem: str | None = None
    ) -> Response:
        password = FieldView(
            PASSWORD,
            "Votre mot de passe",
            help="Demandé avant un changement sensible.",
            kind="password",
            autocomplete="current-password",
            error=problem,
        )
        context = {
            "role": role,
            "groups": matrix.boxes(role, withdrawn),
            "acts": matrix.count_of_acts(role),
            "right_name": RIGHT,
            "password": password,
            "here": role_rights(role),
            "back": ROLES,
            "crumbs": [Crumb("Équipe"), Crumb(self.name, ROLES), Crumb(role.label)],
        }
        return self.office.render(request, "team/role.html", context, 422 if problem else 200)


def _role(request: Request) -> StaffRole:
    try:
        return StaffRole(request.path_params["role"])
    except ValueError as error:
        raise NotFound("Ce rôle n'existe pas.") from error
