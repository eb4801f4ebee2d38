"""How much longer a vendor's « Terminer » and a manager's decision take while a million rows are being corrected.

The real server, its worker inside as `enrolment serve` runs it; real requests over HTTP, a vendor and a manager at
once, first alone, then while the worker applies a correction of 1,000,000 rows. On both engines.
"""

from __future__ import annotations

import itertools
import math
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from bench import corrections
from bench.figures import Figure
from bench.submitting import siret_of
from enrolment.application.rules import BOXES, box
from enrolment.corrections import steering
from enrolment.links import Purpose
from enrolment.portal import Portal, open_portal
from enrolment.settings import Settings
from schema.enums import CorrectionState, Verb
from schema.tables import Correction, CorrectionRule
from seeds.demo.data import MANAGER
from tests import postgres
from tests.browser.servers import receiving, serving
from tests.pages import PageClient
from tests.stories import Vendor, fill, new_number, submit

ROWS = 1_000_000
_ALONE, _MEANWHILE = 120, 350
# Seconds between two requests of one person.
_PAUSE = 0.1
_LONGER = 250.0
_NAMES = ("A submission", "A manager's decision")
_serial = itertools.count(20_000_000)


@dataclass
class Times:
    """Milliseconds of each request of a kind: alone, then beside the correction."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)


def run() -> Iterator[Figure]:
    """For each engine and each of the two requests: what its 99th percentile gains."""
    for engine in ("sqlite", "postgresql"):
        for name, times in zip(_NAMES, _measured(engine), strict=True):
            shown = "SQLite" if engine == "sqlite" else "PostgreSQL"
            longer = max(percentile(times.beside) - percentile(times.alone), 0.0)
            yield Figure(
                f"{name} while {ROWS:,} rows are corrected, {shown}: longer than alone, p99",
                longer,
                _LONGER,
                "ms",
                1.0,
                at_most=True,
                floor_name=f"what is promised, of {len(times.beside)} requests",
            )


def percentile(values: list[float], part: float = 0.99) -> float:
    """The value that this part of all values do not exceed, by nearest rank."""
    return sorted(values)[math.ceil(part * len(values)) - 1]


def _measured(engine: str) -> tuple[Times, Times]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-meanwhile-")))
        mailbox = stack.enter_context(receiving())
        url = postgres.shared().create_database() if engine == "postgresql" else ""
        running = stack.enter_context(serving(folder / "var", mailbox, ENROLMENT_DATABASE_URL=url))
        settings = Settings(var=running.var, demo=True, captcha="none", base_url=running.address, database_url=url)
        portal = open_portal(settings)
        stack.callback(portal.database.dispose)
        with portal.database.writing(corrections.STEWARD) as session:
            session.connection().execute(sa.update(CorrectionRule).values(asks_approval=False))
        corrections.add_referencings(portal.database, ROWS)
        vendors = list(_vendors(portal, running.address))
        for vendor in vendors:
            vendor.open()
        desk = _Desk(portal, running.address)
        letters = [desk.prepare(submit(portal, one.draft).request.id) for one in _vendors(portal, running.address)]
        acts = ([vendor.finish for vendor in vendors], [lambda sent=letter: desk.send(sent) for letter in letters])
        found = Times(), Times()
        alone = [[act.pop() for _ in range(_ALONE)] for act in acts]
        _at_once(alone, [times.alone for times in found], threading.Event())
        correction = _frozen(portal)
        with portal.database.writing(corrections.STEWARD) as session:
            steering.apply(session, correction.public_id)
        ended = threading.Event()
        watching = threading.Thread(target=_wait, args=(portal, correction.id, CorrectionState.applying, ended))
        watching.start()
        _at_once(acts, [times.beside for times in found], ended)
        ended.set()
        watching.join()
    return found


def _vendors(portal: Portal, address: str) -> Iterator[_Vendor]:
    return (_Vendor(portal, address) for _ in range(_ALONE + _MEANWHILE))


def _at_once(kinds: Any, noted: list[list[float]], ended: threading.Event) -> None:
    """One person for each kind, each making one request after the other."""

    def one_by_one(acts: list[Any], times: list[float]) -> None:
        for act in acts:
            if ended.is_set():
                return
            began = time.perf_counter()
            act()
            times.append(1000 * (time.perf_counter() - began))
            time.sleep(_PAUSE)

    with ThreadPoolExecutor(len(noted)) as pool:
        list(pool.map(one_by_one, kinds, noted))


def _frozen(portal: Portal) -> Correction:
    """A correction of every referencing that was added, prepared by the server's worker."""
    correction = corrections.asked(portal.database)
    _wait(portal, correction.id, CorrectionState.preparing)
    with portal.database.reading() as session:
        frozen = session.get_one(Correction, correction.id)
    assert frozen.state is CorrectionState.frozen, frozen.problem
    assert frozen.planned >= ROWS
    return frozen


