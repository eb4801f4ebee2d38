"""What we rely on in SQLAdmin, and the holes of it that stay closed: an upgrade that moves either is noticed here."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest
from sqladmin import Admin, BaseView, ModelView, expose
from sqladmin.authentication import login_required
from sqladmin.authorization import Action
from sqladmin.models import ModelViewMeta
from sqlalchemy import create_engine
from starlette.applications import Starlette

from admin_app.app import create_admin
from admin_app.authentication import RoleAuthorization, StaffAuthentication
from admin_app.office import BackOffice
from admin_app.permissions import Right
from admin_app.views import TableView, make_views
from enrolment.portal import Portal
from schema.enums import StaffRole
from schema.history import Actor
from schema.tables import ALL, Provider
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import routes_of, token_of
from web.assets import TABLER_STYLE, sqladmin_root

OWN_ROUTES = {
    ("/", "GET"), ("/login", "GET"), ("/login", "POST"), ("/logout", "POST"),
    ("/login/code", "GET"), ("/login/code", "POST"),
    ("/mot-de-passe/{token}", "GET"), ("/mot-de-passe/{token}", "POST"),
    ("/{identity}/list", "GET"), ("/{identity}/export/csv", "GET"), ("/{identity}/ajax/lookup", "GET"),
    ("/{identity}/details/{pk:int}", "GET"),
    ("/{identity}/create", "GET"), ("/{identity}/create", "POST"),
    ("/{identity}/edit/{pk:int}", "GET"), ("/{identity}/edit/{pk:int}", "POST"),
    ("/{identity}/delete", "GET"), ("/{identity}/delete", "POST"), ("/{identity}/deactivate/{pk:int}", "POST"),
    ("/{identity}/restore/{pk:int}", "GET"), ("/{identity}/restore/{pk:int}", "POST"),
    ("/{identity}/export/xlsx", "GET"),
}  # fmt: skip


def test_library_is_the_one_that_was_read() -> None:
    assert version("sqladmin") == "0.32.0"


def test_only_our_routes_exist(office: Portal) -> None:
    found = {
        (route.path, method)
        for route in routes_of(create_admin(office, ()))
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert found == OWN_ROUTES


def test_library_still_has_the_routes_that_we_close() -> None:
    """When it has others, somebody must read what they do."""
    application = Starlette()
    admin = Admin(application, create_engine("sqlite://"))
    names = {getattr(route, "name", "") for route in admin.admin.routes}
    assert names == {
        "statics", "index", "list", "details", "delete", "create", "edit", "export", "import", "ajax_lookup", "login",
        "logout", "file_download", "file_preview",
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "provider/1/legal_name/download/",
        "provider/1/legal_name/preview/",
        "provider/import",
        "provider/export/json",
        "statics/js/main.js",
        "provider/action/anything",
        "provider/details/abc",
        "provider/details/99999999999999999999999",
        "provider/details/0",
        "provider/edit/-1",
        "provider/details/1;2",
        "unknown/list",
        "Provider/list",
    ],
)
def test_what_the_library_would_serve_is_not_found(office: Portal, signed_in: SignIn, path: str) -> None:
    # std: SEC-2
    client = signed_in(office, StaffRole.administrator)
    page = client.get(f"/admin/{path}", status=404)
    assert page.h1 == "Page introuvable"


def test_file_that_a_column_names_is_never_served(office: Portal, signed_in: SignIn) -> None:
    """A provider named like a file gave that file away."""
    with office.database.writing(Actor.system()) as session:
        provider = session.get_one(Provider, 1)
        provider.legal_name = "pyproject.toml"
    client = signed_in(office, StaffRole.administrator)
    for verb in ("download", "preview"):
        assert client.http.get(f"/admin/provider/1/legal_name/{verb}/").status_code == 404


def test_deletion_by_the_library_is_closed_and_ours_is_scoped(
    office: Portal, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row scoping of the library left DELETE unscoped."""
    client = signed_in(office, StaffRole.administrator)
    headers = {"x-csrf-token": token_of(client), "sec-fetch-site": "same-origin"}
    assert client.http.delete("/admin/ticket/delete?pks=1", headers=headers).status_code == 405

    original = TableView.list_query

    def scoped(view: TableView, request: object) -> object:
        statement = original(view, request)  # type: ignore[arg-type]
        return statement.where(view.model.id != 1) if view.identity == "street_type" else statement

    monkeypatch.setattr(TableView, "list_query", scoped)
    for method, path in (
        ("GET", "details/1"), ("GET", "edit/1"), ("POST", "edit/1"), ("GET", "delete?pk=1"),
    ):  # fmt: skip
        assert client.http.request(method, f"/admin/street_type/{path}", headers=headers).status_code == 404, path
    answer = client.http.post("/admin/street_type/delete", data={"pk": "1"}, headers=headers)
    assert answer.status_code == 404
    assert '/admin/street_type/details/1"' not in client.http.get("/admin/street_type/list?taille=100").text
    first_cells = client.http.get("/admin/street_type/export/csv").text
    assert "\r\n1;" not in first_cells


def test_every_view_is_a_view_of_the_library_with_our_scope() -> None:
    views = make_views()
    assert {view.model for view in views} == set(ALL)
    for view in views:
        assert issubclass(view, ModelView)
        assert view.identity == view.model.__tablename__
        assert view.can_import is False


def test_rights_have_the_words_of_the_library() -> None:
    assert {right.value for right in Right} == {action.value for action in Action} - {"import"}


def test_the_library_asks_our_backends() -> None:
    source = inspect.getsource(login_required)
    assert "authenticate(request)" in source
    assert "authorization_backend.load(request)" in source
    assert hasattr(StaffAuthentication, "authenticate")
    assert hasattr(RoleAuthorization, "get_grants")
    assert "is_accessible" in inspect.getsource(expose.__globals__["_is_accessible_required"])
    assert "identity" in inspect.getsource(ModelViewMeta.__new__)
    assert BaseView.is_model is False


def test_session_given_to_the_library_cannot_commit(office: Portal) -> None:
    face_of: list[BackOffice] = []
    original = BackOffice.__init__

    def spy(self: BackOffice, *arguments: object) -> None:
        original(self, *arguments)  # type: ignore[arg-type]
        face_of.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BackOffice, "__init__", spy)
        create_admin(office, ())
    with face_of[0].session_maker() as session, pytest.raises(RuntimeError):  # type: ignore[union-attr]
        session.commit()


def test_stylesheet_is_where_we_take_it() -> None:
    assert TABLER_STYLE in sqladmin_root().files()
