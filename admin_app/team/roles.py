"""« Rôles et droits »: the matrix of permissions as it is in force, to read."""

from __future__ import annotations

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from admin_app.menu import PageEntry, Section
from admin_app.pages import StaffPage, page
from admin_app.team import matrix
from admin_app.team.addresses import ROLES
from schema.enums import StaffRole
from web.parts import Crumb


class RolesPage(StaffPage):
    """« Rôles et droits »."""

    name = "Rôles et droits"
    entry: ClassVar[PageEntry | None] = PageEntry("Rôles et droits", ROLES, "roles", Section.team)

    @page("/roles", permission="roles")
    def show(self, request: Request) -> Response:
        """Rows are acts and tables, columns are roles."""
        context = {
            "roles": list(StaffRole),
            "groups": [matrix.acts(), *matrix.tables()],
            "crumbs": [Crumb("Équipe"), Crumb(self.name)],
        }
        return self.office.render(request, "team/roles.html", context)
