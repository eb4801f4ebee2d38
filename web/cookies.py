"""Cookies: one place for their names and attributes.

On https a cookie gets the `__Host-` prefix: a sibling site of the same domain can then neither read nor plant
it. Plain http is for a developer's own machine. What a cookie means (a session, a visitor) is decided
elsewhere.
"""

from typing import Literal

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

SameSite = Literal["lax", "strict"]


def stored_name(scope: Scope, name: str) -> str:
    """The name under which the browser keeps the cookie."""
    return f"__Host-{name}" if scope.get("scheme") == "https" else name


def read(request: HTTPConnection, name: str) -> str | None:
    """The value sent by the browser, or None when there is none or it is empty."""
    return request.cookies.get(stored_name(request.scope, name)) or None


def put(
    response: Response,
    request: HTTPConnection,
    name: str,
    value: str,
    *,
    seconds: int | None = None,
    same_site: SameSite = "lax",
) -> None:
    """Send a cookie that no script can read. Without `seconds` it lasts as long as the browser is open."""
    response.set_cookie(
        stored_name(request.scope, name),
        value,
        max_age=seconds,
        path="/",
        secure=request.scope.get("scheme") == "https",
        httponly=True,
        samesite=same_site,
    )


def drop(response: Response, request: HTTPConnection, name: str) -> None:
    """Have the browser forget the cookie."""
    response.delete_cookie(
        stored_name(request.scope, name),
        path="/",
        secure=request.scope.get("scheme") == "https",
        httponly=True,
    )
