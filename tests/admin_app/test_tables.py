"""Every table of the schema has its list, page and form, for whoever may open them."""

from __future__ import annotations

import pytest
from sqlmodel import select

from admin_app.permissions import TABLES, Right, may
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.describe import field, model_named
from schema.enums import MailState, RequestStatus, StaffRole, Step, Verb
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import first
from tests.elements import text_of


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
        ("data_check", "code", "mail_parked", "Courriels en échec définitif"),
        ("figure", "chart", "statuts", "Demandes par statut"),
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


@pytest.mark.parametrize(("table", "code"), [("message_template", "acknowledgement"), ("parameter", "draft_days")])
def test_ux4_form_names_its_row_in_french_and_offers_no_code_to_type(
    office: Portal, signed_in: SignIn, table: str, code: str
) -> None:
    # std: UX-4
    client = signed_in(office, StaffRole.administrator)
    client.check = table != "message_template"
    with office.database.reading() as session:
        model = model_named(table)
        key = session.exec(select(model.id).where(model.code == code)).one()  # type: ignore[attr-defined]
    for page in (client.get(f"/admin/{table}/edit/{key}"), client.get(f"/admin/{table}/create")):
        said = {one.get("value"): "".join(one.itertext()) for one in page.all("option")}
        assert said[code] == presentation.shown(field(model, "code"), code, {}) != code
    assert code not in text_of(client.get(f"/admin/{table}/details/{key}").document)


def test_ux4_words_of_the_charts_do_not_contradict_one_another() -> None:
    # std: UX-4
    counted = [(one.value, one.label) for kind in (RequestStatus, Verb, Step, MailState) for one in kind]
    spec = field(model_named("figure"), "key")
    assert [presentation.shown(spec, value, {}) for value, _ in counted] == [label for _, label in counted]
    assert presentation.shown(spec, "12", {}) == "12"


def test_code_that_means_nothing_any_more_is_shown_as_it_is() -> None:
    spec = field(model_named("retention"), "subject")
    assert presentation.shown(spec, "request_of_the_past", {}) == "request_of_the_past"
    assert presentation.shown(field(model_named("outgoing_mail"), "template"), "old_mail", {}) == "old_mail"
    assert presentation.shown(field(model_named("outgoing_mail"), "template"), "rejection", {}) != "rejection"
