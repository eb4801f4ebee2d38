"""Former values come back by the same door as new ones: validated, versioned, recorded, and refused with the reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from admin_app.permissions import TABLES, Right, may
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.base import Table
from schema.describe import FieldKind, model_named
from schema.enums import Operation, StaffRole
from schema.history import Actor
from schema.tables import (
    BankAccount,
    Corridor,
    Dsr,
    HistoryEntry,
    LegalText,
    Parameter,
    Provider,
    StaffUser,
    StreetType,
    Ticket,
)
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import token_of
from tests.admin_app.rows import PASSWORD, email_of, first


def _last(portal: Portal, table: str, key: int) -> HistoryEntry:
    with portal.database.reading() as session:
        return session.exec(
            select(HistoryEntry)
            .where(HistoryEntry.table_name == table, HistoryEntry.row_id == key)
            .order_by(col(HistoryEntry.id).desc())
        ).all()[0]


def _value(portal: Portal, model: type[Table], key: int, name: str) -> Any:
    with portal.database.reading() as session:
        return getattr(session.get_one(model, key), name)


def test_value_is_restored_after_a_look_at_both_and_recorded(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    client.submit(client.get("/admin/provider/edit/1").form, city="Dijon", post_code="21000")
    history = client.get("/admin/provider/details/1?onglet=historique")
    asked = client.click(history, "Restaurer cette valeur (Commune)")
    assert "BESANÇON" in asked
    assert "Dijon" in asked
    assert "21000" not in asked
    assert _value(portal, Provider, 1, "city") == "Dijon"
    done = client.submit(asked.form)
    assert done.path == "/admin/provider/details/1"
    assert "L'ancienne valeur est restaurée." in done
    entry = _last(portal, "provider", 1)
    assert entry.changes == {"city": ["Dijon", "BESANÇON"]}
    assert (entry.reason or "").startswith("Restauration : valeur d'avant le")
    assert _value(portal, Provider, 1, "post_code") == "21000"
    again = client.get("/admin/provider/details/1?onglet=historique")
    assert "Restaurer cette valeur (Code postal)" in again.links
    assert "il n'y a rien à restaurer" in client.get(history.links["Restaurer cette valeur (Commune)"])


def test_row_is_restored_as_it_stood_after_a_change(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    for city, building in (("Dijon", "A"), ("Dijon", "B"), ("Belfort", "C")):
        client.submit(client.get("/admin/provider/edit/1").form, city=city, building=building)
    with portal.database.reading() as session:
        keys = session.exec(
            select(HistoryEntry.id)
            .where(HistoryEntry.table_name == "provider", HistoryEntry.row_id == 1)
            .order_by(col(HistoryEntry.id))
        ).all()
    created, first_change, second_change, last = keys[-4:]
    assert "il n'y a rien à restaurer" in client.get(f"/admin/provider/restore/1?modification={last}")
    client.submit(client.get(f"/admin/provider/restore/1?modification={second_change}").form)
    assert (_value(portal, Provider, 1, "city"), _value(portal, Provider, 1, "building")) == ("Dijon", "B")
    client.submit(client.get(f"/admin/provider/restore/1?modification={first_change}").form)
    assert (_value(portal, Provider, 1, "city"), _value(portal, Provider, 1, "building")) == ("Dijon", "A")
    client.submit(client.get(f"/admin/provider/restore/1?modification={created}").form)
    assert (_value(portal, Provider, 1, "city"), _value(portal, Provider, 1, "building")) == ("BESANÇON", None)


def _another(spec: Any, current: Any) -> Any:
    """A value of the column's kind that is not the present one, as history would have kept it."""
    if spec.kind is FieldKind.choice:
        return next(value for value, _ in reversed(spec.choices) if value != current)
    if spec.kind is FieldKind.boolean:
        return not current
    if spec.kind is FieldKind.integer:
        return (current or 1) + 1
    if spec.kind is FieldKind.moment:
        return "2021-01-02T03:04:05+00:00"
    if spec.kind is FieldKind.date:
        return "2021-01-02"
    return None


def test_every_kind_of_value_of_every_table_comes_back_as_it_was(portal: Portal, signed_in: SignIn) -> None:
    """The page of confirmation reads each former value into one that the column takes, and changes no other."""
    client = signed_in(portal, StaffRole.administrator)
    tried = 0
    for table in TABLES:
        model = model_named(table)
        if not may(StaffRole.administrator, table, Right.edit):
            continue
        for spec in presentation.editable(model):
            with portal.database.writing(Actor.system()) as session:
                row = first(session, model)
                former = _another(spec, getattr(row, spec.name))
                if former is None:
                    continue
                entry = HistoryEntry(
                    table_name=table, row_id=row.id, operation=Operation.update,
                    changes={spec.name: [former, None]}, actor_kind="staff", actor_label="Essai",
                )  # fmt: skip
                session.add(entry)
                session.flush()
                key, entry_key = row.id, entry.id
            page = client.get(f"/admin/{table}/restore/{key}?modification={entry_key}&colonne={spec.name}")
            assert page.all("button", class_="btn-primary"), (table, spec.name, page.text)
            tried += 1
    assert tried > 30


