"""What goes wrong at the form, in a real browser: nothing typed or uploaded is ever lost, nothing is done twice."""

from __future__ import annotations

import re

import pikepdf
import pytest
from playwright.sync_api import FilePayload, Page, expect

from enrolment.links import Purpose
from tests.browser import chromium
from tests.browser.conftest import Tab
from tests.browser.servers import RunningPortal, link_in
from tests.browser.vendor import (
    BOXES,
    CERTIFICATE,
    DISTRIBUTOR,
    HDS_QUESTION,
    VAT,
    Visit,
    identity_of,
    new_siret,
    pdf,
    usual,
)
from tests.enrolment.files.corpus import altered_pdf, good_pdf

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def bad_file(content: bytes) -> FilePayload:
    """A file that its name says to be a PDF."""
    return {"name": "faux.pdf", "mimeType": "application/pdf", "buffer": content}


def expect_errors(page: Page, count: int, *, scripts: bool) -> None:
    """A summary of so many errors, focused, each leading to a field that says the same."""
    summary = page.get_by_role("alert")
    links = summary.get_by_role("link")
    expect(links).to_have_count(count)
    if scripts:
        expect(summary).to_be_focused()
    for place in range(count):
        link = links.nth(place)
        said = link.inner_text()
        target = (link.get_attribute("href") or "").removeprefix("#")
        field = page.locator(f"[id='{target}']")
        assert field.count() == 1, target
        expect(page.locator(".field-error", has_text=said).first).to_be_attached()
        if scripts:
            link.click()
            expect(field).to_be_focused()


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_every_step_says_what_is_wrong_and_loses_nothing(
    portal: RunningPortal, tab: Tab, scripts: bool
) -> None:  # rule: F2 # std: UX-2 UX-5
    siret = new_siret()
    portal.register(siret, "CLAIR DE LUNE")
    told = usual(
        ans_number=portal.new_software(dsr="DSR-HOP-DPI-VA2"), siret=siret, in_registry=True, hosts_health_data=True
    )
    visit = Visit(tab(scripts=scripts), portal.address, told, scripts)
    page = visit.page
    page.goto(f"{portal.address}/enrolement")
    visit.press("Rechercher")
    expect_errors(page, 1, scripts=scripts)
    page.get_by_label("Numéro unique de référencement ANS").fill("ANS-V2-XXX-99999")
    visit.press("Rechercher")
    expect_errors(page, 1, scripts=scripts)
    assistance = page.get_by_role("main").get_by_role("link", name="Contacter l'assistance")
    expect(assistance).to_have_attribute("href", re.compile(r"numero=ANS-V2-XXX-99999"))

    visit.begin()
    visit.give(CERTIFICATE, pdf())
    visit.next()
    expect_errors(page, 1, scripts=scripts)
    expect(visit.file_field(CERTIFICATE)).to_contain_text("certificat été.pdf")
    visit.referencing()

    page.get_by_label("Numéro SIRET").fill("123 456 789 00011")
    visit.press("Rechercher")
    expect_errors(page, 1, scripts=scripts)
    expect(page.get_by_label("Numéro SIRET")).to_have_value("123 456 789 00011")
    visit.search_company()
    visit.give(identity_of("représentant"), pdf())
    visit.answer(DISTRIBUTOR, False)
    page.get_by_label("Email du représentant", exact=True).fill("pas une adresse")
    visit.next()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(7)
    expect(page.get_by_label("Email du représentant", exact=True)).to_have_value("pas une adresse")
    expect(visit.file_field(identity_of("représentant"))).to_contain_text("certificat été.pdf")
    expect(visit.group(DISTRIBUTOR).get_by_label("Non")).to_be_checked()
    visit.applicant_answers()
    visit.next()

    page.get_by_label("IBAN", exact=True).fill("FR76 3000 6000 0112 3456 7890 188")
    page.get_by_label("BIC", exact=True).fill("BNPAFRPPXXX")
    page.get_by_label("Titulaire").fill("Clair de Lune")
    visit.give("RIB", pdf())
    visit.next()
    expect(page.get_by_label("IBAN", exact=True)).to_have_value("FR76 3000 6000 0112 3456 7890 188")
    expect(page.get_by_label("Titulaire")).to_have_value("Clair de Lune")
    expect(visit.file_field("RIB")).to_contain_text("certificat été.pdf")
    visit.bank()
    visit.next()
    expect_errors(page, 1, scripts=scripts)
    visit.press("Etape précédente")
    expect(page.get_by_label("Titulaire")).to_have_value("Clair de Lune")
    visit.next()
    visit.answer(VAT, True)
    visit.next()
    # Nobody is asked to confirm what cannot be sent.
    visit.press("Terminer")
    expect_errors(page, 3, scripts=scripts)
    for words in BOXES[:2]:
        page.get_by_label(words).check()
    visit.press("Terminer")
    expect_errors(page, 1, scripts=scripts)
    expect(page.get_by_label(BOXES[0])).to_be_checked()
    visit.finish()
    visit.number()


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_bad_file_is_refused_and_the_good_one_stays(
    portal: RunningPortal, tab: Tab, scripts: bool
) -> None:  # rule: F1 F2
    visit = Visit(tab(scripts=scripts), portal.address, usual(ans_number=portal.new_software()), scripts)
    visit.begin()
    visit.give(CERTIFICATE, pdf())
    if not scripts:
        visit.next()
        visit.press("Etape précédente")
    field = visit.file_field(CERTIFICATE)
    for content, reason in (
        (good_pdf() + b"\n" * (5 * 1024 * 1024), r"4\sMo"),
        (altered_pdf(lambda document: None, encryption=pikepdf.Encryption(user="a", owner="b")), "mot de passe"),
        (b"Attestation\n" * 20, "PDF"),
    ):
        visit.page.get_by_label(CERTIFICATE, exact=True).set_input_files(bad_file(content))
        if scripts:
            expect(field.get_by_role("status")).to_have_text(re.compile(reason))
        else:
            visit.next()
            expect(visit.page.get_by_role("alert")).to_contain_text(re.compile(reason))
        expect(field.locator("[data-file-name]")).to_have_text("certificat été.pdf")


