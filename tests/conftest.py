"""What every test may ask for: a database of its own on each engine, and a portal around it.

A template is made once for each engine and run (migrated, reference data loaded), then copied for each test: a test
starts from the same rows and leaves nothing behind.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

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
_FACES = ("admin_app", "public_site")
"""Folders whose tests say little of the database: an ordinary run gives each of them one engine only, CI both."""

SECRET = "a secret of the tests, long enough to be taken"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the second engine of a test of a face, now the one, now the other, always the same for one test."""
    for item in items:
        name, _, values = item.name.partition("[")
        engine = next((engine for engine in ENGINES if engine in values), None)
        if engine and item.path.relative_to(Path(__file__).parent).parts[0] in _FACES:
            its_own = ENGINES[crc32(f"{name}{values.replace(engine, '')}".encode()) % 2]
            if engine != its_own:
                item.add_marker(pytest.mark.again)


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


@contextmanager
def copy_of_sqlite(template: Path, folder: Path) -> Iterator[Database]:
    """A database that starts as the file `template`, in a folder of the test's own."""
    path = folder / "portal.sqlite3"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@contextmanager
def copy_of_postgres(template: str) -> Iterator[Database]:
    """A database that starts as the one at the address `template`, dropped at the end."""
    server = postgres.shared()
    url = server.create_database(template)
    database = Database(url)
    yield database
    database.dispose()
    server.drop(url)


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database on SQLite alone, for tests whose subject is not the database."""
    with copy_of_sqlite(sqlite_template, tmp_path) as database:
        yield database


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with the reference data, once on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    with copy_of_postgres(request.getfixturevalue("postgres_template")) as database:
        yield database


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
