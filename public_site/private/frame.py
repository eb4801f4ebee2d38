"""The frame of every private page: who is signed in, and the menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse

from public_site.account.guard import visitor_of
from public_site.private import addresses
from public_site.site import render
from web.parts import MenuItem

_MENU: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Accueil", addresses.HOME, ()),
    (
        "Enrôlement",
        "",
        (
            ("Gérer mes demandes d'enrôlement", addresses.REQUESTS),
            ("Faire une demande complémentaire", addresses.COMPLEMENTARY),
        ),
    ),
    (
        "Financement",
        "",
        (
            ("Mes demandes de financement", addresses.FINANCING),
            ("Simulateur JSON", addresses.SIMULATOR),
        ),
    ),
    ("Vérifier une pièce", addresses.CHECKER, ()),
    ("Mon compte", addresses.ACCOUNT, ()),
)


def private_page(
    request: Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """A page of the private portal; its template extends `private/layout.html`."""
    framed = {"account": visitor_of(request).account, "menu_items": menu(request.url.path), **(context or {})}
    return render(request, template, framed, status)


def menu(path: str) -> list[MenuItem]:
    """The private navigation, with the page where one is marked."""
    return [
        MenuItem(
            label,
            url,
            current=_is_here(url, path),
            items=[MenuItem(child, address, current=_is_here(address, path)) for child, address in children],
        )
        for label, url, children in _MENU
    ]


def _is_here(url: str, path: str) -> bool:
    if not url or url == addresses.HOME:
        return path == url
    return path == url or path.startswith(f"{url}/")
