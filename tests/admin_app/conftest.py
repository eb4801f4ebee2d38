"""A small filled back office: a row in every table, one person per role, and a page client for each of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

with warnings.catch_warnings():
    # The library asks for a successor of httpx that nothing here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from admin_app.app import create_app
from enrolment.portal import Portal, open_portal
from enrolment.services import passwords
from schema.database import Database
from schema.enums import StaffRole
from tests.admin_app.rows import PASSWORD, email_of, fill
from tests.conftest import settings_for
from tests.pages import PageClient


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=64))


def _open(folder: Path, database: Database) -> Portal:
    fill(database)
    return open_portal(settings_for(folder, database), database)


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """The filled portal, on each engine."""
    return _open(tmp_path, database)


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path) -> Portal:
    """The filled portal on SQLite alone, for tests whose subject is not the database."""
    return _open(tmp_path, sqlite_database)


SignIn = Callable[[Portal, StaffRole], PageClient]


@pytest.fixture
def signed_in() -> Iterator[SignIn]:
    """A page client signed in with a role."""
    opened: list[TestClient] = []

    def sign_in(portal: Portal, role: StaffRole) -> PageClient:
        client = PageClient(create_app(portal))
        opened.append(client.http)
        page = client.get("/admin/login")
        page = client.submit(page.form, email=email_of(role), mot_de_passe=PASSWORD)
        assert page.path != "/admin/login", page.text
        return client

    yield sign_in
    for http in opened:
        http.close()
