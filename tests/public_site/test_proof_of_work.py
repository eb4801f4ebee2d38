"""The proof of work, solved by a real browser: the page stays usable and the server takes the result."""

import json
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from enrolment.captcha import Captcha

SCRIPT = Path(__file__).parents[2] / "public_site" / "static" / "proof-of-work.js"
PAGE = """<!doctype html><html lang="fr"><title>Preuve</title>
<div data-proof-of-work data-challenge-url="/challenge">
<input type="hidden" name="captcha_proof">
<button type="button" data-proof-start hidden>Vérifier sans recopier de code</button>
<progress data-proof-progress max="100" value="0" hidden></progress>
<p data-proof-status role="status"></p>
</div>
<script type="module" src="/proof-of-work.js"></script>"""


class Once:
    """A memory of spent tokens."""

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def spend(self, key: str, expires_at: datetime) -> bool:
        fresh = key not in self.keys
        self.keys.add(key)
        return fresh


@pytest.fixture
def captcha() -> Captcha:
    return Captcha("a secret of the tests, long enough to be one", Once())


@pytest.fixture
def address(captcha: Captcha) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            challenge = json.dumps(captcha.new_proof("submit", "draft-1"))
            kind, content = {
                "/challenge": ("application/json", challenge),
                "/proof-of-work.js": ("text/javascript", SCRIPT.read_text()),
            }.get(self.path, ("text/html; charset=utf-8", PAGE))
            self.send_response(404 if self.path == "/missing" else 200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — inherited.
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.goto(address)
        yield opened
        browser.close()


# std: UX-2
@pytest.mark.browser
def test_browser_solves_the_proof_and_the_server_takes_it_once(page: Page, captcha: Captcha) -> None:
    page.get_by_role("button", name="Vérifier sans recopier de code").click()
    status = page.get_by_role("status")
    expect(status).to_contain_text("Vérification en cours\u00a0:")
    expect(status).to_have_text("Vérification réussie. Vous pouvez continuer.", timeout=60_000)
    proof = page.locator("input[name=captcha_proof]").input_value()
    assert captcha.check_proof(proof, "submit", "draft-1")
    assert not captcha.check_proof(proof, "submit", "draft-1")


@pytest.mark.browser
def test_failed_proof_says_so_and_can_be_tried_again(page: Page) -> None:
    box = page.locator("[data-proof-of-work]")
    box.evaluate("box => { box.dataset.challengeUrl = '/missing' }")
    button = page.get_by_role("button")
    button.click()
    expect(page.get_by_role("status")).to_contain_text("n'a pas abouti")
    expect(button).to_be_enabled()
