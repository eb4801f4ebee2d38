"""Whole stories in a real browser, from the home page to the mails, with scripts and without (UX-3)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chromium
from tests.browser.conftest import Tab
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal, link_in, text_of
from tests.browser.vendor import EMPLOYEE, MANAGEMENT_CENTRE, Visit, new_siret, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
PASSWORD = "Hirondelle-verte-41-boussole"


def status_page(tab: Page, link: str, status: str) -> None:
    """Open the link of a mail: it leads to the status."""
    tab.goto(link)
    expect(tab.get_by_role("main")).to_contain_text(status)


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_complete_file_is_validated_and_the_vendor_signs_in(
    portal: RunningPortal, tab: Tab, scripts: bool
) -> None:  # rule: D1 D3 D5 A6 # std: UX-3
    siret = new_siret()
    portal.register(siret, "CLAIR DE LUNE")
    told = usual(
        ans_number=portal.new_software(),
        siret=siret,
        in_registry=True,
        changes_name=True,
        legal_name="Clair de Lune et Associés",
        vat_liable=False,
    )
    email = told.correspondent.email
    vendor = tab(scripts=scripts)
    number = Visit(vendor, portal.address, told, scripts).enrol()
    link = link_in(portal.mailbox.wait(email, number), "/suivi/")
    status_page(vendor, link, "En cours")

    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    desk.take()
    assert desk.find_all_in_order() == 5
    desk.choose("Valider")
    desk.prepare()
    desk.send("Bien à vous, Inès.")
    expect(desk.page.get_by_role("main")).to_contain_text("Validée")

    validation = portal.mailbox.wait(email, "enrôlement est validé")
    assert "Bien à vous, Inès." in text_of(validation)
    login = text_of(portal.mailbox.wait(email, "Votre identifiant")).split("Voici votre identifiant :")[1].split()[0]
    vendor.goto(link_in(portal.mailbox.wait(email, "Créez votre mot de passe"), "/mot-de-passe/"))
    vendor.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    vendor.get_by_label("Confirmation du mot de passe", exact=True).fill(PASSWORD)
    vendor.get_by_role("button", name="Enregistrer mon mot de passe").click()
    expect(vendor.get_by_role("heading", level=1)).to_have_text("Mon espace")
    vendor.get_by_role("button", name="Se déconnecter").click()
    expect(vendor.get_by_text("Vous êtes déconnecté.")).to_be_visible()
    vendor.get_by_label("Identifiant", exact=True).fill(login)
    vendor.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    vendor.get_by_role("button", name="Valider").click()
    expect(vendor.get_by_role("row", name=number)).to_contain_text("Validée")
    status_page(vendor, link, "Validée")


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_early_file_of_a_dpi_is_validated_partially(
    portal: RunningPortal, tab: Tab, scripts: bool
) -> None:  # rule: E1 E2 D6
    told = usual(ans_number=portal.new_software(dsr="DSR-HOP-DPI-VA2", validated=False), is_early=True)
    number = Visit(tab(scripts=scripts), portal.address, told, scripts).enrol()
    email = told.correspondent.email
    acknowledgement = portal.mailbox.wait(email, number)
    assert "anticipé" in text_of(acknowledgement)

    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    desk.find_all_in_order()
    desk.choose("Valider partiellement")
    desk.prepare()
    desk.send()
    expect(desk.page.get_by_role("main")).to_contain_text("Validation partielle - En attente de certificat(s)")

    due = text_of(portal.mailbox.wait(email, "validation partielle")).split("Ce qu'il vous reste à déposer")[1]
    assert "Certificat de référencement ANS" in due
    assert "hébergement" in due
    assert portal.mailbox.wait(email, "Créez votre mot de passe")
    status_page(desk.page, link_in(acknowledgement, "/suivi/"), "C'est à vous d'agir")


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_file_of_a_management_centre_is_refused_with_a_ready_made_reason(
    portal: RunningPortal, tab: Tab, scripts: bool
) -> None:  # rule: D2 D4 D5
    told = usual(
        ans_number=portal.new_software(dsr="DSR-HOP-DPI-VA2"),
        hosts_health_data=True,
        is_distributor=True,
        quality=MANAGEMENT_CENTRE,
    )
    number = Visit(tab(scripts=scripts), portal.address, told, scripts).enrol()
    acknowledgement = portal.mailbox.wait(told.depositary.email, number)
    assert portal.mailbox.to(told.representative.email) == []

    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    desk.choose("Refuser")
    choice = desk.page.locator("details.choice-reject")
    choice.get_by_label("Motif type").select_option(label="Mandat de l'éditeur absent ou non signé")
    if not scripts:
        choice.get_by_role("button", name="Insérer").click()
    reason = desk.page.get_by_label("Motif du refus")
    expect(reason).to_have_value(re.compile("n.est pas signé par son représentant légal"))
    desk.prepare()
    desk.send()
    refusal = portal.mailbox.wait(told.depositary.email, "enrôlement est refusé")
    assert "n'est pas signé par son représentant légal" in text_of(refusal)
    status_page(desk.page, link_in(acknowledgement, "/suivi/"), "Rejetée")
    expect(desk.page.get_by_role("main")).to_contain_text("n'est pas signé par son représentant légal")


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_file_of_an_employee_is_asked_for_documents(
    portal: RunningPortal, tab: Tab, scripts: bool
) -> None:  # rule: D2 D4
    told = usual(
        ans_number=portal.new_software(dsr="DSR-HOP-DPI-VA2"),
        hosts_health_data=False,
        is_distributor=True,
        quality=EMPLOYEE,
    )
    number = Visit(tab(scripts=scripts), portal.address, told, scripts).enrol()
    acknowledgement = portal.mailbox.wait(told.depositary.email, number)

    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    desk.choose("Demander des pièces")
    desk.page.get_by_label("RIB", exact=True).check()
    desk.page.get_by_label("Précision : RIB").fill("Le titulaire n'est pas lisible.")
    desk.prepare()
    desk.send()
    asked = text_of(portal.mailbox.wait(told.depositary.email, "pièce"))
    assert "Le titulaire n'est pas lisible." in asked
    status_page(desk.page, link_in(acknowledgement, "/suivi/"), "En attente de pièce(s) jointe(s) complémentaire(s)")
    expect(desk.page.get_by_role("main")).to_contain_text("Le titulaire n'est pas lisible.")
