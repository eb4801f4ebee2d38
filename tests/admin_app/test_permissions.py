"""Who may do what: the matrix itself, and every route tried by every role with every method."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from admin_app.app import create_admin, create_app
from admin_app.pages import StaffPage, page
from admin_app.permissions import EVERYONE, PAGES, TABLES, Right, may, may_open, rights
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.base import table_of
from schema.describe import fields, model_named
from schema.enums import StaffRole
from schema.tables import ALL
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import address, routes_of, token_of
from tests.admin_app.rows import first
from tests.pages import PageClient

READ_ONLY = {
    "history", "history_seal", "request_event", "outgoing_mail", "web_session", "spent_token", "attempt",
    "attachment_access", "draft", "terms_acceptance", "request_counter", "attachment", "demand_item",
    "financing_request", "financing_deposit", "financing_access",
}  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_matrix_names_every_table_and_no_other() -> None:
    assert set(TABLES) == {table_of(model).name for model in ALL}


def test_unknown_table_and_page_are_refused_to_everybody() -> None:
    for role in StaffRole:
        assert rights(role, "unknown") == frozenset()
        assert not may_open(role, "unknown")


@pytest.mark.parametrize("table", sorted(READ_ONLY))
def test_traces_are_changed_by_nobody(table: str) -> None:
    # std: SEC-17
    changing = {Right.create, Right.edit, Right.delete}
    assert not any(rights(role, table) & changing for role in StaffRole)


def test_reader_only_reads() -> None:
    assert {right for table in TABLES for right in rights(StaffRole.reader, table)} == {Right.list, Right.details}


def test_only_administrators_change_staff_and_settings() -> None:
    for table in ("staff_user", "parameter", "message_template", "document_rule", "legal_text", "retention"):
        for role in set(StaffRole) - {StaffRole.administrator}:
            assert not rights(role, table) & {Right.create, Right.edit, Right.delete}, (role, table)


def test_what_may_be_created_or_edited_can_be() -> None:
    """A right that no form could use would be a promise not kept."""
    for table in TABLES:
        editable = presentation.editable(model_named(table))
        needed = [
            spec for spec in fields(model_named(table))
            if spec.required and not spec.has_default and not spec.primary_key and spec not in editable
            and table_of(spec.model).c[spec.name].computed is None
        ]  # fmt: skip
        for role in StaffRole:
            assert editable or not may(role, table, Right.edit), (role, table)
            assert not needed or not may(role, table, Right.create), (role, table)


def test_status_of_a_request_and_secrets_are_in_no_form() -> None:
    for model in ALL:
        for spec in presentation.editable(model):
            assert not spec.meta.secret
            assert spec.meta.editable
    for table in ("request", "financing_request", "demand", "draft"):
        assert not {"status", "state", "number"} & {spec.name for spec in presentation.editable(model_named(table))}


def test_every_route_declares_who_may_reach_it(office: Portal) -> None:
    # std: SEC-1
    for route in routes_of(create_app(office)):
        assert hasattr(route.endpoint, "rights") or hasattr(route.endpoint, "permission"), route.path


def _allowed(route: Route, role: StaffRole, table: str) -> bool:
    if hasattr(route.endpoint, "rights"):
        return any(may(role, table, right) for right in route.endpoint.rights)
    permission = route.endpoint.permission
    return permission == "public" or may_open(role, permission)


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_route_obeys_the_matrix(office: Portal, signed_in: SignIn, role: StaffRole) -> None:
    # std: SEC-1
    client = signed_in(office, role)
    client.check = False
    headers = {"x-csrf-token": token_of(client), "sec-fetch-site": "same-origin"}
    routes = routes_of(create_app(office))
    with office.database.reading() as session:
        keys = {table: first(session, model_named(table)).id for table in TABLES}
    for path in {route.path for route in routes} - {"/logout"}:
        for table in TABLES if "{identity}" in path else ["-"]:
            # A method that no route has is refused before the table is looked at: one table is enough.
            for method in METHODS if table in {"-", "provider"} else METHODS[:2]:
                here = [route for route in routes if route.path == path and method in (route.methods or ())]
                one = here[0] if here else next(route for route in routes if route.path == path)
                known = {"identity": table, "pk": keys[table]} if table in keys else {}
                if path.startswith("/nouvelle-correction"):
                    # Each page asks for the rights on its table too: one that every holder of the permission may edit.
                    known["table"] = "provider"
                url = address(one, **known)
                status = client.http.request(method, url, headers=headers, follow_redirects=False).status_code
                if not here:
                    assert status == 405, (method, url, status)
                elif _allowed(here[0], role, table):
                    assert status not in {401, 403, 405}, (method, url, status)
                    assert status < 500, (method, url, status)
                else:
                    assert status == 403, (method, url, status)


def test_stranger_reaches_the_sign_in_page_only(office: Portal) -> None:
    # std: SEC-1
    app = create_app(office)
    client = PageClient(app)
    for route in routes_of(app):
        for method in METHODS:
            url = address(route)
            if url == "/admin/login":
                continue
            if url.startswith("/admin/mot-de-passe/"):
                # A one-time link that is none says so, and shows nothing else.
                refused = client.http.request(method, url, follow_redirects=False).status_code
                assert refused in {403, 404, 405}, (method, url)
                continue
            answer = client.http.request(method, url, follow_redirects=False)
            assert answer.status_code == 303, (method, url)
            assert answer.headers["location"].startswith("/admin/login")


def test_secrets_and_hidden_contents_are_shown_to_nobody(office: Portal, signed_in: SignIn) -> None:
    hidden = ("secret body of the mail", "secret answer", "$argon2", "key-1", "f" * 64, "t" * 64, "k" * 64, "event-1")
    client = signed_in(office, StaffRole.administrator)
    client.check = False
    with office.database.reading() as session:
        keys = {table: first(session, model_named(table)).id for table in TABLES}
    for table, key in keys.items():
        pages = [
            f"/admin/{table}/list",
            f"/admin/{table}/details/{key}",
            f"/admin/{table}/details/{key}?onglet=historique",
        ]
        if may(StaffRole.administrator, table, Right.export):
            pages.append(f"/admin/{table}/export/csv")
        for url in pages:
            text = client.http.get(url).text
            assert not [secret for secret in hidden if secret in text], url


def test_history_of_a_table_one_may_not_see_is_not_shown(office: Portal, signed_in: SignIn) -> None:
    reader = signed_in(office, StaffRole.reader)
    assert "staff_user" not in reader.http.get("/admin/history/list?taille=100").text
    assert "Aucune ligne ne correspond" in reader.get("/admin/history/list?table_name=staff_user")
    administrator = signed_in(office, StaffRole.administrator)
    assert "1 à 4 sur 4" in administrator.get("/admin/history/list?table_name=staff_user")


class _Page(StaffPage):
    """A page of a test."""

    name = "Essai"

    @page("/essai", permission="essai")
    def show(self, request: Request) -> Response:
        return PlainTextResponse("ouverte")

    @page("/essai", permission="essai", methods=("POST",))
    def act(self, request: Request) -> Response:
        return PlainTextResponse("faite")


def test_page_of_ours_checks_its_permission_and_token(
    office: Portal, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = signed_in(office, StaffRole.manager)
    other = PageClient(create_admin(office, (_Page,)))
    other.http.cookies = manager.http.cookies
    headers = {"sec-fetch-site": "same-origin"}
    assert other.http.get("/admin/essai").status_code == 403
    monkeypatch.setattr("admin_app.permissions.PAGES", {**PAGES, "essai": EVERYONE})
    assert other.http.get("/admin/essai").text == "ouverte"
    assert other.http.post("/admin/essai", headers=headers).status_code == 403
    token = {"x-csrf-token": token_of(other), **headers}
    assert other.http.post("/admin/essai", headers=token).text == "faite"
