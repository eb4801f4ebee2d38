"""The form by the keyboard alone, with a focus that can always be seen (UX-2)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Tab
from tests.browser.servers import RunningPortal
from tests.browser.vendor import (
    CERTIFICATE,
    DISTRIBUTOR,
    REPRESENTATIVE,
    Visit,
    identity_of,
    jpeg,
    pdf,
    usual,
)

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
_FOCUS = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  return [element === document.body, ring, element.outerHTML.slice(0, 120)];
}"""
_MOST_STOPS = 60


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the focus is there; every stop on the way must show it."""
    expect(target).to_be_visible()
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        is_nowhere, is_seen, what = page.evaluate(_FOCUS)
        assert is_seen or is_nowhere, f"no visible focus on {what}"
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"the Tab key does not reach {target}")


def write(page: Page, label: str, text: str) -> None:
    """Reach a field and type."""
    reach(page, page.get_by_label(label, exact=True))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def choose(page: Page, question: str, answer: str) -> None:
    """Reach a question and choose: the space bar takes the first answer, an arrow the next."""
    group = page.get_by_role("group", name=question)
    reach(page, group.get_by_role("radio").first)
    page.keyboard.press("Space")
    if answer == "Non":
        page.keyboard.press("ArrowRight")
    expect(group.get_by_label(answer)).to_be_checked()


def give(visit: Visit, label: str, file: object) -> None:
    """Reach a file field, open the chooser with the space bar."""
    reach(visit.page, visit.page.get_by_label(label, exact=True))
    with visit.page.expect_file_chooser() as chooser:
        visit.page.keyboard.press("Space")
    chooser.value.set_files(file)  # type: ignore[arg-type]
    expect(visit.file_field(label).get_by_role("status")).to_have_text("Fichier enregistré.")


def test_first_two_steps_are_done_by_keyboard_alone(portal: RunningPortal, tab: Tab) -> None:  # std: UX-2
    told = usual(ans_number=portal.new_software())
    visit = Visit(tab(), portal.address, told)
    page = visit.page
    # Asked for from the start: Playwright does not wait until Chromium hands its choosers over.
    page.on("filechooser", lambda _chooser: None)
    page.goto(f"{portal.address}/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    reach(page, page.get_by_role("link", name="Effectuer ma demande d'enrôlement").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Référencement")

    page.keyboard.press("Tab")
    write(page, "Numéro unique de référencement ANS", told.ans_number)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Clair de Lune", exact=True)).to_be_visible()
    reach(page, page.get_by_role("button", name="Etape suivante"))
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    reach(page, summary.get_by_role("link").first)
    page.keyboard.press("Enter")
    expect(page.get_by_label(CERTIFICATE, exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    give(visit, CERTIFICATE, pdf())
    reach(page, page.get_by_role("button", name="Etape suivante"))
    page.keyboard.press("Enter")

    visit.is_at(2)
    write(page, "Numéro SIRET", told.siret)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saisie à la main", exact=True)).to_be_visible()
    write(page, "Dénomination sociale", "Clair de Lune")
    write(page, "Nom commercial", "Clair de Lune")
    reach(page, page.get_by_label("Type de voie"))
    page.keyboard.type("Rue")
    write(page, "Nom de la voie", "de l'Île")
    write(page, "Code postal", "25000")
    write(page, "Commune", "Besançon")
    choose(page, DISTRIBUTOR, "Non")
    choose(page, REPRESENTATIVE, "Oui")
    write(page, "Nom du représentant", "Lefèvre")
    write(page, "Prénom du représentant", "Hélène")
    write(page, "Email du représentant", told.representative.email)
    write(page, "Confirmation email du représentant", told.representative.email)
    write(page, "Téléphone du représentant", "04 78 00 12 34")
    give(visit, identity_of("représentant"), jpeg())
    reach(page, page.get_by_role("button", name="Etape suivante"))
    page.keyboard.press("Enter")
    visit.is_at(3)
