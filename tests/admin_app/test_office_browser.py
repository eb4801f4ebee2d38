"""The back office in a real browser: accessible, usable by keyboard, narrow, and without scripts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from starlette.types import ASGIApp

from admin_app.app import create_admin, create_app
from enrolment.portal import Portal
from schema.enums import StaffRole
from tests.admin_app.rows import PASSWORD, email_of
from tests.browser import chromium

pytestmark = pytest.mark.browser

PAGES = (
    "/admin/",
    "/admin/request/list",
    "/admin/provider/list?city__contient=besancon",
    "/admin/provider/list?city__contient=rien",
    "/admin/request/list?submitted_at__du=hier&status=zz",
    "/admin/provider/details/1",
    "/admin/provider/details/1?onglet=lignes-liees",
    "/admin/provider/details/1?onglet=historique",
    "/admin/person/create",
    "/admin/document_rule/edit/1",
    "/admin/bank_account/edit/1",
    "/admin/provider/delete?pk=1",
    "/admin/document_kind/delete?pk=1",
    "/admin/staff_user/delete?pk=1",
    "/admin/request/list?status=in_review&status=validated&status__sauf=rejected",
    "/admin/document_kind/list",
    "/admin/dsr/details/1?onglet=lignes-liees",
    "/admin/provider/restore/1?modification={entry}",
    "/admin/history/list",
    "/admin/provider/details/999999",
)


@pytest.fixture
def address(office: Portal) -> Iterator[str]:
    """The generated pages of the back office, served on this machine."""
    with _served(create_admin(office, ())) as found:
        yield found


@pytest.fixture
def whole_address(office: Portal) -> Iterator[str]:
    """The same with every page of ours."""
    with _served(create_app(office)) as found:
        yield found


@contextmanager
def _served(app: ASGIApp) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(app, port=port, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.launched() as launched:
        yield launched


def _sign_in(page: Page, address: str, role: StaffRole = StaffRole.administrator) -> None:
    page.goto(f"{address}/admin/login")
    page.get_by_label("Adresse mail").fill(email_of(role))
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{address}/admin/")


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:150]}" for one in found]


def _changed(page: Page, address: str) -> str:
    """Change a provider; the key of the entry before that change, to which the row may be brought back."""
    page.goto(f"{address}/admin/provider/edit/1")
    page.get_by_label("Commune").fill("Dole")
    page.get_by_role("button", name="Enregistrer").click()
    page.goto(f"{address}/admin/provider/details/1?onglet=historique")
    url = page.get_by_role("link", name="Restaurer la ligne dans cet état").first.get_attribute("href") or ""
    return url.rpartition("=")[2]


@pytest.mark.again
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_are_accessible_and_never_wider_than_the_screen(browser: Browser, address: str, width: int) -> None:
    # std: UX-1 UX-3
    with chromium.tab(browser, width=width) as page:
        page.goto(f"{address}/admin/login")
        problems = _violations(page)
        page.get_by_role("button", name="Se connecter").click()
        problems += _violations(page)
        _sign_in(page, address)
        entry = _changed(page, address)
        for path in (path.format(entry=entry) for path in PAGES):
            page.goto(address + path)
            page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
            problems += _violations(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems.append(f"{path} scrolls sideways at {width}")
        assert not problems, "\n".join(problems)


def test_list_of_suggestions_works_by_keyboard(browser: Browser, address: str) -> None:
    # std: UX-2
    with chromium.tab(browser) as page:
        _sign_in(page, address)
        page.goto(f"{address}/admin/person/create")
        field = page.get_by_role("combobox", name="Fournisseur")
        field.focus()
        page.keyboard.type("alize")
        page.get_by_role("option").first.wait_for()
        assert not _violations(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.locator("input[name=provider_id]").input_value() == "1"
        assert "Alizé Santé" in field.input_value()
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_role("alert").wait_for()
        assert page.locator("input[name=provider_id]").input_value() == "1"


@pytest.mark.parametrize("scripts", [True, False])
def test_work_gets_done_with_and_without_scripts(browser: Browser, address: str, scripts: bool) -> None:
    # std: UX-3
    with chromium.tab(browser, width=390, scripts=scripts) as page:
        _sign_in(page, address)
        page.get_by_text("Menu", exact=True).click()
        page.get_by_role("navigation", name="Menu du back-office").get_by_role("link", name="Fournisseurs").click()
        page.get_by_role("searchbox").fill("alize")
        page.get_by_role("button", name="Rechercher").click()
        page.get_by_role("link", name="Ouvrir").click()
        page.get_by_role("link", name="Modifier").click()
        page.get_by_label("Commune").fill("Dijon")
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_text("Les modifications sont enregistrées.").wait_for()
        page.get_by_role("link", name="Historique").last.click()
        page.get_by_text("Dijon").first.wait_for()
        page.get_by_role("link", name="Restaurer cette valeur").click()
        page.get_by_role("button", name="Restaurer").click()
        page.get_by_text("L'ancienne valeur est restaurée.").wait_for()
        page.get_by_text("BESANÇON").first.wait_for()
        page.locator(".office-user > summary").click()
        page.get_by_role("button", name="Se déconnecter").click()
        page.get_by_text("Vous êtes déconnecté.").wait_for()


def test_page_of_another_site_cannot_act(browser: Browser, address: str) -> None:
    # std: SEC-3
    with chromium.tab(browser) as page:
        _sign_in(page, address)
        other = address.replace("127.0.0.1", "localhost")
        page.route(
            f"{other}/elsewhere",
            lambda route: route.fulfill(
                content_type="text/html",
                body=f'<form method="post" action="{address}/admin/logout"><button>Cliquez</button></form>',
            ),
        )
        page.goto(f"{other}/elsewhere")
        page.get_by_role("button").click()
        page.wait_for_load_state()
        page.goto(f"{address}/admin/")
        assert page.get_by_role("heading", level=1).inner_text() == "Accueil"


def test_lists_give_each_column_the_room_of_its_words(browser: Browser, whole_address: str) -> None:
    # std: UX-3
    with chromium.tab(browser, width=1280) as page:
        _sign_in(page, whole_address)
        page.goto(f"{whole_address}/admin/file?onglet=toutes")
        since = page.locator(".queue-cell-depuis .cell-value")
        assert since.count() > 0
        assert max(_lines(page, ".queue-cell-depuis .cell-value")) <= 2
        page.goto(f"{whole_address}/admin/request/list")
        assert max(_lines(page, ".office-named a")) <= 4
        assert page.locator(".office-named a", has_text="\u00a0").count() > 0, "a SIRET is never cut"
        assert page.evaluate(
            "document.querySelector('.table-frame').scrollWidth <= document.querySelector('.table-frame').clientWidth"
        )
        style = page.locator("thead .sort-link").first.evaluate("one => getComputedStyle(one).textDecorationLine")
        assert style == "underline", "what sorts looks like a link"
        assert (
            page.locator("thead .sort-link").first.evaluate("one => getComputedStyle(one, '::after').content") == '""'
        )


def test_roles_are_folded_and_open_by_keyboard(browser: Browser, whole_address: str) -> None:
    # std: UX-1 UX-3
    with chromium.tab(browser, width=390) as page:
        _sign_in(page, whole_address)
        page.goto(f"{whole_address}/admin/roles")
        assert page.evaluate("document.documentElement.scrollHeight") < 2000
        fold = page.locator(".role-fold > summary", has_text="Décisions")
        fold.focus()
        page.keyboard.press("Enter")
        assert page.get_by_text("Décider d'une demande de financement").is_visible()


def _lines(page: Page, selector: str) -> list[int]:
    """On how many lines each of these is written."""
    found: list[int] = page.eval_on_selector_all(
        selector,
        """all => all.map((one) => {
            const range = document.createRange();
            range.selectNodeContents(one);
            const feet = [...range.getClientRects()].map((box) => box.bottom).sort((a, b) => a - b);
            return feet.filter((foot, place) => place === 0 || foot - feet[place - 1] > 8).length;
        })""",
    )
    return found
