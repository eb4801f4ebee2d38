"""What comes after the deposit, in a real browser, with scripts and without: corrections, a refusal, a new deposit."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import chromium
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal, link_in, text_of
from tests.browser.vendor import Visit, no_look, pdf, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_vendor_corrects_then_files_anew_after_a_refusal(
    portal: RunningPortal, tab: Tab, auditor: Auditor, scripts: bool
) -> None:  # rule: A6 # std: UX-1 UX-3
    look = auditor.look if scripts else no_look
    told = usual(ans_number=portal.new_software())
    email = told.correspondent.email
    page = tab(scripts=scripts)
    visit = Visit(page, portal.address, told, scripts)
    number = visit.enrol()

    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    desk.choose("Demander une correction")
    desk.page.locator("[id='flag-bank.holder']").check()
    desk.page.get_by_label("Motif : Titulaire").fill("Le titulaire doit être la société.")
    look(desk.page, "file, correction")
    desk.prepare()
    desk.send()
    asked = portal.mailbox.wait(email, "sont à modifier")
    assert "Le titulaire doit être la société." in text_of(asked)

    page.goto(link_in(asked, "/suivi/repondre/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Modifier ma demande")
    look(page, "correction")
    page.get_by_label("Titulaire", exact=True).fill("")
    page.get_by_role("button", name="Terminer", exact=True).click()
    expect(page.get_by_text("Un point est à corriger")).to_be_visible()
    look(page, "correction in error")
    page.get_by_label("Titulaire", exact=True).fill("SAS CLAIR DE LUNE")
    page.get_by_role("button", name="Terminer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transmettre vos corrections ?")
    look(page, "correction confirmation")
    page.get_by_role("button", name="Confirmer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos corrections sont transmises")
    look(page, "correction sent")

    desk.open(number)
    expect(desk.page.get_by_role("region", name="Réponse du fournisseur")).to_contain_text("SAS CLAIR DE LUNE")
    look(desk.page, "file, answered")
    desk.choose("Refuser")
    desk.page.get_by_label("Motif du refus").fill("Ce compte n'est pas celui de la société.")
    desk.prepare()
    desk.send()

    page.goto(link_in(portal.mailbox.wait(email, "refusé"), "/suivi/redeposer/"))
    expect(page.get_by_role("main")).to_contain_text("Ce compte n'est pas celui de la société.")
    look(page, "new deposit")
    page.get_by_role("button", name="Commencer").click()
    visit.is_at(5)
    page.get_by_role("link", name="Modifier : Coordonnées bancaires").click()
    expect(page.get_by_role("main")).to_contain_text("Ce compte n'est pas celui de la société.")
    look(page, "new deposit, bank")
    expect(page.get_by_label("Titulaire", exact=True)).to_have_value("SAS CLAIR DE LUNE")
    visit.next()
    visit.next()
    visit.is_at(5)
    visit.finish()
    assert visit.number() != number
    assert not auditor.problems, "\n\n".join(auditor.problems)


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_vendor_deposits_what_is_asked_then_withdraws(
    portal: RunningPortal, tab: Tab, auditor: Auditor, scripts: bool
) -> None:  # rule: A3 A6 # std: UX-1 UX-3
    look = auditor.look if scripts else no_look
    told = usual(ans_number=portal.new_software())
    email = told.correspondent.email
    page = tab(scripts=scripts)
    number = Visit(page, portal.address, told, scripts).enrol()
    status = link_in(portal.mailbox.wait(email, number), "/suivi/")

    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    desk.choose("Demander des pièces")
    desk.page.get_by_label("KBIS", exact=True).locator("visible=true").check()
    desk.prepare()
    desk.send()

    page.goto(link_in(portal.mailbox.wait(email, "pièces complémentaires"), "/suivi/repondre/"))
    expect(page.get_by_role("button", name="Terminer mon dépôt")).to_be_disabled()
    look(page, "deposit")
    page.get_by_label("Fichier", exact=True).set_input_files(pdf())
    page.get_by_role("button", name="Importer").click()
    expect(page.get_by_text("Import réussi")).to_be_visible()
    look(page, "deposit, imported")
    page.get_by_role("button", name="Terminer mon dépôt").click()
    page.get_by_role("button", name="Confirmer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre dépôt est enregistré")
    look(page, "deposit ended")
    expect(page.get_by_role("main")).to_contain_text("En cours")
    assert portal.mailbox.wait(email, "dépôt")

    page.goto(status)
    page.get_by_role("link", name="Agir sur ma demande").click()
    look(page, "actions")
    page.get_by_role("button", name="Recevoir le lien : Retirer ma demande").click()
    expect(page.get_by_text("Le lien est parti")).to_be_visible()
    page.goto(link_in(portal.mailbox.wait(email, "votre lien pour agir"), "/suivi/retirer/"))
    look(page, "withdrawal")
    page.get_by_role("button", name="Retirer ma demande").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre demande est retirée")
    look(page, "withdrawn")
    page.goto(status)
    expect(page.get_by_role("main")).to_contain_text("Retirée")
    assert not auditor.problems, "\n\n".join(auditor.problems)