def test_value_that_a_rule_refuses_today_is_told_and_not_restored(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.administrator)
    with portal.database.writing(Actor.system()) as session:
        gone = StreetType(code="ZZZ", name="Voie disparue")
        session.add(gone)
        session.flush()
        gone_key = gone.id
        provider = session.get_one(Provider, 1)
        kept, provider.street_type_id = provider.street_type_id, gone_key
        session.flush()
        provider.street_type_id = kept
        session.flush()
        session.delete(gone)
        for changes in ({"siret": ["123", "x"]}, {"legal_name": [None, "x"]}):
            session.add(
                HistoryEntry(
                    table_name="provider", row_id=1, operation=Operation.update, changes=changes,
                    actor_kind="staff", actor_label="Essai",
                )
            )  # fmt: skip
    with portal.database.reading() as session:
        entries = session.exec(
            select(HistoryEntry).where(HistoryEntry.table_name == "provider", HistoryEntry.row_id == 1)
        ).all()
        version = session.get_one(Provider, 1).row_version
    for entry in entries:
        for name, said in (
            ("siret", "SIRET"),
            ("legal_name", "ne peut plus rester vide"),
            ("street_type_id", "n'existe plus"),
        ):
            former = entry.changes.get(name, [0])[0]
            if entry.operation is not Operation.update or former not in ("123", None, gone_key):
                continue
            url = f"/admin/provider/restore/1?modification={entry.id}&colonne={name}"
            assert said in client.get(url)
            client.post(url, {"row_version": str(version), "csrf_token": token_of(client)}, status=422)
    assert _value(portal, Provider, 1, "row_version") == version


