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


SAMPLES = {
    "identity": "provider",
    "pk": "1",
    "request_id": "1",
    "public_id": "AAAAAAAAAAAAAAAAAAAAAA",
    "financing_id": "1",
    "place": "1",
    "which": "fichier",
    "kind_id": "1",
    "mail_id": "1",
    "note_id": "1",
    "view_id": "1",
    "key": "AAAAAAAAAAAAAAAAAAAAAA",
    "table": "deadline",
    "code": "mail_parked",
    "chart": "statuts",
    "handle": "1",
    "role": "reader",
    "staff_id": "1",
    "token": "no-such-link",
}
"""A value for each parameter of an address. A route with another one fails the tests until somebody gives it here."""


def address(route: Route, **parameters: object) -> str:
    """The address of a route, for these parameters or else for the samples."""
    given = {**SAMPLES, **{name: str(value) for name, value in parameters.items()}}
    return "/admin" + re.sub(r"{(\w+)(?::\w+)?}", lambda found: given[found[1]], route.path)