def filled(portal: RunningPortal, page: Page) -> Visit:
    """A whole form, at its last step."""
    told = usual(ans_number=portal.new_software(validated=False), is_early=True)
    visit = Visit(page, portal.address, told)
    visit.begin()
    visit.referencing()
    visit.applicant()
    visit.bank()
    visit.vat()
    return visit


def test_double_click_and_back_button_make_one_request(portal: RunningPortal, tab: Tab) -> None:  # rule: S1
    visit = filled(portal, tab())
    page = visit.page
    for words in BOXES:
        page.get_by_label(words).check()
    page.get_by_role("button", name="Terminer", exact=True).dblclick()
    confirm = page.get_by_role("button", name="Confirmer le dépôt", exact=True)
    confirm.evaluate("(button) => { button.click(); button.click(); }")
    number = visit.number()
    page.go_back()
    page.goto(page.url)
    assert visit.number() == number
    page.goto(f"{portal.address}/enrolement/reprise")
    expect(page.get_by_role("main")).not_to_contain_text("Clair de Lune")
    portal.mailbox.wait(visit.told.correspondent.email, number)
    assert len(portal.mailbox.to(visit.told.correspondent.email)) == 1


def test_bank_field_that_was_wrong_is_forgiven_as_soon_as_it_is_right(portal: RunningPortal, tab: Tab) -> None:
    siret = new_siret()
    portal.register(siret, "CLAIR DE LUNE")
    visit = Visit(tab(), portal.address, usual(ans_number=portal.new_software(), siret=siret, in_registry=True))
    page = visit.page
    visit.begin()
    visit.referencing()
    visit.applicant()
    iban, bic = page.get_by_label("IBAN", exact=True), page.get_by_label("BIC", exact=True)
    iban.fill("FR76 3000 6000 0112 3456 7890 188")
    bic.fill("AGRIFRPPXXX")
    visit.next()
    wrong = page.locator(".field-error")
    expect(wrong.filter(has_text="IBAN").first).to_be_visible()
    iban.fill("FR76 3000 6000 0112 3456 7890 189")
    for field in (iban, bic):
        whole = page.locator(".field").filter(has=field)
        expect(whole.locator("[data-check-result]")).to_contain_text("cohérents")
        expect(whole.locator(".field-error")).to_have_count(0)
        expect(whole.locator(".check-wrong")).to_have_count(0)


