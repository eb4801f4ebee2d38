"""The private portal of a vendor with 10,000 requests, beside that of a vendor with 10."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import select

from bench.clock import Clock
from bench.figures import Figure
from bench.fill import NOW, fill
from enrolment.portal import open_portal
from enrolment.services import sessions
from enrolment.settings import Settings
from public_site.app import create_app
from schema.enums import WebAudience
from schema.history import Actor
from schema.tables import Account
from tests.pages import PageClient

_FEW, _MANY = 10, 10_000
_ROUNDS = 60
_PAGES = {
    "List of a vendor's requests": "/espace/demandes",
    "Second page of the list": "/espace/demandes?page=2",
    "List, one status": "/espace/demandes?statut=validated",
    "Home of a vendor": "/espace/",
}
_OWNERS = f"""
INSERT INTO account (row_version, created_at, updated_at, login, email, first_name, last_name, state,
                     from_wave_1)
VALUES (1, '{NOW}', '{NOW}', :login, :login || '@bench.example', 'Claire', 'Lefèvre', 'active', 0)
"""
_LINKS = f"""
INSERT INTO account_provider (row_version, created_at, updated_at, account_id, provider_id)
SELECT 1, '{NOW}', '{NOW}', (SELECT id FROM account WHERE login = :login), id FROM provider
WHERE id BETWEEN :first AND :last
"""
_WAIT = "UPDATE request SET status = 'awaiting_documents', asked_from = 'in_review' WHERE id % 40 = 0"
_DEMANDS = f"""
INSERT INTO demand (row_version, created_at, updated_at, public_id, request_id, kind, asked_at, state)
SELECT 1, '{NOW}', '{NOW}', 'bench-demand-' || id, id, 'documents', '{NOW}', 'open' FROM request
WHERE status = 'awaiting_documents'
"""


def run() -> Iterator[Figure]:
    """All vendors in one database, taking turns, so that a machine that slows down slows all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "enrolment.sqlite3", _FEW + _MANY).dispose()
        connection = sqlite3.connect(folder / "enrolment.sqlite3")
        few = _vendor(connection, "few", _Share(1, _FEW), _Share(1, 1))
        many = _vendor(connection, "many", _Share(_FEW + 1, _MANY), _Share(2, 1))
        connection.execute(_WAIT)
        connection.execute(_DEMANDS)
        connection.execute("ANALYZE")
        connection.commit()
        connection.close()
        yield from _measured(folder, (few, many))


@dataclass(frozen=True)
class _Share:
    """Keys that follow each other."""

    first: int
    count: int

    @property
    def last(self) -> int:
        return self.first + self.count - 1


def _vendor(connection: sqlite3.Connection, login: str, requests: _Share, providers: _Share) -> str:
    """An account that acts for these providers, which hold these requests."""
    connection.execute(_OWNERS, {"login": login})
    connection.execute(_LINKS, {"login": login, "first": providers.first, "last": providers.last})
    connection.execute(
        "UPDATE request SET provider_id = ? + id % ? WHERE id BETWEEN ? AND ?",
        (providers.first, providers.count, requests.first, requests.last),
    )
    return login


def _measured(folder: Path, logins: tuple[str, ...]) -> Iterator[Figure]:
    portal = open_portal(Settings(var=folder, demo=True, captcha="none", base_url="http://testserver"))
    clock = Clock(create_app(portal))
    client = PageClient(clock, base_url=portal.settings.base_url, check=False)
    keys = {}
    with portal.database.writing(Actor.system("Mesures")) as session:
        for login in logins:
            account = session.exec(select(Account).where(Account.login == login)).one()
            keys[login] = sessions.open(session, WebAudience.vendor, account.id, "bench")
    for name, address in _PAGES.items():
        times: dict[str, list[float]] = {login: [] for login in logins}
        for _ in range(_ROUNDS):
            for login in logins:
                client.http.cookies.set("session", keys[login])
                clock.seconds = 0.0
                assert client.http.get(address).status_code == 200
                times[login].append(1000 * clock.seconds)
        few, many = (statistics.median(times[login]) for login in logins)
        floor = f"the same with {_FEW} requests"
        yield Figure(f"{name}: {_MANY:,} requests", many, few, "ms", 1.5, at_most=True, floor_name=floor)
    portal.database.dispose()
