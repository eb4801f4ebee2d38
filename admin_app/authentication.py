"""Who is signed in to the back office: the cookie, the gate before every route, and SQLAdmin's two backends.

The session itself is on the server (`enrolment.services.sessions`). The gate stands in front of the whole application,
so that a route which forgot to ask is closed all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
from sqladmin.authentication import AuthenticationBackend
from sqladmin.authorization import GrantsAuthorizationBackend
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from admin_app import addresses
from admin_app.messages import DONE
from admin_app.permissions import grants
from admin_app.staff import Staff, current, remember, staff_of
from enrolment.services import saved_views, sessions, withdrawals
from schema.database import Database
from schema.enums import WebAudience
from schema.history import Actor
from web import cookies

COOKIE = "staff"
HALF_COOKIE = "staff_half"
"""Holds, for a few minutes, that the password was right and the code of the second factor is still to come."""
EXPIRED = "expiree"
"""In the address of the sign-in page: there was a session, which ended."""
ASSETS = f"{addresses.BASE}/assets"
_FILE = re.compile(rf"{addresses.BASE}/demandes/[0-9]+(?=/)")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "testserver"})


def find(database: Database, connection: HTTPConnection) -> Staff | None:
    """Whoever the cookie of this request belongs to; their activity is noted at most once a minute."""
    key = cookies.read(connection, COOKIE)
    if key is None:
        return None
    with database.reading() as session:
        found = sessions.find(session, WebAudience.staff, key)
        staff = None
        if found is not None:
            staff = Staff.of(
                found.staff,
                key,
                withdrawals.of_role(session, found.staff.role),
                saved_views.opening(session, found.staff.id),
            )
    if found is not None and found.to_touch:
        with database.writing(Actor.system()) as session:
            sessions.touch(session, found.session.id)
    return staff


def put_cookie(response: Response, request: Request, key: str) -> None:
    """Give the browser its key. It is not Secure on plain http of one's own machine only (SEC-4)."""
    secure = request.scope.get("scheme") == "https" or request.url.hostname not in _LOOPBACK
    name = cookies.stored_name(request.scope, COOKIE)
    response.set_cookie(name, key, path="/", secure=secure, httponly=True, samesite="strict")


class Gate:
    """Lets signed-in staff through; anybody else reaches the sign-in page and the static files only.

    With `needs_second_factor`, who has none reaches the page that sets one up, and nothing else. `origin` is the public
    address of the portal, and `opens` says whether a path below it has a page to read.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        database: Database,
        origin: str,
        opens: Callable[[str], bool],
        needs_second_factor: bool = False,
    ) -> None:
        self.app = app
        self.database = database
        self.origin = origin
        self.opens = opens
        self.needs_second_factor = needs_second_factor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Recognise, then serve or send to the sign-in page."""
        if scope["type"] != "http" or scope["path"].startswith(f"{ASSETS}/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        staff = await anyio.to_thread.run_sync(find, self.database, request)
        if staff is not None:
            staff = replace(staff, must_enrol=self.needs_second_factor and not staff.has_second_factor)
            remember(request, staff)
            if staff.must_enrol and not _is_open_to_the_unenrolled(scope["path"]):
                await RedirectResponse(addresses.SECOND_FACTOR, 303)(scope, receive, send)
                return
        elif not _is_open_to_strangers(request):
            await self._refusal(request)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _refusal(self, request: Request) -> Response:
        before = self._page_before(request)
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method not in {"GET", "HEAD"}:
            wanted = before
        elif (
            request.headers.get("sec-fetch-site") == "cross-site"
            and request.headers.get("sec-fetch-mode") == "navigate"
        ):
            # The cookie is SameSite=Strict: a link in a mail does not send it, but a page of ours that reloads does.
            return _reload(wanted)
        # A session may have ended in another tab, and its cookie with it: a page of ours proves that there was one.
        is_expired = bool(before) or cookies.read(request, COOKIE) is not None
        if not is_expired and wanted in {addresses.BASE, addresses.HOME}:
            wanted = ""
        query = {"suite": wanted, EXPIRED: "1" if is_expired else ""}
        return RedirectResponse(addresses.with_query(addresses.SIGN_IN, query), 303)

    def _page_before(self, request: Request) -> str:
        """The page of the back office that this request comes from, without what it said was done; "" for any other.

        A page shown in answer to a form of a file is the file's.
        """
        referer = request.headers.get("referer", "")
        origins = (f"{request.scope.get('scheme', 'http')}://{request.headers.get('host', '')}", self.origin)
        if not referer.startswith(tuple(f"{origin}{addresses.BASE}/" for origin in origins)):
            return ""
        place = urlsplit(referer)
        file = _FILE.match(place.path)
        query = [(name, value) for name, value in parse_qsl(place.query) if name != DONE]
        page = file.group() if file else place.path + (f"?{urlencode(query)}" if query else "")
        return page if way_back(page) == page and self.opens(urlsplit(page).path) else ""


def _is_open_to_the_unenrolled(path: str) -> bool:
    return path in {addresses.SIGN_OUT, addresses.SECOND_FACTOR} or path.startswith(f"{addresses.SECOND_FACTOR}/")


def _is_open_to_strangers(request: Request) -> bool:
    """The page of the password, that of the code for whoever has given the password, and those of one-time links."""
    path = request.scope["path"]
    if path.startswith(f"{addresses.FIRST_PASSWORD}/"):
        return True
    if path == addresses.SECOND_STEP:
        return cookies.read(request, HALF_COOKIE) is not None
    return bool(path == addresses.SIGN_IN)


def _reload(wanted: str) -> Response:
    again = wanted if wanted.startswith(addresses.BASE) else addresses.HOME
    return HTMLResponse(_RELOAD.format(url=again.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")))


_RELOAD = (
    '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Ouverture de la page</title>'
    '<meta http-equiv="refresh" content="0;url={url}"></head><body><main><h1>Ouverture de la page</h1>'
    '<p><a href="{url}">Continuer</a></p></main></body></html>'
)


def way_back(typed: str) -> str:
    """Where to go after signing in: a page of the back office, and nothing else."""
    is_ours = typed.startswith(f"{addresses.BASE}/") and not typed.startswith((addresses.SIGN_IN, addresses.SIGN_OUT))
    return typed if is_ours and "\\" not in typed and "//" not in typed and typed.isprintable() else addresses.HOME


class StaffAuthentication(AuthenticationBackend):
    """Tells SQLAdmin's own decorators what the gate found. Signing in and out are routes of ours."""

    def __init__(self) -> None:
        self.middlewares = []

    async def authenticate(self, request: Request) -> bool:
        """Whether somebody is signed in."""
        return current(request) is not None

    async def get_user_id(self, request: Request) -> int:
        """The key of who is signed in."""
        return staff_of(request).id


class RoleAuthorization(GrantsAuthorizationBackend):
    """Tells SQLAdmin what the matrix of permissions says."""

    async def get_grants(self, request: Request) -> set[tuple[str, str]]:
        """Every pair (view, action) of the role."""
        staff = staff_of(request)
        return grants(staff.role, staff.withdrawn)
