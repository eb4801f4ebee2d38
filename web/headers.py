"""Security headers on every response, of both faces, in one cheap pure-ASGI middleware.

A route chooses its policy by name when it is declared (`web.routing.page`); a response may also set a header
itself, and then keeps it. Nothing here reads a body.
"""

from enum import Enum

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY_KEY = "web.policy"
CACHE_KEY = "web.cache"

NO_STORE = b"no-store"
REVALIDATE = b"private, no-cache"


def _policy(**directives: str) -> bytes:
    return "; ".join(f"{name.replace('_', '-')} {value}".strip() for name, value in directives.items()).encode()


_PAGE = {
    "default_src": "'none'",
    "script_src": "'self'",
    "style_src": "'self'",
    "img_src": "'self' data: blob:",
    "font_src": "'self'",
    "connect_src": "'self'",
    "media_src": "'self'",
    "worker_src": "'self'",
    "manifest_src": "'self'",
    "frame_src": "'self'",
    "object_src": "'none'",
    "base_uri": "'none'",
    "form_action": "'self'",
}
_FILE = {
    "default_src": "'none'",
    "img_src": "'self' data:",
    "style_src": "'self'",
    "object_src": "'none'",
    "base_uri": "'none'",
    "form_action": "'none'",
}


class Policy(Enum):
    """The content security policies in use. None has `unsafe-*`.

    FILE is for a document sent to be saved; VIEWER for one shown inside a page of ours: it runs sandboxed,
    with an origin of its own, no script, and only our pages may frame it.
    """

    PAGE = _policy(**_PAGE, frame_ancestors="'none'")
    FILE = _policy(**_FILE, frame_ancestors="'none'", sandbox="")
    VIEWER = _policy(**_FILE, frame_ancestors="'self'", sandbox="")


_REFUSED_FEATURES = (
    *(b"accelerometer", b"camera", b"display-capture", b"geolocation", b"gyroscope", b"hid", b"magnetometer"),
    *(b"microphone", b"midi", b"payment", b"publickey-credentials-get", b"screen-wake-lock", b"serial", b"usb"),
)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b", ".join(name + b"=()" for name in _REFUSED_FEATURES)),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SecurityHeaders:
    """Adds the headers that are not already there, when the response starts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; every response that starts gets its headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = complete(message.get("headers", ()), scope)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def complete(headers: list[tuple[bytes, bytes]], scope: Scope) -> list[tuple[bytes, bytes]]:
    """The given raw headers, followed by those of the house that they lack.

    Referrer-Policy is `same-origin`: an address with a signed token in it never leaves for another site, and
    our own Origin/Referer check keeps working.
    """
    complete_headers = [*headers, *_ALWAYS]
    present = {name for name, _ in headers}
    if not present.isdisjoint(_ALWAYS_NAMES):
        complete_headers = [*headers, *((name, value) for name, value in _ALWAYS if name not in present)]
    if b"content-security-policy" not in present:
        complete_headers.append((b"content-security-policy", scope.get(POLICY_KEY, Policy.PAGE).value))
    if b"cache-control" not in present:
        complete_headers.append((b"cache-control", scope.get(CACHE_KEY, NO_STORE)))
    if scope.get("scheme") == "https" and b"strict-transport-security" not in present:
        complete_headers.append(_STRICT_TRANSPORT)
    return complete_headers


_ALWAYS_NAMES = frozenset(name for name, _ in _ALWAYS)
