"""The macros in a real browser: accessible, narrow, dark, by keyboard, with scripts and without."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium
from tests.web.gallery import Gallery

PATHS = ["/", "/statut", "/conflit"]

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(Gallery().asgi(), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as launched:
        yield launched


OTHER_LOOKS = (("light", 390), ("dark", 1280))


@contextmanager
def tab(browser: Browser, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Iterator[Page]:
    """A tab that fails on any error of a script and on anything the policy blocked."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=scripts,
        locale="fr-FR",
    )
    context.set_default_timeout(5000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    yield page
    context.close()
    assert not problems


@pytest.mark.parametrize(
    ("scheme", "width"),
    [("light", 1280), ("dark", 390), *(pytest.param(*one, marks=pytest.mark.again) for one in OTHER_LOOKS)],
)
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(address: str, browser: Browser, path: str, width: int, scheme: str) -> None:  # std: UX-1
    with tab(browser, width, scheme) as page:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_snapshot()
        if path == "/":
            page.get_by_role("button", name="Continuer").click()
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_snapshot()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_scrolls_sideways_at_320_pixels(
    address: str, browser: Browser, path: str, scripts: bool
) -> None:  # std: UX-3
    with tab(browser, 320, scripts=scripts) as page:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        cut = page.evaluate(
            "[...document.querySelectorAll('main *')].filter(e => e.clientWidth > 1"
            " && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible'"
            " && !['INPUT', 'SELECT', 'TEXTAREA'].includes(e.tagName)).map(e => e.className)"
        )
        assert cut == []


def test_error_summary_takes_the_focus_and_leads_to_the_field(address: str, browser: Browser) -> None:  # std: UX-2
    with tab(browser) as page:
        page.goto(address)
        expect(page.locator("[data-error-summary]")).to_be_focused()
        page.get_by_role("link", name="Ce numéro n'est pas un SIRET").click()
        expect(page.get_by_label("Numéro SIRET")).to_be_focused()


def test_every_control_is_reached_by_keyboard_and_shows_it(address: str, browser: Browser) -> None:  # std: UX-2
    with tab(browser) as page:
        page.goto(address + "/statut")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        page.goto(address)
        seen: list[str] = []
        for _ in range(60):
            page.keyboard.press("Tab")
            name, visible = page.evaluate(
                "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
                " const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;"
                " return [e.id || e.textContent.trim(), ring] })()"
            )
            assert visible or name == "" or page.evaluate("document.activeElement === document.body"), name
            seen.append(name)
        for wanted in ("field-siret", "field-voie", "field-email", "field-kbis", "Continuer"):
            assert wanted in seen


def test_question_that_does_not_apply_is_hidden_and_not_sent(address: str, browser: Browser) -> None:
    with tab(browser) as page:
        page.goto(address)
        mandate = page.get_by_label("Mandat de l'éditeur", exact=True)
        expect(mandate).to_be_hidden()
        expect(mandate).to_be_disabled()
        page.get_by_role("group", name="Êtes-vous distributeur ?").get_by_label("Oui").check()
        expect(mandate).to_be_visible()
        expect(mandate).to_be_enabled()
    with tab(browser, scripts=False) as page:
        page.goto(address)
        expect(page.get_by_label("Mandat de l'éditeur", exact=True)).to_be_visible()
        expect(page.get_by_text("Si vous êtes distributeur.")).to_be_visible()


def test_file_is_sent_at_once_or_refused_with_the_reason(address: str, browser: Browser) -> None:  # rule: F2
    with tab(browser) as page:
        page.goto(address)
        field = page.locator("[data-file-field]", has=page.get_by_label("KBIS", exact=True))
        control = page.get_by_label("KBIS", exact=True)
        control.set_input_files({"name": "nouveau.pdf", "mimeType": "application/pdf", "buffer": b"%PDF good"})
        expect(field.locator("[data-file-name]")).to_have_text("nouveau.pdf")
        expect(field.get_by_role("status")).to_have_text("Fichier enregistré.")
        control.set_input_files({"name": "faux.pdf", "mimeType": "application/pdf", "buffer": b"bad"})
        expect(field.get_by_role("status")).to_have_text("Ce fichier n'est pas un PDF\u00a0: choisissez-en un autre.")
        expect(field.locator("[data-file-name]")).to_have_text("nouveau.pdf")
        control.set_input_files(
            {"name": "gros.pdf", "mimeType": "application/pdf", "buffer": b"x" * (4 * 1024 * 1024 + 1)}
        )
        expect(field.get_by_role("status")).to_contain_text("dépasse 4\u00a0Mo")


def test_draft_is_saved_while_one_types(address: str, browser: Browser) -> None:
    with tab(browser) as page:
        page.goto(address)
        page.get_by_label("Nom commercial").fill("ACME")
        expect(page.locator("[data-autosave-status]")).to_have_text("Brouillon enregistré à 14 h 05")


def test_pasted_iban_is_checked_and_fills_the_bank(address: str, browser: Browser) -> None:
    with tab(browser) as page, page.expect_request(lambda request: request.url.endswith("/iban")) as asked:
        page.goto(address)
        page.get_by_label("IBAN").fill("FR76 3000 6000 0112 3456 7890 189")
        expect(page.get_by_label("Domiciliation")).to_have_value("CREDIT AGRICOLE")
        assert "FR76" not in asked.value.url
        expect(page.get_by_text("IBAN valide")).to_be_visible()


def test_confirmation_opens_in_place_closes_by_escape_and_sends(address: str, browser: Browser) -> None:
    with tab(browser) as page:
        page.goto(address)
        # What must be ticked, chosen or joined and is not sends the form at once (`test_mistakes`): here nothing is.
        page.evaluate("document.querySelectorAll('input:invalid').forEach((input) => { input.required = false })")
        page.get_by_role("button", name="Continuer").click()
        dialog = page.get_by_role("dialog", name="Envoyer votre demande ?")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Continuer").click()
        with page.expect_request(lambda request: request.method == "POST" and request.is_navigation_request()) as sent:
            dialog.get_by_role("button", name="Terminer").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("ENR-2026-000123")
        assert 'name="confirmed"' in (sent.value.post_data or "")
        assert 'name="qualite"' not in (sent.value.post_data or "")


def test_form_is_sent_without_scripts_and_enter_removes_no_file(address: str, browser: Browser) -> None:  # std: UX-3
    with tab(browser, scripts=False) as page:
        page.goto(address)
        page.get_by_label("Nom commercial").fill("ACME")
        with page.expect_request(lambda request: request.method == "POST") as sent:
            page.get_by_label("Nom commercial").press("Enter")
        assert 'name="remove"' not in (sent.value.post_data or "")
        expect(page.get_by_role("heading", level=1)).to_contain_text("ENR-2026-000123")


def test_second_press_sends_nothing_more(address: str, browser: Browser) -> None:  # rule: S1
    with tab(browser) as page:
        page.goto(address + "/statut")
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.evaluate(
            "(() => { const form = document.querySelector('main form');"
            " form.addEventListener('submit', (event) => { if (event.defaultPrevented) return;"
            " window.count = (window.count || 0) + 1; event.preventDefault(); });"
            " form.requestSubmit(); form.requestSubmit(); })()"
        )
        assert page.evaluate("window.count") == 1


def test_message_stays_until_it_is_closed(address: str, browser: Browser) -> None:
    with tab(browser) as page:
        page.goto(address + "/statut")
        message = page.locator("[data-toast]")
        expect(message).to_be_visible()
        page.get_by_role("button", name="Fermer ce message").click()
        expect(message).to_have_count(0)
