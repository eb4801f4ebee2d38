"""The routes by which a view is saved, changed and deleted; views are opened by their own address, as any list is."""

from __future__ import annotations

from typing import ClassVar

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.menu import PageEntry
from admin_app.messages import DONE
from admin_app.pages import StaffPage, page
from admin_app.permissions import TABLES, Right
from admin_app.saved_views.addresses import QUEUE, path_of
from admin_app.saved_views.bar import kept_query
from admin_app.staff import Staff, staff_of
from enrolment.errors import Forbidden, NotFound
from enrolment.services import saved_views
from schema.enums import StaffRole
from web.routing import form_of

PAGE, QUERY, NAME, SHARED, OPENS, REPLACE = "liste", "reglages", "nom", "partagee", "ouvre", "remplacer"


class SavedViewsPage(StaffPage):
    """« Vues enregistrées »."""

    name = "Vues enregistrées"
    entry: ClassVar[PageEntry | None] = None

    @page("/vues", permission="saved_views", methods=("POST",))
    def save(self, request: Request) -> Response:
        """Keep the present filters, order and columns of a list under a name."""
        staff, form = staff_of(request), form_of(request)
        listed = _listed(staff, form.get(PAGE))
        query = kept_query(QueryParams(form.get(QUERY)))
        with self.office.database.writing(staff.actor) as session:
            saved_views.save(
                session,
                staff.actor,
                listed,
                form.get(NAME),
                query,
                shared=form.get(SHARED) == "oui",
                opens=form.get(OPENS) == "oui",
            )
        return _back(listed, query, "vue-enregistree")

    @page("/vues/{view_id:int}", permission="saved_views", methods=("POST",))
    def change(self, request: Request) -> Response:
        """Rename, share or replace a view of one's own."""
        staff, form = staff_of(request), form_of(request)
        query = kept_query(QueryParams(form.get(QUERY))) if form.get(REPLACE) == "oui" else None
        with self.office.database.writing(staff.actor) as session:
            view = saved_views.change(
                session,
                staff.actor,
                _key(request),
                name=form.get(NAME),
                shared=form.get(SHARED) == "oui",
                opens=form.get(OPENS) == "oui",
                query=query,
            )
            listed, kept = view.page, view.query
        return _back(listed, kept, "vue-enregistree")

    @page("/vues/{view_id:int}/supprimer", permission="saved_views", methods=("POST",))
    def delete(self, request: Request) -> Response:
        """Delete a view."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            listed = saved_views.delete(
                session, staff.actor, _key(request), is_administrator=staff.role is StaffRole.administrator
            )
        return _back(listed, "", "vue-supprimee")


def _key(request: Request) -> int:
    key: int = request.path_params["view_id"]
    return min(key, 2**31 - 1)


def _listed(staff: Staff, typed: str) -> str:
    """The list that a view is for, among those that one may read."""
    if typed == QUEUE and staff.may_open("queue"):
        return typed
    if typed in TABLES and staff.may(typed, Right.list):
        return typed
    if typed != QUEUE and typed not in TABLES:
        raise NotFound("Cette liste n'existe pas. Choisissez-en une dans le menu.")
    raise Forbidden("Cette liste n'est pas de celles que votre rôle permet de lire.")


def _back(listed: str, query: str, said: str) -> Response:
    return RedirectResponse(f"{path_of(listed)}?{query}{'&' if query else ''}{DONE}={said}", 303)
