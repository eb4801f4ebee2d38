"""« Annuler l'envoi »: nothing of a decision moves before its time, and nothing of it is lost when it is taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from enrolment import clock, jobs
from enrolment.errors import NotFound
from enrolment.portal import Portal, open_portal
from enrolment.services import recalling, withdrawing
from schema.enums import ActorKind, RequestStatus, Verb
from schema.history import Actor
from schema.tables import EnrolmentRequest, OutgoingMail, Parameter, PendingDecision, RequestEvent, StaffUser
from tests.admin_app.instruction import current, examine_all, file_page, hire, office, rows, send
from tests.conftest import settings_for
from tests.pages import Page, PageClient
from tests.stories import VISITOR, enrol


@pytest.fixture
def portal(database: object, tmp_path: object) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)  # type: ignore[arg-type]


def _prepared(client: PageClient, request: EnrolmentRequest, verb: Verb, **fields: object) -> Page:
    page = file_page(client, request)
    form = next(form for form in page.forms if form.values().get("decision") == [verb.value])
    return client.submit(form, button="Préparer le mail", **fields)


def _templates(portal: Portal, request: EnrolmentRequest) -> list[str]:
    return [row.template for row in rows(portal, OutgoingMail, OutgoingMail.request_id == request.id)]  # type: ignore[attr-defined]


def _verbs(portal: Portal, request: EnrolmentRequest) -> list[Verb]:
    return [row.verb for row in rows(portal, RequestEvent, RequestEvent.request_id == request.id)]  # type: ignore[attr-defined]


def _later(portal: Portal, minutes: int = 2) -> None:
    """The worker's turn, some minutes from now."""
    with time_machine.travel(clock.now() + timedelta(minutes=minutes)):
        jobs.apply_decisions(portal)


def test_decision_moves_nothing_before_its_time_and_everything_after(portal: Portal) -> None:
    # rule: M3
    people = hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client:
        examine_all(client, portal, request)
        page = send(client, _prepared(client, request, Verb.validate), now=False, objet="Bienvenue à bord")
        assert "Décision prise : Valider" in page
        assert "Décision prise, pas encore envoyée" in client.get("/admin/file?onglet=les-miennes")
        assert "vous pouvez l'annuler" in page
        assert not [form for form in page.forms if "etape" in form.names], "no second decision meanwhile"
    held = current(portal, request)
    assert (held.status, held.assigned_to_id, held.account_id) == (RequestStatus.in_review, people["ines"], None)
    assert _templates(portal, request) == ["acknowledgement"]
    jobs.apply_decisions(portal)
    assert current(portal, request).status is RequestStatus.in_review, "too early"
    _later(portal)
    _later(portal)
    assert current(portal, request).status is RequestStatus.validated
    assert _verbs(portal, request) == [Verb.submit, Verb.validate]
    assert sorted(_templates(portal, request)) == ["acknowledgement", "login_issued", "password_link", "validation"]
    assert rows(portal, PendingDecision) == []
    event = rows(portal, RequestEvent, RequestEvent.request_id == request.id)[-1]
    assert event.actor_label == "Inès Moreau"  # type: ignore[attr-defined]
    mail = rows(portal, OutgoingMail, OutgoingMail.template == "validation")[0]
    assert mail.subject == "Bienvenue à bord"  # type: ignore[attr-defined]


