"""A list never shows rows under a filter, a tab or a state that it does not have."""

from __future__ import annotations

import pytest

from enrolment.portal import Portal
from schema.enums import StaffRole
from tests.admin_app.conftest import SignIn

_LISTS = (
    "/admin/file",
    "/admin/financements",
    "/admin/consultations",
    "/admin/actions",
    "/admin/corrections",
    "/admin/tableau-de-bord",
    "/admin/request/list",
)
_TABS = ("/admin/file?onglet=", "/admin/financements?onglet=", "/admin/corrections?etat=")


@pytest.mark.parametrize("path", _LISTS)
def test_unknown_filter_is_an_error_and_never_every_row(office: Portal, signed_in: SignIn, path: str) -> None:
    client = signed_in(office, StaffRole.administrator)
    assert client.http.get(path).status_code == 200
    answer = client.http.get(f"{path}?inconnu=1")
    assert 400 <= answer.status_code < 500
    assert "inconnu" in answer.text
    assert "73282932000074" not in answer.text.replace("\u00a0", "").replace(" ", "")


@pytest.mark.parametrize("address", _TABS)
def test_unknown_tab_is_an_error(office: Portal, signed_in: SignIn, address: str) -> None:
    client = signed_in(office, StaffRole.administrator)
    assert client.http.get(f"{address}zz").status_code == 400
