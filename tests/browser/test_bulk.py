"""The same mail to two vendors, from the queue, in a real browser: tick, write, look, confirm, read the result."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def test_two_ticked_requests_get_the_same_mail_once_it_is_seen_and_confirmed(
    portal: RunningPortal, tab: Tab, auditor: Auditor
) -> None:
    # std: UX-1 UX-2 UX-3
    desk = Desk(tab(), portal.address)
    page = desk.page
    desk.sign_in()
    page.get_by_role("link", name="File d'attente").first.click()
    ticks = page.locator("[data-tick]")
    numbers = [str(ticks.nth(place).get_attribute("aria-label")).removeprefix("Cocher ") for place in (0, 1)]
    for place in (0, 1):
        ticks.nth(place).check()
    page.get_by_label("Ce qu'il faut faire").select_option(label="Envoyer un même mail")
    auditor.look(page, "queue with two ticked")
    page.get_by_role("button", name="Continuer").click()
    auditor.look(page, "bulk mail to write")

    page.get_by_label("Objet").fill("Au sujet de {{ numero_de_la_demande }}")
    page.get_by_label("Texte du mail").fill("Bonjour,\n\n{% si urgent %}")
    page.get_by_role("button", name="Voir l'aperçu").click()
    expect(page.get_by_role("alert")).to_contain_text("la balise « si » n'existe pas")
    auditor.look(page, "bulk mail with a mistake")
    page.get_by_label("Texte du mail").fill("Bonjour,\n\nUne information pour vous.")
    page.get_by_role("button", name="Voir l'aperçu").click()
    expect(page.get_by_role("heading", name=re.compile("Mail tel qu'il sera lu"))).to_be_visible()
    expect(page.locator(".bulk-paper")).to_contain_text(f"Au sujet de {numbers[0]}")
    auditor.look(page, "bulk preview")

    page.get_by_role("button", name="Lancer sur 2 demandes").click()
    # The page follows the work by itself, without being reloaded.
    expect(page.get_by_role("heading", name="Terminée")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("cell").filter(has_text="Fait")).to_have_count(2)
    auditor.look(page, "bulk results")
    for number in numbers:
        row = page.get_by_role("row").filter(has_text=number)
        address = re.search(r"\S+@\S+", row.inner_text())
        assert address
        portal.mailbox.wait(address[0], f"Au sujet de {number}")
    page.get_by_role("link", name="Actions groupées").first.click()
    expect(page.get_by_role("row").filter(has_text="Envoyer un même mail")).to_contain_text("Terminée")
    auditor.look(page, "bulk actions")
    assert not auditor.problems, "\n\n".join(auditor.problems)
