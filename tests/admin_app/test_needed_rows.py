"""Rows that the program looks up by name: never deleted, missed without closing the portal, and put back."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa
from sqlmodel import select

from enrolment.corrections import running, steering
from enrolment.parameters import DEFAULTS
from enrolment.portal import Portal
from enrolment.rules.needed import NEEDED
from schema.base import table_of
from schema.enums import CorrectionOutcome, StaffRole
from schema.history import Actor
from schema.tables import MessageTemplate, Parameter, Retention
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import token_of
from tests.elements import text_of
from tests.enrolment.corrections.records import STEWARD, applied, means
from tests.enrolment.corrections.test_files import lines, read

_EVERY = [(table, row[one.column]) for table, one in NEEDED.items() for row in one.rows()]


def _key(portal: Portal, table: str, name: object) -> int:
    one = NEEDED[table]
    columns = table_of(one.model).c
    with portal.database.reading() as session:
        return int(session.execute(sa.select(columns.id).where(columns[one.column] == name)).scalar_one())


def _without(portal: Portal, *tables: str) -> None:
    with portal.database.writing(Actor.system()) as session:
        for table in tables:
            session.execute(sa.delete(table_of(NEEDED[table].model)))


@pytest.mark.parametrize("table", sorted(NEEDED))
def test_row_that_the_program_needs_is_kept_and_the_page_offers_no_deletion(
    office: Portal, signed_in: SignIn, table: str
) -> None:
    client = signed_in(office, StaffRole.administrator)
    token = token_of(client)
    for name in [name for of, name in _EVERY if of == table]:
        key = _key(office, table, name)
        page = client.get(f"/admin/{table}/delete?pk={key}")
        assert NEEDED[table].refusal in page, name
        assert "Supprimer" not in [text_of(button).strip() for button in page.all("button")]
        assert f"/admin/{table}/edit/{key}" in page.links.values()
        assert NEEDED[table].refusal in client.post(
            f"/admin/{table}/delete", {"pk": str(key), "csrf_token": token}, status=422
        )
        assert _key(office, table, name) == key


def test_row_of_a_rule_that_the_program_does_not_need_is_deleted(office: Portal, signed_in: SignIn) -> None:
    with office.database.writing(Actor.system()) as session:
        session.add(Retention(subject="essai", days=10, note="Essai"))
    key = _key(office, "retention", "essai")
    page = signed_in(office, StaffRole.administrator).get(f"/admin/retention/delete?pk={key}")
    assert page.all("button", type="submit")[-1].text == "Supprimer"


@pytest.mark.parametrize(
    ("table", "column", "typed"), [("deadline", "status", "validated"), ("retention", "subject", "x")]
)
def test_row_that_the_program_needs_is_not_renamed(
    office: Portal, signed_in: SignIn, table: str, column: str, typed: str
) -> None:
    client = signed_in(office, StaffRole.administrator)
    page = client.get(f"/admin/{table}/edit/1")
    controls = [*page.all("select"), *page.all("input")]
    (control,) = [one for one in controls if one.get("name") == column]
    # A list offers what the row has, and nothing else.
    assert control.get("readonly") is not None or len(control) == 1
    wrong = client.post(page.path, {**page.form.values(), column: typed, "enregistrer": "1"}, status=422)
    assert any("ne change pas" in message for message in wrong.error_messages)


def test_import_that_added_a_needed_row_is_not_taken_back(office: Portal) -> None:
    _without(office, "parameter")
    imported = read(office.database, b"code;value;about_fr\ndraft_days;30;Jours\nessai;1;Essai\n".decode(), Parameter)
    applied(office.database, imported)
    with office.database.writing(STEWARD) as session:
        undoing = steering.undo(session, STEWARD, imported.public_id, reason="Erreur")
    undoing = running.finish(means(office.database), undoing.id)
    kept, gone = lines(office.database, undoing)
    assert (kept[1], kept[2]) == (CorrectionOutcome.refused.value, NEEDED["parameter"].refusal)
    assert gone[1] == CorrectionOutcome.planned.value


def test_portal_without_its_parameters_serves_its_pages_with_their_first_values(  # rule: R4
    office: Portal, signed_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(office, StaffRole.administrator)
    _without(office, *NEEDED)
    with caplog.at_level(logging.WARNING, logger="enrolment.parameters"):
        for path in ("/admin/", "/admin/parameter/list", "/admin/regles", "/admin/controle", "/admin/demandes/1"):
            client.get(path)
    assert "session_idle_minutes" in caplog.text


def test_missing_rows_are_put_back_as_shipped_and_others_left(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.administrator)
    with portal.database.writing(Actor.system()) as session:
        rows = {row.code: row for row in session.exec(select(Parameter))}
        session.delete(rows["session_idle_minutes"])
        rows["draft_days"].value = "45"
        session.delete(session.exec(select(MessageTemplate).where(MessageTemplate.code == "acknowledgement")).one())
    page = client.get("/admin/controle")
    assert "Accusé de réception" in page
    for table in ("parameter", "message_template"):
        page = client.submit(page.form_named(f"/admin/controle/reparer/{table}_missing"))
    with portal.database.reading() as session:
        values = {row.code: row.value for row in session.exec(select(Parameter))}
        assert session.exec(select(MessageTemplate).where(MessageTemplate.code == "acknowledgement")).one()
    assert values["session_idle_minutes"] == DEFAULTS["session_idle_minutes"][0]
    assert values["draft_days"] == "45"


def test_titles_tell_the_needed_rows_apart(office: Portal) -> None:
    _without(office, *NEEDED)
    with office.database.reading() as session:
        for one in NEEDED.values():
            assert len(one.missing(session)) == len(one.rows())
