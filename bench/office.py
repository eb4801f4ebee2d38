"""Every list of the back office with 1,000,000 requests: each page beside the same page with 10,000.

Pages are opened through the whole application, the two sizes in turn. What is opened is generated from the
descriptions of the columns: every order, every filter, and searches that find much, little and nothing.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from admin_app.app import create_app
from admin_app.listing import DEFAULT_SIZE
from bench.clock import Clock
from bench.figures import Figure
from bench.office_pages import Visit, visits
from bench.office_rows import fill_office
from enrolment.portal import Portal, open_portal
from enrolment.records import filters
from enrolment.settings import Settings
from schema.base import table_of
from schema.tables import StaffUser
from tests.admin_app.instruction import PASSWORD, hire
from tests.pages import PageClient

FEW, MANY = 10_000, 1_000_000
FOLDER = Path(tempfile.gettempdir()) / "bench-office"
_ROUNDS = 8
_LIMIT = 1.5


@dataclass
class Office:
    """The back office over one database."""

    portal: Portal
    client: PageClient
    clock: Clock
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def open(self, address: str) -> float:
        """Open a page; its milliseconds."""
        self.clock.seconds = 0.0
        self._read(address)
        return 1000 * self.clock.seconds

    def rows(self, address: str) -> int:
        """How many rows a list shows."""
        return self._read(address).count("<tr") - 1

    def _read(self, address: str) -> str:
        answer = self.client.http.get(address)
        assert answer.status_code == 200, (answer.status_code, address)
        return answer.text


def run() -> Iterator[Figure]:
    """For each kind of page: the median of its pages, the worst one, and how many keep the promise."""
    with opened(FEW) as small, opened(MANY) as large:
        pairs: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
        for visit in visits(small.portal, large.portal):
            pairs[visit.group].append((visit.name, *_measured(small, large, visit)))
    for group, found in pairs.items():
        yield _figure(f"{group}, {len(found)} pages: median", *_median(found))
        name, less, more = max(found, key=lambda pair: pair[2] / pair[1])
        yield _figure(f"{group}: worst", less, more)
        kept = sum(more <= _LIMIT * less for _, less, more in found)
        said = f"all of them (worst: {name})"
        yield Figure(f"{group}: pages that keep it", kept, len(found), "pages", 1.0, at_most=False, floor_name=said)


def _measured(small: Office, large: Office, visit: Visit) -> tuple[float, float]:
    """The best of both, in turn: a slower one is another program's doing. What looks slow is looked at again."""
    few, many = _alike(small, visit)
    less, more = small.open(few), large.open(many)
    for turn in range(_ROUNDS):
        if turn and more <= _LIMIT * less:
            break
        less, more = min(less, small.open(few)), min(more, large.open(many))
    return less, more


def _alike(small: Office, visit: Visit) -> tuple[str, str]:
    """The two addresses, with as many rows on a page: drawing fifty instead of five takes its time anywhere."""
    path, _, query = visit.small.partition("?")
    rows = small.rows(visit.small) if path.endswith("/list") and query else DEFAULT_SIZE
    if rows >= DEFAULT_SIZE:
        return visit.small, visit.large
    size = f"&{filters.SIZE}={max(rows, 1)}"
    return visit.small + size, visit.large + size


def _median(found: list[tuple[str, float, float]]) -> tuple[float, float]:
    _, less, more = sorted(found, key=lambda pair: pair[2] / pair[1])[len(found) // 2]
    return less, more


def _figure(name: str, less: float, more: float) -> Figure:
    return Figure(name, more, less, "ms", _LIMIT, at_most=True, floor_name=f"the same with {FEW:,}")


@contextmanager
def opened(requests: int) -> Iterator[Office]:
    """The office of so many requests, with an administrator signed in. The filled file is kept for the next run."""
    folder = FOLDER / f"{requests}"
    folder.mkdir(parents=True, exist_ok=True)
    fill_office(folder / "enrolment.sqlite3", requests)
    portal = open_portal(Settings(var=folder, demo=True, captcha="none", base_url="http://testserver"))
    with portal.database.reading() as session:
        people = table_of(StaffUser)
        is_hired = session.execute(people.select().limit(1)).first() is not None
    if not is_hired:
        hire(portal)
    clock = Clock(create_app(portal))
    client = PageClient(clock, base_url=portal.settings.base_url, check=False)
    with client.http:
        page = client.get("/admin/login")
        client.submit(page.form, email="anne@asp.example", mot_de_passe=PASSWORD)
        yield Office(portal, client, clock)
    portal.database.dispose()
