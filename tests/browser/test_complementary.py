"""A vendor known since wave 1 enrols a software on one page, in a real browser, with scripts and without (UX-3)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from enrolment.services import passwords
from schema.enums import AccountState, PersonRole
from schema.tables import Account, AccountProvider, Person
from tests.browser import chromium
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal, text_of
from tests.browser.vendor import (
    CERTIFICATE,
    DISTRIBUTOR,
    NUMBER,
    VAT,
    Human,
    Visit,
    new_human,
    new_siret,
    no_look,
    pdf,
    usual,
)
from tests.rows import add_provider

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
PASSWORD = "Hirondelle-verte-41-boussole"
ANS_LABEL = "Numéro unique de référencement ANS"
MANDATE = "Mandat du représentant légal"


def depositary_of_wave_1(portal: RunningPortal) -> Human:
    """An account that was taken from wave 1."""
    human = new_human("Paul", "Garnier")

    def add(session: Any) -> None:
        provider = add_provider(session, new_siret())
        names: dict[str, Any] = {"first_name": human.first_name, "last_name": human.last_name, "email": human.email}
        session.add(
            Person(
                provider_id=provider.id, role=PersonRole.depositary, phone="+33612345678", quality="employee", **names
            )
        )
        account = Account(
            login=human.email.split("@")[0].replace(".", ""),
            password_hash=passwords.hashed(PASSWORD),
            state=AccountState.active,
            from_wave_1=True,
            **names,
        )
        session.add(account)
        session.flush()
        session.add(AccountProvider(account_id=account.id, provider_id=provider.id))

    portal.write(add)
    return human


def sign_in(page: Page, address: str, human: Human) -> None:
    page.goto(f"{address}/connexion")
    page.get_by_label("Identifiant", exact=True).fill(human.email.split("@")[0].replace(".", ""))
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon espace")


def search(page: Page, address: str, number: str) -> None:
    page.goto(f"{address}/espace/demande-complementaire")
    page.get_by_label(ANS_LABEL).fill(number)
    page.get_by_role("button", name="Rechercher").click()


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_vendor_of_wave_1_enrols_two_softwares(
    portal: RunningPortal, tab: Tab, auditor: Auditor, scripts: bool
) -> None:  # rule: C1 C2 C3 D2 E4 S2 # std: UX-1 UX-3
    human = depositary_of_wave_1(portal)
    look = auditor.look if scripts else no_look
    page = tab(scripts=scripts)
    sign_in(page, portal.address, human)
    visit = Visit(page, portal.address, usual(ans_number=portal.new_software()), scripts)
    search(page, portal.address, visit.told.ans_number)
    look(page, "complementary")
    # Nothing can be confirmed while something is missing: the server says what.
    visit.press("Terminer")
    expect(page.get_by_text("4 points sont à corriger")).to_be_visible()
    look(page, "complementary in error")
    visit.give(CERTIFICATE, pdf())
    visit.answer(DISTRIBUTOR, yes=True)
    visit.give("Mandat de l'éditeur", pdf())
    visit.give(MANDATE, pdf())
    visit.answer(VAT, yes=True)
    visit.press("Terminer")
    expect(page.get_by_text("En confirmant, vous déclarez")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(1 if scripts else 0)
    look(page, "complementary confirmation")
    visit.press("Confirmer le dépôt")
    number = visit.number()
    acknowledgement = text_of(portal.mailbox.wait(human.email, number))
    assert "Complémentaire" in acknowledgement

    # The next one waits for a decision, and the page says so before anything is typed.
    page.goto(f"{portal.address}/espace/demande-complementaire")
    expect(page.get_by_role("main")).to_contain_text("attendez la validation de votre première demande")
    expect(page.get_by_role("main")).to_contain_text(number)
    look(page, "complementary held up")

    desk = Desk(tab(scripts=scripts), portal.address)
    desk.sign_in()
    desk.open(number)
    expect(desk.page.get_by_role("main")).to_contain_text("Complémentaire")
    desk.find_all_in_order()
    desk.choose("Valider")
    desk.prepare()
    desk.send("Bien à vous.")
    validation = text_of(portal.mailbox.wait(human.email, "enrôlement est validé"))
    assert "identifiant" not in validation.split("Bien à vous.")[0]
    assert not [mail for mail in portal.mailbox.to(human.email) if "Créez votre mot de passe" in str(mail["subject"])]

    search(page, portal.address, portal.new_software(validated=False))
    expect(page.get_by_text("Demande d'enrôlement anticipé", exact=True)).to_be_visible()
    expect(page.get_by_label(MANDATE, exact=True)).to_have_count(0)
    expect(page.get_by_label(CERTIFICATE, exact=True)).to_have_count(0)
    visit.answer(DISTRIBUTOR, yes=False)
    visit.answer(VAT, yes=True)
    visit.press("Terminer")
    visit.press("Confirmer le dépôt")
    assert NUMBER.search(page.get_by_role("main").inner_text())
    expect(page.get_by_role("main")).to_contain_text("Complémentaire anticipé")
    assert auditor.problems == []


def test_what_is_typed_survives_a_closed_tab(portal: RunningPortal, tab: Tab) -> None:  # rule: C3 # std: UX-4
    human = depositary_of_wave_1(portal)
    page = tab()
    sign_in(page, portal.address, human)
    number = portal.new_software()
    search(page, portal.address, number)
    visit = Visit(page, portal.address, usual(ans_number=number))
    visit.give(CERTIFICATE, pdf())
    visit.answer(VAT, yes=False)
    expect(page.locator("[data-autosave-status]")).to_contain_text("enregistré")
    page.goto(f"{portal.address}/espace/demande-complementaire")
    page.get_by_role("link", name="Reprendre").click()
    expect(visit.group(VAT).get_by_label("Non")).to_be_checked()
    expect(visit.file_field(CERTIFICATE)).to_contain_text("certificat été.pdf")
