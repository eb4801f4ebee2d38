"""A steward corrects the rows of a filter, meets a conflict, undoes and does again, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from schema.tables import CorrectionRule, Provider, StreetType
from seeds.demo.data import ADMINISTRATOR, STEWARD
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

_FORMS = ("ST DENIS", "ST DENIS", "SAINT-DENIS", "St-Denis")
SLOW = 60_000
"""Milliseconds for what the worker does in its turn."""


def _add_providers(portal: RunningPortal, post_code: str) -> None:
    def add(session: Any) -> None:
        street = session.exec(select(StreetType.id)).first()
        session.add_all(
            Provider(
                siret=f"{73282932100000 + int(post_code) * 10 + number:014d}",
                legal_name=f"Éditions du Parvis {number}",
                trade_name=f"Parvis {number}",
                street_type_id=street,
                street_name="de la Basilique",
                post_code=post_code,
                city=city,
            )
            for number, city in enumerate(_FORMS, start=1)
        )

    portal.write(add)


def _cities(portal: RunningPortal, post_code: str) -> list[str]:
    found: list[str] = []
    portal.write(
        lambda session: found.extend(
            session.exec(select(Provider.city).where(Provider.post_code == post_code).order_by(Provider.id))
        )
    )
    return found


def _list(page: Page, portal: RunningPortal, post_code: str) -> None:
    page.goto(f"{portal.address}/admin/provider/list?post_code={post_code}")


def _ask(page: Page, city: str) -> None:
    """The change of the city, and its preview."""
    page.get_by_label("Colonne à corriger").select_option(label="Commune")
    page.get_by_role("button", name="Ajouter ce changement").click()
    page.get_by_label("Nouvelle valeur (Commune)").fill(city)
    page.get_by_label("Motif", exact=True).fill("Courriel de la préfecture du 3 mars")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=SLOW)


def _launch(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Appliquer sur")).click()


def test_steward_corrects_a_filter_meets_a_conflict_undoes_and_does_again(
    portal: RunningPortal, tab: Tab, auditor: Auditor
) -> None:
    # std: UX-1 UX-2 UX-3 UX-6
    _add_providers(portal, "93200")
    page = tab()
    Desk(page, portal.address).sign_in(STEWARD)
    page.get_by_role("navigation", name="Menu du back-office").get_by_role("link", name="Corrections").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Corrections")
    auditor.look(page, "corrections list")
    page.get_by_role("link", name=re.compile("Préparer une correction|Nouvelle correction")).first.click()
    auditor.look(page, "corrections choose")

    _list(page, portal, "93200")
    auditor.look(page, "list with corrections")
    page.get_by_role("link", name="Corriger ces lignes").click()
    expect(page.locator(".correction-rows")).to_contain_text("4 lignes")
    auditor.look(page, "correction new empty")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Dites pourquoi")
    page.get_by_label("Colonne à corriger").select_option(label="Commune")
    page.get_by_role("button", name="Ajouter ce changement").click()
    page.get_by_label("Ce que devient cette colonne").select_option(
        label="Remplacer d'après une table de correspondance"
    )
    expect(page.get_by_label("Nouvelle valeur (Commune)")).to_be_hidden()
    page.get_by_label("Table de correspondance (Commune)").fill("ST DENIS ; Saint-Denis\nSAINT-DENIS")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Ligne 2")
    auditor.look(page, "correction new wrong")
    page.get_by_label("Table de correspondance (Commune)").fill("ST DENIS ; Saint-Denis\nSAINT-DENIS ; Saint-Denis")
    page.get_by_label("Motif", exact=True).fill("Courriel de la préfecture du 3 mars")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=SLOW)
    expect(page.locator(".correction-figures")).to_contain_text("3 lignes vont changer")
    auditor.look(page, "correction frozen")
    address = page.url

    # A colleague moves one of them meanwhile.
    def move(session: Any) -> None:
        session.exec(select(Provider).where(Provider.legal_name == "Éditions du Parvis 1")).one().city = "Stains"

    portal.write(move)
    _launch(page)
    expect(page.get_by_role("heading", name="Appliquée en partie")).to_be_visible(timeout=SLOW)
    auditor.look(page, "correction ended")
    page.get_by_role("link", name="Voir les conflits").click()
    expect(page.get_by_role("cell").filter(has_text="à présent « Stains »")).to_have_count(1)
    auditor.look(page, "correction conflicts")
    assert _cities(portal, "93200") == ["Stains", "Saint-Denis", "Saint-Denis", "St-Denis"]

    page.get_by_label("Motif", exact=True).fill("Demande du fournisseur")
    page.get_by_role("checkbox", name=re.compile("SAINT-DENIS")).check()
    page.get_by_role("button", name="Préparer l'annulation des changements cochés").click()
    expect(page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=SLOW)
    auditor.look(page, "correction undoing frozen")
    _launch(page)
    expect(page.get_by_role("heading", name="Appliquée", exact=True)).to_be_visible(timeout=SLOW)
    assert _cities(portal, "93200")[2] == "SAINT-DENIS"
    page.get_by_label("Motif", exact=True).fill("C'était juste")
    page.get_by_role("button", name="Préparer pour la refaire").click()
    expect(page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=SLOW)
    _launch(page)
    expect(page.get_by_role("heading", name="Appliquée", exact=True)).to_be_visible(timeout=SLOW)
    assert _cities(portal, "93200")[2] == "Saint-Denis"
    page.goto(address)
    expect(page.locator(".correction-facts")).to_contain_text("Annulée par")
    page.goto(f"{portal.address}/admin/corrections")
    auditor.look(page, "corrections list filled")
    page.goto(f"{portal.address}/admin/nouvelle-correction/provider/fichier")
    auditor.look(page, "correction file")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez le fichier")
    auditor.look(page, "correction file wrong")
    assert not auditor.problems, "\n\n".join(auditor.problems)


def test_whole_story_needs_neither_script_nor_mouse(portal: RunningPortal, tab: Tab) -> None:
    # std: UX-2 UX-3
    _add_providers(portal, "93210")
    page = tab(scripts=False)
    Desk(page, portal.address).sign_in(STEWARD)
    _list(page, portal, "93210")
    page.get_by_role("link", name="Corriger ces lignes").press("Enter")
    page.get_by_label("Colonne à corriger").select_option(label="Commune")
    page.get_by_role("button", name="Ajouter ce changement").press("Enter")
    # Every way of changing a column is on the page, and each says when it serves.
    expect(page.get_by_text("Seulement pour « Mettre une même valeur partout ».")).to_be_visible()
    page.get_by_label("Nouvelle valeur (Commune)").fill("Saint-Denis")
    page.get_by_label("Motif", exact=True).fill("Essai")
    page.get_by_role("button", name="Préparer l'aperçu").last.press("Enter")
    # The page comes back by itself until there is something to see.
    expect(page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name=re.compile("^Appliquer sur")).press("Enter")
    expect(page.get_by_role("heading", name="Appliquée", exact=True)).to_be_visible(timeout=SLOW)
    assert set(_cities(portal, "93210")) == {"Saint-Denis"}


def test_second_person_approves_what_a_rule_submits_to_her(portal: RunningPortal, tab: Tab, auditor: Auditor) -> None:
    # std: UX-1
    _add_providers(portal, "93220")

    def ask(session: Any) -> None:
        if session.exec(select(CorrectionRule).where(CorrectionRule.name == "Communes")).first() is None:
            session.add(CorrectionRule(name="Communes", table_name="provider", column_name="post_code"))

    portal.write(ask)
    page, colleague = tab(), tab()
    Desk(page, portal.address).sign_in(STEWARD)
    _list(page, portal, "93220")
    page.get_by_role("link", name="Corriger ces lignes").click()
    page.get_by_label("Colonne à corriger").select_option(label="Code postal")
    page.get_by_role("button", name="Ajouter ce changement").click()
    page.get_by_label("Nouvelle valeur (Code postal)").fill("93230")
    page.get_by_label("Motif", exact=True).fill("Essai")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_text("Une seconde personne doit approuver")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Approuver")).to_have_count(0)
    auditor.look(page, "correction to approve")
    Desk(colleague, portal.address).sign_in(ADMINISTRATOR)
    colleague.goto(page.url)
    colleague.get_by_role("button", name="Approuver").click()
    expect(colleague.locator(".correction-facts")).to_contain_text("Approuvée par")
    auditor.look(colleague, "correction approved")
    colleague.get_by_role("button", name="Abandonner").click()
    expect(colleague.get_by_role("heading", name="Abandonnée")).to_be_visible()
    auditor.look(colleague, "correction cancelled")
    assert not auditor.problems, "\n\n".join(auditor.problems)
