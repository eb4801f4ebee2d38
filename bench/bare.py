"""The floor of the page benchmarks: Starlette and Jinja alone, a page of a given size, no middleware, no database."""

from __future__ import annotations

import sys

import uvicorn
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

# A page of plain text with a few variables, as long as the page that it is compared with.
_TEMPLATE = (
    "<!doctype html><html lang='fr'><title>{{ title }}</title>{% for line in lines %}<p>{{ line }}</p>{% endfor %}"
)
_LINE = "Une ligne de texte comme il y en a dans toutes les pages du portail."


def application(size: int) -> Starlette:
    """A page of about `size` bytes."""
    template = Environment(autoescape=True).from_string(_TEMPLATE)
    lines = [_LINE] * max(1, (size - 60) // (len(_LINE) + 7))

    async def page(request: Request) -> HTMLResponse:  # noqa: ARG001  Fixed by Starlette.
        return HTMLResponse(template.render(title="Page nue", lines=lines))

    return Starlette(routes=[Route("/", page)])


if __name__ == "__main__":
    uvicorn.run(
        application(int(sys.argv[2])),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
