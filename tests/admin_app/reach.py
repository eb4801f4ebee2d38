"""What tests need to know of the application from the outside: its routes, and a token to send."""

from __future__ import annotations

import re
from typing import Any

from starlette.routing import Route

from tests.pages import PageClient


def routes_of(app: Any) -> list[Route]:
    """Every route of a back office, static files aside."""
    return [route for route in app.owner.router.routes if isinstance(route, Route)]


def token_of(client: PageClient) -> str:
    """A token that the pages of this client would send."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.http.get("/admin/").text)
    assert found is not None
    return found[1]


def address(route: Route, table: str, key: int = 1) -> str:
    """The address of a route for a table and a row."""
    path = route.path.replace("{identity}", table).replace("{pk:int}", str(key))
    return f"/admin{path}"
