"""Rules that change without a developer: refused before harm, dated, previewed, kept in versions (rule R4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlmodel import Session, col, select

from admin_app.permissions import Right, may
from enrolment import clock
from enrolment.mail import financing, messages
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.mail.variables import Kind, example, variables
from enrolment.portal import Portal
from enrolment.rules import checks, documents, letter_samples, letters, planned
from enrolment.services import rights, staff, withdrawals
from schema.enums import ActorKind, PlannedState, RequestStatus, StaffRole, Verb
from schema.history import Actor
from schema.tables import (
    Deadline,
    DocumentKind,
    DocumentRule,
    EnrolmentRequest,
    HistoryEntry,
    MessageTemplate,
    OutgoingMail,
    PlannedChange,
    RequestEvent,
    StaffUser,
    Wave,
)
from tests.admin_app.conftest import SignIn
from tests.enrolment.mail.test_sandbox import ESCAPES, MISTAKES


def _id(portal: Portal, model: Any, **where: Any) -> int:
    with portal.database.reading() as session:
        statement = select(model.id)
        for name, value in where.items():
            statement = statement.where(getattr(model, name) == value)
        found: int = session.exec(statement).first()
        return found


def _deadline(session: Session) -> Deadline:
    return session.exec(select(Deadline).where(Deadline.status == "awaiting_documents")).one()


def test_change_to_come_waits_then_is_made_once_by_several_workers_in_the_name_of_its_author(  # rule: R4
    portal: Portal, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(portal, StaffRole.administrator)
    with portal.database.reading() as session:
        row = _deadline(session)
    form = client.get(f"/admin/deadline/edit/{row.id}").form
    shown = client.submit(
        form, days="45", prend_effet_le="2099-01-01T08:00", motif="Nouvel arrêté", button="Enregistrer"
    )
    assert "programmé" in shown.text
    assert "Délai (jours)" in shown.text
    assert "Un changement est programmé pour le" in client.get(f"/admin/deadline/details/{row.id}")
    again = client.submit(
        client.get(f"/admin/deadline/edit/{row.id}").form, days="50", prend_effet_le="2099-02-01T08:00", status=422,
        button="Enregistrer",
    )  # fmt: skip
    assert any("déjà programmé" in message for message in again.error_messages)
    assert planned.apply_due(portal.database) == 0
    with portal.database.reading() as session:
        coming = len(planned.waiting(session))
    later = clock.now() + timedelta(days=365 * 100)
    monkeypatch.setattr(clock, "now", lambda: later)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: planned.apply_due(portal.database), range(4)))
    assert sum(made) == coming
    with portal.database.reading() as session:
        assert _deadline(session).days == 45
        entry = session.exec(
            select(HistoryEntry).where(HistoryEntry.table_name == "deadline").order_by(col(HistoryEntry.id).desc())
        ).first()
        assert entry is not None
        assert (entry.actor_label, entry.reason) == ("Inès Moreau", "Nouvel arrêté")
        assert entry.changes["days"] == [30, 45]


def test_planned_change_that_became_impossible_is_marked_and_said_and_may_be_tried_again(
    office: Portal, signed_in: SignIn
) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        row = _deadline(session)
    client.submit(
        client.get(f"/admin/deadline/edit/{row.id}").form, days="10", prend_effet_le="2099-01-01T08:00",
        button="Enregistrer",
    )  # fmt: skip
    with office.database.writing(Actor.system()) as session:
        _deadline(session).remind_before = 20
        session.exec(select(PlannedChange).order_by(col(PlannedChange.id).desc())).first().effective_at = clock.now()  # type: ignore[union-attr]
    assert planned.apply_due(office.database) == 0
    with office.database.reading() as session:
        change = planned.failed(session)[0]
        assert _deadline(session).days == 30
        assert "20 jours" in str(change.problem)
    assert "n'ont pas pu se faire" in client.get("/admin/regles")
    with office.database.writing(Actor.system()) as session:
        _deadline(session).remind_before = 7
    page = client.get("/admin/regles/programmes")
    client.submit(page.form_named(f"/admin/regles/programmes/{change.id}/appliquer"))
    with office.database.reading() as session:
        assert session.get_one(PlannedChange, change.id).state is PlannedState.applied
        assert _deadline(session).days == 10


def _author_gone(session: Session, author: StaffUser) -> None:
    author.active = False


def _author_moved(session: Session, author: StaffUser) -> None:
    author.role = StaffRole.reader


def _right_taken(session: Session, author: StaffUser) -> None:
    withdrawals.replace(session, Actor.system(), author.role, {("deadline", "edit")})


@pytest.mark.parametrize("change", [_author_gone, _author_moved, _right_taken])
@pytest.mark.parametrize("act", ["appliquer", "annuler"])
def test_planned_change_of_who_may_no_longer_make_it_is_parked_for_an_administrator(  # rule: R4  # std: SEC-1
    portal: Portal, signed_in: SignIn, change: Callable[[Session, StaffUser], None], act: str
) -> None:
    administrator = signed_in(portal, StaffRole.administrator)
    with portal.database.writing(Actor.system()) as session:
        author = staff.add(
            session, Actor.system(), email="z@asp.example", first_name="Zoé", last_name="Roy",
            role=StaffRole.administrator,
        )  # fmt: skip
        kept = planned.plan(
            session, Deadline, _deadline(session).id, {"days": "45"}, reason="Nouvel arrêté", author_id=author.id,
            effective_at=clock.now() + timedelta(minutes=1),
        )  # fmt: skip
        change(session, author)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        planned.apply_due(portal.database)
        planned.apply_due(portal.database)
    with portal.database.reading() as session:
        assert _deadline(session).days == 30
        assert session.get_one(PlannedChange, kept.id).state is PlannedState.failed
    page = administrator.get("/admin/regles/programmes")
    assert "Zoé Roy, qui l'a programmé, n'" in page.text.replace("\u2019", "'")
    form = page.form_named(f"/admin/regles/programmes/{kept.id}/{act}")
    if change is _right_taken and act == "appliquer":
        administrator.submit(form, status=403)
        with portal.database.writing(Actor.system()) as session:
            withdrawals.replace(session, Actor.system(), StaffRole.administrator, ())
    administrator.submit(form)
    with portal.database.reading() as session:
        state = session.get_one(PlannedChange, kept.id).state
        assert state is (PlannedState.applied if act == "appliquer" else PlannedState.cancelled)
        assert _deadline(session).days == (45 if act == "appliquer" else 30)
        entry = session.exec(
            select(HistoryEntry).where(HistoryEntry.table_name == "deadline").order_by(col(HistoryEntry.id).desc())
        ).first()
    if act == "appliquer":
        assert entry is not None
        assert entry.actor_label != "Zoé Roy"
        assert entry.reason == "Nouvel arrêté (programmé par Zoé Roy)"


def test_rules_are_changed_by_those_whom_the_matrix_names() -> None:
    # std: SEC-1
    for table in checks.TABLES:
        assert {role for role in StaffRole if may(role, table, Right.edit)} == rights.RULE_MAKERS, table


def test_preview_of_a_document_rule_tells_what_changes_and_writes_nothing(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.writing(Actor.system()) as session:
        kind = DocumentKind(code="carte_pro", name="Carte professionnelle", help="La carte.", step="applicant")
        session.add(kind)
        session.flush()
        key = kind.id
    form = client.get("/admin/document_rule/create").form
    typed = {
        "code": "carte",
        "document_kind_id": str(key),
        "reason": "Demandée à tous.",
        "required": "oui",
        "active": "oui",
    }
    page = client.submit(form, button="Prévisualiser", **typed)
    assert "« Carte professionnelle » serait demandé en plus" in page
    assert "rien n'est encore enregistré" in page
    assert "est exigée dans tous les cas" in page
    assert not _id(office, DocumentRule, code="carte")
    with office.database.reading() as session:
        assert not session.exec(
            select(HistoryEntry).where(
                HistoryEntry.table_name == "document_rule", HistoryEntry.actor_label == "Inès Moreau"
            )
        ).all()
    client.submit(page.form, button="Enregistrer")
    assert _id(office, DocumentRule, code="carte")
    twin = client.submit(
        client.get("/admin/document_rule/create").form,
        status=422,
        button="Enregistrer",
        **{**typed, "code": "carte_bis"},
    )
    assert any("carte" in message for message in twin.error_messages)
    against = client.submit(twin.form, status=422, button="Enregistrer", required="non", request_kind="initial")
    assert any("obligatoire" in message for message in against.error_messages)


@pytest.mark.parametrize(
    ("table", "typed", "said"),
    [
        ("wave", {"code": "V9", "name": "Vague 9", "opens_at": "2030-01-01T08:00"}, "Vague 2"),
        ("deadline", {"days": "5"}, "ne tient pas"),
        ("retention", {"days": "1"}, "Pas moins de"),
        ("reason_template", {"body": "Bonjour\n{{ nom }}"}, "Ligne 2"),
        ("legal_text", {"kind": "cgu", "version": "9", "title": "CGU", "body": "Texte.",
                        "effective_from": "2020-01-01T08:00"}, "à venir"),
        ("message_template", {"body": "Bonjour.\n{% if %}"}, "Ligne 2"),
        ("message_template", {"subject": "{{ inconnue }}"}, "inconnue"),
        ("dsr", {"enrolment_opens_at": "2020-01-01T08:00", "closes_at": "2019-01-01T08:00"}, "après l'ouverture"),
    ],
)  # fmt: skip
def test_rule_that_would_harm_is_refused_at_its_field_with_what_was_typed(  # rule: R4  # std: SEC-12
    office: Portal, signed_in: SignIn, table: str, typed: dict[str, str], said: str
) -> None:
    client = signed_in(office, StaffRole.administrator)
    new = "code" in typed or "version" in typed
    keys = {"deadline": 3, "retention": 1, "reason_template": 1, "message_template": 1, "dsr": 1}
    address = f"/admin/{table}/create" if new else f"/admin/{table}/edit/{keys[table]}"
    for button in ("Prévisualiser", "Enregistrer"):
        wrong = client.submit(client.get(address).form, status=422, button=button, **typed)
        assert any(said in message for message in wrong.error_messages), wrong.error_messages
        sent = wrong.form.values()
        assert all(sent[name] == [value] for name, value in typed.items())


def test_preview_of_a_mail_on_a_real_request(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    key = _id(office, MessageTemplate, code="validation")
    with office.database.reading() as session:
        number = session.exec(select(EnrolmentRequest.number)).first()
    page = client.submit(
        client.get(f"/admin/message_template/edit/{key}").form, button="Prévisualiser", demande_exemple=number
    )
    assert page.all("iframe", sandbox="")
    assert str(number) in page.text
    assert page.all("code")


def test_template_with_former_names_is_shown_and_edited_with_the_french_ones(office: Portal, signed_in: SignIn) -> None:
    # std: UX-4
    client = signed_in(office, StaffRole.administrator)
    key = _id(office, MessageTemplate, code="same_message")
    former = "Bonjour{% if person_name %} {{ person_name }}{% endif %},\n\n[Voir]({{ status_link }})"
    with office.database.writing(Actor.system()) as session:
        row = session.get_one(MessageTemplate, key)
        row.subject, row.body = "Demande {{ request_number }}", former
    client.check = False  # The page shows the braces of the template.
    page = client.get(f"/admin/message_template/edit/{key}")
    assert page.form.values()["body"] == [
        "Bonjour{% if nom_de_la_personne %} {{ nom_de_la_personne }}{% endif %},\n\n[Voir]({{ lien_de_suivi }})"
    ]
    for text in (page.text, client.get(f"/admin/message_template/details/{key}").text):
        assert "nom_de_la_personne" in text
        assert not re.findall(r"person_name|request_number|status_link", text)
    client.submit(page.form, button="Enregistrer")
    with office.database.reading() as session:
        assert session.get_one(MessageTemplate, key).body == former, "what nobody changed stays as it is"


_OF_THE_ASP = {"silence_rule", "appeal_rule", "service_name", "service_address", "service_email", "service_phone"}
"""Texts of the parameters, which the examples may well repeat, as they do the version of the software."""


def _about_requests() -> list[str]:
    return [
        str(kind.name) for kind in ALL_MESSAGES if issubclass(kind, messages.AboutRequest | financing.AboutFinancing)
    ]


def test_preview_is_whole_for_every_mail_about_a_request() -> None:
    assert sorted(letter_samples.CODES) == sorted(_about_requests())


@pytest.mark.parametrize("code", _about_requests())
def test_preview_of_a_mail_mixes_no_example_with_a_request(office: Portal, code: str) -> None:
    with office.database.reading() as session:
        request = session.exec(select(EnrolmentRequest).order_by(col(EnrolmentRequest.id).desc())).first()
        assert request is not None
        whole = letter_samples.of_request(session, code, request, office.addresses) or letter_samples.of_financing(
            session, code, request, office.addresses
        )
        assert whole is not None
        row = session.exec(select(MessageTemplate).where(MessageTemplate.code == code)).one()
        shown = letters.sample(session, row, office.addresses, request.number)
        known = session.execute(sa.select(sa.func.count()).select_from(OutgoingMail)).scalar_one()
    typed, filled = letter_samples.by_hand(whole), example(type(whole))
    for variable in variables(type(whole)):
        if variable.field in {*typed, *_OF_THE_ASP, "software_version"} or variable.kind is Kind.flag:
            continue
        value, usual = getattr(whole, variable.field), getattr(filled, variable.field)
        if variable.kind in {Kind.link, Kind.moment, Kind.data}:
            assert value != usual, variable.name
        if variable.kind is Kind.link:
            assert value.startswith(office.addresses.base_url), variable.name
    assert shown.number == request.number
    assert len(shown.examples) == len(typed)
    assert request.number in shown.text + shown.subject
    with office.database.reading() as session:
        assert session.execute(sa.select(sa.func.count()).select_from(OutgoingMail)).scalar_one() == known


def test_preview_of_a_decision_repeats_what_was_typed_for_this_request(office: Portal) -> None:
    with office.database.writing(Actor.system()) as session:
        request = session.exec(select(EnrolmentRequest)).first()
        assert request is not None
        session.add(
            RequestEvent(
                request_id=request.id, verb=Verb.reject, source=request.status, target=RequestStatus.rejected,
                actor_kind=ActorKind.staff, actor_label="Inès Moreau", message="Le mandat n'est pas signé du tout.",
            )
        )  # fmt: skip
        session.flush()
        made = letter_samples.of_request(session, "rejection", request, office.addresses)
    assert isinstance(made, messages.Rejection)
    assert made.reason == "Le mandat n'est pas signé du tout."


@pytest.mark.parametrize("body", [*ESCAPES[::6], *(source for source, _ in MISTAKES[:3])])
def test_preview_of_a_mail_runs_nothing_that_sending_would_refuse(  # std: SEC-12
    office: Portal, signed_in: SignIn, body: str
) -> None:
    client = signed_in(office, StaffRole.administrator)
    client.check = False  # The page quotes the braces that were typed, which look like a leak of our own templates.
    key = _id(office, MessageTemplate, code="validation")
    form = client.get(f"/admin/message_template/edit/{key}").form
    refused = client.submit(form, status=422, button="Prévisualiser", body=body)
    assert refused.error_messages
    assert not refused.all("iframe"), "nothing of it is shown"


def test_rules_are_read_by_all_and_changed_by_administrators(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    client = signed_in(office, StaffRole.reader)
    wave = _id(office, Wave, code="V2")
    for path in ("/admin/regles", "/admin/regles/pieces", "/admin/regles/programmes", "/admin/regles/ouvrir-une-vague",
                 f"/admin/regles/ouvrir-une-vague?vague={wave}", f"/admin/regles/versions/wave/{wave}"):  # fmt: skip
        client.get(path)
    with office.database.reading() as session:
        change = session.exec(select(PlannedChange.id)).first()
    from tests.admin_app.reach import token_of  # noqa: PLC0415

    for act in ("annuler", "appliquer"):
        client.post(f"/admin/regles/programmes/{change}/{act}", {"csrf_token": token_of(client)}, status=403)


def test_rule_reads_as_a_sentence(office: Portal) -> None:
    with office.database.reading() as session:
        rule = session.exec(select(DocumentRule).where(DocumentRule.code == "hds_hebergeur")).one()
        assert documents.sentence(session, rule) == (
            "La pièce « Certificat d'hébergement des données de santé » est exigée quand le référencement est validé, "
            "le DSR exige le HDS et le fournisseur héberge des données de santé."
        )
