"""What machines ask: is the portal alive, is it ready, how is it doing, what may a robot read."""

from __future__ import annotations

import ipaddress
import logging
import secrets
from collections.abc import Callable

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from enrolment.errors import NotFound
from enrolment.portal import Portal
from public_site.metrics import Metrics
from public_site.site import portal_of
from schema.base import table_of
from schema.enums import MailState, RequestStatus
from schema.migrate import is_current
from schema.tables import Draft, EnrolmentRequest, OutgoingMail
from web.assets import Assets
from web.routing import Access, page

logger = logging.getLogger(__name__)

_ROBOTS = """User-agent: *
Disallow: /admin
Disallow: /captcha
Disallow: /connexion
Disallow: /enrolement/
Disallow: /espace
Disallow: /mot-de-passe
Disallow: /suivi/
"""


async def alive(request: Request) -> Response:
    """The process answers."""
    del request
    return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})


def ready(request: Request) -> Response:
    """The database answers and is migrated, and a file could be kept now."""
    portal = portal_of(request)
    checks: dict[str, Callable[[], object]] = {
        "database": lambda: _check_database(portal),
        "migrations": lambda: _check_migrations(portal),
        "storage": portal.storage.check,
    }
    answers = {name: _outcome(name, check) for name, check in checks.items()}
    status = 200 if all(answer == "ok" for answer in answers.values()) else 503
    return JSONResponse(answers, status, headers={"cache-control": "no-store"})


def metrics(request: Request) -> Response:
    """Prometheus figures, for this machine or for who holds the token."""
    if not _may_read_metrics(request):
        raise NotFound("Cette page n'existe pas.")
    measured: Metrics = request.app.state.metrics
    content = generate_latest(measured.registry) + generate_latest(_business(portal_of(request)))
    return Response(content, media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})


async def robots(request: Request) -> Response:
    """What robots should leave alone. It protects nothing: access is decided elsewhere."""
    del request
    return PlainTextResponse(_ROBOTS, headers={"cache-control": "public, max-age=86400"})


async def favicon(request: Request) -> Response:
    """The mark of the site, for browsers that ask without reading the page."""
    assets: Assets = request.app.state.face.templates.assets
    headers = {"cache-control": "public, max-age=86400"}
    return Response(assets.raw("mark.svg"), media_type="image/svg+xml", headers=headers)


def _may_read_metrics(request: Request) -> bool:
    token = portal_of(request).settings.metrics_token
    if token is not None:
        sent = request.headers.get("authorization", "").encode()
        return secrets.compare_digest(sent, b"Bearer " + token.get_secret_value().encode())
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        # A proxy on this machine speaks for somebody else.
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _business(portal: Portal) -> CollectorRegistry:
    """What the operator watches: requests by status, drafts in progress, mails that wait or failed."""
    registry = CollectorRegistry()
    requests = Gauge("enrolment_requests", "Requests by status.", ("status",), registry=registry)
    mails = Gauge("enrolment_mails", "Mails by state.", ("state",), registry=registry)
    drafts = Gauge("enrolment_drafts", "Drafts not submitted.", registry=registry)
    with portal.database.reading() as session:
        request, mail, draft = table_of(EnrolmentRequest), table_of(OutgoingMail), table_of(Draft)
        by_status = {row[0]: row[1] for row in session.execute(_counted(request.c.status))}
        by_state = {row[0]: row[1] for row in session.execute(_counted(mail.c.state))}
        drafts.set(session.execute(sa.select(sa.func.count()).where(draft.c.request_id.is_(None))).scalar_one())
    for status in RequestStatus:
        requests.labels(status.value).set(by_status.get(status, 0))
    for state in MailState:
        mails.labels(state.value).set(by_state.get(state, 0))
    return registry


def _counted(column: sa.Column[str]) -> sa.Select[tuple[str, int]]:
    return sa.select(column, sa.func.count()).group_by(column)


def _check_database(portal: Portal) -> None:
    with portal.database.reading() as session:
        session.execute(sa.text("SELECT 1"))


def _check_migrations(portal: Portal) -> None:
    if not is_current(portal.database.engine):
        raise RuntimeError("the database is not at the last migration")


def _outcome(name: str, check: Callable[[], object]) -> str:
    """ok, or failed: what exactly is in the log, not in an answer that anybody may read."""
    try:
        check()
    except Exception as error:  # noqa: BLE001  Whatever fails, the answer is that it fails.
        logger.warning("not ready: %s: %s", name, type(error).__name__)
        return "failed"
    return "ok"


ROUTES = (
    page("/healthz", alive, access=Access.PUBLIC, name="healthz"),
    page("/readyz", ready, access=Access.PUBLIC, name="readyz"),
    page("/metrics", metrics, access=Access.PUBLIC, name="metrics"),
    page("/robots.txt", robots, access=Access.PUBLIC, name="robots"),
    page("/favicon.ico", favicon, access=Access.PUBLIC, name="favicon"),
)
