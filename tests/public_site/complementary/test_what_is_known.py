"""What the page of a complementary request shows of what is known already, and what it keeps from others."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from enrolment.application.rules import ANS
from enrolment.portal import Portal
from enrolment.services import comparison, recaps
from schema.enums import RequestKind, Verb
from schema.history import Actor
from schema.tables import Draft, OutgoingMail
from tests.enrolment.services.test_complementing import add_account
from tests.public_site.answering.doors import signed_in
from tests.public_site.complementary.test_complementary import (
    START,
    account_of_wave_1,
    client_of,
    documents,
    finish,
    form_of,
    last,
    search,
    validated,
)
from tests.rows import SIRET, add_provider
from tests.stories import decide, enrol, new_number


def test_first_request_of_another_account_is_told_without_its_number(portal: Portal) -> None:  # rule: A5, C2
    with portal.database.writing(Actor.system()) as session:
        mine = add_account(session, add_provider(session))
        theirs = add_account(session, add_provider(session))
    other = client_of(portal, theirs)
    finish(other, search(other, new_number(portal)))
    first = last(portal)
    client = client_of(portal, mine)
    for page in (client.get(START), search(client, new_number(portal))):
        assert "déposée depuis un autre compte" in page
        assert first.number not in page.html
        assert first.public_id not in page.html


def test_number_searched_again_takes_its_draft_up(sqlite_portal: Portal) -> None:
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    number = new_number(sqlite_portal)
    page = search(client, number)
    client.submit(form_of(page), button="Enregistrer et continuer plus tard", **{"request.vat_liable": "non"})
    again = search(client, f"  {number.lower()} ")
    assert form_of(again).values()["request.vat_liable"] == ["non"]
    search(client, new_number(sqlite_portal))
    with sqlite_portal.database.reading() as session:
        assert len(session.exec(select(Draft).where(Draft.kind == RequestKind.complementary)).all()) == 2


@pytest.mark.parametrize("name", ["provider.legal_name", "bank.iban", "depositary.quality", "whatever"])
def test_field_that_the_page_does_not_ask_is_refused(sqlite_portal: Portal, name: str) -> None:  # std: SEC-2
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    page = search(client, new_number(sqlite_portal))
    token = form_of(page).values()["csrf_token"][0]
    refused = client.post(page.path, {"csrf_token": token, "action": "later", name: "x"}, status=422)
    assert "champ inconnu" in refused


def test_answer_cannot_undo_what_the_rows_say(sqlite_portal: Portal) -> None:  # rule: C1
    client = client_of(sqlite_portal, account_of_wave_1(sqlite_portal, depositary=True))
    page = search(client, new_number(sqlite_portal))
    token = form_of(page).values()["csrf_token"][0]
    client.post(page.path, {"csrf_token": token, "action": "later", "request.is_representative": "oui"})
    page = client.get(page.path)
    assert "representative_mandate" in documents(page)
    assert "une seule fois" in page
    finish(client, page)
    assert not last(sqlite_portal).is_representative


def test_partly_validated_vendor_files_a_complementary_request(sqlite_portal: Portal) -> None:  # rule: E3, C2
    client = signed_in(sqlite_portal, validated(sqlite_portal, early=True))
    assert "attendez la validation" not in client.get(START)
    finish(client, search(client, new_number(sqlite_portal)))
    assert last(sqlite_portal).kind is RequestKind.complementary


def test_manager_sees_what_was_not_asked_again_as_known(sqlite_portal: Portal) -> None:  # rule: A2, E4
    client = signed_in(sqlite_portal, validated(sqlite_portal, quality="employee"))
    finish(client, search(client, new_number(sqlite_portal)))
    with sqlite_portal.database.reading() as session:
        request = last(sqlite_portal)
        titles = [section.title for section in comparison.sections(session, request)]
        assert titles == [
            "Référencement",
            "Personne morale – déjà connu, non redemandé",
            "Réponses du fournisseur",
            "Représentant légal – déjà connu, non redemandé",
            "Dépositaire – déjà connu, non redemandé",
            "Coordonnées bancaires – déjà connu, non redemandé",
        ]
        # The vendor's recap holds what this request asked, and nothing else.
        labels = [label for section in recaps.recap_of(session, request) for label, _ in section.lines]
        assert labels == [
            "Numéro unique de référencement ANS",
            "Êtes-vous distributeur ?",
            "Êtes-vous assujetti à la TVA ?",
        ]


@pytest.mark.parametrize("early", [False, True])
def test_mails_name_the_type_and_open_no_account(sqlite_portal: Portal, early: bool) -> None:  # rule: E4, M3
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    finish(client, search(client, new_number(sqlite_portal, validated=not early)))
    made = decide(sqlite_portal, last(sqlite_portal).id, Verb.validate_partially if early else Verb.validate)
    with sqlite_portal.database.reading() as session:
        mails = session.exec(
            select(OutgoingMail).where(OutgoingMail.request_id == made.id).order_by(col(OutgoingMail.id))
        ).all()
    assert [mail.template for mail in mails] == ["acknowledgement", "partial_validation" if early else "validation"]
    assert ("Complémentaire anticipé" if early else "Complémentaire") in mails[0].text_body
    assert "mot de passe" not in mails[1].text_body


def test_known_vendor_is_sent_to_its_account(sqlite_portal: Portal) -> None:  # rule: D7, C3
    account_of_wave_1(sqlite_portal, depositary=False)
    with pytest.raises(Exception, match="connectez-vous et faites une demande complémentaire"):
        enrol(sqlite_portal, siret=SIRET)


def test_number_of_the_page_leaves_the_draft_of_five_steps_alone(sqlite_portal: Portal) -> None:  # rule: A5
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    page = client.get("/enrolement")
    page = client.submit(page.form_named("Rechercher"), button="Rechercher", **{ANS: new_number(sqlite_portal)})
    with sqlite_portal.database.reading() as session:
        draft = session.exec(select(Draft).where(Draft.kind == RequestKind.initial)).all()[-1]
    assert client.http.get(f"{START}/{draft.public_id}").status_code == 404
