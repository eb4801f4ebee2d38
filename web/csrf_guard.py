"""The CSRF check in front of an application whose routes are not ours (SQLAdmin).

Every unsafe request is checked before that application sees it. The token comes in a header, or in the field
`csrf_token` of a form, which is then read ahead and replayed; so bodies are kept small here. Routes of ours that take
large files are told to the guard: it checks their origin and leaves the token to them, to be checked once the form is
on the disk.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from enrolment.errors import DomainError
from web.csrf import FIELD, HEADER, SAFE_METHODS, Csrf, visitor_cookie
from web.form_reading import read_form
from web.forms import MIB, Form, FormTooLarge, Limits

CSRF_KEY = "web.csrf"
UNCHECKED_KEY = "web.csrf_unchecked"
"""Set on a request whose token is still to be checked by its route."""

GUARD_LIMITS = Limits(file_bytes=5 * MIB, total_bytes=6 * MIB, fields=2000, field_bytes=MIB, total_seconds=120)

ErrorPage = Callable[[Request, Exception], Response]
IsLarge = Callable[[str], bool]


def _none_is(path: str) -> bool:
    del path
    return False


def check_left(request: Request, form: Form) -> None:
    """Check the token of a form that the guard left to its route. Raises `CsrfRefused`."""
    if request.scope.pop(UNCHECKED_KEY, False):
        csrf: Csrf = request.scope[CSRF_KEY]
        csrf.check_token(request, form.get(FIELD))


class CsrfGuard:
    """Refuses what does not prove that it comes from a page of ours; passes the rest on unchanged.

    Templates of the guarded application write the field with `scope["web.csrf"].field(request)`. `is_large` tells, by
    the path, the routes that read their form themselves and then call `check_left`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        csrf: Csrf,
        error_page: ErrorPage,
        limits: Limits = GUARD_LIMITS,
        is_large: IsLarge = _none_is,
    ) -> None:
        self.app = app
        self.csrf = csrf
        self.error_page = error_page
        self.limits = limits
        self.is_large = is_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then serve."""
        if scope["type"] == "websocket":
            # No page of ours opens one, and no token protects it.
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[CSRF_KEY] = self.csrf

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                cookie = visitor_cookie(scope)
                if cookie is not None:
                    message["headers"] = [*message.get("headers", ()), cookie]
            await send(message)

        if scope["method"] not in SAFE_METHODS:
            try:
                receive = await self._checked(scope, receive)
            except DomainError as error:
                response = self.error_page(Request(scope), error)
                await response(scope, receive, send_with_cookie)
                return
        await self.app(scope, receive, send_with_cookie)

    async def _checked(self, scope: Scope, receive: Receive) -> Receive:
        """A receive channel for the application, once the request has been found to be ours."""
        request = Request(scope, receive)
        self.csrf.check_origin(request)
        token = request.headers.get(HEADER)
        if token is not None:
            self.csrf.check_token(request, token)
            return receive
        if self.is_large(scope["path"]):
            scope[UNCHECKED_KEY] = True
            return receive
        recorder = _Recorder(receive, self.limits.total_bytes)
        form: Form = await read_form(Request(scope, recorder), self.limits)
        form.close()
        self.csrf.check_token(request, form.get(FIELD))
        return recorder.replay


class _Recorder:
    """Keeps what was received, to give it again from the start."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._messages: list[Message] = []
        self._size = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise FormTooLarge
        self._messages.append(message)
        return message

    async def replay(self) -> Message:
        """What was recorded, in order, then whatever comes next."""
        if self._messages:
            return self._messages.pop(0)
        return await self._receive()
