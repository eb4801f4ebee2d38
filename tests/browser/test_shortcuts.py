"""The keyboard shortcuts of the back office in a real browser: each does what a click does, none is in the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal
from tests.browser.vendor import Visit, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def focused(page: Page) -> str:
    """What has the focus, by its id or by what it says."""
    told = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
    assert isinstance(told, str)
    return told


def a_desk(portal: RunningPortal, tab: Tab, *, scripts: bool = True) -> tuple[Desk, str]:
    """A manager signed in, and the number of a file that waits."""
    number = Visit(tab(scripts=True), portal.address, usual(ans_number=portal.new_software()), True).enrol()
    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    return desk, number


def test_file_is_examined_by_keys(portal: RunningPortal, tab: Tab, auditor: Auditor) -> None:  # std: UX-1
    desk, number = a_desk(portal, tab)
    desk.open(number)
    page, keys = desk.page, desk.page.keyboard
    pieces = page.get_by_role("navigation", name="Pièces du dossier").get_by_role("link")
    expect(pieces.nth(0)).to_have_attribute("aria-current", "true")
    keys.press("j")
    expect(pieces.nth(1)).to_have_attribute("aria-current", "true")
    keys.press("k")
    expect(pieces.nth(0)).to_have_attribute("aria-current", "true")

    keys.press("c")
    expect(pieces.nth(0)).to_contain_text("Conforme")
    # With a modifier, a key is the browser's own.
    keys.press("Control+o")
    keys.press("Alt+c")
    keys.press("Shift+C")
    expect(pieces.nth(1)).to_contain_text("À examiner")
    keys.press("r")
    expect(page.get_by_label("Ce qui est à refaire")).to_be_visible()
    # Escape leaves the field that the key put the focus in: keys are commands again.
    keys.press("Escape")
    keys.press("d")
    assert focused(page) == "decision-title"
    keys.press("r")
    page.get_by_label("Ce qui est à refaire").fill("")
    # While one types, keys are letters.
    page.get_by_label("Ce qui est à refaire").press_sequentially("cjo?")
    expect(page.get_by_label("Ce qui est à refaire")).to_have_value("cjo?")
    page.get_by_role("heading", name="Pièces", exact=True).click()
    keys.press("o")
    expect(pieces.nth(1)).to_contain_text("Sans objet")

    keys.press("d")
    assert focused(page) == "decision-title"
    keys.press("n")
    assert focused(page) == "note"
    page.get_by_label("Ajouter une note").press("Tab")
    keys.press("t")
    expect(page.get_by_role("button", name="Rendre à la file")).to_be_visible()

    keys.press("?")
    help_dialog = page.get_by_role("dialog", name="Raccourcis clavier")
    expect(help_dialog).to_be_visible()
    auditor.look(page, "shortcuts")
    keys.press("Escape")
    expect(help_dialog).to_be_hidden()
    keys.press("g")
    keys.press("f")
    expect(page.get_by_role("heading", level=1)).to_have_text("File d'attente")
    assert not auditor.problems, "\n\n".join(auditor.problems)


def test_list_is_walked_by_keys(portal: RunningPortal, tab: Tab) -> None:
    desk, _ = a_desk(portal, tab)
    page, keys = desk.page, desk.page.keyboard
    page.goto(f"{portal.address}/admin/file?onglet=toutes")
    numbers = page.locator(".queue-number").all_inner_texts()
    keys.press("j")
    assert focused(page) == numbers[0]
    keys.press("j")
    assert focused(page) == numbers[min(1, len(numbers) - 1)]
    keys.press("k")
    assert focused(page) == numbers[0]
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Dossier {numbers[0]}")
    keys.press("g")
    keys.press("f")
    expect(page.get_by_role("heading", level=1)).to_have_text("File d'attente")
    keys.press("/")
    assert focused(page) == "search"


def test_shortcuts_are_switched_off_for_good(portal: RunningPortal, tab: Tab) -> None:  # std: UX-1
    desk, _ = a_desk(portal, tab)
    page, keys = desk.page, desk.page.keyboard
    dialog = page.get_by_role("dialog", name="Raccourcis clavier")
    page.get_by_text("Raccourcis clavier", exact=True).first.click()
    page.get_by_label("Utiliser les raccourcis clavier sur ce poste").uncheck()
    keys.press("Escape")
    keys.press("?")
    expect(dialog).to_be_hidden()
    page.goto(f"{portal.address}/admin/file")
    keys.press("/")
    assert focused(page) != "search"
    page.get_by_text("Raccourcis clavier", exact=True).first.click()
    page.get_by_label("Utiliser les raccourcis clavier sur ce poste").check()
    keys.press("Escape")
    keys.press("?")
    expect(dialog).to_be_visible()


def test_help_says_without_scripts_that_it_needs_them(portal: RunningPortal, tab: Tab) -> None:  # std: UX-3
    desk, _ = a_desk(portal, tab, scripts=False)
    desk.page.get_by_text("Raccourcis clavier", exact=True).click()
    expect(desk.page.get_by_text("Les raccourcis demandent un navigateur")).to_be_visible()
    expect(desk.page.get_by_label("Utiliser les raccourcis clavier sur ce poste")).to_be_hidden()