def _wait(portal: Portal, correction_id: int, state: CorrectionState, ended: threading.Event | None = None) -> None:
    """Until a correction leaves a state, or nobody waits for it any more."""
    while ended is None or not ended.is_set():
        with portal.database.reading() as session:
            if session.get_one(Correction, correction_id).state is not state:
                break
        time.sleep(0.2)
    if ended is not None:
        ended.set()


def _browser(address: str) -> PageClient:
    """A browser that goes over HTTP."""
    client = PageClient(None, check=False)
    client.http = httpx.Client(base_url=address, follow_redirects=True, timeout=60)  # type: ignore[assignment]
    return client


class _Vendor:
    """Somebody whose form is filled in, before « Terminer »."""

    def __init__(self, portal: Portal, address: str) -> None:
        self._portal = portal
        self._address = address
        self.draft = fill(portal, Vendor(new_number(portal), siret=siret_of(next(_serial))))
        self._client: PageClient | None = None
        self._sent: dict[str, str] = {}

    def open(self) -> None:
        """Come to the summary by the link of the mail."""
        self._client = _browser(self._address)
        self._client.get(f"/enrolement/reprise/{self._portal.links.sign(Purpose.RESUME_DRAFT, self.draft)}")
        page = self._client.get(f"/enrolement/{self.draft}/recapitulatif")
        token = page.form_named("summary-form").values()["csrf_token"][0]
        self._sent = {"csrf_token": token, "confirmed": "1", **{box(kind): "oui" for kind in BOXES}}

    def finish(self) -> None:
        """« Terminer », and the confirmation that follows."""
        assert self._client is not None
        answer = self._client.http.post(
            f"/enrolement/{self.draft}/recapitulatif", data=self._sent, headers={"sec-fetch-site": "same-origin"}
        )
        assert answer.status_code == 200, answer.text


class _Desk:
    """A manager in one browser."""

    def __init__(self, portal: Portal, address: str) -> None:
        self._portal = portal
        self._client = _browser(address)
        page = self._client.get("/admin/login")
        self._client.submit(page.form, email=MANAGER.email, mot_de_passe=MANAGER.password)

    def prepare(self, request_id: int) -> tuple[str, dict[str, Any]]:
        """Refuse a file, up to the mail: the address and fields of « Envoyer la décision »."""
        page = self._client.get(f"/admin/demandes/{request_id}")
        form = next(form for form in page.forms if form.values().get("decision") == [Verb.reject.value])
        page = self._client.submit(form, button="Préparer le mail", message="La société n'édite pas ce logiciel.")
        letter = page.form_named("Envoyer la décision")
        return letter.action or page.path, letter.values()

    def send(self, letter: tuple[str, dict[str, Any]]) -> None:
        """« Envoyer la décision », and the page that follows."""
        path, fields = letter
        answer = self._client.http.post(path, data=fields, headers={"sec-fetch-site": "same-origin"})
        assert answer.status_code == 200, answer.text
