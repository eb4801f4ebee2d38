"""The captcha on the pages: one code, one try, bound to its draft, and a pass so that nobody is asked twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrolment.application.rules import BOXES, SIRET, box
from enrolment.captcha.challenge import Sealer
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import Step
from tests.conftest import SECRET, settings_for
from tests.pages import Form, Page
from tests.public_site.browsing import Visit, add_company, browser
from tests.stories import Vendor, new_number


@pytest.fixture
def guarded(sqlite_database: Database, tmp_path: Path) -> Portal:
    """A portal that asks for a code."""
    settings = settings_for(tmp_path, sqlite_database).model_copy(update={"captcha": "image"})
    portal = open_portal(settings, sqlite_database)
    add_company(portal)
    return portal


def code_of(form: Form) -> str:
    """What a person reads in the picture."""
    sealed = Sealer(SECRET).unseal(form.values()["captcha_token"][0])
    assert sealed is not None
    return sealed.content


def visitor_of(portal: Portal) -> Visit:
    return Visit(browser(portal), Vendor(new_number(portal)))


def search(visitor: Visit, page: Page, code: str, status: int) -> Page:
    sent = {SIRET: visitor.vendor.siret, "captcha_answer": code}
    return visitor.client.submit(page.form, button="Rechercher", status=status, **sent)


def test_company_is_searched_with_the_right_code_only(guarded: Portal) -> None:  # std: SEC-6
    visitor = visitor_of(guarded)
    page = visitor.referencing()
    wrong = search(visitor, page, "000000", 422)
    assert "ne correspond pas" in wrong.error_messages[0]
    assert search(visitor, page, code_of(page.form), 422).h1 == "Demandeur", "the code was spent by the first try"
    found = search(visitor, wrong, code_of(wrong.form), 200)
    assert found.form.values()["provider.legal_name"] == ["ALIZE SANTE"]


def test_code_of_another_draft_is_worthless(guarded: Portal) -> None:  # std: SEC-6
    one, other = visitor_of(guarded), visitor_of(guarded)
    borrowed = one.referencing().form
    page = other.referencing()
    sent = {SIRET: other.vendor.siret, "captcha_token": borrowed.values()["captcha_token"][0]}
    other.client.submit(page.form, button="Rechercher", status=422, captcha_answer=code_of(borrowed), **sent)


def test_code_is_heard_in_french_and_can_be_computed(guarded: Portal) -> None:  # std: UX-1
    visitor = visitor_of(guarded)
    page = visitor.referencing()
    sound = visitor.client.get(next(page.document.iter("audio")).attrib["src"]).response
    assert (sound.headers["content-type"], sound.content[:4]) == ("audio/wav", b"RIFF")
    proof = visitor.client.get(page.all("div", class_="captcha-proof")[0].attrib["data-challenge-url"]).response
    assert proof.json()["parameters"]["algorithm"] == "PBKDF2/SHA-256"


def test_new_code_keeps_what_was_typed(guarded: Portal) -> None:
    visitor = visitor_of(guarded)
    page = visitor.referencing()
    again = visitor.client.submit(page.form, button="Nouveau code", **{SIRET: "732 829"})
    assert again.form.values()[SIRET] == ["732 829"]
    assert again.form.values()["captcha_token"] != page.form.values()["captcha_token"]


def test_code_is_asked_once_to_finish(guarded: Portal) -> None:  # rule: S1
    visitor = visitor_of(guarded)
    page = visitor.referencing()
    page = visitor.forward(search(visitor, page, code_of(page.form), 200), Step.applicant)
    page = visitor.forward(visitor.forward(page, Step.bank), Step.vat)
    form = page.form_named("summary-form")
    page = visitor.client.submit(form, button="Terminer", status=422, captcha_answer=code_of(form))
    assert len(page.error_messages) == len(BOXES)
    form = page.form_named("summary-form")
    assert "captcha_answer" not in form.names
    done = visitor.client.submit(form, button="Terminer", **{box(kind): "oui" for kind in BOXES})
    assert visitor.client.submit(done.form, button="Confirmer le dépôt").h1 == "Votre demande est enregistrée"
