"""What the script saves while one types, in a real browser: one's own answers are never taken for somebody else's."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from enrolment.addresses import Addresses
from enrolment.services import decisions
from enrolment.services.decisions import Decision
from enrolment.services.demands import open_of
from schema.enums import Verb
from schema.tables import EnrolmentRequest
from tests.browser.conftest import Tab
from tests.browser.servers import RunningPortal
from tests.browser.vendor import Visit, usual
from tests.stories import MANAGER

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
HOLDER, CITY, STREET = "Titulaire", "Commune", "Nom de la voie"
FIELDS = {"bank.holder": "À préciser.", "provider.city": "À préciser.", "provider.street_name": "À préciser."}


def asked(portal: RunningPortal, tab: Tab) -> str:
    """The address where a vendor that has just enrolled corrects three answers."""
    number = Visit(tab(scripts=False), portal.address, usual(ans_number=portal.new_software()), scripts=False).enrol()
    found: list[str] = []

    def ask(session: Any) -> None:
        row = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.number == number)).one()
        addresses = Addresses(portal.links, portal.address)
        decision = Decision(Verb.ask_correction, "", (), tuple(FIELDS.items()))
        decisions.decide(session, MANAGER, row.id, decision, addresses, row_version=row.row_version)
        demand = open_of(session, row.id)
        assert demand is not None
        found.append(f"{addresses.answer(demand)}/modifier")

    portal.write(ask)
    return found[0]


def type_and_rest(page: Page, label: str, words: str, status: int = 200) -> None:
    """Type at the end of a field, then rest until the script has saved."""
    with page.expect_response(lambda answer: answer.url.endswith("/brouillon")) as saved:
        field = page.get_by_label(label, exact=True)
        field.press("End")
        field.press_sequentially(words)
    assert saved.value.status == status


def finish(page: Page) -> None:
    """« Terminer » and its confirmation."""
    page.get_by_role("button", name="Terminer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transmettre vos corrections ?")
    page.get_by_role("button", name="Confirmer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos corrections sont transmises")


def test_rests_between_and_within_fields_are_no_other_browser(portal: RunningPortal, tab: Tab) -> None:  # std: REL-3
    address = asked(portal, tab)
    page = tab()
    page.goto(address)
    for label, words in ((HOLDER, " SAS"), (HOLDER, " Besançon"), (CITY, " Cedex"), (CITY, " 9"), (HOLDER, " !")):
        type_and_rest(page, label, words)
        expect(page.locator("[data-autosave-status]")).to_contain_text("Brouillon enregistré à")
    expect(page.get_by_text("2 sur 3 faits")).to_be_visible()
    page.reload()
    expect(page.get_by_text("2 sur 3 faits")).to_be_visible()
    expect(page.get_by_label(HOLDER, exact=True)).to_have_value("Clair de Lune SAS Besançon !")
    type_and_rest(page, STREET, " bis")
    page.get_by_label(STREET, exact=True).press_sequentially(" ter")
    page.get_by_role("button", name="Terminer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transmettre vos corrections ?")
    page.go_back()
    type_and_rest(page, STREET, " A")
    finish(page)


def test_end_pressed_while_the_script_saves_waits_for_it(portal: RunningPortal, tab: Tab) -> None:  # std: REL-3
    address = asked(portal, tab)
    page = tab()
    page.goto(address)
    # The answer to the script is on its way for a while, and one goes on typing.
    type_and_rest(page, HOLDER, " SAS")
    page.evaluate(
        """() => { const real = window.fetch; window.fetch = async (...asked) => { const answer = await real(...asked);
        await new Promise((done) => setTimeout(done, 1500)); return answer; }; }"""
    )
    type_and_rest(page, HOLDER, " Besançon")
    page.get_by_label(HOLDER, exact=True).press_sequentially(" Cedex")
    finish(page)


def test_two_browsers_that_answer_the_same_point_are_told(portal: RunningPortal, tab: Tab) -> None:  # std: REL-3
    address = asked(portal, tab)
    first, second = tab(), tab()
    for page in (first, second):
        page.goto(address)
    type_and_rest(first, HOLDER, " SAS")
    type_and_rest(second, CITY, " Cedex")
    type_and_rest(second, HOLDER, " SARL", status=409)
    expect(second.locator("[data-autosave-status]")).to_contain_text("« Clair de Lune SARL » n'a pas été enregistrée")
    second.get_by_role("button", name="Terminer", exact=True).click()
    expect(second.get_by_text("Depuis un autre navigateur").first).to_be_visible()
    expect(second.get_by_label(HOLDER, exact=True)).to_have_value("Clair de Lune SAS")
    second.get_by_label(HOLDER, exact=True).fill("Clair de Lune SARL")
    finish(second)


def test_form_saved_by_the_script_is_right_after_rests(portal: RunningPortal, tab: Tab) -> None:  # std: REL-3
    page = tab()
    visit = Visit(page, portal.address, usual(ans_number=portal.new_software()))
    visit.begin()
    visit.referencing()
    visit.search_company()
    visit.identity()
    for label, words in ((CITY, " Cedex"), (CITY, " 9"), (STREET, " bis"), (CITY, " !")):
        type_and_rest(page, label, words)
        expect(page.locator("[data-autosave-status]")).to_contain_text("Brouillon enregistré à")
    page.reload()
    expect(page.get_by_label(CITY, exact=True)).to_have_value("Besançon Cedex 9 !")
    visit.identity()
    type_and_rest(page, CITY, " Cedex")
    page.get_by_label("Nom commercial").press_sequentially("Lune")
    visit.applicant_answers()
    visit.next()
    visit.is_at(3)
