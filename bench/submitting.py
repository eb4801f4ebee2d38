"""A whole enrolment request by the five pages of the form, with three files of 1 Mo, beside its bare writes.

The floor is recorded, not guessed: the very statements that a submission makes are run again by `sqlite3` alone on a
copy of the database, with the same transactions, and the same files are written and synced.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import sqlalchemy as sa
import time_machine
from stdnum import luhn

from bench.clock import Clock
from bench.figures import Figure
from enrolment.portal import Portal, open_portal
from enrolment.settings import Settings
from public_site.app import create_app
from schema.history import Actor
from schema.migrate import upgrade
from seeds.load import load_reference
from tests.pages import PageClient
from tests.public_site import browsing
from tests.stories import Vendor, new_number

_REQUESTS = 5
_MEBIBYTE = 1024 * 1024
_WHILE_OPEN = datetime(2025, 3, 3, 13, 5, tzinfo=UTC)
_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class _Recording:
    """What was written: transactions of statements with their values."""

    transactions: list[list[tuple[str, Any]]] = field(default_factory=list)
    _open: list[tuple[str, Any]] = field(default_factory=list)

    def listen(self, engine: sa.Engine) -> None:
        """Note every write from now on."""
        sa.event.listen(engine, "before_cursor_execute", self._statement)
        sa.event.listen(engine, "commit", self._commit)

    def _statement(
        self, _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        if statement.startswith(_WRITES):
            self._open += [(statement, one) for one in (values if many else [values])]

    def _commit(self, _connection: Any) -> None:
        if self._open:
            self.transactions.append(self._open)
            self._open = []


def run() -> Iterator[Figure]:
    """The time of the server in all the pages of a request, for one request."""
    with tempfile.TemporaryDirectory() as name, time_machine.travel(_WHILE_OPEN, tick=True):
        folder = Path(name)
        portal = _portal(folder)
        clock = Clock(create_app(portal))
        browsing.PDF = ("piece.pdf", _pdf_of_a_mebibyte(), "application/pdf")
        first, *others = [(new_number(portal), siret) for siret in _SIRETS]
        _submit(clock, portal, *first)
        clock.seconds = 0.0
        before = folder / "before.sqlite3"
        with sqlite3.connect(folder / "enrolment.sqlite3") as source, sqlite3.connect(before) as copy:
            source.backup(copy)
        known = _files(folder)
        recording = _Recording()
        recording.listen(portal.database.engine)
        for number, siret in others:
            _submit(clock, portal, number, siret)
        written = [path.read_bytes() for path in _files(folder) - known]
        floor = _write_again(before, recording.transactions) + _store_again(folder / "again", written)
        portal.database.dispose()
    yield Figure(
        f"Submission: five pages, {len(written) // _REQUESTS} files of 1 Mo",
        1000 * clock.seconds / _REQUESTS,
        1000 * floor / _REQUESTS,
        "ms",
        3.0,
        at_most=True,
        floor_name=f"its {len(recording.transactions) // _REQUESTS} transactions and its files, written alone",
    )


def _portal(folder: Path) -> Portal:
    portal = open_portal(Settings(var=folder, demo=True, captcha="none", base_url="http://testserver"))
    upgrade(portal.database.engine)
    with portal.database.writing(Actor.system("Mesures")) as session:
        load_reference(session)
    for siret in _SIRETS:
        browsing.add_company(portal, siret)
    return portal


def siret_of(place: int) -> str:
    """A SIRET of its own for each vendor, since a second one would wait for the first (rule C2)."""
    siren = f"{10_000_000 + place}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


_SIRETS = tuple(siret_of(place) for place in range(_REQUESTS + 1))


def _submit(clock: Clock, portal: Portal, number: str, siret: str) -> None:
    client = PageClient(clock, base_url=portal.settings.base_url, check=False)
    visit = browsing.Visit(client, Vendor(number, siret))
    page = visit.finish(visit.to_summary())
    assert browsing.number_of(page)


def _pdf_of_a_mebibyte() -> bytes:
    """One page with a picture of noise, which nothing compresses."""
    side = 1000
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    picture = pikepdf.Stream(document, os.urandom(side * side))
    picture.stream_dict.update(
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": side,
            "/Height": side,
            "/ColorSpace": pikepdf.Name.DeviceGray,
            "/BitsPerComponent": 8,
        }
    )
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Noise=picture))
    document.pages[0].Contents = pikepdf.Stream(document, b"q 500 0 0 500 40 200 cm /Noise Do Q")
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def _files(folder: Path) -> set[Path]:
    return {path for path in (folder / "files").rglob("*") if path.is_file()}


def _write_again(database: Path, transactions: list[list[tuple[str, Any]]]) -> float:
    """Seconds to run the same statements in the same transactions, as durably."""
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    began = time.perf_counter()
    for statements in transactions:
        connection.execute("BEGIN IMMEDIATE")
        for statement, values in statements:
            connection.execute(statement, values).fetchall()
        connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def _store_again(folder: Path, contents: list[bytes]) -> float:
    """Seconds to write the same files, each synced with its name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    began = time.perf_counter()
    for place, content in enumerate(contents):
        with (folder / f"{place}").open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return time.perf_counter() - began
