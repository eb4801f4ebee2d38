"""Who is signed in: the cookies of a vendor, the gate of its pages, and where to go after signing in.

The session itself is on the server (`enrolment.services.sessions`).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import Response

from enrolment.errors import Forbidden
from enrolment.known_browsers import KnownBrowsers
from enrolment.services import sessions
from enrolment.services.accounts import actor_of
from public_site.site import portal_of, redirect
from schema.enums import WebAudience
from schema.history import Actor
from schema.tables import Account
from web import cookies
from web.csrf import SAFE_METHODS
from web.headers import CACHE_KEY, NO_STORE
from web.routing import Access

SIGN_IN = "/connexion"
HOME = "/espace/"
SESSION_COOKIE = "session"
BROWSER_COOKIE = "browser"
_BROWSER_SECONDS = 180 * 24 * 3600
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Only our own private pages: no other site, no address that a browser reads as one (//host, /\host).
_AFTER_SIGN_IN = re.compile(r"/espace(?:/[\w.~%-]*)*(?:\?[\w.~%=&+-]*)?", re.ASCII)
_MEMO = "account.visitor"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visitor:
    """The signed-in vendor of a request. `key` is that of its session."""

    account: Account
    key: str

    @property
    def actor(self) -> Actor:
        """The vendor, as the history names it."""
        return actor_of(self.account)


def admit(request: Request, access: Access) -> Response | None:
    """The gate of `Access.ACCOUNT`: lets a signed-in vendor in, sends anybody else to the sign-in page."""
    del access
    if current(request) is not None:
        return None
    # Without a cookie nobody was signed in; with one, the session ended, and the page says why one is back there.
    ended = cookies.read(request, SESSION_COOKIE) is not None
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = [f"suite={quote(wanted, safe='/')}"] if request.method in SAFE_METHODS and is_private(wanted) else []
    query += ["etat=expiree"] if ended else []
    response = redirect(f"{SIGN_IN}?{'&'.join(query)}" if query else SIGN_IN)
    if ended:
        cookies.drop(response, request, SESSION_COOKIE)
    return response


def visitor_of(request: Request) -> Visitor:
    """The signed-in vendor of a page behind the gate."""
    visitor = current(request)
    if visitor is None:
        raise Forbidden("Connectez-vous pour ouvrir cette page.")
    return visitor


def current(request: Request) -> Visitor | None:
    """The signed-in vendor, if any: looked up once for a request, and not at all without a cookie."""
    if _MEMO not in request.scope:
        request.scope[_MEMO] = _look_up(request)
    visitor: Visitor | None = request.scope[_MEMO]
    return visitor


def has_session(request: Request) -> bool:
    """Whether the browser was signed in when last seen. The page that it leads to looks whether it still is."""
    if cookies.read(request, SESSION_COOKIE) is None:
        return False
    request.scope[CACHE_KEY] = NO_STORE
    return True


def _look_up(request: Request) -> Visitor | None:
    key = cookies.read(request, SESSION_COOKIE)
    if key is None:
        return None
    # What a page says to one who is signed in is nobody else's.
    request.scope[CACHE_KEY] = NO_STORE
    database = portal_of(request).database
    with database.reading() as session:
        found = sessions.find(session, WebAudience.vendor, key)
    if found is None:
        return None
    if found.to_touch:
        try:
            with database.writing(Actor.system()) as session:
                sessions.touch(session, found.session.id)
        except OperationalError:
            # A busy database must not cost the reader its page: the session then ends a little earlier.
            logger.warning("the last activity of a session could not be written")
    return Visitor(found.account, key)


def is_private(address: str) -> bool:
    """Whether an address is one of our private pages, where signing in may lead."""
    return _AFTER_SIGN_IN.fullmatch(address) is not None


def browsers(request: Request) -> KnownBrowsers:
    """Recognises browsers that signed in before."""
    return KnownBrowsers(portal_of(request).settings.secret_key.get_secret_value())


def let_in(response: Response, request: Request, key: str, login: str) -> None:
    """Give a browser that has just signed in its two cookies: its session, and the mark of a known browser."""
    known = browsers(request).remember(cookies.read(request, BROWSER_COOKIE), login)
    _put(response, request, SESSION_COOKIE, key, None)
    _put(response, request, BROWSER_COOKIE, known, _BROWSER_SECONDS)


def let_out(response: Response, request: Request) -> None:
    """Have the browser forget its session; it stays a known browser."""
    cookies.drop(response, request, SESSION_COOKIE)


def _put(response: Response, request: Request, name: str, value: str, seconds: int | None) -> None:
    """A cookie that a link in a mail sends along (SameSite=Lax).

    It travels over plain http within one's own machine, and in a demonstration, where nothing is worth stealing.
    """
    plain = request.url.hostname in _LOOPBACK or portal_of(request).settings.demo
    response.set_cookie(
        cookies.stored_name(request.scope, name),
        value,
        max_age=seconds,
        path="/",
        secure=request.scope.get("scheme") == "https" or not plain,
        httponly=True,
        samesite="lax",
    )
