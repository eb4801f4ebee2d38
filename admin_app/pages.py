"""How a page of ours joins the back office, beside the tables that SQLAdmin generates.

    class QueuePage(StaffPage):
        name = "Dossiers à traiter"
        entry = PageEntry("Dossiers à traiter", f"{BASE}/a-traiter", "queue")

        @page("/a-traiter", permission="queue")
        def show(self, request: Request) -> Response:
            with self.office.database.reading() as session: ...
            return self.office.render(request, "pages/queue.html", {...})

        @page("/a-traiter/{number}/prendre", permission="queue.take", methods=("POST",))
        def take(self, request: Request) -> Response:
            staff, form = staff_of(request), form_of(request)
            ...

The class goes into `admin_app.app.PAGES`, its permissions into `admin_app.permissions.PAGES`. The token of a POST was
checked before (`csrf_field()` in its form). Methods are plain functions, run in a thread; errors become pages.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, ClassVar, cast

import anyio
from sqladmin import BaseView, expose
from starlette.requests import Request
from starlette.responses import Response

from admin_app.menu import PageEntry
from admin_app.staff import current, require
from enrolment.errors import DomainError
from web.csrf import FIELD, SAFE_METHODS
from web.csrf_guard import GUARD_LIMITS, check_left
from web.form_reading import read_form
from web.forms import Limits
from web.routing import FORM_KEY, form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice

__all__ = ["StaffPage", "form_of", "page"]

Handler = Callable[[Any, Request], Response]


def page(
    path: str, *, permission: str, methods: Collection[str] = ("GET",), limits: Limits = GUARD_LIMITS
) -> Callable[[Handler], Callable[..., Any]]:
    """Declare a page of a `StaffPage`: its path below /admin and the permission that it takes."""

    def wrap(handler: Handler) -> Callable[..., Any]:
        @functools.wraps(handler)
        async def endpoint(view: StaffPage, request: Request) -> Response:
            require(request, permission)
            await take_form(request, limits)
            try:
                return await anyio.to_thread.run_sync(handler, view, request)
            finally:
                form_of(request).close()

        endpoint.permission = permission  # type: ignore[attr-defined]  # A test reads it on every route.
        identity = f"{path.strip('/').replace('/', '-')}-{'-'.join(sorted(methods))}"
        return cast("Callable[..., Any]", expose(path, methods=list(methods), identity=identity)(endpoint))

    return wrap


async def take_form(request: Request, limits: Limits = GUARD_LIMITS) -> None:
    """Read the form of a request that changes something; `form_of` then gives it."""
    if request.method not in SAFE_METHODS:
        form = await read_form(request, limits)
        try:
            check_left(request, form)
        except DomainError:
            form.close()
            raise
        form.texts = [(name, value) for name, value in form.texts if name != FIELD]
        request.scope[FORM_KEY] = form


class StaffPage(BaseView):
    """A page of ours. `entry` puts it in the menu."""

    entry: ClassVar[PageEntry | None] = None

    @property
    def office(self) -> BackOffice:
        """The back office that this page belongs to."""
        return cast("BackOffice", self._admin_ref)

    def is_accessible(self, request: Request) -> bool:
        """Each page checks its own permission; here it is enough to be signed in."""
        return current(request) is not None
