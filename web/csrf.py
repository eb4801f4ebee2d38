"""Protection against requests that another site makes a browser send.

Two checks, both needed: where the request says it comes from (`Sec-Fetch-Site`, else `Origin`, else
`Referer`), and a token that only a page of ours can carry. The token is bound to a random cookie of the
browser and masked anew each time it is written, so that a compressed page never holds the same secret twice
(BREACH). Everything fails closed.

Pure functions first, then `Csrf`, which our own routes use. The variant for applications whose routes are not
ours is `web.csrf_guard`.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from enrolment.errors import Forbidden
from web import cookies

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FIELD = "csrf_token"
HEADER = "x-csrf-token"
VISITOR_COOKIE = "visitor"
VISITOR_SECONDS = 30 * 24 * 3600
_NEW_VISITOR_KEY = "web.new_visitor"
_DIGEST_BYTES = 32


class CsrfRefused(Forbidden):
    """The request did not prove that it comes from a page of ours."""

    def __init__(self) -> None:
        super().__init__(
            "Par sécurité, cet envoi a été refusé : il ne vient pas d'une page ouverte dans ce navigateur, "
            "ou vos cookies sont bloqués. Revenez à la page précédente, rechargez-la, puis recommencez."
        )


def new_visitor() -> str:
    """A random name for a browser, of 256 bits."""
    return secrets.token_urlsafe(32)


def make_token(secret: bytes, binding: str) -> str:
    """A token for this browser, different each time it is written."""
    mask = secrets.token_bytes(_DIGEST_BYTES)
    return base64.urlsafe_b64encode(mask + _xor(mask, _digest(secret, binding))).decode("ascii")


def token_is_valid(secret: bytes, binding: str, token: str) -> bool:
    """Whether the token was made for this browser; any malformed token is just wrong."""
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return False
    # Base64 can write the same bytes in several ways: only ours is taken.
    if len(raw) != 2 * _DIGEST_BYTES or base64.urlsafe_b64encode(raw).decode("ascii") != token:
        return False
    sent = _xor(raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:])
    return hmac.compare_digest(sent, _digest(secret, binding))


def comes_from_us(headers: Headers, origins: Collection[str]) -> bool:
    """Whether the browser says that the request was made by a page of one of `origins` (scheme://host).

    `Sec-Fetch-Site` is the browser's own word and no proxy changes it, so it decides when it is there. A
    program that sends none of the three headers is not a browser: no other site can drive it, and it must
    still show a token.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    sent_origin = headers.get("origin")
    if sent_origin is not None:
        return sent_origin in origins
    referer = headers.get("referer")
    return referer is None or any(referer == origin or referer.startswith(origin + "/") for origin in origins)


def _digest(secret: bytes, binding: str) -> bytes:
    return hmac.digest(secret, binding.encode("utf-8", "replace"), hashlib.sha256)


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(_DIGEST_BYTES)


@dataclass(frozen=True)
class Csrf:
    """The protection of one face.

    `bound_to` names the cookies a token may be bound to, most precise first: the session cookie for the back
    office; the visitor cookie for the public site, where a form must survive signing in or out in another
    tab. `origin` is the public address of the portal, for when a proxy hides it from the program.
    """

    secret: bytes
    bound_to: tuple[str, ...] = (VISITOR_COOKIE,)
    origin: str | None = None

    @classmethod
    def from_key(
        cls, secret_key: str, bound_to: Iterable[str] = (VISITOR_COOKIE,), origin: str | None = None
    ) -> "Csrf":
        """Derive a key of its own from the one secret of the program."""
        if not secret_key:
            message = "The protection of forms needs a secret key."
            raise ValueError(message)
        key = hmac.digest(secret_key.encode(), b"enrolment.csrf", hashlib.sha256)
        return cls(key, tuple(bound_to), origin.rstrip("/") if origin else None)

    def token(self, request: HTTPConnection) -> str:
        """A token for a form of this page; a browser not seen before gets its cookie with the response."""
        binding = self._binding(request)
        if binding is None:
            visitor = request.scope.setdefault(_NEW_VISITOR_KEY, new_visitor())
            binding = f"{VISITOR_COOKIE}={visitor}"
        return make_token(self.secret, binding)

    def field(self, request: HTTPConnection) -> Markup:
        """The hidden field that every form which changes something must hold."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, self.token(request))

    def check_origin(self, request: HTTPConnection) -> None:
        """Raise `CsrfRefused` when the browser says that another site made this request."""
        origins = [f"{request.scope.get('scheme', 'http')}://{request.headers.get('host', '')}"]
        if self.origin is not None:
            origins.append(self.origin)
        if not comes_from_us(request.headers, origins):
            raise CsrfRefused

    def check_token(self, request: HTTPConnection, token: str | None) -> None:
        """Raise `CsrfRefused` unless the token was made for this browser."""
        binding = self._binding(request)
        if not token or binding is None or not token_is_valid(self.secret, binding, token):
            raise CsrfRefused

    def _binding(self, request: HTTPConnection) -> str | None:
        for name in self.bound_to:
            value = cookies.read(request, name)
            if value is not None:
                return f"{name}={value}"
        return None


def visitor_cookie(scope: Scope) -> tuple[bytes, bytes] | None:
    """The raw header that names a browser for the first time, when a page of this request needed it."""
    visitor = scope.get(_NEW_VISITOR_KEY)
    if visitor is None:
        return None
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    name = cookies.stored_name(scope, VISITOR_COOKIE)
    value = f"{name}={visitor}; HttpOnly; Max-Age={VISITOR_SECONDS}; Path=/; SameSite=lax{secure}"
    return b"set-cookie", value.encode("ascii")
