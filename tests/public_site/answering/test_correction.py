"""« Modifier »: only what was flagged can be changed, one sees what for, and nothing is lost between browsers."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import select

from enrolment.portal import Portal
from enrolment.services import answering, transition
from enrolment.services.recaps import stored_values
from schema.enums import BankCheck, DemandState, RequestStatus, Verb
from schema.tables import Attachment, BankAccount, Demand, DemandItem, EnrolmentRequest
from tests.pages import Page
from tests.public_site.answering.doors import DOORS, Door, fresh, last_mail, open_door
from tests.public_site.browsing import PDF
from tests.stories import MANAGER, ask, enrol

HOLDER, IBAN, BIC, NAME, CITY = "bank.holder", "bank.iban", "bank.bic", "provider.legal_name", "provider.city"
OTHER_IBAN, OTHER_BIC = "FR1420041010050500013M02606", "PSSTFRPP"


def values(portal: Portal, request: EnrolmentRequest) -> dict[str, Any]:
    with portal.database.reading() as session:
        return stored_values(session, session.get_one(EnrolmentRequest, request.id))


def finish(door: Door, page: Page, **fields: Any) -> Page:
    question = door.client.submit(page.form_named("correction-form"), button="Terminer", **fields)
    assert question.h1 == "Transmettre vos corrections ?"
    return door.client.submit(question.form_named("Confirmer"), button="Confirmer")


@pytest.mark.parametrize("way", DOORS)
def test_flagged_answers_and_documents_are_corrected_and_nothing_else(portal: Portal, way: str) -> None:
    # rule: A6
    request = enrol(portal)
    ask(
        portal, request.id, {HOLDER: "Le titulaire doit être la société.", CITY: "La commune manque."}, {"rib": "Flou."}
    )
    before = values(portal, request)
    door = open_door(portal, request, way)
    page = door.page("modifier")
    for words in ("Le titulaire doit être la société.", "La commune manque.", "Flou.", "Alizé Santé", "0 sur 3"):
        assert words in page
    form = page.form_named("correction-form")
    assert {name for name in form.names if "." in name and not name.startswith("vu.")} == {HOLDER, CITY, "document.rib"}
    page = door.client.submit(
        form, button="Terminer", files={"document.rib": PDF}, **{HOLDER: "ALIZE SANTE SAS", CITY: "Bron"}
    )
    assert "ALIZE SANTE SAS" in page
    done = door.client.submit(page.form_named("Confirmer"), button="Confirmer")
    assert done.h1 == "Vos corrections sont transmises"
    after = values(portal, request)
    assert {name for name in after if after[name] != before[name]} == {HOLDER, CITY}
    assert after[HOLDER] == "ALIZE SANTE SAS"
    assert fresh(portal, request).status is RequestStatus.in_review
    with portal.database.reading() as session:
        items = session.exec(select(DemandItem).order_by(DemandItem.id)).all()  # type: ignore[arg-type]
        assert [(item.old_value, item.new_value) for item in items if item.field] == [
            ("Alizé Santé", "ALIZE SANTE SAS"),
            ("Lyon", "Bron"),
        ]
    mail = last_mail(portal, request)
    assert mail.template == "deposit_received"
    assert "Titulaire" in mail.text_body


def test_field_that_was_not_flagged_is_refused(sqlite_portal: Portal) -> None:  # std: SEC-19
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {HOLDER: "À corriger."})
    door = open_door(sqlite_portal, request, "link")
    page = door.page("modifier")
    data = {name: sent[0] for name, sent in page.form_named("correction-form").values().items()}
    door.client.post(page.url, {**data, HOLDER: "Autre", IBAN: OTHER_IBAN}, status=422)
    assert values(sqlite_portal, request)[HOLDER] == "Alizé Santé"
    assert "Autre" not in door.page("modifier").html


def test_what_is_typed_stays_until_the_end_even_when_it_is_wrong(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {IBAN: "Compte clos.", BIC: "Compte clos."})
    door = open_door(sqlite_portal, request, "link")
    page = door.client.submit(
        door.page("modifier").form_named("correction-form"),
        button="Terminer",
        status=422,
        **{IBAN: "FR76 1234", BIC: ""},
    )
    assert len(page.error_messages) == 2
    door = open_door(sqlite_portal, request, "account")
    page = door.page("modifier")
    assert "FR76 1234" in page.html
    finish(door, page, **{IBAN: OTHER_IBAN, BIC: OTHER_BIC})
    with sqlite_portal.database.reading() as session:
        bank = session.exec(select(BankAccount)).one()
    assert (bank.iban, bank.bank_check, bank.domiciliation) == (
        OTHER_IBAN,
        BankCheck.coherent,
        "LA BANQUE POSTALE",
    )


def test_correction_that_makes_another_point_necessary_asks_for_it(sqlite_portal: Portal) -> None:  # rule: D1
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {NAME: "Ce n'est pas celle du KBIS.", IBAN: "Compte clos."})
    door = open_door(sqlite_portal, request, "link")
    page = door.client.submit(
        door.page("modifier").form_named("correction-form"),
        button="Terminer",
        status=422,
        **{NAME: "Alizé Nouvelle", IBAN: OTHER_IBAN},
    )
    # The BIC must follow the IBAN, and a new name wants its KBIS.
    assert {BIC, "document.kbis"} <= page.form_named("correction-form").names
    page = door.client.submit(
        page.form_named("correction-form"), button="Terminer", files={"document.kbis": PDF}, **{BIC: OTHER_BIC}
    )
    door.client.submit(page.form_named("Confirmer"), button="Confirmer")
    after = values(sqlite_portal, request)
    assert (after[BIC], after[NAME]) == (OTHER_BIC, "Alizé Nouvelle")
    assert fresh(sqlite_portal, request).legal_name_changed


def test_correction_taken_back_asks_no_more(sqlite_portal: Portal) -> None:  # rule: D1
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {NAME: "Ce n'est pas celle du KBIS."})
    door = open_door(sqlite_portal, request, "link")
    page = door.client.submit(
        door.page("modifier").form_named("correction-form"), button="Terminer", status=422, **{NAME: "Autre nom"}
    )
    page = door.client.submit(
        page.form_named("correction-form"),
        button="Enregistrer et continuer plus tard",
        files={"document.kbis": PDF},
    )
    page = door.client.submit(
        page.form_named("correction-form"), button="Enregistrer et continuer plus tard", **{NAME: "ALIZE SANTE"}
    )
    assert "document.kbis" not in page.form_named("correction-form").names


def test_optional_answer_can_be_emptied(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    with sqlite_portal.database.writing(MANAGER) as session:
        row = session.get_one(EnrolmentRequest, request.id)
        from schema.tables import Provider  # noqa: PLC0415

        session.get_one(Provider, row.provider_id).recipient = "Service achats"
    ask(sqlite_portal, request.id, {"provider.recipient": "Ce service n'existe pas."})
    door = open_door(sqlite_portal, request, "link")
    finish(door, door.page("modifier"), **{"provider.recipient": ""})
    assert values(sqlite_portal, request)["provider.recipient"] is None


def test_second_browser_is_told_what_the_first_changed(portal: Portal) -> None:  # std: REL-3
    request = enrol(portal)
    ask(portal, request.id, {HOLDER: "À corriger.", CITY: "À corriger."})
    first, second = open_door(portal, request, "link"), open_door(portal, request, "account")
    stale = second.page("modifier")
    first.client.submit(
        first.page("modifier").form_named("correction-form"),
        button="Enregistrer et continuer plus tard",
        **{HOLDER: "SAS ALIZE", CITY: "Lyon"},
    )
    page = second.client.submit(
        stale.form_named("correction-form"), button="Terminer", status=422, **{HOLDER: "ALIZE", CITY: "Bron"}
    )
    assert "« SAS ALIZE »" in page
    assert "« ALIZE » n'a pas été enregistrée" in page
    form = page.form_named("correction-form")
    assert form.values()[HOLDER] == ["SAS ALIZE"]
    finish(second, page, **{HOLDER: "ALIZE", CITY: "Bron"})
    assert values(portal, request)[HOLDER] == "ALIZE"


def test_correction_on_its_way_when_the_asp_cancels_is_kept_and_said(portal: Portal) -> None:  # std: REL-3
    request = enrol(portal)
    ask(portal, request.id, {HOLDER: "À corriger."})
    door = open_door(portal, request, "link")
    page = door.page("modifier")
    with portal.database.writing(MANAGER) as session:
        demand = session.exec(select(Demand)).one()
        answering.close(session, demand, DemandState.cancelled)
        row = session.get_one(EnrolmentRequest, request.id)
        transition.apply(session, MANAGER, row, transition.allowed(session, MANAGER, row, Verb.cancel_demand))
    page = door.client.submit(page.form_named("correction-form"), button="Terminer", status=409, **{HOLDER: "SAS"})
    assert page.h1 == "Plus rien ne vous est demandé"
    assert "rien n'a été changé" in page
    assert "SAS" in page
    assert values(portal, request)[HOLDER] == "Alizé Santé"


def typed_on(page: Page, **fields: str) -> dict[str, str]:
    """What the script sends of a page: every field, whether one touched it or not."""
    return {name: sent[0] for name, sent in page.form_named("correction-form").values().items()} | fields


def autosave(door: Door, data: dict[str, str]) -> Any:
    """What the script is answered."""
    headers = {"sec-fetch-site": "same-origin"}
    return door.client.http.post(f"{door.base}/modifier/brouillon", data=data, headers=headers)


def test_autosave_keeps_what_is_typed(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {HOLDER: "À corriger."})
    door = open_door(sqlite_portal, request, "account")
    answer = autosave(door, typed_on(door.page("modifier"), **{HOLDER: "SAS ALIZE"}))
    assert "saved_at" in answer.json()
    assert "SAS ALIZE" in door.page("modifier").html
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(Attachment).where(Attachment.demand_id != None)).all() == []  # noqa: E711


def test_page_that_learns_what_it_saved_is_no_other_browser(portal: Portal) -> None:  # std: REL-3
    request = enrol(portal)
    ask(portal, request.id, {HOLDER: "À corriger.", CITY: "À corriger."})
    door = open_door(portal, request, "link")
    data = typed_on(door.page("modifier"))
    for name, typed in ((HOLDER, "SAS"), (HOLDER, "SAS ALIZE"), (CITY, "Br"), (CITY, "Bron")):
        answer = autosave(door, data | {name: typed})
        assert answer.status_code == 200, answer.text
        data |= {name: typed, **{field: str(version) for field, version in answer.json()["fields"].items()}}
    shown = typed_on(door.page("modifier"))
    assert {name: shown[name] for name in data if name != "csrf_token"} == {
        name: value for name, value in data.items() if name != "csrf_token"
    }


def test_field_left_as_it_was_is_no_answer_before_the_end(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {HOLDER: "À corriger.", CITY: "À corriger."})
    door = open_door(sqlite_portal, request, "link")
    data = typed_on(door.page("modifier"))
    answer = autosave(door, data | {HOLDER: "SAS ALIZE"}).json()
    assert answer["done"] == "1 sur 2 fait"
    assert set(answer["fields"]) == {f"vu.{HOLDER}"}
    assert "1 sur 2 fait" in door.page("modifier")
    # Taken back by the one who gave it.
    data |= {name: str(version) for name, version in answer["fields"].items()}
    assert autosave(door, data).json()["done"] == "0 sur 2 fait"
    later = {"button": "Enregistrer et continuer plus tard", HOLDER: "SAS ALIZE"}
    page = door.client.submit(door.page("modifier").form_named("correction-form"), **later)
    assert "1 sur 2 fait" in page
    # « Terminer » says which points do not change, and takes them.
    question = door.client.submit(page.form_named("correction-form"), button="Terminer")
    assert "Vous n'avez rien changé à ces points" in question
    door.client.submit(question.form_named("Confirmer"), button="Confirmer")
    assert values(sqlite_portal, request)[HOLDER] == "SAS ALIZE"


def test_untouched_field_neither_covers_nor_disputes_the_answer_of_another_browser(sqlite_portal: Portal) -> None:
    # std: REL-3
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {HOLDER: "À corriger.", CITY: "À corriger."})
    first, second = (open_door(sqlite_portal, request, way) for way in DOORS)
    data = typed_on(second.page("modifier"))
    autosave(first, typed_on(first.page("modifier"), **{HOLDER: "SAS ALIZE"}))
    assert autosave(second, data | {CITY: "Bron"}).status_code == 200
    assert "SAS ALIZE" in second.page("modifier").html
    # Typed there too, it is disputed as long as the page has not shown the other's.
    for _ in range(2):
        answer = autosave(second, data | {HOLDER: "ALIZE"})
        assert answer.status_code == 409
        assert f"vu.{HOLDER}" not in answer.json()["fields"]
    assert "SAS ALIZE" in second.page("modifier").html


def test_old_name_of_the_bank_left_on_the_page_does_not_cover_the_new_one(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    ask(sqlite_portal, request.id, {IBAN: "Compte clos.", BIC: "Compte clos.", "bank.domiciliation": "À vérifier."})
    door = open_door(sqlite_portal, request, "link")
    data = typed_on(door.page("modifier"), **{IBAN: OTHER_IBAN, BIC: OTHER_BIC})
    for _ in range(2):
        answer = autosave(door, data)
        data |= {name: str(version) for name, version in answer.json()["fields"].items()}
    form = door.page("modifier").form_named("correction-form")
    assert form.values()["bank.domiciliation"] == ["LA BANQUE POSTALE"]
