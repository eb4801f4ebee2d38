"""The local registry, started for each test, and the two adapters pointed at it on a clock that jumps."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

import pytest

from enrolment.registries.limits import CircuitBreaker
from enrolment.registries.sirene import InseeRegistry, SearchRegistry
from tests.enrolment.registries.service import STREET_TYPES, Naps, Service

R = TypeVar("R", SearchRegistry, InseeRegistry)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, dict(self.headers)))
            answer = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  The name is the base class's.
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    state.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def search(service: Service, naps: Naps) -> Iterator[SearchRegistry]:
    registry = SearchRegistry(service.url, STREET_TYPES, user_agent="portail-essai/1.0 (contact@exemple.fr)")
    yield with_naps(registry, naps)
    registry.remote.close()


@pytest.fixture
def by_key(service: Service, naps: Naps) -> Iterator[InseeRegistry]:
    registry = InseeRegistry(f"{service.url}/api-sirene/3.11", "cle-d-essai", STREET_TYPES)
    yield with_naps(registry, naps)
    registry.remote.close()


def with_naps(registry: R, naps: Naps) -> R:
    registry.remote.sleep = naps.sleep
    registry.remote.clock = naps.now
    registry.remote.breaker = CircuitBreaker(clock=naps.now)
    return registry
