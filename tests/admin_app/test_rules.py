"""Rules that change without a developer: refused before harm, dated, previewed, kept in versions (rule R4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.portal import Portal
from enrolment.rules import documents, planned
from schema.enums import PlannedState, StaffRole
from schema.history import Actor
from schema.tables import (
    Deadline,
    DocumentKind,
    DocumentRule,
    EnrolmentRequest,
    HistoryEntry,
    MessageTemplate,
    PlannedChange,
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