def test_rules_of_the_table_hold_for_a_restoration(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        key = session.exec(select(Parameter.id).where(Parameter.code == "draft_days")).one()
        text = session.exec(select(LegalText.id)).first()
    for table, row, changes, said in (
        ("parameter", key, {"value": ["beaucoup", "60"]}, "nombre entier"),
        ("legal_text", text, {"title": ["Autre", "x"]}, "ne se modifie plus"),
    ):
        with office.database.writing(Actor.system()) as session:
            entry = HistoryEntry(
                table_name=table, row_id=row, operation=Operation.update, changes=changes,
                actor_kind="staff", actor_label="Essai",
            )  # fmt: skip
            session.add(entry)
            session.flush()
            url = f"/admin/{table}/restore/{row}?modification={entry.id}&colonne={next(iter(changes))}"
        page = client.submit(client.get(url).form, status=422)
        assert any(said in message for message in page.error_messages), page.error_messages


def test_restoration_never_overwrites_what_was_not_seen(portal: Portal, signed_in: SignIn) -> None:
    # std: REL-3
    slow, fast = signed_in(portal, StaffRole.manager), signed_in(portal, StaffRole.steward)
    slow.submit(slow.get("/admin/provider/edit/1").form, city="Dijon")
    entry = _last(portal, "provider", 1)
    asked = slow.get(f"/admin/provider/restore/1?modification={entry.id}&colonne=city")
    fast.submit(fast.get("/admin/provider/edit/1").form, city="Belfort")
    page = slow.submit(asked.form, status=409)
    assert "Belfort" in page
    assert _value(portal, Provider, 1, "city") == "Belfort"
    for version in (None, "", "abc", "0"):
        slow.submit(page.form, row_version=version, status=409)
    slow.submit(page.form)
    assert _value(portal, Provider, 1, "city") == "BESANÇON"


def test_restoration_of_a_bank_account_asks_for_the_password(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-18
    client = signed_in(office, StaffRole.manager)
    client.submit(client.get("/admin/bank_account/edit/1").form, holder="Autre", mot_de_passe=PASSWORD)
    entry = _last(office, "bank_account", 1)
    asked = client.get(f"/admin/bank_account/restore/1?modification={entry.id}&colonne=holder")
    for password in ("", "faux"):
        client.submit(asked.form, mot_de_passe=password, status=422)
        assert _value(office, BankAccount, 1, "holder") == "Autre"
    client.submit(asked.form, mot_de_passe=PASSWORD)
    assert _value(office, BankAccount, 1, "holder") == "Alizé Santé"


def test_nobody_restores_their_own_role_nor_a_secret(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.writing(Actor.system()) as session:
        me = session.exec(select(StaffUser).where(StaffUser.email == email_of(StaffRole.administrator))).one()
        key = me.id
        session.add(
            HistoryEntry(
                table_name="staff_user", row_id=key, operation=Operation.update,
                changes={"role": ["reader", "administrator"], "password_hash": ["•••", "•••"]},
                actor_kind="staff", actor_label="Essai",
            )
        )  # fmt: skip
    entry = _last(office, "staff_user", key)
    client.get(f"/admin/staff_user/restore/{key}?modification={entry.id}&colonne=password_hash", status=404)
    asked = client.get(f"/admin/staff_user/restore/{key}?modification={entry.id}&colonne=role")
    page = client.submit(asked.form, mot_de_passe=PASSWORD, status=422)
    assert "votre propre rôle" in page


def test_only_who_may_edit_restores_and_only_from_the_history_of_the_row(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-2
    manager, reader = signed_in(office, StaffRole.manager), signed_in(office, StaffRole.reader)
    manager.submit(manager.get("/admin/provider/edit/1").form, city="Dijon")
    entry = _last(office, "provider", 1).id
    url = f"/admin/provider/restore/1?modification={entry}&colonne=city"
    assert not [text for text in reader.get("/admin/provider/details/1?onglet=historique").links if "Restaurer" in text]
    reader.get(url, status=403)
    assert reader.http.post(url, headers={"x-csrf-token": token_of(reader)}).status_code == 403
    for wrong in (
        f"/admin/provider/restore/2?modification={entry}&colonne=city",
        f"/admin/provider/restore/1?modification={entry}&colonne=siret",
        f"/admin/provider/restore/1?modification={entry}&colonne=id",
        "/admin/provider/restore/1?modification=abc",
        "/admin/provider/restore/1",
        f"/admin/provider/restore/99?modification={entry}",
        f"/admin/street_type/restore/1?modification={entry}",
    ):
        status = 404 if "street_type" not in wrong else 403
        manager.get(wrong, status=status)
    assert manager.http.get(url).status_code == 200
    with office.database.reading() as session:
        assert session.get_one(Provider, 1).city == "Dijon", "nothing is changed by looking"


def test_deleted_row_is_made_again_from_its_history(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.administrator)
    with portal.database.reading() as session:
        corridor = first(session, Dsr).corridor_id
    client.submit(client.get("/admin/corridor/create").form, code="UN", name="Couloir d'essai")
    with portal.database.reading() as session:
        key = session.exec(select(Corridor.id).where(Corridor.code == "UN")).one()
    client.submit(client.get(f"/admin/corridor/delete?pk={key}").form)
    entry = _last(portal, "corridor", key)
    form = client.click(client.get(f"/admin/history/details/{entry.id}"), "Recréer cette ligne")
    assert form.control_labelled("Nom").get("value") == "Couloir d'essai"
    client.submit(form.form)
    with portal.database.reading() as session:
        assert session.exec(select(Corridor).where(Corridor.code == "UN")).one().name == "Couloir d'essai"
    reader = signed_in(portal, StaffRole.reader)
    assert "Recréer cette ligne" not in reader.get(f"/admin/history/details/{entry.id}").links
    client.get(f"/admin/provider/create?suppression={entry.id}", status=404)
    assert corridor != key


def test_history_of_an_older_row_under_the_same_key_is_not_that_of_the_row(office: Portal, signed_in: SignIn) -> None:
    """SQLite gives the key of the last row, once deleted, to the next one."""
    client = signed_in(office, StaffRole.administrator)
    for name in ("Premier", "Second"):
        done = client.submit(client.get("/admin/corridor/create").form, code=name.upper(), name=name)
        key = int(done.path.rsplit("/", 1)[1])
        if name == "Premier":
            first_key = key
            client.submit(client.get(f"/admin/corridor/edit/{key}").form, name="Premier changé")
            changed = _last(office, "corridor", key).id
            client.submit(client.get(f"/admin/corridor/delete?pk={key}").form)
    assert key == first_key
    history = client.get(f"/admin/corridor/details/{key}?onglet=historique")
    assert "Second" in history
    assert "Premier" not in history
    client.get(f"/admin/corridor/restore/{key}?modification={changed}&colonne=name", status=404)


@pytest.mark.parametrize("engine_value", [True, 1])
def test_history_written_by_another_engine_compares_the_same(
    office: Portal, signed_in: SignIn, engine_value: object
) -> None:
    """A boolean kept as a number is the same value: no way back is offered to where one is."""
    client = signed_in(office, StaffRole.administrator)
    with office.database.writing(Actor.system()) as session:
        row = first(session, Ticket)
        session.execute(
            sa.insert(HistoryEntry).values(
                table_name="document_kind", row_id=1, operation=Operation.update,
                changes=json.loads(json.dumps({"active": [engine_value, False]})), actor_kind="staff",
                actor_label="Essai", row_version=1,
            )
        )  # fmt: skip
        assert row.id
    assert "Restaurer cette valeur (Actif)" not in client.get("/admin/document_kind/details/1?onglet=historique").links
