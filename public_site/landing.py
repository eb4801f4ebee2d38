"""The home page: the same for everybody, so it is made every few seconds and sent as bytes the rest of the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import anyio
import sqlalchemy as sa
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from enrolment import clock
from public_site.account.guard import has_session
from public_site.kept import SECONDS, Fresh
from public_site.site import portal_of, render
from schema.base import table_of
from schema.tables import Corridor, Dsr, Wave
from web.compression import smallest
from web.routing import Access, page


@dataclass(frozen=True)
class Opening:
    """A family of software of a corridor, and when it may be enrolled."""

    name: str
    opens_at: datetime
    closes_at: datetime | None

    def state(self, now: datetime) -> str:
        """open, later or closed."""
        if now < self.opens_at:
            return "later"
        return "open" if self.closes_at is None or now <= self.closes_at else "closed"


@dataclass(frozen=True)
class WaveView:
    """A wave that is or will be open, with its openings by corridor."""

    name: str
    corridors: tuple[tuple[str, tuple[tuple[Opening, str], ...]], ...]


_Variants = dict[tuple[bool, bytes], Response]
"""By whether the browser has a session, and by encoding."""


async def home(request: Request) -> Response:
    """The landing page."""
    variants: Fresh[_Variants] | None = getattr(request.app.state, "home", None)
    if variants is None:
        # Its variants depend on no visitor: any request serves to make them.
        variants = request.app.state.home = Fresh(lambda: _made(request), SECONDS)
    ready = variants.held
    if ready is None:
        ready = await anyio.to_thread.run_sync(variants.get)
    return ready[has_session(request), _encoding(request)]


def _made(request: Request) -> _Variants:
    """The page for those who are signed in and for the others, in each encoding, ready to be sent."""
    with portal_of(request).database.reading() as session:
        waves = _waves(session)
    made: _Variants = {}
    for signed_in in (False, True):
        body = bytes(render(request, "home.html", {"waves": waves, "has_session": signed_in}).body)
        made[signed_in, b""] = _response(body, None)
        for encoding in ("br", "gzip"):
            made[signed_in, encoding.encode()] = _response(smallest(body, encoding), encoding)
    return made


def _response(body: bytes, encoding: str | None) -> Response:
    headers = {"vary": "accept-encoding"} | ({"content-encoding": encoding} if encoding else {})
    return Response(body, media_type="text/html", headers=headers)


def _encoding(request: Request) -> bytes:
    for name, value in request.scope["headers"]:
        if name == b"accept-encoding":
            return b"br" if b"br" in value else b"gzip" if b"gzip" in value else b""
    return b""


def _waves(session: Session) -> tuple[WaveView, ...]:
    wave, corridor, dsr = table_of(Wave), table_of(Corridor), table_of(Dsr)
    now = clock.now()
    rows = session.execute(
        sa.select(
            wave.c.name.label("wave"),
            corridor.c.name.label("corridor"),
            dsr.c.name,
            dsr.c.enrolment_opens_at,
            dsr.c.closes_at,
            wave.c.opens_at,
            wave.c.closes_at.label("wave_closes_at"),
        )
        .join_from(dsr, wave, dsr.c.wave_id == wave.c.id)
        .join(corridor, dsr.c.corridor_id == corridor.c.id)
        .where(sa.or_(wave.c.closes_at.is_(None), wave.c.closes_at > now))
        .order_by(wave.c.opens_at, corridor.c.id, dsr.c.id)
    ).all()
    return tuple(_wave(name, [row for row in rows if row.wave == name], now) for name in _unique(r.wave for r in rows))


def _wave(name: str, rows: list[sa.Row[tuple[object, ...]]], now: datetime) -> WaveView:
    corridors = []
    for corridor in _unique(row.corridor for row in rows):
        openings = []
        for row in rows:
            if row.corridor == corridor:
                closings = [moment for moment in (row.closes_at, row.wave_closes_at) if moment is not None]
                opening = Opening(
                    row.name, max(row.enrolment_opens_at, row.opens_at), min(closings) if closings else None
                )
                openings.append((opening, opening.state(now)))
        corridors.append((corridor, tuple(openings)))
    return WaveView(name, tuple(corridors))


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


ROUTES = (page("/", home, access=Access.PUBLIC, name="landing"),)
