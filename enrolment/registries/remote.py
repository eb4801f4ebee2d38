"""One careful GET of a JSON document from a registry: time-outs, retries, size, restraint. It never raises.

What the document means belongs to `sirene`.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from enrolment.registries.company import Unavailable
from enrolment.registries.limits import CircuitBreaker, RateLimiter

logger = logging.getLogger(__name__)

_MOST_BYTES = 1024 * 1024
_MOST_ATTEMPTS = 3
_SHORTEST_PAUSE = 0.5
_SHORTEST_TIME_OUT = 0.05
_OK = 200
_NOT_FOUND = 404
_TOO_MANY = 429
_FIRST_SERVER_ERROR = 500


@dataclass(frozen=True)
class Document:
    """A JSON object that the registry answered with."""

    content: Mapping[str, object]


@dataclass(frozen=True)
class Missing:
    """The registry answered 404."""


class _Trouble(Exception):
    """No usable answer; the text is French. `retry_after` is what the registry asked for, in seconds."""

    def __init__(self, reason: str, *, may_retry: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.may_retry = may_retry
        self.retry_after = retry_after


@dataclass
class RemoteRegistry:
    """A registry reached by HTTP.

    `budget` is all the time one look-up may take, in seconds, waits and retries included: a visitor is
    waiting. `time_out` bounds each attempt within it.
    """

    base_url: str
    limiter: RateLimiter
    user_agent: str
    headers: Mapping[str, str] = field(default_factory=dict)
    budget: float = 6.0
    time_out: float = 3.0
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        # Compressed answers are not asked for, so that the size read is the size received.
        headers = {"User-Agent": self.user_agent, "Accept": "application/json", "Accept-Encoding": "identity"}
        self._client = httpx.Client(base_url=self.base_url, headers={**headers, **self.headers}, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Document | Missing | Unavailable:
        """The document at `path`. A busy or failing registry is asked again while the budget lasts."""
        if not self.breaker.allows():
            return Unavailable("Le registre ne répond plus : il sera interrogé de nouveau plus tard.")
        deadline = self.clock() + self.budget
        trouble: _Trouble | None = None
        for _ in range(_MOST_ATTEMPTS):
            if not self._wait_for_turn(deadline):
                break
            try:
                answer = self._attempt(path, parameters or {}, deadline)
            except _Trouble as error:
                trouble = error
            else:
                self.breaker.succeeded()
                return answer
            pause = max(_SHORTEST_PAUSE, trouble.retry_after or 0.0)
            if not trouble.may_retry or self.clock() + pause >= deadline:
                break
            self.sleep(pause)
        if trouble is None:
            # Our own restraint is no fault of the registry, so the breaker is not told.
            return Unavailable("Trop de recherches au même moment.")
        self.breaker.failed(trouble.retry_after)
        logger.warning("registry unavailable: %s", trouble)
        return Unavailable(str(trouble))

    def _wait_for_turn(self, deadline: float) -> bool:
        wait = self.limiter.reserve(deadline - self.clock())
        if wait is None:
            return False
        if wait > 0:
            self.sleep(wait)
        return True

    def _attempt(self, path: str, parameters: Mapping[str, str], deadline: float) -> Document | Missing:
        time_out = max(_SHORTEST_TIME_OUT, min(self.time_out, deadline - self.clock()))
        try:
            with self._client.stream("GET", path, params=parameters, timeout=time_out) as response:
                status = response.status_code
                if status == _NOT_FOUND:
                    return Missing()
                if status == _TOO_MANY or status >= _FIRST_SERVER_ERROR:
                    raise _busy(response)
                if status != _OK:
                    raise _Trouble(f"Le registre a refusé la recherche (réponse {status}).")
                return Document(_json_object(self._body(response, deadline)))
        except httpx.TimeoutException as error:
            raise _Trouble("Le registre n'a pas répondu à temps.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _Trouble("Le registre est injoignable.") from error

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _Trouble("Le registre a répondu sous une forme compressée, non demandée.")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > _MOST_BYTES:
                raise _Trouble("La réponse du registre est trop longue.")
            if self.clock() > deadline:
                raise _Trouble("Le registre n'a pas fini de répondre à temps.")
        return bytes(body)


def _busy(response: httpx.Response) -> _Trouble:
    status = response.status_code
    reason = (
        "Le registre reçoit trop de demandes."
        if status == _TOO_MANY
        else f"Le registre est en panne (réponse {status})."
    )
    return _Trouble(reason, may_retry=True, retry_after=_retry_after(response))


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds asked for by Retry-After, in either of its forms; None when absent or unreadable."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _json_object(body: bytes) -> Mapping[str, object]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Trouble("La réponse du registre est illisible.") from error
    if not isinstance(content, dict):
        raise _Trouble("La réponse du registre n'a pas la forme attendue.")
    return content
