"""The first page of the requests in the back office: beside its own SQL and template, and with many more rows."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Template

from admin_app.app import create_app
from bench.clock import Clock
from bench.figures import Figure
from bench.fill import fill
from enrolment.portal import open_portal
from enrolment.settings import Settings
from tests.admin_app.instruction import PASSWORD, hire
from tests.pages import PageClient

_FEW, _MANY = 10_000, 1_000_000
_ROUNDS = 60
_PATH = "/admin/request/list"
_PAGE = """
SELECT id, number, kind, is_early, status, submitted_at, referencing_id, provider_id
FROM request ORDER BY id DESC LIMIT 51
"""
_COUNT = "SELECT count(*) FROM (SELECT 1 FROM request LIMIT 10001)"
_TITLES = (
    ("SELECT id, ans_number, software_name FROM referencing WHERE id IN ({})", 6),
    ("SELECT id, legal_name, siret FROM provider WHERE id IN ({})", 7),
)


@dataclass
class _Office:
    """The list of one database: how to open its page, and how to do the bare minimum of it."""

    open_page: Callable[[], float]
    do_minimum: Callable[[], float]
    pages: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """One page and one minimum, in milliseconds."""
        self.pages.append(1000 * self.open_page())
        self.floors.append(1000 * self.do_minimum())


def run() -> Iterator[Figure]:
    """Both sizes, alternating, so that a machine that slows down slows both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _office(Path(folder), _FEW) as small,
        _office(Path(folder), _MANY) as large,
    ):
        for _ in range(_ROUNDS):
            small.measure()
            large.measure()
    page, floor, less = (statistics.median(found) for found in (large.pages, large.floors, small.pages))
    name = "First page of a list of 1,000,000 requests"
    yield Figure(name, page, floor, "ms", 3.0, at_most=True, floor_name="its SQL and its template, alone")
    yield Figure(f"{name}, growth", page, less, "ms", 1.5, at_most=True, floor_name="the same page with 10,000")


@contextmanager
def _office(folder: Path, requests: int) -> Iterator[_Office]:
    folder = folder / f"{requests}"
    folder.mkdir()
    database = fill(folder / "enrolment.sqlite3", requests)
    portal = open_portal(Settings(var=folder, demo=True, captcha="none", base_url="http://testserver"), database)
    hire(portal)
    app = create_app(portal)
    clock = Clock(app)
    client = PageClient(clock, base_url=portal.settings.base_url, check=False)
    connection = sqlite3.connect(folder / "enrolment.sqlite3")
    with client.http:
        page = client.get("/admin/login")
        client.submit(page.form, email="ines@asp.example", mot_de_passe=PASSWORD)
        template, values = _rendered(client)

        def open_page() -> float:
            clock.seconds = 0.0
            assert client.http.get(_PATH).status_code == 200
            return clock.seconds

        def do_minimum() -> float:
            began = time.perf_counter()
            _read(connection)
            assert "ENR-2025-" in template.render(values)
            return time.perf_counter() - began

        yield _Office(open_page, do_minimum)
    connection.close()
    database.dispose()


def _rendered(client: PageClient) -> tuple[Template, dict[str, Any]]:
    """The template of the page, and the very values that it was given."""
    seen: list[tuple[Template, dict[str, Any]]] = []
    original = Template.render

    def watching(template: Template, *values: Any, **named: Any) -> str:
        seen.append((template, dict(*values, **named)))
        return original(template, *values, **named)

    Template.render = watching  # type: ignore[method-assign]
    try:
        client.get(_PATH)
    finally:
        Template.render = original  # type: ignore[method-assign]
    return seen[-1]


def _read(connection: sqlite3.Connection) -> None:
    connection.execute(_COUNT).fetchone()
    rows = connection.execute(_PAGE).fetchall()
    for statement, place in _TITLES:
        keys = [row[place] for row in rows]
        connection.execute(statement.format(",".join("?" * len(keys))), keys).fetchall()
