"""« À corriger » in a real browser: what is ticked is kept at once, whatever is pressed next and whoever reads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal
from tests.browser.vendor import Visit, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

REASON = "Le titulaire doit être la société."


def a_desk(portal: RunningPortal, tab: Tab, *, scripts: bool = True) -> tuple[Desk, str]:
    """A manager signed in, and the number of a file that waits."""
    number = Visit(tab(scripts=True), portal.address, usual(ans_number=portal.new_software()), True).enrol()
    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    return desk, number


def tick(page: Page, label: str = "Titulaire") -> Locator:
    """The tick of an answer."""
    return page.get_by_label(f"À corriger : {label}", exact=True)


def reason(page: Page, label: str = "Titulaire") -> Locator:
    """Why it is to correct."""
    return page.get_by_label(f"Motif : {label}", exact=True)


def test_flag_is_saved_at_once_and_outlives_what_is_pressed_next(
    portal: RunningPortal, tab: Tab, auditor: Auditor
) -> None:
    desk, _ = a_desk(portal, tab)
    page = desk.page
    shown = page.locator("[aria-current=true] .piece-kind").inner_text()
    tick(page).check()
    expect(page.get_by_text("Signalé par")).to_be_visible()
    # Neither the piece that is shown nor the place moved.
    assert page.locator("[aria-current=true] .piece-kind").inner_text() == shown
    # The button of another form, pressed while the reason is being written.
    page.get_by_label("Ajouter une note").fill("Appelé ce matin.")
    reason(page).fill(REASON)
    page.get_by_role("button", name="Enregistrer la note").click()
    expect(page.get_by_text("La note est enregistrée.")).to_be_visible()
    for _ in range(2):
        expect(tick(page)).to_be_checked()
        expect(reason(page)).to_have_value(REASON)
        page.reload()
    page.get_by_role("link", name="Fiche du fournisseur").click()
    page.go_back()
    expect(reason(page)).to_have_value(REASON)
    auditor.look(page, "file with a flag")

    # A piece judged changes nothing; unticked, it is gone for good.
    page.get_by_role("button", name="Conforme", exact=True).click()
    expect(page.get_by_text("Votre avis sur la pièce est enregistré.")).to_be_visible()
    expect(reason(page)).to_have_value(REASON)
    tick(page).uncheck()
    expect(page.get_by_text("Signalé par")).to_have_count(0)
    page.reload()
    expect(tick(page)).not_to_be_checked()
    assert not auditor.problems, "\n\n".join(auditor.problems)


def test_two_who_flag_one_file_do_not_wipe_what_the_other_said(portal: RunningPortal, tab: Tab) -> None:
    desk, number = a_desk(portal, tab)
    colleague = Desk(tab(scripts=True), portal.address)
    colleague.sign_in()
    colleague.open(number)
    tick(desk.page).check()
    expect(desk.page.get_by_text("Signalé par")).to_be_visible()
    # The page of the colleague is older: an answer to their own tick brings the other one.
    tick(colleague.page, "Commune").check()
    expect(tick(colleague.page)).to_be_checked()
    desk.page.reload()
    expect(tick(desk.page, "Commune")).to_be_checked()
    expect(tick(desk.page)).to_be_checked()


def test_flags_are_saved_by_a_button_without_scripts(portal: RunningPortal, tab: Tab) -> None:  # std: UX-3
    desk, _ = a_desk(portal, tab, scripts=False)
    page = desk.page
    tick(page).check()
    reason(page).fill(REASON)
    page.get_by_role("button", name="Enregistrer les signalements").click()
    expect(page.get_by_text("Les données à corriger sont enregistrées.")).to_be_visible()
    page.get_by_role("button", name="Conforme", exact=True).click()
    expect(tick(page)).to_be_checked()
    expect(reason(page)).to_have_value(REASON)
