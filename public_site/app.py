"""Puts the public site together: templates, protection of forms, gates, routes, and what surrounds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

from enrolment.portal import Portal
from public_site.account import routes as account
from public_site.account.guard import has_session
from public_site.answering import routes as answering
from public_site.complementary import routes as complementary
from public_site.kept import Kept
from public_site.links_gate import draft_gate, link_gate
from public_site.metrics import Metrics
from public_site.private import routes as private
from public_site.routes import ROUTES
from web.assets import Assets, Root, sqladmin_root
from web.compression import Compression
from web.csrf import Csrf
from web.headers import SecurityHeaders
from web.routing import Access, Face, application
from web.templating import Operator, Templates
from web.theme import theme

TEMPLATES = Path(__file__).parent / "templates"


def create_app(portal: Portal) -> ASGIApp:
    """The public site around a portal. Nothing is read from the database yet."""
    settings = portal.settings
    secret = settings.secret_key.get_secret_value()
    assets = Assets(
        [Root.of_package("web"), Root.of_package("public_site")],
        [sqladmin_root()],
        made=theme(settings.accent_color),
    )
    csrf = Csrf.from_key(secret, origin=settings.base_url)
    templates = Templates(
        assets,
        csrf,
        [TEMPLATES],
        operator=Operator(name=settings.operator_name),
        layout="public.html",
        common=_common,
        variables={"demo": settings.demo, "operator_short": settings.operator_short},
    )
    gates = {
        Access.DRAFT.kind: draft_gate,
        Access.LINK.kind: link_gate,
        **account.GATES,
        **private.GATES,
        **answering.GATES,
        **complementary.GATES,
    }
    app = application([*ROUTES, assets.mount()], Face(templates, csrf, gates, portal.database.is_sqlite))
    metrics = Metrics()
    app.state.portal = portal
    app.state.kept = Kept(portal)
    app.state.metrics = metrics
    return SecurityHeaders(Compression(metrics.around(app)))


def _common(request: Request) -> Mapping[str, Any]:
    """What every page shows: the way to one's own space, for a browser that was signed in when last seen."""
    return {"has_session": has_session(request)}
