"""Words of the back office: for the staff and not for vendors, said once, and the same on every page."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from enrolment.doctor import report
from enrolment.doctor.check import Severity
from enrolment.portal import Portal
from enrolment.records import presentation
from enrolment.services import choices
from schema.base import table_of
from schema.describe import FieldSpec
from schema.enums import StaffRole, Step
from schema.history import Actor
from schema.tables import ALL, DocumentKind, MessageTemplate, ReasonTemplate, Wave
from tests.admin_app.conftest import SignIn
from tests.elements import text_of

_ASKED = [
    pytest.param(spec, id=f"{table_of(model).name}.{spec.name}")
    for model in ALL
    for spec in presentation.editable(model)
]


@pytest.mark.parametrize("spec", _ASKED)
def test_help_of_a_staff_form_does_not_speak_to_vendors(spec: FieldSpec) -> None:
    assert not re.search(r"\b(vous|votre|vos)\b", spec.staff_help, re.IGNORECASE)


def test_form_of_a_provider_has_the_help_of_the_staff(office: Portal, signed_in: SignIn) -> None:
    page = signed_in(office, StaffRole.manager).get("/admin/provider/edit/1")
    assert "vous sera demandé" not in page
    assert "que prouve un extrait Kbis" in page


def test_title_says_once_what_a_row_is(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        key = session.exec(select(Wave.id).where(Wave.code == "V2")).one()
    assert client.get(f"/admin/wave/edit/{key}").h1 == "Modifier – Vague 2"
    assert client.get(f"/admin/wave/details/{key}").h1 == "Vague 2"
    assert client.get("/admin/corridor/details/1").h1.startswith("Couloir ")


def test_reason_is_given_for_decisions_of_the_asp_alone(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    page = client.get("/admin/reason_template/create")
    offered = {option.get("value") for option in page.control_labelled("Décision")} - {""}
    assert offered == {verb.value for verb in choices.ORDER}
    forged = {**page.form.values(), "verb": "submit", "title": "Essai", "body": "Essai", "active": "oui"}
    wrong = client.post(page.path, forged, status=422)
    assert any("choisissez une décision" in message for message in wrong.error_messages)
    with office.database.reading() as session:
        for row in session.exec(select(ReasonTemplate)):
            assert row.verb in choices.ORDER


def test_code_of_a_template_is_typed_once(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        key = session.exec(select(MessageTemplate.id).where(MessageTemplate.code == "validation")).one()
    kept = client.get(f"/admin/message_template/edit/{key}").control_labelled("Code")
    assert [option.get("value") for option in kept] == ["validation"]
    assert len(client.get("/admin/message_template/create").control_labelled("Code")) > 1


def test_home_and_page_of_the_checks_count_the_same_anomalies(office: Portal, signed_in: SignIn) -> None:
    with office.database.writing(Actor.system()) as session:
        session.add(DocumentKind(code="essai", name="Essai", help="Essai.", step=Step.bank))
    client = signed_in(office, StaffRole.administrator)
    page = client.get("/admin/controle")
    with office.database.reading() as session:
        found = report.findings(session)
    assert Severity.note in {one.check.severity for one in found}
    assert f"{len(found)} anomalies" in page
    (point,) = [text_of(item) for item in client.get("/admin/").all("li") if "Anomalies" in text_of(item)]
    assert point.split()[-1] == str(len(found))
