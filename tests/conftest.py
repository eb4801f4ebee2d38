"""What every test may ask for: a database of its own on each engine, and a portal around it.

A template is made once for each engine and run (migrated, reference data loaded), then copied for each test: a test
starts from the same rows and leaves nothing behind.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlmodel import select

from enrolment.portal import Portal, open_portal
from enrolment.settings import Settings
from schema.database import Database
from schema.history import Actor
from schema.migrate import upgrade
from schema.tables import Dsr
from seeds.load import load_reference
from tests import postgres

# No test may fail because the machine was busy.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")

ENGINES = ("sqlite", "postgresql")
SECRET = "a secret of the tests, long enough to be taken"


def _fill(url: str) -> None:
    database = Database(url)
    upgrade(database.engine)
    with database.writing(Actor.system("Données de référence")) as session:
        load_reference(session)
        # The real windows open and close at real dates: tests of other rules must not depend on today's.
        for dsr in session.exec(select(Dsr)):
            dsr.closes_at = None
    database.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with the reference data."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The URL of a migrated PostgreSQL database with the reference data."""
    url = postgres.shared().create_database()
    _fill(url)
    return url


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database on SQLite alone, for tests whose subject is not the database."""
    path = tmp_path / "portal.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the reference data, once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    template: str = request.getfixturevalue("postgres_template")
    server = postgres.shared()
    url = server.create_database(template)
    database = Database(url)
    yield database
    database.dispose()
    server.drop(url)


def settings_for(folder: Path, database: Database) -> Settings:
    """Settings of a test: everything in its own folder, nothing from the environment."""
    return Settings(
        var=folder / "var",
        database_url=database.url.render_as_string(hide_password=False),
        secret_key=SECRET,
        captcha="none",
        demo=True,
        base_url="http://testserver",
    )


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """A portal around `database`, on each engine."""
    return open_portal(settings_for(tmp_path, database), database)


@pytest.fixture
def sqlite_portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """A portal on SQLite alone."""
    return open_portal(settings_for(tmp_path, sqlite_database), sqlite_database)
