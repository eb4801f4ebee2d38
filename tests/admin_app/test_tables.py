"""Every table of the schema has its list, page and form, for whoever may open them."""

from __future__ import annotations

import pytest

from admin_app.permissions import TABLES, Right, may
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.describe import field, model_named
from schema.enums import StaffRole
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import first


def test_every_table_opens_on_every_page(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.administrator)
    for table in TABLES:
        model = model_named(table)
        # Templates of messages hold the braces of their variables, which look like a leak.
        client.check = table != "message_template"
        page = client.get(f"/admin/{table}/list")
        assert page.h1 == model.label_plural
        with portal.database.reading() as session:
            key = first(session, model).id
        for tab in ("", "?onglet=lignes-liees", "?onglet=historique"):
            client.get(f"/admin/{table}/details/{key}{tab}")
        if may(StaffRole.administrator, table, Right.edit):
            client.get(f"/admin/{table}/edit/{key}")
        if may(StaffRole.administrator, table, Right.create):
            client.get(f"/admin/{table}/create")
        if may(StaffRole.administrator, table, Right.delete):
            client.get(f"/admin/{table}/delete?pk={key}")
        if may(StaffRole.administrator, table, Right.export):
            assert client.http.get(f"/admin/{table}/export/csv").status_code == 200


@pytest.mark.parametrize(
    ("table", "column", "code", "french"),
    [
        ("parameter", "code", "draft_days", "Jours pendant lesquels un brouillon est conservé"),
        ("message_template", "code", "acknowledgement", "Accusé de réception"),
        ("document_kind", "code", "reference_certificate", "Certificat de référencement ANS"),
        ("retention", "subject", "identity_document", "Pièce d'identité"),
        ("retention", "subject", "request_rejected", "Demande : rejetée"),
        ("retention", "subject", "attempt", "Tentative"),
        ("legal_text", "kind", "privacy", "Données personnelles"),
    ],
)
def test_ux4_rows_are_named_in_french_and_not_by_the_codes_of_the_program(
    office: Portal, signed_in: SignIn, table: str, column: str, code: str, french: str
) -> None:
    # std: UX-4
    client = signed_in(office, StaffRole.administrator)
    client.check = table != "message_template"
    page = client.get(f"/admin/{table}/list?{column}={code}")
    (row,) = [" ".join("".join(item.itertext()).split()) for item in page.all("tbody")[0]]
    assert french in row
    assert code not in row


def test_code_that_means_nothing_any_more_is_shown_as_it_is() -> None:
    spec = field(model_named("retention"), "subject")
    assert presentation.shown(spec, "request_of_the_past", {}) == "request_of_the_past"
    assert presentation.shown(field(model_named("outgoing_mail"), "template"), "old_mail", {}) == "old_mail"
    assert presentation.shown(field(model_named("outgoing_mail"), "template"), "rejection", {}) != "rejection"
