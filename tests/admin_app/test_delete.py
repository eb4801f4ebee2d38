"""Deleting: asked first, all or none, and never a crash when other rows hold the row."""

from __future__ import annotations

from sqlmodel import select

from enrolment.portal import Portal
from schema.enums import Operation, StaffRole
from schema.tables import (
    Corridor,
    Dsr,
    EnrolmentRequest,
    HistoryEntry,
    LegalText,
    Provider,
    RequestEvent,
    StaffUser,
    Ticket,
)
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import token_of
from tests.admin_app.rows import email_of


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
