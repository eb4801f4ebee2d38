"""The application: SQLAdmin's registry of views and its names of routes, with endpoints, guards and templates of ours.

Only the routes listed here exist: one that an upgrade of the library adds stays closed until somebody opens it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import anyio
from sqladmin import Admin
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from admin_app import (
    addresses,
    entrance,
    first_password,
    home,
    table_deactivate,
    table_delete,
    table_details,
    table_forms,
    table_list,
    table_restore,
)
from admin_app.authentication import RoleAuthorization, StaffAuthentication
from admin_app.exports import sheets
from admin_app.first_password import PATH as LINK
from admin_app.pages import StaffPage, take_form
from admin_app.permissions import Right
from admin_app.staff import require, require_right, staff_of
from admin_app.views import TableView, make_views
from enrolment.errors import NotFound
from enrolment.portal import Portal
from schema.database import Database
from web.routing import Face, form_of

TableEndpoint = Callable[["BackOffice", TableView, Request], Response]
RESTORE = "/{identity}/restore/{pk:int}"
DEACTIVATE = "/{identity}/deactivate/{pk:int}"
PlainEndpoint = Callable[["BackOffice", Request], Response]


class _ReadOnly(Session):
    """The session that SQLAdmin's own code is given: it reads. Whatever writes goes through `Database.writing`."""

    def commit(self) -> None:
        """Refuse: a change without an author in the history must not exist."""
        raise RuntimeError("SQLAdmin must not write by itself.")


class AdminTemplates:
    """Our templates behind SQLAdmin's interface, for pages that call `self.templates` as its documentation says."""

    def __init__(self, face: Face) -> None:
        self.face = face
        self.env = face.templates.environment

    async def TemplateResponse(  # noqa: N802  The name is SQLAdmin's.
        self, request: Request, name: str, context: dict[str, Any] | None = None, status_code: int = 200
    ) -> Response:
        """Render in a thread."""
        return await anyio.to_thread.run_sync(self.face.templates.render, request, name, context, status_code)


class BackOffice(Admin):
    """SQLAdmin over our database, with the routes of this module and no other."""

    def __init__(self, portal: Portal, face: Face, pages: tuple[type[StaffPage], ...]) -> None:
        self.portal = portal
        self.database: Database = portal.database
        self.face = face
        super().__init__(
            app=Starlette(),
            engine=portal.database.engine,
            session_maker=sessionmaker(bind=portal.database.engine, class_=_ReadOnly),
            base_url=addresses.BASE,
            title=face.templates.environment.globals["operator"].service,  # type: ignore[attr-defined]
            authentication_backend=StaffAuthentication(),
            authorization_backend=RoleAuthorization(),
        )
        self.admin.router.routes = self._own_routes()
        for view in make_views():
            self.add_model_view(view)
        for page in pages:
            # SQLAdmin writes on the class: each application gets one of its own.
            self.add_base_view(type(page.__name__, (page,), {"__doc__": page.__doc__}))

    def init_templating_engine(self) -> Any:
        """Ours: a template that we forgot is an error, never an English page."""
        return AdminTemplates(self.face)

    def add_base_view(self, view: Any) -> None:
        """Add a page of ours; its addresses come before those of the tables."""
        known = list(self.admin.router.routes)
        super().add_base_view(view)
        added = [route for route in self.admin.router.routes if route not in known]
        self.admin.router.routes = [*added, *known]

    def opens(self, path: str) -> bool:
        """Whether a page can be read at this path, whoever may read it."""
        scope = {"type": "http", "method": "GET", "path": path.removeprefix(addresses.BASE), "root_path": ""}
        return any(route.matches(scope)[0] is Match.FULL for route in self.admin.router.routes)

    def render(
        self, request: Request, name: str, context: Mapping[str, Any] | None = None, status: int = 200
    ) -> Response:
        """A page as a response."""
        return self.face.templates.render(request, name, context, status)

    def view_of(self, table: str) -> TableView:
        """The view of a table. Raises NotFound."""
        for view in self.views:
            if isinstance(view, TableView) and view.identity == table:
                return view
        raise NotFound("Cette liste n'existe pas. Choisissez-en une dans le menu.")

    def _own_routes(self) -> list[BaseRoute]:
        return [
            self._plain("/", home.show, "index", permission="home"),
            self._plain("/login", entrance.show, "login", permission=None),
            self._plain("/login", entrance.submit, "login-submit", permission=None, method="POST"),
            self._plain("/login/code", entrance.show_code, "login-code", permission=None),
            self._plain("/login/code", entrance.submit_code, "login-code-submit", permission=None, method="POST"),
            self._plain(LINK, first_password.show, "first-password", permission=None),
            self._plain(
                first_password.PATH, first_password.submit, "first-password-submit", permission=None, method="POST"
            ),
            self._plain("/logout", entrance.leave, "logout", permission="home", method="POST"),
            self._table("/{identity}/list", table_list.show, "list", Right.list),
            self._table("/{identity}/export/csv", sheets.csv, "export", Right.export),
            self._table("/{identity}/export/xlsx", sheets.xlsx, "export-xlsx", Right.export),
            self._table("/{identity}/ajax/lookup", table_forms.suggest, "ajax_lookup", Right.edit, Right.create),
            self._table("/{identity}/details/{pk:int}", table_details.show, "details", Right.details),
            self._table("/{identity}/create", table_forms.show_new, "create", Right.create),
            self._table("/{identity}/create", table_forms.submit_new, "create-submit", Right.create, method="POST"),
            self._table("/{identity}/edit/{pk:int}", table_forms.show, "edit", Right.edit),
            self._table("/{identity}/edit/{pk:int}", table_forms.submit, "edit-submit", Right.edit, method="POST"),
            self._table(RESTORE, table_restore.show, "restore", Right.edit),
            self._table(RESTORE, table_restore.submit, "restore-submit", Right.edit, method="POST"),
            self._table(DEACTIVATE, table_deactivate.submit, "deactivate", Right.edit, method="POST"),
            self._table("/{identity}/delete", table_delete.show, "delete", Right.delete),
            self._table("/{identity}/delete", table_delete.submit, "delete-submit", Right.delete, method="POST"),
        ]

    def _plain(
        self, path: str, handler: PlainEndpoint, name: str, *, permission: str | None, method: str = "GET"
    ) -> Route:
        async def endpoint(request: Request) -> Response:
            if permission is not None:
                require(request, permission)
            return await self._run(functools.partial(handler, self), request)

        endpoint.permission = permission or "public"  # type: ignore[attr-defined]
        return Route(path, endpoint, methods=[method], name=name)

    def _table(self, path: str, handler: TableEndpoint, name: str, *rights: Right, method: str = "GET") -> Route:
        """A page of a table; any one of the rights opens it."""

        async def endpoint(request: Request) -> Response:
            view = self.view_of(request.path_params["identity"])
            _require_any(request, view, rights)
            return await self._run(functools.partial(handler, self, view), request)

        endpoint.rights = rights  # type: ignore[attr-defined]
        return Route(path, endpoint, methods=[method], name=name)

    async def _run(self, handler: Callable[[Request], Response], request: Request) -> Response:
        await take_form(request)
        try:
            return await anyio.to_thread.run_sync(handler, request)
        finally:
            form_of(request).close()


def _require_any(request: Request, view: TableView, rights: tuple[Right, ...]) -> None:
    staff = staff_of(request)
    if not any(staff.may(view.identity, right) for right in rights):
        require_right(request, view.identity, rights[0])
