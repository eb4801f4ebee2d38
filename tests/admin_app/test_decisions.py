"""A manager's decisions, from the ticks to the mail: the four of them, what refuses them, and nothing typed lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrolment.errors import Conflict, Refused
from enrolment.mail.outbox import Letter
from enrolment.portal import Portal, open_portal
from enrolment.services import decisions, taking
from enrolment.services.decisions import Decision
from schema.database import Database
from schema.enums import DemandKind, RequestStatus, ReviewState, Verb
from schema.history import Actor
from schema.tables import (
    Account,
    Attachment,
    Demand,
    DemandItem,
    EnrolmentRequest,
    OutgoingMail,
    RequestEvent,
)
from tests.admin_app.instruction import current, examine_all, file_page, hire, office, pieces, rows, send
from tests.conftest import settings_for
from tests.pages import Page, PageClient
from tests.stories import MANAGER, decide, enrol, new_number

TYPED = "Un texte longuement pesé <b>le soir</b>."


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


def _prepare(client: PageClient, page: Page, verb: Verb, *, status: int = 200, **fields: object) -> Page:
    """Fill in the form of a decision and ask for its mail."""
    form = next(form for form in page.forms if form.values().get("decision") == [verb.value])
    return client.submit(form, button="Préparer le mail", status=status, **fields)


def _mails(portal: Portal, request: EnrolmentRequest) -> dict[str, OutgoingMail]:
    found = rows(portal, OutgoingMail, OutgoingMail.request_id == request.id)
    return {mail.template: mail for mail in found}  # type: ignore[attr-defined, misc]


def _last_event(portal: Portal, request: EnrolmentRequest) -> RequestEvent:
    event = rows(portal, RequestEvent, RequestEvent.request_id == request.id)[-1]
    assert isinstance(event, RequestEvent)
    return event


def test_complete_file_is_validated_with_the_mail_that_was_edited(sqlite_portal: Portal) -> None:
    people = hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
        assert "3 pièces restent à examiner" in page.text
        examine_all(client, sqlite_portal, request)
        page = _prepare(client, file_page(client, request), Verb.validate, message="Bienvenue.")
        assert page.h1 == f"Valider : {request.number}"
        assert "Son compte est ouvert" in page.text
        letter = page.form_named("Envoyer la décision")
        assert "Bienvenue." in letter.values()["corps"][0]
        page = send(client, page, objet="Un autre objet", corps="Bonjour,\r\n\r\n**Oui.**")
        assert "La décision est prise" in page.text
        assert page.path == f"/admin/demandes/{request.id}"
        assert not [form for form in page.forms if "decision" in form.names]
    decided = current(sqlite_portal, request)
    assert decided.status is RequestStatus.validated
    assert decided.assigned_to_id == people["ines"]
    event = _last_event(sqlite_portal, request)
    assert (event.verb, event.actor_label, event.message) == (Verb.validate, "Inès Moreau", "Bienvenue.")
    mails = _mails(sqlite_portal, request)
    assert set(mails) == {"acknowledgement", "validation", "login_issued", "password_link"}
    assert (mails["validation"].subject, mails["validation"].text_body) == ("Un autre objet", "Bonjour,\n\nOui.\n")
    assert "/mot-de-passe/" in mails["password_link"].text_body
    (account,) = rows(sqlite_portal, Account)
    assert decided.account_id == account.id
    assert mails["validation"].recipient == account.email  # type: ignore[attr-defined]


def test_early_file_is_validated_in_part_and_only_in_part(sqlite_portal: Portal) -> None:  # rule: E2
    hire(sqlite_portal)
    request = enrol(sqlite_portal, ans_number=new_number(sqlite_portal, validated=False, needs_hds=True))
    complete = enrol(sqlite_portal, siret="35600000049837", registry_name="LA POSTE", legal_name="La Poste")
    with office(sqlite_portal, "ines") as client:
        offered = {
            form.values()["decision"][0] for form in file_page(client, complete).forms if "decision" in form.names
        }
        assert Verb.validate_partially.value not in offered
        examine_all(client, sqlite_portal, request)
        page = file_page(client, request)
        offered = {form.values()["decision"][0] for form in page.forms if "decision" in form.names}
        assert offered == {
            Verb.validate_partially.value,
            Verb.ask_documents.value,
            Verb.ask_correction.value,
            Verb.reject.value,
        }
        page = _prepare(client, page, Verb.validate_partially)
        send(client, page)
        forged = {
            "csrf_token": page.form_named("Envoyer la décision").values()["csrf_token"][0],
            "decision": "validate",
            "version": str(current(sqlite_portal, request).row_version),
            "objet": "x",
            "corps": "x",
            "etape": "envoyer",
        }
        client.post(f"/admin/demandes/{request.id}/decision", forged, status=409)
    assert current(sqlite_portal, request).status is RequestStatus.awaiting_certificates
    (demand,) = rows(sqlite_portal, Demand, Demand.request_id == request.id)
    assert demand.kind is DemandKind.certificates  # type: ignore[attr-defined]
    mails = _mails(sqlite_portal, request)
    assert {"partial_validation", "login_issued", "password_link"} < set(mails)
    assert "Certificat de référencement ANS" in mails["partial_validation"].text_body


def test_refusal_needs_its_reason_and_keeps_it(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = _prepare(client, file_page(client, request), Verb.reject, message=" ", status=422)
        assert "Indiquez le motif" in page.text
        page = _prepare(client, page, Verb.reject, message=TYPED)
        assert TYPED in page.form_named("Envoyer la décision").values()["corps"][0]
        send(client, page)
    assert current(sqlite_portal, request).status is RequestStatus.rejected
    assert _last_event(sqlite_portal, request).message == TYPED
    assert "&lt;b&gt;" in _mails(sqlite_portal, request)["rejection"].html_body
    assert rows(sqlite_portal, Account) == []


def test_documents_are_asked_with_a_word_each(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    rib = pieces(sqlite_portal, request)[-1]
    with sqlite_portal.database.writing(Actor.system()) as session:
        row = session.get_one(Attachment, rib.id)
        row.review, row.review_reason = ReviewState.to_redo, "Le titulaire manque."
    with office(sqlite_portal, "ines") as client:
        page = _prepare(client, file_page(client, request), Verb.ask_documents, piece=None, status=422)
        assert "Choisissez au moins une pièce" in page.text
        page = file_page(client, request)
        form = next(form for form in page.forms if form.values().get("decision") == ["ask_documents"])
        assert form.values()["precision_rib"] == ["Le titulaire manque."]
        page = _prepare(
            client,
            page,
            Verb.ask_documents,
            piece=["rib", "kbis"],
            precision_kbis="De moins de trois mois.",
            message="Merci.",
        )
        assert "KBIS : De moins de trois mois." in page.text
        send(client, page)
        page = file_page(client, request)
        assert "Attendu du fournisseur" in page.text
    asked = current(sqlite_portal, request)
    assert (asked.status, asked.asked_from) == (RequestStatus.awaiting_documents, RequestStatus.in_review)
    assert {item.reason for item in rows(sqlite_portal, DemandItem)} == {  # type: ignore[attr-defined]
        "Le titulaire manque.",
        "De moins de trois mois.",
    }
    text = _mails(sqlite_portal, request)["documents_asked"].text_body
    assert "KBIS : De moins de trois mois." in " ".join(text.replace("\u00a0", " ").split())
    assert "/suivi/" in text


def test_certificates_are_never_asked_of_an_early_file(sqlite_portal: Portal) -> None:  # rule: E1
    hire(sqlite_portal)
    early = enrol(sqlite_portal, ans_number=new_number(sqlite_portal, validated=False, needs_hds=True))
    plain = enrol(sqlite_portal, siret="35600000049837", registry_name="LA POSTE", legal_name="La Poste")
    certificates = {"reference_certificate", "hds_certificate", "hds_attestation"}
    with office(sqlite_portal, "ines") as client:
        for request, never in ((early, certificates), (plain, certificates - {"reference_certificate"})):
            page = file_page(client, request)
            form = next(form for form in page.forms if form.values().get("decision") == ["ask_documents"])
            offered = {name.removeprefix("precision_") for name in form.names if name.startswith("precision_")}
            assert {"rib", "kbis", "publisher_mandate"} <= offered
            assert not offered & never
    for code in certificates:
        with pytest.raises(Refused):
            decide(sqlite_portal, early.id, Verb.ask_documents, "", code)
    assert current(sqlite_portal, early).status is RequestStatus.in_review


def test_ready_made_text_is_inserted_by_the_server_after_what_was_typed(sqlite_portal: Portal) -> None:  # std: UX-3
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
        template = next(control for control in form.controls if control.get("name") == "motif_type")
        key = template.findall("option")[1].attrib["value"]
        page = client.submit(form, button="Insérer", message="D'abord ceci.", motif_type=key)
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
    (message,) = form.values()["message"]
    assert message.startswith("D'abord ceci.\n\n")
    assert len(message) > 60
    assert current(sqlite_portal, request).status is RequestStatus.in_review


def test_going_back_to_the_file_keeps_the_text_and_the_edited_mail(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = _prepare(client, file_page(client, request), Verb.reject, message=TYPED)
        letter = page.form_named("Envoyer la décision")
        page = client.submit(letter, button="Actualiser l'aperçu", corps="Bonjour,\n\nNon.")
        assert "Non." in page.text
        page = client.submit(page.form_named("Envoyer la décision"), button="Revenir au dossier")
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
        assert form.values()["message"] == [TYPED]
        kept = client.submit(form, button="Préparer le mail")
        assert kept.form_named("Envoyer la décision").values()["corps"] == ["Bonjour,\n\nNon."]
        fresh = client.submit(form, button="Préparer le mail", reprendre="0")
        assert TYPED in fresh.form_named("Envoyer la décision").values()["corps"][0]


def test_letter_that_cannot_leave_is_shown_again_with_what_was_typed(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = _prepare(client, file_page(client, request), Verb.reject, message=TYPED)
        for body in ("Voir [ici](lien:inconnu)", "  "):
            letter = page.form_named("Envoyer la décision")
            page = client.submit(letter, button="Envoyer la décision", status=422, corps=body)
            assert page.form_named("Envoyer la décision").values()["corps"] == [body]
    assert current(sqlite_portal, request).status is RequestStatus.in_review
    assert set(_mails(sqlite_portal, request)) == {"acknowledgement"}


def test_file_that_changed_meanwhile_keeps_everything_typed(sqlite_portal: Portal) -> None:  # std: REL-3
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = _prepare(client, file_page(client, request), Verb.reject, message=TYPED)
        letter = page.form_named("Envoyer la décision")
        with office(sqlite_portal, "karim") as other:
            other.submit(file_page(other, request).form_named("Prendre ce dossier"))
        page = client.submit(letter, button="Envoyer la décision", corps="Mon mail.", status=409)
        assert "prise en charge du dossier, par Karim Benali" in page.text
        assert TYPED in page.text
        assert current(sqlite_portal, request).status is RequestStatus.in_review
        page = client.submit(page.form_named("Reprendre dans le dossier à jour"))
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
        assert form.values()["message"] == [TYPED]
        page = client.submit(form, button="Préparer le mail")
        letter = page.form_named("Envoyer la décision")
        assert letter.values()["corps"] == ["Mon mail."]
        # Then a colleague decides: what was typed is still there, and says whose decision stands.
        decide(sqlite_portal, request.id, Verb.ask_documents, "", "rib")
        page = client.submit(letter, button="Envoyer la décision", status=409)
        assert "Demande de pièces complémentaires, par Inès Moreau" in page.text
        assert TYPED in page.text
    assert set(_mails(sqlite_portal, request)) == {"acknowledgement", "documents_asked"}


def test_decision_pressed_twice_is_taken_once(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = _prepare(client, file_page(client, request), Verb.reject, message=TYPED)
        letter = page.form_named("Envoyer la décision")
        client.submit(letter, button="Envoyer la décision")
        page = client.submit(letter, button="Envoyer la décision", status=409)
        assert "Une décision de Inès Moreau" in page.text or "a changé" in page.text
        client.submit(file_page(client, request).form_named("Envoyer maintenant"))
    assert len(rows(sqlite_portal, RequestEvent, RequestEvent.request_id == request.id)) == 2


def test_fields_and_decisions_that_no_page_offers_are_refused(sqlite_portal: Portal) -> None:  # std: SEC-19
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        form = next(form for form in file_page(client, request).forms if "decision" in form.names)
        usual = {name: values[0] for name, values in form.values().items()}
        for change in (
            {"status": "validated"},
            {"decision": "withdraw"},
            {"decision": "ask_correction"},
            {"decision": "x"},
        ):
            client.post(f"/admin/demandes/{request.id}/decision", usual | change, status=422)
    assert current(sqlite_portal, request).row_version == request.row_version


def test_service_refuses_a_stale_version_and_says_who_changed_what(portal: Portal) -> None:
    people = hire(portal)
    request = enrol(portal)
    karim = Actor(MANAGER.kind, people["karim"], "Karim Benali")
    with portal.database.writing(karim) as session:
        taking.take(session, karim, request.id, seen_holder=None)
    with pytest.raises(Conflict, match="prise en charge du dossier, par Karim Benali"):
        _decide(portal, request, Decision(Verb.reject, "Non"), request.row_version)
    assert current(portal, request).status is RequestStatus.in_review


@pytest.mark.parametrize(
    ("decision", "letter"),
    [
        (Decision(Verb.reject, "coupé\x00ici"), None),
        (Decision(Verb.reject, "x" * 10_001), None),
        (Decision(Verb.ask_documents, "", (("rib", "note\x07"),)), None),
        (Decision(Verb.reject, "Non"), Letter("Objet", "coupé\x00ici")),
    ],
)
def test_text_that_no_column_can_hold_is_refused_in_french(
    portal: Portal, decision: Decision, letter: Letter | None
) -> None:
    request = enrol(portal)
    with pytest.raises(Refused):
        _decide(portal, request, decision, request.row_version, letter)
    assert current(portal, request).status is RequestStatus.in_review


def _decide(
    portal: Portal, request: EnrolmentRequest, decision: Decision, version: int, letter: Letter | None = None
) -> None:
    with portal.database.writing(MANAGER) as session:
        decisions.decide(session, MANAGER, request.id, decision, portal.addresses, row_version=version, letter=letter)
