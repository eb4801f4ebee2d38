"""What the ASP asks back from the file's page: corrections, certificates again, and nothing more after all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from enrolment.errors import Refused
from enrolment.links import Purpose
from enrolment.portal import Portal, open_portal
from enrolment.services import answering, decisions, demands
from enrolment.services.asking import fields_to_flag
from enrolment.services.decisions import Decision
from enrolment.services.deposits import deposit
from schema.database import Database
from schema.enums import DemandKind, DemandState, RequestStatus, ReviewState, Verb
from schema.history import Actor
from schema.tables import Attachment, Demand, DemandItem, EnrolmentRequest, OutgoingMail, Provider
from tests.admin_app.instruction import current, file_page, hire, office, rows, send
from tests.conftest import settings_for
from tests.pages import Page, PageClient
from tests.stories import MANAGER, VISITOR, a_pdf, ask, decide, enrol, new_number


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


def prepare(client: PageClient, page: Page, verb: Verb, *, status: int = 200, **fields: object) -> Page:
    form = next(form for form in page.forms if form.values().get("decision") == [verb.value])
    return client.submit(form, button="Préparer le mail", status=status, **fields)


def last_mail(portal: Portal, template: str) -> OutgoingMail:
    found = rows(portal, OutgoingMail, OutgoingMail.template == template)[-1]
    assert isinstance(found, OutgoingMail)
    return found


def test_fields_and_documents_are_flagged_each_with_its_reason(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client:
        page = file_page(client, request)
        page = prepare(
            client,
            page,
            Verb.ask_correction,
            message="Le reste est conforme.",
            champ=["bank.holder", "provider.city"],
            **{
                "motif_bank.holder": "Le titulaire doit être la société.",
                "motif_provider.city": "La commune manque.",
                # Unticked again: its reason is out of sight, and asks nothing.
                "motif_provider.post_code": "Non, finalement.",
                "piece": ["rib"],
                "precision_rib": "Le relevé est flou.",
            },
        )
        for words in ("Le titulaire doit être la société.", "La commune manque.", "Le relevé est flou.", "À modifier"):
            assert words in page
        # Back to the file: nothing that was typed is lost.
        back = client.submit(page.form_named("Revenir au dossier"), button="Revenir au dossier")
        form = next(form for form in back.forms if form.values().get("decision") == ["ask_correction"])
        assert set(form.values()["champ"]) == {"bank.holder", "provider.city"}
        send(client, page)
    decided = current(portal, request)
    assert (decided.status, decided.asked_from) == (RequestStatus.awaiting_correction, RequestStatus.in_review)
    items = rows(portal, DemandItem)
    assert [(item.field, item.reason, item.old_value) for item in items if item.field] == [  # type: ignore[attr-defined]
        ("bank.holder", "Le titulaire doit être la société.", "Alizé Santé"),
        ("provider.city", "La commune manque.", "Lyon"),
    ]
    (demand,) = rows(portal, Demand)
    mail = last_mail(portal, "correction_asked")
    assert "Titulaire" in mail.text_body
    token = mail.text_body.split("/suivi/repondre/")[1].split()[0].rstrip(")")
    assert portal.links.read(Purpose.ANSWER_DEMAND, token, timedelta(days=1)).subject == demand.public_id  # type: ignore[attr-defined]


def test_each_answer_that_may_be_flagged_has_its_tick_beside_it_once(portal: Portal) -> None:  # std: UX-3
    hire(portal)
    request = enrol(portal)
    with portal.database.reading() as session:
        names = [one.name for one in fields_to_flag(session, session.get_one(EnrolmentRequest, request.id))]
    with office(portal, "ines") as client:
        page = file_page(client, request)
        # A reader sees the data, and nothing to tick.
        assert "data-flag" not in office_page_of_reader(portal, request)
    ticks = [one for one in page.all("input") if one.get("name") == "champ"]
    assert sorted(one.attrib["value"] for one in ticks) == sorted(names)
    (data,) = page.all("section", class_="file-data")
    beside = set(data.iter())
    form = next(form for form in page.forms if form.values().get("decision") == ["ask_correction"])
    for tick in ticks:
        reason = next(one for one in page.all("input") if one.get("name") == f"motif_{tick.attrib['value']}")
        assert {tick, reason} <= beside
        assert tick.get("form") == reason.get("form") == form.element.get("id")


def office_page_of_reader(portal: Portal, request: EnrolmentRequest) -> str:
    """The file as a reader gets it."""
    with office(portal, "luc") as client:
        return file_page(client, request).html


def test_point_without_a_reason_is_refused_and_nothing_typed_is_lost(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = prepare(
            client, file_page(client, request), Verb.ask_correction, status=422, champ=["bank.iban"], message="Un mot."
        )
        assert "il manque le motif de « IBAN »" in page
        form = next(form for form in page.forms if form.values().get("decision") == ["ask_correction"])
        assert form.values()["champ"] == ["bank.iban"]
        assert form.values()["message"][0].strip() == "Un mot."
        # The form says what is ticked, without scripts too.
        (ticked,) = [one for one in page.all("ul") if one.get("aria-label") == "Données cochées"]
        assert "".join(ticked.itertext()).strip() == "IBAN"
    assert current(sqlite_portal, request).status is RequestStatus.in_review


@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_points_with_reasons_are_asked_exactly(sqlite_portal: Portal, data: st.DataObject) -> None:
    with sqlite_portal.database.reading() as session:
        known = session.exec(select(EnrolmentRequest)).first()
    request = known or enrol(sqlite_portal)
    with sqlite_portal.database.reading() as session:
        names = [one.name for one in fields_to_flag(session, session.get_one(EnrolmentRequest, request.id))]
    assert "provider.siret" not in names
    assert "referencing.ans_number" not in names
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    decision = Decision(Verb.ask_correction, "", (), tuple((name, f"Motif de {name}") for name in chosen))
    with pytest.raises(_Undo):
        _check_asked(sqlite_portal, request.id, decision, set(chosen))


def _check_asked(portal: Portal, request_id: int, decision: Decision, chosen: set[str]) -> None:
    with portal.database.writing(MANAGER) as session:
        row = session.get_one(EnrolmentRequest, request_id)
        decisions.decide(session, MANAGER, request_id, decision, portal.addresses, row_version=row.row_version)
        demand = session.exec(select(Demand).where(Demand.state == DemandState.open)).one()
        assert set(demands.items_of(session, demand)) == chosen
        answer = demands.read(session, demand)
        assert {point.name for point in answer.questions} == chosen
        assert all(point.old for point in answer.questions)
        raise _Undo


class _Undo(Exception):
    """Takes an example back."""


@pytest.mark.parametrize(
    "name", ["provider.siret", "referencing.ans_number", "depositary.email", "request.status", "x"]
)
def test_what_was_not_asked_of_the_vendor_cannot_be_flagged(sqlite_portal: Portal, name: str) -> None:  # std: SEC-19
    request = enrol(sqlite_portal)
    with pytest.raises(Refused, match="ne peut pas être corrigé"):
        ask(sqlite_portal, request.id, {name: "Pourquoi pas."})


def finalised(portal: Portal) -> EnrolmentRequest:
    """An early request whose certificate waits for the ASP."""
    request = enrol(portal, ans_number=new_number(portal, validated=False))
    decide(portal, request.id, Verb.validate_partially)
    with portal.database.reading() as session:
        demand = demands.latest(session, request.public_id)
        assert demand is not None
        (point,) = demands.read(session, demand).documents
    assert point.kind is not None
    file = deposit(portal.storage, point.kind, "certificat.pdf", a_pdf(), None)
    with portal.database.writing(VISITOR) as session:
        answering.attach(session, demand.public_id, point.name, 0, file)
        answering.finish(session, VISITOR, demand.public_id, portal.addresses)
    return request


def test_refused_certificate_is_asked_for_again_with_the_reason(portal: Portal) -> None:  # rule: E2
    hire(portal)
    request = finalised(portal)
    with portal.database.writing(Actor.system()) as session:
        piece = session.exec(select(Attachment).where(Attachment.file_name == "certificat.pdf")).one()
        piece.review, piece.review_reason = ReviewState.to_redo, "Il porte sur la version 3."
    with office(portal, "ines") as client:
        page = file_page(client, request)
        form = next(form for form in page.forms if form.values().get("decision") == ["refuse_certificate"])
        # The tick wrote the draft of the message.
        assert "Il porte sur la version 3." in form.values()["message"][0]
        assert "Rien n'a été enregistré" in prepare(client, page, Verb.refuse_certificate, message=" ", status=422)
        send(client, prepare(client, page, Verb.refuse_certificate))
    decided = current(portal, request)
    assert decided.status is RequestStatus.awaiting_certificates
    with portal.database.reading() as session:
        demand = demands.latest(session, request.public_id)
        assert demand is not None
        assert demand.kind is DemandKind.certificates
        (point,) = demands.read(session, demand).points
    assert (point.name, point.reason, point.file) == (
        "document.reference_certificate",
        "Il porte sur la version 3.",
        None,
    )
    assert "/suivi/repondre/" in last_mail(portal, "certificate_refused").text_body


@pytest.mark.parametrize("verb", [Verb.ask_documents, Verb.ask_correction])
def test_asp_asks_no_more_and_keeps_what_had_come(portal: Portal, verb: Verb) -> None:
    hire(portal)
    request = enrol(portal)
    if verb is Verb.ask_documents:
        decide(portal, request.id, verb, "", "kbis")
    else:
        ask(portal, request.id, {"bank.holder": "À corriger."}, {"kbis": "À joindre."})
    with portal.database.writing(VISITOR) as session:
        demand = demands.latest(session, request.public_id)
        assert demand is not None
        point = demands.read(session, demand).point("document.kbis")
    assert point.kind is not None
    file = deposit(portal.storage, point.kind, "kbis.pdf", a_pdf(), None)
    with portal.database.writing(VISITOR) as session:
        answering.attach(session, demand.public_id, point.name, point.version, file)
    with office(portal, "ines") as client:
        page = file_page(client, request)
        # What is not finished is not shown.
        assert "kbis.pdf" not in page.html
        page = prepare(client, page, Verb.cancel_demand, message="Nous l'avons retrouvé.")
        assert "En cours" in page
        send(client, page)
        (piece,) = rows(portal, Attachment, Attachment.file_name == "kbis.pdf")
        assert "kbis.pdf" in client.get(f"/admin/demandes/{request.id}?piece={piece.public_id}").html  # type: ignore[attr-defined]
    assert current(portal, request).status is RequestStatus.in_review
    mail = last_mail(portal, "demand_cancelled")
    assert "KBIS" in mail.text_body
    assert "Nous l'avons retrouvé." in mail.text_body
    (closed,) = rows(portal, Demand)
    assert closed.state is DemandState.cancelled  # type: ignore[attr-defined]


def test_reader_is_offered_none_of_it(sqlite_portal: Portal) -> None:  # std: SEC-1
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "luc") as client:
        page = file_page(client, request)
        assert not [form for form in page.forms if "decision" in form.names]


def test_answered_correction_is_shown_before_and_after(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    demand = ask(sqlite_portal, request.id, {"bank.holder": "Le titulaire doit être la société."})
    with sqlite_portal.database.writing(VISITOR) as session:
        answering.keep(session, demand.public_id, {"bank.holder": "SAS ALIZE"}, {})
        answering.finish(session, VISITOR, demand.public_id, sqlite_portal.addresses)
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
    table = next(one for one in page.all("section") if one.get("aria-label") == "Réponse du fournisseur")
    words = " ".join("".join(table.itertext()).split())
    for said in ("Titulaire", "Le titulaire doit être la société.", "Alizé Santé", "SAS ALIZE"):
        assert said in words


def test_decision_on_a_file_that_changed_meanwhile_keeps_what_was_typed(sqlite_portal: Portal) -> None:  # std: REL-3
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
        decide(sqlite_portal, request.id, Verb.ask_documents, "", "kbis")
        fields = {"champ": ["bank.holder"], "motif_bank.holder": "Le titulaire doit être la société."}
        page = prepare(client, page, Verb.ask_correction, status=409, **fields)
        assert "Le titulaire doit être la société." in page


def test_change_that_nobody_asked_for_is_told_beside_the_answer(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    demand = ask(sqlite_portal, request.id, {"bank.holder": "À préciser.", "provider.trade_name": "Incomplet."})
    with sqlite_portal.database.writing(VISITOR) as session:
        answering.keep(
            session, demand.public_id, {"bank.holder": "SAS ALIZE", "provider.trade_name": "Alizé Logiciels"}, {}
        )
        session.get_one(Provider, request.provider_id).post_code = "75001"
        answering.finish(session, VISITOR, demand.public_id, sqlite_portal.addresses)
    with sqlite_portal.database.writing(Actor.system()) as session:
        # Not the vendor's doing, and after its answer.
        session.get_one(Provider, request.provider_id).city = "PARIS"
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
    table = next(one for one in page.all("section") if one.get("aria-label") == "Réponse du fournisseur")
    words = " ".join("".join(table.itertext()).split())
    assert "2 points sur 2 corrigés, 1 changement non demandé" in words
    assert "Non demandé" in words
    assert "75001" in words
    assert "PARIS" not in words
