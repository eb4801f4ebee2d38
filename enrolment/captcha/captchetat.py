"""Adapter for CaptchEtat, the captcha that the State offers to administrations through PISTE.

Only the exchange is here: a token by OAuth (client credentials), an image or a sound, and the check of an
answer. Everything that goes wrong is `CaptchEtatUnavailable`; what to do then is decided in `facade`.
"""

from __future__ import annotations

import base64
import binascii
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from enrolment.clock import now

if TYPE_CHECKING:
    import httpx

PICTURE = "captchaFR"
PAUSE = timedelta(seconds=60)  # after a failure, so that a service that is down does not slow every page.
MAX_ANSWER = 2_000_000  # bytes of an image or a sound; theirs are far smaller.
_MARGIN = timedelta(seconds=30)  # a token is renewed this long before it ends.
_log = logging.getLogger(__name__)


class CaptchEtatUnavailable(Exception):
    """The service does not answer, refuses us, or answers something unexpected."""


@dataclass(frozen=True)
class CaptchEtatAccess:
    """Where the service is and who we are there. URLs without a final slash; PISTE gives all four."""

    token_url: str
    service_url: str
    client_id: str
    client_secret: str
    scope: str = "piste.captchetat"
    timeout: float = 2.0  # seconds, for each exchange.


class CaptchEtat:
    """A client that may be shared by threads."""

    def __init__(self, access: CaptchEtatAccess) -> None:
        import httpx  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.

        self._access = access
        self._failures = (httpx.HTTPError, httpx.InvalidURL)
        self._client = httpx.Client(timeout=access.timeout, follow_redirects=False)
        self._lock = threading.Lock()
        self._bearer = ""
        self._bearer_ends: datetime | None = None
        self._paused_until: datetime | None = None

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def new(self) -> tuple[str, bytes]:
        """A fresh challenge: its identifier and the PNG picture."""
        answer = self._get(get="image", c=PICTURE)
        try:
            body = answer.json()
            identifier, image = body["uuid"], body["imageb64"]
            picture = base64.b64decode(image.rpartition(",")[2], validate=True)
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise self._failed("image") from error
        if not isinstance(identifier, str) or not picture.startswith(b"\x89PNG"):
            raise self._failed("image")
        return identifier, picture

    def audio(self, identifier: str) -> bytes:
        """The sound of a challenge, as a WAV file."""
        content = self._get(get="sound", c=PICTURE, t=identifier).content
        if not content.startswith(b"RIFF"):
            raise self._failed("sound")
        return content

    def check(self, identifier: str, answer: str) -> bool:
        """Whether the answer is right. The service lets each challenge be checked once."""
        reply = self._exchange("POST", "/valider-captcha", json={"uuid": identifier, "code": answer})
        verdict = reply.text.strip().casefold()
        if verdict not in {"true", "false"}:
            raise self._failed("check")
        return verdict == "true"

    def _get(self, **query: str) -> httpx.Response:
        return self._exchange("GET", "/simple-captcha-endpoint", params=query)

    def _exchange(self, method: str, path: str, **content: Any) -> httpx.Response:
        with self._lock:
            if self._paused_until is not None and now() < self._paused_until:
                raise CaptchEtatUnavailable("paused after a failure")
        try:
            headers = {"Authorization": f"Bearer {self._token()}"}
            reply = self._client.request(method, self._access.service_url + path, headers=headers, **content)
            if reply.status_code == HTTPStatus.UNAUTHORIZED:
                self._forget_token()
            reply.raise_for_status()
        except self._failures as error:
            raise self._failed(type(error).__name__) from error
        if len(reply.content) > MAX_ANSWER:
            raise self._failed("size")
        return reply

    def _token(self) -> str:
        with self._lock:
            if self._bearer_ends is not None and now() < self._bearer_ends:
                return self._bearer
        form = {
            "grant_type": "client_credentials",
            "client_id": self._access.client_id,
            "client_secret": self._access.client_secret,
            "scope": self._access.scope,
        }
        reply = self._client.post(self._access.token_url, data=form).raise_for_status()
        try:
            body = reply.json()
            bearer, life = str(body["access_token"]), timedelta(seconds=int(body.get("expires_in", 0)))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise self._failed("token") from error
        with self._lock:
            self._bearer, self._bearer_ends = bearer, now() + life - _MARGIN
        return bearer

    def _forget_token(self) -> None:
        with self._lock:
            self._bearer_ends = None

    def _failed(self, what: str) -> CaptchEtatUnavailable:
        """Note the failure and rest for a while; the log names the kind of failure, never an answer."""
        with self._lock:
            self._paused_until = now() + PAUSE
        _log.warning("CaptchEtat failed (%s); the local captcha takes over for %s.", what, PAUSE)
        return CaptchEtatUnavailable(what)
