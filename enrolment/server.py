"""Serves both faces from one process: `/admin` to the back office, the rest to the public site.

The faces are named by import string, since this package knows neither of them, nor a web framework: what stands here is
plain ASGI.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

from enrolment.jobs import jobs_of
from enrolment.portal import Portal, open_portal
from enrolment.settings import Settings
from enrolment.worker import run_worker

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PUBLIC_SITE = "public_site.app:create_app"
BACK_OFFICE = "admin_app.app:create_app"
_PREFIX = "/admin"
_WITH_WORKER = "ENROLMENT_SERVE_WORKER"
_STOP_SECONDS = 20
_NEW_OBJECTS = 50_000
"""Objects made before the collector looks for cycles: with Python's 700 it would do so at each page."""

logger = logging.getLogger(__name__)


def load(name: str) -> Callable[[Portal], App]:
    """The factory behind `module:function`."""
    module, _, function = name.partition(":")
    factory: Callable[[Portal], App] = getattr(importlib.import_module(module), function)
    return factory


class Server:
    """The whole portal as one ASGI application, with the background worker inside."""

    def __init__(self, portal: Portal, *, with_worker: bool = True) -> None:
        self.portal = portal
        self._public = load(PUBLIC_SITE)(portal)
        self._back_office = load(BACK_OFFICE)(portal)
        self._with_worker = with_worker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a request to the face it is for."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path: str = scope["path"]
        if path == _PREFIX or path.startswith(f"{_PREFIX}/"):
            await self._back_office({**scope, "root_path": scope.get("root_path", "") + _PREFIX}, receive, send)
        else:
            await self._public(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Run the worker from start-up to shutdown; at shutdown it hands back its job first (REL-8)."""
        stop = asyncio.Event()
        worker: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                if self._with_worker:
                    worker = asyncio.create_task(run_worker(self.portal, stop, jobs_of(self.portal)))
                # What the program is made of stays until its end: it need not be looked through again and again.
                gc.collect()
                gc.freeze()
                gc.set_threshold(_NEW_OBJECTS)
                await send({"type": "lifespan.startup.complete"})
            else:
                stop.set()
                if worker is not None:
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(worker, timeout=_STOP_SECONDS)
                self.portal.database.dispose()
                await send({"type": "lifespan.shutdown.complete"})
                return


def create_app() -> App:
    """The application from the environment: what each process of `serve` runs."""
    return Server(open_portal(Settings()), with_worker=os.environ.get(_WITH_WORKER, "1") == "1")


def run(settings: Settings, host: str, port: int, workers: int, *, with_worker: bool = True) -> None:
    """Serve until stopped. `workers` processes; each also delivers mail unless `with_worker` is false."""
    os.environ[_WITH_WORKER] = "1" if with_worker else "0"
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "loop": "uvloop",
        "http": "httptools",
        "access_log": False,
        "server_header": False,
        "date_header": True,
        "timeout_graceful_shutdown": _STOP_SECONDS,
        "timeout_keep_alive": 30,
        "log_level": "warning",
    }
    if workers == 1:
        uvicorn.run(Server(open_portal(settings), with_worker=with_worker), **options)
    else:
        uvicorn.run("enrolment.server:create_app", factory=True, workers=workers, **options)
