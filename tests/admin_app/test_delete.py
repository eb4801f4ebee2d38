"""Deleting: asked first, all or none, and never a crash when other rows hold the row."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from admin_app import writes
from admin_app.staff import Staff
from enrolment.errors import Refused
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.enums import DemandState, Operation, StaffRole
from schema.history import Actor
from schema.tables import (
    Corridor,
    Demand,
    DocumentKind,
    DocumentRule,
    Dsr,
    EnrolmentRequest,
    HistoryEntry,
    LegalText,
    Provider,
    Referencing,
    RequestEvent,
    StaffUser,
    Ticket,
)
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import token_of
from tests.admin_app.rows import PASSWORD, email_of
from tests.elements import text_of


def test_row_that_others_hold_is_kept_and_the_page_says_what_holds_it(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    page = client.get("/admin/provider/delete?pk=1")
    for words in ("Demandes d'enrôlement : 1", "Personnes physiques : 1", "Coordonnées bancaires : 1"):
        assert words in page
    refused = client.post("/admin/provider/delete", {"pk": "1", "csrf_token": token_of(client)}, status=409)
    assert "d'autres s'y rapportent" in refused
    with portal.database.reading() as session:
        assert session.get(Provider, 1) is not None


def test_deletion_is_all_or_none_and_recorded(portal: Portal, signed_in: SignIn) -> None:
    with portal.database.reading() as session:
        used = session.exec(select(Dsr.corridor_id)).first()
    client = signed_in(portal, StaffRole.administrator)
    for code in ("UN", "DEUX"):
        client.submit(client.get("/admin/corridor/create").form, code=code, name=code)
    with portal.database.reading() as session:
        keys = [str(row.id) for row in session.exec(select(Corridor).where(Corridor.code.in_(["UN", "DEUX"])))]  # type: ignore[attr-defined]
    token = token_of(client)
    client.post("/admin/corridor/delete", {"pk": [*keys, str(used)], "csrf_token": token}, status=409)
    page = client.get(f"/admin/corridor/delete?pk={keys[0]}&pk={keys[1]}")
    assert "Les lignes sont supprimées." in client.submit(page.form, motif="Doublon")
    with portal.database.reading() as session:
        assert not session.exec(select(Corridor).where(Corridor.code.in_(["UN", "DEUX"]))).all()  # type: ignore[attr-defined]
        entries = session.exec(
            select(HistoryEntry).where(
                HistoryEntry.table_name == "corridor", HistoryEntry.operation == Operation.delete
            )
        ).all()
    assert [(entry.reason, entry.actor_label) for entry in entries] == [("Doublon", "Inès Moreau")] * 2


def test_only_who_may_delete_sees_the_button(office: Portal, signed_in: SignIn) -> None:
    assert "Supprimer" not in signed_in(office, StaffRole.steward).get("/admin/provider/details/1").links
    assert "Supprimer" in signed_in(office, StaffRole.manager).get("/admin/provider/details/1").links


def test_keys_that_cannot_be_are_not_found(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    for query in ("pk=abc", "pk=1,2", "pk=999999", "pk=-1", "pk=" + "9" * 30):
        client.get(f"/admin/provider/delete?{query}", status=404)
    assert client.get("/admin/provider/delete").path == "/admin/provider/list"
    many = "&".join(f"pk={key}" for key in range(1, 102))
    client.get(f"/admin/provider/delete?{many}", status=422)


def test_nobody_deletes_themselves_or_a_text_in_force(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        me = session.exec(select(StaffUser.id).where(StaffUser.email == email_of(StaffRole.administrator))).one()
        text = session.exec(select(LegalText.id)).first()
    token = token_of(client)
    assert "propre compte" in client.post("/admin/staff_user/delete", {"pk": str(me), "csrf_token": token}, status=422)
    client.post("/admin/legal_text/delete", {"pk": str(text), "csrf_token": token}, status=422)


def test_requests_and_traces_cannot_be_deleted(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    token = token_of(client)
    for table, model in (("request", EnrolmentRequest), ("request_event", RequestEvent), ("ticket", Ticket)):
        client.post(f"/admin/{table}/delete", {"pk": "1", "csrf_token": token}, status=403)
        with office.database.reading() as session:
            assert session.exec(select(model)).first() is not None


def test_what_holds_a_row_is_reached_from_the_page_that_says_so(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    page = client.get("/admin/provider/delete?pk=1")
    assert "1 à 1 sur 1" in client.click(page, "Personnes physiques : 1")
    assert page.links["Corriger les informations"] == "/admin/provider/edit/1"


@pytest.mark.parametrize(
    ("table", "link", "words"),
    [
        ("wave", "Fixer la date de fermeture", "date de fermeture"),
        ("dsr", "Fixer la date de fermeture", "date de fermeture"),
        ("referencing", "Changer le statut", "« Retiré »"),
    ],
)
def test_row_that_the_process_needs_is_kept_with_what_to_do_instead(
    office: Portal, signed_in: SignIn, table: str, link: str, words: str
) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        key = {
            "wave": session.exec(select(Dsr.wave_id)).first(),
            "dsr": session.exec(select(Referencing.dsr_id)).first(),
            "referencing": session.exec(select(EnrolmentRequest.referencing_id)).first(),
        }[table]
    page = client.get(f"/admin/{table}/delete?pk={key}")
    assert words in page
    assert page.links[link] == f"/admin/{table}/edit/{key}"
    assert "Supprimer" not in [text_of(button).strip() for button in page.all("button")]


def test_held_row_is_deactivated_instead_recorded_and_greyed_in_its_list(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.administrator)
    with portal.database.writing(Actor.system()) as session:
        kind = session.exec(select(DocumentKind)).first()
        assert kind is not None
        key = kind.id
        for rule in session.exec(select(DocumentRule).where(DocumentRule.document_kind_id == key)):
            rule.active = False
        for demand in session.exec(select(Demand)):
            demand.state = DemandState.cancelled
    page = client.get(f"/admin/document_kind/delete?pk={key}")
    assert "Pièces : 2" in page
    done = client.submit(page.form_named(f"/admin/document_kind/deactivate/{key}"), motif="Remplacée")
    assert "désactivée" in done
    with portal.database.reading() as session:
        entry = session.exec(select(HistoryEntry).order_by(col(HistoryEntry.id).desc())).first()
        assert session.get_one(DocumentKind, key).active is False
    assert entry is not None
    assert (entry.changes, entry.reason) == ({"active": [True, False]}, "Remplacée")
    shown = client.get("/admin/document_kind/list?active=non")
    assert len(shown.all("tr", class_="office-inactive")) == 1
    assert not client.get("/admin/document_kind/list?active=oui").all("tr", class_="office-inactive")
    assert "Désactiver à la place" not in client.get(f"/admin/document_kind/delete?pk={key}")


def test_what_is_in_use_is_not_deactivated(office: Portal, signed_in: SignIn) -> None:
    # rule: R4
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        rule = session.exec(select(DocumentRule).where(col(DocumentRule.active).is_(True))).first()
        assert rule is not None
        key, kind, reason = rule.id, rule.document_kind_id, rule.reason
    form = client.get(f"/admin/document_kind/delete?pk={kind}").form_named(f"/admin/document_kind/deactivate/{kind}")
    refused = client.submit(form, status=422)
    assert any(reason in message for message in refused.error_messages), refused.error_messages
    wrong = client.submit(client.get(f"/admin/document_kind/edit/{kind}").form, active="non", status=422)
    assert any(reason in message for message in wrong.error_messages)
    with office.database.writing(Actor.system()) as session:
        for one in session.exec(select(DocumentRule).where(DocumentRule.document_kind_id == kind)):
            one.active = False
    asked = client.submit(form, status=422)
    assert any("ENR-2026-000001" in message for message in asked.error_messages), asked.error_messages
    with office.database.writing(Actor.system()) as session:
        session.get_one(DocumentKind, kind).active = False
    again = client.submit(client.get(f"/admin/document_rule/edit/{key}").form, active="oui", status=422)
    assert any("n'est plus proposé" in message for message in again.error_messages)


def test_deactivation_is_versioned_and_asks_for_the_password_where_a_change_does(
    office: Portal, signed_in: SignIn
) -> None:
    # std: REL-3  # std: SEC-18
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        keys = {row.role: row.id for row in session.exec(select(StaffUser))}
    key = keys[StaffRole.reader]
    form = client.get(f"/admin/staff_user/delete?pk={key}").form_named(f"/admin/staff_user/deactivate/{key}")
    client.submit(form, status=422)
    client.submit(form, mot_de_passe=PASSWORD, row_version="0", status=409)
    with office.database.reading() as session:
        assert session.get_one(StaffUser, key).active
    client.submit(form, mot_de_passe=PASSWORD)
    with office.database.reading() as session:
        assert not session.get_one(StaffUser, key).active
    client.post("/admin/provider/deactivate/1", {"csrf_token": token_of(client)}, status=404)
    reader = signed_in(office, StaffRole.steward)
    reader.post(f"/admin/staff_user/deactivate/{key}", {"csrf_token": token_of(reader)}, status=403)


def test_last_active_administrator_stays(office: Portal) -> None:
    with office.database.writing(Actor.system()) as session:
        row = session.exec(select(StaffUser).where(StaffUser.role == StaffRole.administrator)).one()
        other = session.exec(select(StaffUser).where(StaffUser.role == StaffRole.manager)).one()
        somebody = Staff(other.id, "Essai", "essai@asp.example", StaffRole.administrator, "key")
        present = {spec.name: getattr(row, spec.name) for spec in presentation.editable(StaffUser)}
        for change in ({"active": False}, {"role": StaffRole.reader}):
            with pytest.raises(Refused, match="dernier administrateur"):
                writes.update(session, somebody, row, row.row_version, present | change)
            session.refresh(row)
        other.role = StaffRole.administrator
        session.flush()
        writes.update(session, somebody, row, row.row_version, present | {"active": False})
