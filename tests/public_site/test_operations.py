"""What machines ask of the site."""

from pathlib import Path

import pytest

from enrolment.files.storage import StorageUnavailable
from enrolment.portal import Portal, open_portal
from public_site.app import create_app
from public_site.routes import ROUTES
from tests.conftest import settings_for
from tests.pages import PageClient
from tests.public_site.browsing import browser


def test_ready_says_what_fails_and_nothing_more(sqlite_portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(sqlite_portal)
    assert client.get("/healthz").response.text == "ok\n"
    assert client.get("/readyz").response.json() == {"database": "ok", "migrations": "ok", "storage": "ok"}

    def fail() -> None:
        raise StorageUnavailable

    monkeypatch.setattr(sqlite_portal.storage, "check", fail)
    answer = client.get("/readyz", status=503).response.json()
    assert answer == {"database": "ok", "migrations": "ok", "storage": "failed"}


def test_metrics_are_for_this_machine_or_the_token(sqlite_portal: Portal, tmp_path: Path) -> None:  # std: SEC-1
    browser(sqlite_portal).get("/metrics", status=404)
    settings = settings_for(tmp_path, sqlite_portal.database)
    secret = settings.model_copy(update={"metrics_token": type(settings.secret_key)("un jeton")})
    client = PageClient(create_app(open_portal(secret, sqlite_portal.database)))
    client.get("/metrics", status=404, headers={"authorization": "Bearer un autre"})
    shown = client.get("/metrics", headers={"authorization": "Bearer un jeton"}).response.text
    assert 'enrolment_http_responses_total{method="GET",route="metrics",status="404"} 1.0' in shown
    assert 'enrolment_requests{status="in_review"} 0.0' in shown


def test_robots_are_kept_out_of_private_pages(sqlite_portal: Portal) -> None:
    text = browser(sqlite_portal).get("/robots.txt").response.text
    for path in ("/admin", "/espace", "/suivi/", "/enrolement/"):
        assert f"Disallow: {path}" in text


def test_every_route_names_itself_once() -> None:
    names = [route.name for route in ROUTES]
    assert sorted(names) == sorted(set(names))
