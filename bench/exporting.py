"""The CSV of 1,000,000 requests through a server of its own, beside a bare cursor and `csv.writer`; its memory, and
what another person's pages take meanwhile.
"""

from __future__ import annotations

import csv
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx

from bench.figures import Figure
from bench.load import free_port, wait_for
from bench.office import FOLDER, MANY, opened
from enrolment.records import presentation
from schema.describe import model_named
from schema.references import naming_of
from schema.tables import EnrolmentRequest
from tests.admin_app.instruction import PASSWORD

_MOST_MEMORY = 150.0
_LONGEST_PAGE = 100.0
_PAGE = "/admin/request/list?tri=submitted_at&sens=desc"
_ROUNDS = 1


def run() -> Iterator[Figure]:
    """The best of each side: another program's work must not be counted as ours."""
    with opened(MANY):
        pass
    folder = FOLDER / str(MANY)
    port = free_port()
    program = str(Path(sys.executable).parent / "enrolment")
    environment = {"ENROLMENT_VAR": str(folder), "ENROLMENT_DEMO": "true", "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([program, "serve", "--port", str(port)], env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process, "/readyz", seconds=120)
        with httpx.Client(base_url=address, timeout=300) as client:
            _sign_in(client)
            before = _resident(process.pid)
            pairs = [(_bare(folder), _export(client)) for _ in range(_ROUNDS)]
            pages, peak = _beside(address, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)
    bare, exported = (min(times) for times in zip(*pairs, strict=True))
    name = "Export of 1,000,000 requests"
    yield Figure(name, exported, bare, "s", 1.5, at_most=True, floor_name="a bare cursor and `csv.writer`")
    said = "what is promised"
    yield Figure(f"{name}: memory", peak - before, _MOST_MEMORY, "MB", 1.0, at_most=True, floor_name=said)
    slowest = sorted(pages)[int(len(pages) * 0.99)]
    yield Figure(f"{name}: another's page, p99", slowest, _LONGEST_PAGE, "ms", 1.0, at_most=True, floor_name=said)


def _sign_in(client: httpx.Client) -> None:
    page = client.get("/admin/login").text
    token = re.search(r'name="csrf[^"]*" value="([^"]+)"', page)
    name = re.search(r'name="(csrf[^"]*)"', page)
    assert token is not None
    assert name is not None
    form = {name[1]: token[1], "email": "anne@asp.example", "mot_de_passe": PASSWORD}
    assert client.post("/admin/login", data=form).status_code in {302, 303}


def _export(client: httpx.Client) -> float:
    began = time.perf_counter()
    with client.stream("GET", "/admin/request/export/csv") as answer:
        assert answer.status_code == 200
        size = sum(len(piece) for piece in answer.iter_raw())
    assert size > 100 * MANY
    return time.perf_counter() - began


def _bare(folder: Path) -> float:
    began = time.perf_counter()
    with (
        closing(sqlite3.connect(folder / "enrolment.sqlite3")) as connection,
        (folder / "bare.csv").open("w", encoding="utf-8", newline="") as stream,
    ):
        csv.writer(stream, delimiter=";").writerows(connection.execute(_select()))
    return time.perf_counter() - began


def _select() -> str:
    """The same columns, references by the same names."""
    columns, joins = [], []
    for place, spec in enumerate(presentation.exported(EnrolmentRequest)):
        naming = "id" if spec.references is None else naming_of(model_named(spec.references)).name
        if spec.references is None or naming == "id":
            columns.append(f"request.{spec.name}")
        else:
            columns.append(f"t{place}.{naming}")
            joins.append(f"LEFT JOIN {spec.references} t{place} ON t{place}.id = request.{spec.name}")
    return f"SELECT {', '.join(columns)} FROM request {' '.join(joins)} ORDER BY request.id"


def _beside(address: str, pid: int) -> tuple[list[float], float]:
    """Milliseconds of the pages of somebody else while an export runs, and the most memory that was used."""
    pages: list[float] = []
    peak = 0.0
    with httpx.Client(base_url=address, timeout=300) as exporter, httpx.Client(base_url=address, timeout=60) as other:
        for client in (exporter, other):
            _sign_in(client)
        thread = threading.Thread(target=_export, args=(exporter,))
        thread.start()
        while thread.is_alive():
            began = time.perf_counter()
            assert other.get(_PAGE).status_code == 200
            pages.append(1000 * (time.perf_counter() - began))
            peak = max(peak, _resident(pid))
            time.sleep(0.02)
        thread.join()
    return pages, peak


def _resident(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
