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
from tests import postgres
from tests.admin_app.rows import PASSWORD, email_of, fill
from tests.conftest import ENGINES, copy_of_postgres, copy_of_sqlite, settings_for
from tests.pages import PageClient

_CHEAP = passwords.Cost(rounds=1, memory=64)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", _CHEAP)


def _fill(database: Database) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", _CHEAP)
        fill(database)


@pytest.fixture(scope="session")
def filled_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a row in every table."""
    folder = tmp_path_factory.mktemp("filled")
    with copy_of_sqlite(sqlite_template, folder) as database:
        _fill(database)
        return Path(database.url.database or "")


@pytest.fixture(scope="session")
def filled_postgres(postgres_template: str) -> str:
    """The URL of a PostgreSQL database with a row in every table."""
    url = postgres.shared().create_database(postgres_template)
    database = Database(url)
    _fill(database)
    database.dispose()
    return url


@pytest.fixture
def office(filled_sqlite: Path, tmp_path: Path) -> Iterator[Portal]:
    """The filled portal on SQLite alone, for tests whose subject is not the database."""
    with copy_of_sqlite(filled_sqlite, tmp_path) as database:
        yield open_portal(settings_for(tmp_path, database), database)


@pytest.fixture(params=ENGINES)
def portal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Portal]:
    """The filled portal, on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("office")
        return
    with copy_of_postgres(request.getfixturevalue("filled_postgres")) as database:
        yield open_portal(settings_for(tmp_path, database), database)


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
