"""Withdrawing a request, filing anew after a refusal, and the links that let one do so without an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from enrolment import clock
from enrolment.application.rules import BOXES, box
from enrolment.links import Purpose
from enrolment.portal import Portal
from schema.enums import DemandState, RequestStatus, ReviewState, Step, Verb
from schema.history import Actor
from schema.tables import Attachment, Demand, DocumentKind, Draft, EnrolmentRequest, OutgoingMail
from tests.pages import PageClient
from tests.public_site.answering.doors import DOORS, demand_of, fresh, last_mail, link, signed_in
from tests.public_site.browsing import browser, number_of
from tests.stories import decide, enrol, new_number


def withdrawal(portal: Portal, request: EnrolmentRequest, way: str) -> tuple[PageClient, str]:
    if way == "account":
        return signed_in(portal, request), f"/espace/demandes/{request.public_id}/retirer"
    return browser(portal), link(portal, Purpose.WITHDRAW_REQUEST, request.public_id)


@pytest.mark.parametrize("way", DOORS)
def test_request_is_withdrawn_once_and_its_number_is_free(portal: Portal, way: str) -> None:
    number = new_number(portal)
    request = enrol(portal, ans_number=number)
    decide(portal, request.id, Verb.ask_documents, "", "kbis")
    client, path = withdrawal(portal, request, way)
    page = client.get(path)
    assert page.h1 == "Retirer ma demande"
    stale = page.form_named("Retirer ma demande")
    for _ in range(2):
        assert client.submit(stale, button="Retirer ma demande").h1 == "Votre demande est retirée"
    assert fresh(portal, request).status is RequestStatus.withdrawn
    with portal.database.reading() as session:
        mails = session.exec(select(OutgoingMail).where(OutgoingMail.template == "withdrawal")).all()
        assert len(mails) == 1
        assert session.exec(select(Demand.state)).one() is DemandState.cancelled


def test_validated_request_cannot_be_withdrawn(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    stale = browser(sqlite_portal)
    path = link(sqlite_portal, Purpose.WITHDRAW_REQUEST, request.public_id)
    form = stale.get(path).form_named("Retirer ma demande")
    decide(sqlite_portal, request.id, Verb.validate)
    stale.submit(form, button="Retirer ma demande", status=409)
    assert stale.get(path).h1 == "Cette demande ne peut plus être retirée"


def refused(portal: Portal, number: str) -> EnrolmentRequest:
    """A request refused for its RIB."""
    request = enrol(portal, ans_number=number)
    with portal.database.writing(Actor.system()) as session:
        piece = session.exec(
            select(Attachment)
            .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
            .where(DocumentKind.code == "rib", Attachment.request_id == request.id)
        ).one()
        piece.review, piece.review_reason = ReviewState.to_redo, "Ce relevé est au nom d'une autre société."
    return decide(portal, request.id, Verb.reject, "Le compte n'est pas celui de la société.")


def test_refused_request_is_filed_anew_with_everything_kept(portal: Portal) -> None:
    number = new_number(portal)
    request = refused(portal, number)
    client, path = browser(portal), link(portal, Purpose.RESUBMIT_REQUEST, request.public_id)
    assert path in last_mail(portal, request).text_body
    page = client.get(path)
    assert "Le compte n'est pas celui de la société." in page
    page = client.submit(page.form_named("Commencer"), button="Commencer")
    # Everything is kept: the first page that opens is the last one of the form.
    assert page.h1 == Step.summary.label
    bank = client.click(page, "Modifier : Coordonnées bancaires")
    assert f"Vous reprenez la demande {request.number}" in bank
    assert "Relevé dans votre demande précédente" in bank
    assert "Ce relevé est au nom d'une autre société." in bank
    assert bank.form_named("step-form").values()["bank.holder"] == ["Alizé Santé"]
    boxes = {box(kind): "oui" for kind in BOXES}
    asked = client.submit(client.get(page.url).form_named("summary-form"), button="Terminer", **boxes)
    done = client.submit(asked.form, button="Confirmer le dépôt")
    with portal.database.reading() as session:
        new = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.number == number_of(done))).one()
        files = session.exec(select(Attachment).where(Attachment.request_id == new.id)).all()
        old = session.exec(select(Attachment).where(Attachment.request_id == request.id)).all()
    assert new.previous_request_id == request.id
    assert new.number != request.number
    assert {file.sha256 for file in files} == {file.sha256 for file in old}
    assert not {file.storage_key for file in files} & {file.storage_key for file in old}
    assert fresh(portal, request).status is RequestStatus.rejected


def test_second_click_finds_the_draft_already_begun(sqlite_portal: Portal) -> None:
    request = refused(sqlite_portal, new_number(sqlite_portal))
    path = link(sqlite_portal, Purpose.RESUBMIT_REQUEST, request.public_id)
    for button in ("Commencer", "Reprendre mon brouillon"):
        client = browser(sqlite_portal)
        client.submit(client.get(path).form_named(button), button=button)
    with sqlite_portal.database.reading() as session:
        drafts = session.exec(select(Draft).where(Draft.previous_request_id == request.id)).all()
    assert len(drafts) == 1


def test_request_under_instruction_cannot_be_filed_anew(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    path = link(sqlite_portal, Purpose.RESUBMIT_REQUEST, request.public_id)
    assert "seule une demande refusée ou retirée" in browser(sqlite_portal).get(path, status=422)


@pytest.mark.parametrize(
    ("verb", "action", "purpose"),
    [
        (Verb.ask_documents, "Répondre à l'ASP", Purpose.ANSWER_DEMAND),
        (Verb.ask_documents, "Retirer ma demande", Purpose.WITHDRAW_REQUEST),
        (Verb.reject, "Déposer à nouveau", Purpose.RESUBMIT_REQUEST),
    ],
)
def test_status_page_sends_the_link_of_one_action_to_the_mailbox(
    portal: Portal, verb: Verb, action: str, purpose: Purpose
) -> None:  # rule: A6; std: SEC-7
    request = enrol(portal)
    decide(portal, request.id, verb, "Voici pourquoi.", *(["kbis"] if verb is Verb.ask_documents else []))
    client = browser(portal)
    status = client.get(link(portal, Purpose.FOLLOW_REQUEST, request.public_id))
    page = client.click(status, "Agir sur ma demande")
    page = client.submit(page.form_named("Recevoir le lien : " + action), button="Recevoir le lien : " + action)
    assert "Le lien est parti" in page
    assert "@alize-sante.fr" in page
    mail = last_mail(portal, request)
    assert mail.template == "action_link"
    subject = demand_of(portal, request).public_id if purpose is Purpose.ANSWER_DEMAND else request.public_id
    found = mail.text_body[mail.text_body.index("/suivi/") :].split()[0]
    start, _, token = found.rpartition("/")
    assert start == link(portal, purpose, subject).rpartition("/")[0]
    assert portal.links.read(purpose, token, timedelta(days=1)).subject == subject
    assert browser(portal).get(found).h1


def test_link_of_one_action_opens_no_other(sqlite_portal: Portal) -> None:  # std: SEC-7
    request = enrol(sqlite_portal)
    decide(sqlite_portal, request.id, Verb.ask_documents, "", "kbis")
    subjects = {
        Purpose.ANSWER_DEMAND: demand_of(sqlite_portal, request).public_id,
        Purpose.WITHDRAW_REQUEST: request.public_id,
        Purpose.RESUBMIT_REQUEST: request.public_id,
        Purpose.FOLLOW_REQUEST: request.public_id,
    }
    client = browser(sqlite_portal)
    for purpose, subject in subjects.items():
        for other in subjects:
            token = sqlite_portal.links.sign(purpose, subject)
            start = link(sqlite_portal, other, "x").rpartition("/")[0]
            answer = client.http.get(f"{start}/{token}", follow_redirects=False)
            assert (answer.status_code == 404) is (purpose is not other), (purpose, other)


def test_old_link_says_that_it_expired(sqlite_portal: Portal) -> None:  # std: SEC-7
    request = enrol(sqlite_portal)
    path = link(sqlite_portal, Purpose.WITHDRAW_REQUEST, request.public_id)
    with time_machine.travel(clock.now() + timedelta(days=61), tick=True):
        page = browser(sqlite_portal).get(path, status=410)
    assert page.links["Recevoir un nouveau lien"] == "/suivi"