def test_two_tabs_that_finish_make_one_request(portal: RunningPortal, tab: Tab) -> None:  # rule: S1
    visit = filled(portal, tab())
    first, second = visit, Visit(visit.page.context.new_page(), portal.address, visit.told)
    second.page.goto(first.page.url)
    first.finish()
    number = first.number()
    second.finish()
    assert second.number() == number


def test_draft_goes_on_in_another_browser_by_its_link(portal: RunningPortal, tab: Tab) -> None:
    told = usual(ans_number=portal.new_software())
    here = Visit(tab(), portal.address, told)
    here.begin()
    here.referencing()
    here.search_company()
    here.identity()
    here.person("représentant", told.representative)
    here.press("Enregistrer et continuer plus tard")
    here.page.get_by_label("Votre adresse email").fill(told.representative.email)
    here.press("Envoyer le lien")
    expect(here.page.get_by_role("heading", level=1)).to_have_text("Lien de reprise envoyé")
    draft = here.page.get_by_role("link", name="Revenir à ma demande").get_attribute("href") or ""

    stranger = tab()
    stranger.goto(portal.address + draft)
    expect(stranger.get_by_role("main")).not_to_contain_text("Clair de Lune")
    there = Visit(tab(), portal.address, told)
    there.page.goto(link_in(portal.mailbox.wait(told.representative.email, "Reprenez"), "/enrolement/reprise/"))
    there.is_at(2)
    expect(there.page.get_by_label("Commune")).to_have_value("Besançon")
    expect(there.page.get_by_label("Nom du représentant", exact=True)).to_have_value("d'Arcy-Lefèvre")
    expect(there.file_field(identity_of("représentant"))).to_contain_text("carte.jpg")


@pytest.mark.parametrize("purpose", [Purpose.FOLLOW_REQUEST, Purpose.RESUME_DRAFT])
def test_expired_or_altered_link_says_so_and_what_to_do(
    portal: RunningPortal, tab: Tab, purpose: Purpose
) -> None:  # std: SEC-7
    start = {Purpose.FOLLOW_REQUEST: "/suivi/", Purpose.RESUME_DRAFT: "/enrolement/reprise/"}[purpose]
    page = tab()
    old = portal.old_link(purpose, "somebody", "2020-02-03 10:00")
    for token, title in ((old, "Lien expiré"), (f"{old}x", "Lien non valable")):
        page.goto(f"{portal.address}{start}{token}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.get_by_role("link", name="Recevoir un nouveau lien")).to_be_visible()


def test_question_of_a_dpi_shows_the_document_that_its_answer_calls_for(portal: RunningPortal, tab: Tab) -> None:
    visit = Visit(tab(), portal.address, usual(ans_number=portal.new_software(dsr="DSR-HOP-DPI-VA2")))
    visit.begin()
    for yes, shown in ((True, "Certificat d'hébergement"), (False, "Attestation sur l'honneur")):
        visit.answer(HDS_QUESTION, yes)
        expect(visit.page.locator("[data-file-field]:visible")).to_have_count(2)
        expect(visit.page.locator("[data-file-field]:visible").last).to_contain_text(shown)
