"""A page of another site, open in the same browser, can make nothing happen here (SEC-3)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from seeds.demo import data
from tests.browser.conftest import Tab
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal
from tests.browser.vendor import Visit, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
_PAGE = """<!doctype html><title>Un autre site</title>
<form id="trap" method="post" action="{target}" enctype="{encoding}"><input name="{name}" value="{value}"></form>"""

ENCODINGS = [
    "application/x-www-form-urlencoded",
    pytest.param("multipart/form-data", marks=pytest.mark.again),
    pytest.param("text/plain", marks=pytest.mark.again),
]


class _OtherSite(BaseHTTPRequestHandler):
    """Serves a page with a form that sends what its address says."""

    def do_GET(self) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = _PAGE.format(**{"target": "", "encoding": "", "name": "", "value": "", **asked}).encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  The same.
        """Says nothing."""


@pytest.fixture(scope="module", params=["localhost", "127.0.0.1"])
def other_site(request: pytest.FixtureRequest) -> Iterator[str]:
    """Another site by its name; then another origin under our own name, with which the browser sends our cookies."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _OtherSite) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://{request.param}:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def spring(page: Page, site: str, target: str, *, name: str = "a", value: str = "b", encoding: str = "") -> str:
    """Open the trap and let it send its form; the status of the answer, and where it leads."""
    encoding = encoding or "application/x-www-form-urlencoded"
    page.goto(f"{site}/?target={target}&name={name}&value={value}&encoding={encoding}")
    with page.expect_navigation(), page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.evaluate("document.getElementById('trap').submit()")
    answer = answered.value
    return f"{answer.status} {answer.headers.get('location', '')}".strip()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_form_of_another_site_changes_nothing_for_a_vendor(
    portal: RunningPortal, tab: Tab, other_site: str, encoding: str
) -> None:  # std: SEC-3
    page = tab()
    page.goto(f"{portal.address}/connexion")
    page.get_by_label("Identifiant", exact=True).fill("clefevre")
    page.get_by_label("Mot de passe", exact=True).fill(data.VALIDATED_PASSWORD)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon espace")
    for path in ("/deconnexion", "/connexion", "/enrolement", "/suivi", "/assistance"):
        assert spring(page, other_site, portal.address + path, encoding=encoding) == "403", path
    page.goto(f"{portal.address}/espace/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon espace")


def test_form_of_another_site_changes_no_draft(portal: RunningPortal, tab: Tab, other_site: str) -> None:  # std: SEC-3
    visit = Visit(tab(), portal.address, usual(ans_number=portal.new_software()))
    visit.begin()
    page, address = visit.page, visit.page.url.split("#", maxsplit=1)[0]
    for end in ("", "/brouillon", "/pieces"):
        assert spring(page, other_site, address + end, name="referencing.ans_number", value="VOLE") == "403", end
    page.goto(address)
    expect(page.get_by_label("Numéro unique de référencement ANS")).to_have_value(visit.told.ans_number)


def test_form_and_script_of_another_site_change_nothing_in_the_back_office(
    portal: RunningPortal, tab: Tab, other_site: str
) -> None:  # std: SEC-3
    desk = Desk(tab(), portal.address)
    page = desk.page
    desk.sign_in()
    office = f"{portal.address}/admin"
    for path in ("/logout", "/login", "/file/suivant", "/demandes/1/prendre", "/demandes/1/decision/envoyer"):
        # Without its cookie, which another site cannot make the browser send, a request is nobody's.
        assert spring(page, other_site, office + path) in {"403", "303 /admin/login"}, path
    page.goto(other_site)
    outcome = page.evaluate(
        "(target) => fetch(target, {method: 'POST', credentials: 'include', headers: {'x-csrf-token': 'a'}})"
        ".then((answer) => answer.status, () => 'refused')",
        f"{office}/file/suivant",
    )
    assert outcome == "refused"
    page.goto(f"{office}/file?onglet=les-miennes")
    expect(page.get_by_role("heading", level=1)).to_have_text("File d'attente")
