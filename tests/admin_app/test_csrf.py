"""Nothing changes without a token, from another site, or by a safe method."""

from __future__ import annotations

import pytest

from admin_app.app import create_admin, create_app
from enrolment.portal import Portal
from schema.enums import StaffRole
from schema.tables import Provider
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import address, routes_of, token_of
from tests.admin_app.rows import PASSWORD, email_of
from tests.pages import PageClient

FORGED = (
    {},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://attacker.example"},
    {"referer": "https://attacker.example/page"},
)


def _posts(app: object) -> list[str]:
    return [address(route) for route in routes_of(app) if "POST" in (route.methods or ())]


def test_every_change_without_a_token_is_refused(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-3
    client = signed_in(office, StaffRole.administrator)
    for url in _posts(create_app(office)):
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "x" * 86}):
            answer = client.http.post(url, data=token, headers={"sec-fetch-site": "same-origin"})
            assert answer.status_code == 403, (url, token)
            assert "Par sécurité" in answer.text


@pytest.mark.parametrize("headers", FORGED[1:])
def test_every_change_from_another_site_is_refused_even_with_a_token(
    office: Portal, signed_in: SignIn, headers: dict[str, str]
) -> None:
    # std: SEC-3
    client = signed_in(office, StaffRole.administrator)
    token = token_of(client)
    for url in _posts(create_app(office)):
        answer = client.http.post(url, data={"csrf_token": token}, headers=headers)
        assert answer.status_code == 403, url


def test_token_of_somebody_else_is_refused(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-3
    token = token_of(signed_in(office, StaffRole.reader))
    client = signed_in(office, StaffRole.administrator)
    answer = client.http.post(
        "/admin/provider/delete", data={"csrf_token": token, "pk": "1"}, headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 403


def test_signing_in_needs_a_token(office: Portal) -> None:
    # std: SEC-3
    client = PageClient(create_admin(office, ()))
    data = {"email": email_of(StaffRole.administrator), "mot_de_passe": PASSWORD}
    client.post("/admin/login", data, status=403)
    assert client.get("/admin/").path == "/admin/login"


@pytest.mark.parametrize("url", ["/admin/logout", "/admin/provider/delete?pk=1", "/admin/provider/edit/1"])
def test_safe_method_changes_nothing(office: Portal, signed_in: SignIn, url: str) -> None:
    # std: SEC-3
    client = signed_in(office, StaffRole.administrator)
    client.http.get(url)
    assert client.get("/admin/").path != "/admin/login"
    with office.database.reading() as session:
        assert session.get(Provider, 1) is not None
