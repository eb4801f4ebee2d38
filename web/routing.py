"""How a route is declared: who may reach it is always said, and what is not said is refused.

A route made by `page` runs, in this order: where an unsafe request comes from, the gate of its access level,
the form and its token, the endpoint; any error becomes a page. Endpoints are plain functions run in a thread
(they may use the database) or coroutines (they may not). A `brief` one reads so little that the way to a thread
would cost more than the page: it runs where the request arrived, if the face says that its database is at hand.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from enrolment.errors import DomainError, Forbidden
from web.assets import Assets
from web.csrf import FIELD, HEADER, SAFE_METHODS, Csrf, visitor_cookie
from web.errors import Problem, logger, problem_of, wants_json
from web.form_reading import read_form
from web.forms import DEFAULT_LIMITS, Form, Limits
from web.headers import CACHE_KEY, NO_STORE, POLICY_KEY, REVALIDATE, Policy
from web.templating import Templates
from web.threads import in_thread

FORM_KEY = "web.form"

Endpoint = Callable[[Request], Response | Awaitable[Response]]


@dataclass(frozen=True)
class Access:
    """Who may reach a route: a kind of visitor and, for staff, a permission."""

    kind: str
    permission: str = ""

    PUBLIC: ClassVar["Access"]
    DRAFT: ClassVar["Access"]
    LINK: ClassVar["Access"]
    ACCOUNT: ClassVar["Access"]
    STAFF: ClassVar["Access"]

    @classmethod
    def staff(cls, permission: str) -> "Access":
        """Staff who hold this permission."""
        return cls("staff", permission)

    def __str__(self) -> str:
        return f"{self.kind}:{self.permission}" if self.permission else self.kind


Access.PUBLIC = Access("public")
Access.DRAFT = Access("draft")
Access.LINK = Access("link")
Access.ACCOUNT = Access("account")
Access.STAFF = Access("staff")

# A gate lets the request in (None), answers in its place (a redirection to sign in), or raises a domain
# error. It may note on `request.state` whom it recognised.
Gate = Callable[[Request, Access], Response | None]


@dataclass(frozen=True)
class Face:
    """What the routes of one face need: its templates, its CSRF protection, and a gate per kind of access."""

    templates: Templates
    csrf: Csrf
    gates: Mapping[str, Gate] = field(default_factory=dict)
    database_is_embedded: bool = False

    def admit(self, request: Request, access: Access) -> Response | None:
        """Run the gate of this access; a level without a gate admits nobody."""
        if access.kind == Access.PUBLIC.kind:
            return None
        gate = self.gates.get(access.kind)
        if gate is None:
            raise Forbidden("Cette page n'est ouverte à personne pour le moment.")
        return gate(request, access)

    def error(self, request: Request, error: Exception) -> Response:
        """The page, or the JSON for a script, that tells what went wrong."""
        problem = problem_of(request, error)
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        request.scope[POLICY_KEY] = Policy.PAGE
        request.scope[CACHE_KEY] = NO_STORE
        if wants_json(request):
            content = {"message": problem.message, "incident": problem.incident}
            return JSONResponse(content, problem.status, headers)
        try:
            text = self.templates.render_text(request, "errors/problem.html", {"problem": problem})
        except Exception:  # noqa: BLE001 -- nothing may keep a person from getting a page.
            # The error page itself failed: the person still gets a page, and the log says why.
            logger.exception("the error page could not be rendered")
            text = _bare_page(problem)
        return HTMLResponse(text, problem.status, headers)


def _bare_page(problem: Problem) -> str:
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        f"<title>{problem.title}</title></head><body><main><h1>{problem.title}</h1>"
        f"<p>Réessayez dans quelques minutes. {problem.incident or ''}</p></main></body></html>"
    )


class Page(Route):
    """A route whose access is declared."""

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        access: Access,
        methods: Collection[str],
        name: str | None,
        limits: Limits,
        policy: Policy,
        brief: bool,
    ) -> None:
        if brief and not SAFE_METHODS.issuperset(methods):
            message = "A brief page only reads."
            raise ValueError(message)
        super().__init__(path, endpoint, methods=list(methods), name=name)
        self.access = access
        self.limits = limits
        self.app = _Serve(endpoint, access, limits, policy, brief=brief)


def page(
    path: str,
    endpoint: Endpoint,
    *,
    access: Access,
    methods: Collection[str] = ("GET",),
    name: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    policy: Policy = Policy.PAGE,
    brief: bool = False,
) -> Page:
    """Declare a route. A submitted form is read within `limits` and given by `form_of(request)`.

    `brief` is for a GET that reads a few rows by their keys and waits for nothing else.
    """
    return Page(path, endpoint, access=access, methods=methods, name=name, limits=limits, policy=policy, brief=brief)


def form_of(request: Request) -> Form:
    """The form submitted with this request; empty when the request is a GET."""
    form = request.scope.get(FORM_KEY)
    return form if isinstance(form, Form) else Form()


def access_of(route: BaseRoute) -> Access | None:
    """The declared access of a route; None when it declares none, which a test refuses."""
    if isinstance(route, Page):
        return route.access
    if isinstance(route, Mount) and isinstance(route.app, Assets):
        return Access.PUBLIC
    return None


class _Serve:
    """The ASGI application of one page."""

    def __init__(self, endpoint: Endpoint, access: Access, limits: Limits, policy: Policy, *, brief: bool) -> None:
        self.endpoint = endpoint
        self.access = access
        self.limits = limits
        self.policy = policy
        self.brief = brief
        self.is_coroutine = inspect.iscoroutinefunction(endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever fails before the answer starts becomes an error page."""
        request = Request(scope, receive, send)
        face: Face = scope["app"].state.face
        scope[POLICY_KEY] = self.policy
        safe = scope["method"] in SAFE_METHODS
        scope[CACHE_KEY] = REVALIDATE if safe and self.access == Access.PUBLIC else NO_STORE
        try:
            try:
                response = await (self._read(request, face) if safe else self._change(request, face))
            except Exception as error:  # noqa: BLE001 -- the boundary where every error becomes a page.
                response = await in_thread(face.error, request, error)
            cookie = visitor_cookie(scope)
            if cookie is not None:
                response.raw_headers.append(cookie)
            await response(scope, receive, send)
        finally:
            form = scope.get(FORM_KEY)
            if form is not None:
                form.close()

    async def _read(self, request: Request, face: Face) -> Response:
        """A safe request: gate and endpoint in one visit to a thread, for a plain function."""
        if self.brief and face.database_is_embedded:
            return self._admit_and_answer(request, face)
        if not self.is_coroutine:
            return await in_thread(self._admit_and_answer, request, face)
        refusal = await self._admit(request, face)
        return refusal or await self._call(request)

    async def _change(self, request: Request, face: Face) -> Response:
        """An unsafe request: nothing is read from a stranger before the origin and the gate are passed."""
        face.csrf.check_origin(request)
        token = request.headers.get(HEADER)
        if token is not None:
            face.csrf.check_token(request, token)
        refusal = await self._admit(request, face)
        if refusal is not None:
            return refusal
        form = await read_form(request, self.limits)
        request.scope[FORM_KEY] = form
        if token is None:
            face.csrf.check_token(request, form.get(FIELD))
        form.texts = [(name, value) for name, value in form.texts if name != FIELD]
        return await self._call(request)

    async def _admit(self, request: Request, face: Face) -> Response | None:
        if self.access == Access.PUBLIC:
            return None
        return await in_thread(face.admit, request, self.access)

    def _admit_and_answer(self, request: Request, face: Face) -> Response:
        answer: Any = face.admit(request, self.access) or self.endpoint(request)
        return _as_response(answer)

    async def _call(self, request: Request) -> Response:
        if self.is_coroutine:
            answer: Any = self.endpoint(request)
            return _as_response(await answer)
        return _as_response(await in_thread(self.endpoint, request))


def _as_response(answer: Any) -> Response:
    if not isinstance(answer, Response):
        message = f"An endpoint answered {type(answer).__name__}, not a response."
        raise TypeError(message)
    return answer


def application(
    routes: Sequence[BaseRoute], face: Face, *, lifespan: Callable[[Starlette], Any] | None = None
) -> Starlette:
    """A face as a Starlette application: its routes, and the error pages for what no route answers."""

    def error_page(request: Request, error: Exception) -> Response:
        return face.error(request, error)

    handlers: dict[Any, Any] = {HTTPException: error_page, DomainError: error_page, Exception: error_page}
    app = Starlette(routes=list(routes), exception_handlers=handlers, lifespan=lifespan)
    app.state.face = face
    return app
