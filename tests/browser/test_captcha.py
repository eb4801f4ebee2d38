"""The captcha in a real browser, in its three ways: seen, heard, computed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.servers import RunningPortal, serving
from tests.browser.vendor import Visit, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def guarded(portal: RunningPortal) -> Iterator[RunningPortal]:
    """A second server over the same data, which asks for a captcha."""
    with serving(portal.var, portal.mailbox, ENROLMENT_CAPTCHA="image") as running:
        yield running


def at_the_captcha(portal: RunningPortal, page: Page) -> Visit:
    """The page that asks for the SIRET and the code."""
    visit = Visit(page, portal.address, usual(ans_number=portal.new_software(validated=False), is_early=True))
    visit.begin()
    visit.next()
    visit.is_at(2)
    return visit


def test_code_is_seen_heard_and_changed(guarded: RunningPortal, tab: Tab, auditor: Auditor) -> None:  # std: UX-1 UX-2
    visit = at_the_captcha(guarded, tab())
    page = visit.page
    image = page.get_by_role("img", name="Code de sécurité à recopier.")
    assert image.evaluate("(image) => image.complete && image.naturalWidth > 100")
    sound = page.locator("audio")
    length = sound.evaluate(
        "(sound) => new Promise((done, failed) => { sound.onloadedmetadata = () => done(sound.duration);"
        " sound.onerror = () => failed(new Error(sound.error.message)); sound.load(); sound.preload = 'auto'; })"
    )
    assert length > 2
    assert sound.evaluate("(sound) => { sound.muted = true; return sound.play().then(() => true); }")
    auditor.look(page, "captcha")
    page.get_by_label("Numéro SIRET").fill(visit.told.siret)
    before = image.get_attribute("src")
    visit.press("Nouveau code")
    expect(image).not_to_have_attribute("src", before or "")
    expect(page.get_by_label("Numéro SIRET")).to_have_value(visit.told.siret)
    page.get_by_label("Code de sécurité", exact=True).fill("000000000")
    visit.press("Rechercher")
    expect(page.get_by_role("alert")).to_contain_text("Le code de sécurité ne correspond pas")
    auditor.look(page, "captcha in error")
    assert not auditor.problems, auditor.problems


def test_browser_computes_instead_of_the_person(guarded: RunningPortal, tab: Tab) -> None:
    visit = at_the_captcha(guarded, tab())
    visit.page.get_by_label("Numéro SIRET").fill(visit.told.siret)
    visit.press("Vérifier sans code")
    expect(visit.page.get_by_text("Vérification réussie.")).to_be_visible(timeout=120_000)
    visit.press("Rechercher")
    expect(visit.page.get_by_text("Saisie à la main", exact=True)).to_be_visible()