def test_recalled_decision_comes_back_as_it_was_typed(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client:
        page = _prepared(client, request, Verb.reject, message="Le mandat n'est pas signé.")
        page = send(client, page, now=False, corps="Bonjour,\n\nNon.")
        page = client.submit(page.form_named("Annuler l'envoi"))
        assert "rien n'est parti" in page
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
        assert form.values()["message"] == ["Le mandat n'est pas signé."]
        assert form.values()["corps"] == ["Bonjour,\n\nNon."]
        _later(portal)
        assert current(portal, request).status is RequestStatus.in_review
        assert _templates(portal, request) == ["acknowledgement"]
        # And it can be sent from there.
        page = client.submit(form, button="Préparer le mail")
        send(client, page)
    assert current(portal, request).status is RequestStatus.rejected


def test_letter_that_waits_since_links_had_english_names_is_shown_with_the_french_ones_and_leaves(
    portal: Portal,
) -> None:
    # std: UX-4
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client:
        page = _prepared(client, request, Verb.reject, message="Le mandat n'est pas signé.")
        send(client, page, now=False, corps="Bonjour,\n\n[Voir](lien:lien_de_suivi)")
        with portal.database.writing(Actor.system()) as session:
            held = session.exec(select(PendingDecision)).one()
            letter = {**held.content["letter"], "body": "Bonjour,\n\n[Voir](lien:status_link)"}
            held.content = {**held.content, "letter": letter}
        page = client.submit(file_page(client, request).form_named("Annuler l'envoi"))
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
        assert form.values()["corps"] == ["Bonjour,\n\n[Voir](lien:lien_de_suivi)"]
        send(client, client.submit(form, button="Préparer le mail"))
    (mail,) = rows(portal, OutgoingMail, OutgoingMail.template == "rejection")
    assert "/suivi/" in mail.text_body  # type: ignore[attr-defined]


def test_colleague_is_told_and_can_neither_decide_nor_examine_nor_take(portal: Portal) -> None:
    # std: REL-3
    hire(portal)
    request = enrol(portal)
    with office(portal, "karim") as other, office(portal, "ines") as client:
        old = file_page(other, request)
        prepared = _prepared(other, request, Verb.ask_documents, piece=["rib"])
        send(client, _prepared(client, request, Verb.reject, message="Doublon."), now=False)
        page = other.submit(prepared.form_named("Envoyer la décision"), button="Envoyer la décision", status=409)
        assert "Rien de ce que vous avez écrit n'est perdu" in page
        for name in ("Prendre ce dossier", "Conforme"):
            button = {"button": "Conforme"} if name == "Conforme" else {}
            page = other.submit(old.form_named(name), status=409, **button)
            assert "Une décision de Inès Moreau" in page
        page = other.submit(file_page(other, request).form_named("Annuler l'envoi"))
        page = client.post(
            f"/admin/demandes/{request.id}/decision/effet",
            {"csrf_token": page.form_named("Préparer le mail").values()["csrf_token"][0]},
            status=403,
        )
        page = file_page(client, request)
        assert "Décision prise" not in page
    assert current(portal, request).status is RequestStatus.in_review


def test_decision_that_became_impossible_is_kept_with_its_reason(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client:
        send(client, _prepared(client, request, Verb.reject, message="Doublon."), now=False)
        with portal.database.writing(VISITOR) as session:
            withdrawing.withdraw(session, VISITOR, request.public_id, portal.addresses)
        _later(portal)
        assert current(portal, request).status is RequestStatus.withdrawn
        page = file_page(client, request)
        assert "Décision non appliquée : Refuser" in page
        assert "Décision non appliquée" in client.get("/admin/file?onglet=terminees")
        assert "Ce dossier a changé" in page
        page = client.submit(page.form_named("Effacer"))
        assert "Décision non appliquée" not in page
    assert _verbs(portal, request) == [Verb.submit, Verb.withdraw]


def test_decision_of_somebody_who_left_is_not_carried_out(portal: Portal) -> None:
    # std: SEC-4
    people = hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client, office(portal, "karim") as other:
        send(client, _prepared(client, request, Verb.reject, message="Doublon."), now=False)
        with portal.database.writing(Actor.system()) as session:
            session.get_one(StaffUser, people["ines"]).active = False
        _later(portal)
        assert "Son auteur n'est plus en activité" in file_page(other, request)
    assert _verbs(portal, request) == [Verb.submit]


def test_what_forbids_a_decision_is_said_at_once_and_nothing_is_kept(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client:
        page = _prepared(client, request, Verb.reject, message="Doublon.")
        page = client.submit(
            page.form_named("Envoyer la décision"),
            button="Envoyer la décision",
            status=422,
            corps="Voir [ici](lien:inconnu)",
        )
        assert "Rien n'a été envoyé" in page
    assert rows(portal, PendingDecision) == []
    assert _verbs(portal, request) == [Verb.submit]


def test_no_delay_decides_at_once(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    with portal.database.writing(Actor.system()) as session:
        session.exec(select(Parameter).where(Parameter.code == recalling.DELAY)).one().value = "0"
    with office(portal, "ines") as client:
        page = send(client, _prepared(client, request, Verb.reject, message="Doublon."), now=False)
        assert "La décision est prise et son mail est en route" in page
    assert current(portal, request).status is RequestStatus.rejected


@pytest.mark.parametrize("others", ["workers", "manager"])
def test_one_effect_whoever_hurries(portal: Portal, others: str) -> None:
    # std: REL-2 REL-4
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client:
        send(client, _prepared(client, request, Verb.reject, message="Doublon."), now=False)

    def recall(_turn: int) -> str:
        try:
            with portal.database.writing(Actor(ActorKind.staff, None, "Karim Benali")) as session:
                recalling.recall(session, request.id)
        except NotFound:
            return "too late"
        return "recalled"

    with time_machine.travel(clock.now() + timedelta(minutes=2)), ThreadPoolExecutor(6) as pool:
        working = [pool.submit(jobs.apply_decisions, portal) for _ in range(4)]
        told = [pool.submit(recall, turn).result() for turn in range(2)] if others == "manager" else []
        for one in working:
            one.result()
    recalled = "recalled" in told
    assert told.count("recalled") <= 1
    assert _verbs(portal, request) == ([Verb.submit] if recalled else [Verb.submit, Verb.reject])
    assert _templates(portal, request).count("rejection") == (0 if recalled else 1)
    assert rows(portal, PendingDecision) == []
