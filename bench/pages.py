"""Pages that strangers open: the landing page and the status page, beside a bare page of the same size."""

from __future__ import annotations

import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import select

from bench.figures import Figure
from bench.load import free_port, rate, serving
from enrolment.portal import open_portal
from enrolment.settings import Settings
from schema.tables import EnrolmentRequest

_ROUNDS = 3


def run() -> Iterator[Figure]:
    """Both pages, alternating with their floor so that a machine that slows down slows both."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"ENROLMENT_VAR": folder, "ENROLMENT_DEMO": "true"}
        port = free_port()
        program = str(Path(sys.executable).parent / "enrolment")
        command = [program, "serve", "--demo", "--port", str(port)]
        with serving(command, port, environment) as portal:
            yield _beside("Landing page", portal + "/", 0.80)
            yield _beside("Status page", portal + _status_path(environment), 1 / 3)


def _status_path(environment: dict[str, str]) -> str:
    os.environ.update(environment)
    portal = open_portal(Settings())
    with portal.database.reading() as session:
        request = session.exec(select(EnrolmentRequest).order_by(EnrolmentRequest.id)).first()
    assert request is not None
    return portal.addresses.status(request).removeprefix(portal.settings.base_url)


def _beside(name: str, url: str, limit: float) -> Figure:
    with urllib.request.urlopen(url) as answer:
        size = len(answer.read())
    port = free_port()
    bare = [sys.executable, "-m", "bench.bare", str(port), str(size)]
    with serving(bare, port) as floor:
        pairs = [(rate(url, 4), rate(floor + "/", 4)) for _ in range(_ROUNDS)]
    measured, beside = sorted(pairs, key=lambda pair: pair[0] / pair[1])[_ROUNDS // 2]
    return Figure(name, measured, beside, "requests/s", limit, at_most=False, floor_name="bare page")
