"""Every route says who may reach it, and the list is saved, so that a change of it is seen in review."""

from pathlib import Path

from starlette.routing import Mount, Route

from public_site.routes import ROUTES
from web.routing import Access, access_of

SAVED = Path(__file__).parent / "routes.txt"
# The only pages of vendors that change something and are open to everybody.
OPEN_TO_ALL = {
    "/assistance",
    "/connexion",
    "/connexion/identifiant-oublie",
    "/connexion/mot-de-passe-oublie",
    "/deconnexion",
    "/enrolement",
    "/enrolement/reprise",
    "/suivi",
}


def _lines() -> list[str]:
    return sorted(
        f"{route.path} {','.join(sorted(set(route.methods or ()) - {'HEAD'}))} {access_of(route)}"
        for route in ROUTES
        if isinstance(route, Route)
    )


def test_every_route_declares_who_may_reach_it() -> None:
    # std: SEC-1
    assert all(access_of(route) is not None for route in ROUTES)
    assert not any(isinstance(route, Mount) for route in ROUTES)


def test_list_of_routes_is_the_saved_one() -> None:
    assert SAVED.read_text(encoding="utf-8").splitlines() == _lines()


def test_nothing_changes_without_a_draft_a_link_or_an_account_but_what_is_listed() -> None:
    # std: SEC-1
    changing = {
        route.path
        for route in ROUTES
        if isinstance(route, Route) and route.methods and "POST" in route.methods and access_of(route) == Access.PUBLIC
    }
    assert changing == OPEN_TO_ALL
