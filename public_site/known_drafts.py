"""Which drafts a browser may open: those it started, or resumed from the link received by mail.

They are listed in a signed cookie that no script can read. The id in an address is not enough: an address is
shared, kept in a history, shown on a projector.
"""

from __future__ import annotations

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import NotFound
from enrolment.services.drafts import GONE
from web import cookies

COOKIE = "drafts"
MOST = 10
"""Drafts remembered by one browser; the oldest goes."""

_SECONDS = 120 * 24 * 3600
_LONGEST = 1_000


@dataclass(frozen=True)
class KnownDrafts:
    """Reads and writes the cookie, with a key derived from the program's one secret."""

    secret_key: str

    def read(self, request: Request) -> tuple[str, ...]:
        """The public ids that this browser may open, newest first. A cookie that is not ours holds none."""
        sent = cookies.read(request, COOKIE)
        if sent is None or len(sent) > _LONGEST:
            return ()
        try:
            listed = self._serializer.loads(sent)
        except BadSignature:
            return ()
        return tuple(item for item in listed if isinstance(item, str)) if isinstance(listed, list) else ()

    def remember(self, request: Request, response: Response, public_id: str) -> None:
        """Let this browser open a draft from now on."""
        others = [other for other in self.read(request) if other != public_id]
        value = self._serializer.dumps([public_id, *others][:MOST])
        cookies.put(response, request, COOKIE, value if isinstance(value, str) else value.decode(), seconds=_SECONDS)

    def require(self, request: Request) -> None:
        """Raise NotFound unless this browser may open the draft of the address: as if there were none."""
        if request.path_params["draft"] not in self.read(request):
            raise NotFound(GONE)

    @property
    def _serializer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret_key, salt="enrolment.known-drafts")
