"""The shared test server itself: copies are copies, and it is gone when its last user is."""

import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import postgres


def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_copy_of_a_template_holds_its_rows_and_leaves_it_alone() -> None:
    server = postgres.shared()
    template = server.create_database()
    _rows(template, "CREATE TABLE commune (name text)")
    _rows(template, "INSERT INTO commune VALUES ('Besançon')")

    copy = server.create_database(template=template)
    _rows(copy, "INSERT INTO commune VALUES ('Arles')")

    assert _rows(copy, "SELECT name FROM commune ORDER BY name") == [("Arles",), ("Besançon",)]
    assert _rows(template, "SELECT name FROM commune") == [("Besançon",)]
    server.drop(copy)
    server.drop(template)
    remaining = {row[0] for row in _rows(server.url(), "SELECT datname FROM pg_database")}
    assert not remaining & {make_url(copy).database, make_url(template).database}


def test_killed_server_keeps_what_was_committed() -> None:
    with postgres.private() as server:
        url = server.create_database()
        _rows(url, "CREATE TABLE commune (name text)")
        _rows(url, "INSERT INTO commune VALUES ('Nîmes')")
        server.kill()
        server.start()
        assert _rows(url, "SELECT name FROM commune") == [("Nîmes",)]


def test_server_ends_with_its_last_user_even_a_killed_one() -> None:
    program = (
        "import os, signal; from tests import postgres; server = postgres.shared();"
        "print(server.folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "PYTEST_XDIST_TESTRUNUID": f"killed-{os.getpid()}", "PYTHONPATH": "."}
    users = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    folders = {Path(user.communicate(timeout=120)[0].strip()) for user in users}
    assert len(folders) == 1
    (folder,) = folders

    deadline = time.monotonic() + 60
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not folder.exists()
