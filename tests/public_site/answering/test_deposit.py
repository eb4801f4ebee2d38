"""Depositing what the ASP asked for, and the certificates of an early request, by the account and by the link."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from enrolment.portal import Portal
from schema.enums import DemandState, ReferencingStatus, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Attachment, Demand, DocumentKind, EnrolmentRequest, Referencing
from tests.enrolment.files.corpus import good_pdf
from tests.pages import Page
from tests.public_site.answering.doors import DOORS, Door, demand_of, fresh, last_mail, open_door
from tests.public_site.browsing import PDF
from tests.stories import decide, enrol, new_number

HOSTING = "request.hosts_health_data"
CERTIFICATE = "document.reference_certificate"


def asked(portal: Portal, *codes: str, **vendor: str) -> EnrolmentRequest:
    request = enrol(portal, **vendor)
    return decide(portal, request.id, Verb.ask_documents, "Deux pièces sont illisibles.", *codes)


def early(portal: Portal, *, needs_hds: bool = False) -> EnrolmentRequest:
    request = enrol(portal, ans_number=new_number(portal, needs_hds=needs_hds, validated=False))
    decide(portal, request.id, Verb.validate_partially)
    with portal.database.writing(Actor.system()) as session:
        session.get_one(Referencing, request.referencing_id).status = ReferencingStatus.validated
    return request


def import_file(door: Door, page: Page, kind: str, *, status: int = 200, content: bytes | None = None) -> Page:
    file = ("releve.pdf", content or good_pdf(), "application/pdf")
    return door.client.submit(
        page.form_named("deposit-form"),
        button="Importer",
        type=f"document.{kind}",
        files={"fichier": file},
        status=status,
    )


def finish(door: Door, page: Page) -> Page:
    """« Terminer mon dépôt », without scripts: a page asks for the confirmation."""
    question = door.client.submit(page.form_named("deposit-form"), button="Terminer mon dépôt")
    assert question.h1 == "Terminer votre dépôt ?"
    return door.client.submit(question.form_named(question.path), button="Confirmer")


def pieces(portal: Portal, request: EnrolmentRequest, code: str) -> list[Attachment]:
    with portal.database.reading() as session:
        statement = select(Attachment).join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        statement = statement.where(Attachment.request_id == request.id, DocumentKind.code == code)
        return list(session.exec(statement.order_by(col(Attachment.id))))


@pytest.mark.parametrize("way", DOORS)
def test_documents_are_imported_one_by_one_then_the_request_goes_back(portal: Portal, way: str) -> None:
    # rule: A3, A6
    request = asked(portal, "rib", "kbis")
    door = open_door(portal, request, way)
    page = door.page("depot")
    assert "Deux pièces sont illisibles." in page
    assert "disabled" in page.form_named("deposit-form").buttons["Terminer mon dépôt"].attrib
    page = import_file(door, page, "rib")
    assert "Import réussi : « releve.pdf »" in page
    # Nothing reaches the request before the end.
    assert len(pieces(portal, request, "rib")) == 1
    page = import_file(door, page, "kbis")
    done = finish(door, page)
    assert done.h1 == "Votre dépôt est enregistré"
    assert fresh(portal, request).status is RequestStatus.in_review
    old, new = pieces(portal, request, "rib")
    assert old.replaced_by_id == new.id
    assert [piece.replaced_by_id for piece in pieces(portal, request, "kbis")] == [None]
    mail = last_mail(portal, request)
    assert mail.template == "deposit_received"
    assert "RIB" in mail.text_body
    # The same page afterwards says so, whatever is clicked.
    assert door.page("depot").h1 == "Votre dépôt est enregistré"


@pytest.mark.parametrize("way", DOORS)
def test_certificate_alone_finalises_an_early_request(portal: Portal, way: str) -> None:
    # rule: A4, E2
    request = early(portal)
    door = open_door(portal, request, way)
    page = door.page("depot")
    assert page.h1 == "Ajouter le certificat de référencement"
    form = page.form_named("deposit-form")
    assert {name for name in form.names if name.startswith("document.")} == {CERTIFICATE}
    page = door.client.submit(form, button="Importer", files={CERTIFICATE: PDF})
    assert finish(door, page).h1 == "Votre dépôt est enregistré"
    assert fresh(portal, request).status is RequestStatus.certificates_to_review


@pytest.mark.parametrize(("answer", "code"), [("oui", "hds_certificate"), ("non", "hds_attestation")])
def test_dsr_that_requires_it_asks_how_health_data_are_hosted(sqlite_portal: Portal, answer: str, code: str) -> None:
    # rule: A4, E2
    request = early(sqlite_portal, needs_hds=True)
    door = open_door(sqlite_portal, request, "account")
    form = door.page("depot").form_named("deposit-form")
    page = door.client.submit(form, button="Importer", files={CERTIFICATE: PDF})
    assert "disabled" in page.form_named("deposit-form").buttons["Terminer mon dépôt"].attrib
    other = "document.hds_attestation" if answer == "oui" else "document.hds_certificate"
    page = door.client.submit(
        page.form_named("deposit-form"), button="Importer", files={other: PDF}, status=422, **{HOSTING: answer}
    )
    assert "ce document n'est pas demandé" in page
    page = door.client.submit(
        page.form_named("deposit-form"), button="Importer", files={f"document.{code}": PDF}, **{HOSTING: answer}
    )
    finish(door, page)
    assert fresh(sqlite_portal, request).hosts_health_data is (answer == "oui")
    assert len(pieces(sqlite_portal, request, code)) == 1


def test_nothing_else_is_taken_with_the_certificates(sqlite_portal: Portal) -> None:  # rule: A4
    request = early(sqlite_portal)
    demand = demand_of(sqlite_portal, request)
    door = open_door(sqlite_portal, request, "link")
    page = door.page("depot")
    form = page.form_named("deposit-form")
    data = {name: values[0] for name, values in form.values().items()}
    answer = door.client.http.post(
        page.url, data=data, files={"document.rib": PDF}, headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 422
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(Attachment).where(Attachment.demand_id == demand.id)).all() == []


def test_wrong_file_says_why_and_loses_nothing(sqlite_portal: Portal) -> None:  # rule: F2, A3
    request = asked(sqlite_portal, "rib", "kbis")
    door = open_door(sqlite_portal, request, "link")
    page = import_file(door, door.page("depot"), "rib")
    page = import_file(door, page, "kbis", content=b"%PDF-1.7 nothing", status=422)
    assert "KBIS" in page.text
    assert "releve.pdf" in page
    page = door.client.submit(page.form_named("deposit-form"), button="Importer", status=422)
    assert "Choisissez le type de document" in page


def test_file_can_be_seen_and_taken_back_until_the_end(sqlite_portal: Portal) -> None:  # rule: A3; std: SEC-15
    request = asked(sqlite_portal, "kbis")
    door = open_door(sqlite_portal, request, "link")
    page = import_file(door, door.page("depot"), "kbis")
    shown = door.client.http.get(f"{door.base}/reponse/kbis")
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["cache-control"] == "no-store"
    page = door.client.submit(page.form_named("deposit-form"), button="Retirer le fichier : KBIS")
    assert "à importer" in page
    assert door.client.http.get(f"{door.base}/reponse/kbis").status_code == 404


def test_second_browser_is_told_what_the_first_imported(portal: Portal) -> None:  # std: REL-3
    request = asked(portal, "rib", "kbis")
    first, second = open_door(portal, request, "link"), open_door(portal, request, "account")
    stale = second.page("depot")
    import_file(first, first.page("depot"), "rib")
    page = import_file(second, stale, "rib", status=422)
    assert "Depuis un autre navigateur" in page
    assert "releve.pdf" in page
    # Once it has been told, giving the file again replaces the other.
    assert "Import réussi" in import_file(second, page, "rib")


def test_deposit_that_was_ended_elsewhere_is_not_ended_twice(portal: Portal) -> None:  # rule: A3; std: SEC-7
    request = asked(portal, "kbis")
    first, second = open_door(portal, request, "link"), open_door(portal, request, "account")
    page = import_file(first, first.page("depot"), "kbis")
    stale = second.page("depot")
    finish(first, page)
    late = second.client.submit(stale.form_named("deposit-form"), button="Terminer mon dépôt", status=409)
    assert late.h1 == "Votre dépôt est enregistré"
    assert "rien n'a été changé" in late
    with portal.database.reading() as session:
        assert session.exec(select(Demand.state)).all() == [DemandState.answered]


@pytest.mark.parametrize("kind", ["kbis", "rib"])
def test_file_that_arrives_when_the_asp_has_just_cancelled_joins_the_request(portal: Portal, kind: str) -> None:
    # rule: A3; std: REL-3
    request = asked(portal, kind)
    door = open_door(portal, request, "link")
    page = door.page("depot")
    decide(portal, request.id, Verb.cancel_demand)
    page = import_file(door, page, kind)
    assert page.h1 == "Plus rien ne vous est demandé"
    assert "Il n'est pas perdu" in page
    # One piece of a kind is in force, as after any other deposit.
    *older, newest = pieces(portal, request, kind)
    assert [piece.replaced_by_id for piece in older] == [newest.id] * len(older)
    assert newest.replaced_by_id is None


def test_what_was_deposited_is_seen_by_nobody_else(sqlite_portal: Portal) -> None:  # rule: A5; std: SEC-2
    mine, other = asked(sqlite_portal, "kbis"), asked(sqlite_portal, "kbis", siret="55208131766522")
    door = open_door(sqlite_portal, mine, "account")
    import_file(door, door.page("depot"), "kbis")
    stranger = open_door(sqlite_portal, other, "account")
    for part in ("depot", "modifier", "retirer", "redeposer", "reponse/kbis"):
        assert stranger.client.http.get(f"{door.base}/{part}").status_code == 404
