"""A session of the back office that ends while one works on a file: one is told, comes back, and loses nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from seeds.demo.data import ADMINISTRATOR, MANAGER, StaffMember
from tests.browser.conftest import Tab
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal
from tests.browser.vendor import Visit, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
BACK = "Votre session a expiré : reconnectez-vous, vous reviendrez à la page où vous étiez."
REASON = "Le compte n'est pas celui de la société."
KEPT = "sessionStorage.getItem('saisie')"


def at_file(portal: RunningPortal, tab: Tab) -> Desk:
    """A manager in front of a new file, about to refuse it."""
    number = Visit(tab(scripts=False), portal.address, usual(ans_number=portal.new_software()), scripts=False).enrol()
    desk = Desk(tab(), portal.address)
    desk.sign_in()
    desk.open(number)
    desk.choose("Refuser")
    desk.page.get_by_label("Motif du refus").fill(REASON)
    return desk


def end_session(page: Page) -> None:
    """As thirty idle minutes do."""
    page.context.clear_cookies()


def expect_nothing_kept(page: Page) -> None:
    """Soon, since another tab may have to tell this one; the page's policy lets no test wait inside it."""
    for _ in range(50):
        if page.evaluate(KEPT) is None:
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate(KEPT))


def sign_in_again(page: Page, member: StaffMember = MANAGER) -> None:
    """On the page that says why."""
    expect(page.get_by_text(BACK)).to_be_visible()
    assert "/admin/login?" in page.url
    page.get_by_label("Adresse mail").fill(member.email)
    page.get_by_label("Mot de passe").fill(member.password)
    page.get_by_role("button", name="Se connecter").click()


def test_reason_typed_before_the_session_ended_is_given_back(portal: RunningPortal, tab: Tab) -> None:
    # std: UX-4
    desk = at_file(portal, tab)
    page, file = desk.page, desk.page.url
    page.locator("[id='flag-bank.holder']").check()
    page.get_by_label("Motif : Titulaire").fill("À préciser.")
    end_session(page)
    page.get_by_role("button", name="Préparer le mail").locator("visible=true").click()
    sign_in_again(page)
    expect(page).to_have_url(file)
    expect(page.get_by_label("Motif du refus")).to_have_value(REASON)
    expect(page.get_by_label("Motif du refus")).to_be_visible()
    expect(page.locator("[id='flag-bank.holder']")).to_be_checked()
    expect(page.locator("[data-flagged]")).to_contain_text("Titulaire\u00a0: À préciser.")
    # The mail that was being edited comes back too, on its own page.
    desk.prepare()
    page.get_by_label("Texte du mail").fill("Un mail écrit à la main.")
    end_session(page)
    page.get_by_role("button", name="Envoyer la décision").click()
    sign_in_again(page)
    expect(page.get_by_label("Motif du refus")).to_have_value(REASON)
    desk.prepare()
    expect(page.get_by_label("Texte du mail")).to_have_value("Un mail écrit à la main.")
    desk.send(now=False)
    assert page.evaluate(KEPT) is None
    page.get_by_role("button", name="Annuler l'envoi").click()
    page.goto(file)
    # What is flagged, and no more what was typed.
    expect(page.get_by_label("Motif du refus")).to_have_value(re.compile(r"^- Titulaire.: À préciser\.$"))


def test_act_in_the_page_leads_to_the_sign_in_page_and_back(portal: RunningPortal, tab: Tab) -> None:
    # std: UX-4
    desk = at_file(portal, tab)
    page = desk.page
    for press in (
        lambda: page.get_by_role("button", name="Conforme", exact=True).click(),
        lambda: page.get_by_role("link", name="Pièce suivante").click(),
    ):
        end_session(page)
        press()
        sign_in_again(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dossier")
        expect(page.get_by_label("Motif du refus")).to_have_value(REASON)
    assert "piece=" in page.url


def test_nothing_typed_is_left_after_signing_out_nor_shown_to_somebody_else(portal: RunningPortal, tab: Tab) -> None:
    # std: SEC-4
    desk = at_file(portal, tab)
    page, file = desk.page, desk.page.url
    page.get_by_label("Ajouter une note").fill("Appeler la société.")
    end_session(page)
    page.get_by_role("button", name="Préparer le mail").locator("visible=true").click()
    expect(page.get_by_text(BACK)).to_be_visible()
    assert REASON in page.evaluate(KEPT)
    sign_in_again(page, ADMINISTRATOR)
    expect(page).to_have_url(file)
    expect(page.get_by_label("Ajouter une note")).to_have_value("")
    assert page.evaluate(KEPT) is None
    end_session(page)
    desk.sign_in()
    expect(page.get_by_role("heading", level=1)).to_have_text("File d'attente")
    page.goto(file)

    # Another tab waits at the sign-in page with what was typed in it, while this one signs out.
    other = page.context.new_page()
    other.goto(file)
    desk.choose("Refuser")
    other.locator("summary", has_text="Refuser").first.click()
    for one in (page, other):
        one.get_by_label("Motif du refus").fill(REASON)
    cookies = page.context.cookies()
    end_session(page)
    other.get_by_role("button", name="Préparer le mail").locator("visible=true").click()
    expect(other.get_by_text(BACK)).to_be_visible()
    assert REASON in other.evaluate(KEPT)
    page.context.add_cookies(cookies)
    page.locator(".office-user > summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_text("Vous êtes déconnecté.")).to_be_visible()
    for one in (page, other):
        expect_nothing_kept(one)


def test_leaving_a_file_forgets_what_was_typed(portal: RunningPortal, tab: Tab) -> None:
    desk = at_file(portal, tab)
    page, file = desk.page, desk.page.url
    page.get_by_role("link", name="File d'attente").first.click()
    expect(page).to_have_url(re.compile("/admin/file"))
    expect_nothing_kept(page)
    page.goto(file)
    expect(page.get_by_label("Motif du refus")).to_have_value("")
