"""Rules of one table: what would stop the portal or break the process is refused where it is typed."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from enrolment.portal import Portal
from schema.base import Table
from schema.enums import BankCheck, StaffRole
from schema.tables import BankAccount, DocumentKind, Dsr, MessageTemplate, Parameter, Wave
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import PASSWORD


def _key(portal: Portal, model: type[Table], code: str) -> int:
    with portal.database.reading() as session:
        return session.exec(select(model.id).where(col(model.code) == code)).one()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("model", "code", "typed", "said"),
    [
        (Parameter, "draft_days", {"value": "abc"}, "nombre entier"),
        (Parameter, "status_link_days", {"value": "0"}, "supérieur à zéro"),
        (Parameter, "draft_days", {"code": "jours"}, "ne change pas"),
        (MessageTemplate, "validation", {"body": "{{ ''.__class__.__mro__ }}"}, "Ligne 1"),
        (MessageTemplate, "validation", {"body": "{{ inconnue }}"}, "inconnue"),
        (MessageTemplate, "validation", {"body": "{% if %}"}, "Ligne 1"),
        (MessageTemplate, "validation", {"code": "zzz"}, "ne change pas"),
        (DocumentKind, "rib", {"code": "zzz"}, "ne change pas"),
        (Wave, "V2", {"closes_at": "01/01/2001 00:00"}, "après l'ouverture"),
        (Dsr, "DSR-HOP-DPI-VA2", {"closes_at": "01/01/2001 00:00"}, "après l'ouverture"),
    ],
)
def test_value_that_would_break_the_portal_is_refused_at_its_field(  # rule: R4  # std: SEC-12
    office: Portal, signed_in: SignIn, model: type[Table], code: str, typed: dict[str, str], said: str
) -> None:
    client = signed_in(office, StaffRole.administrator)
    key = _key(office, model, code)
    address = f"/admin/{model.__tablename__}/edit/{key}"  # type: ignore[attr-defined]
    form = client.get(address).form
    with office.database.reading() as session:
        before = session.get_one(model, key).row_version
    wrong = client.submit(form, status=422, **typed)
    assert any(said in message for message in wrong.error_messages), wrong.error_messages
    with office.database.reading() as session:
        assert session.get_one(model, key).row_version == before


def test_new_template_of_no_mail_is_refused(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    form = client.get("/admin/message_template/create").form
    wrong = client.submit(form, status=422, code="bienvenue", name="Bienvenue", subject="Bonjour", body="Bonjour.")
    assert any("aucun courriel" in message for message in wrong.error_messages)


def test_bank_account_is_judged_like_in_the_form(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    form = client.get("/admin/bank_account/edit/1").form
    wrong = client.submit(
        form, status=422, iban="FR7630006000011234567890189", bic="BNPAFRPPXXX", mot_de_passe=PASSWORD
    )
    assert any("BIC" in message for message in wrong.error_messages)
    client.submit(wrong.form, iban="FR1420041010050500013M02606", bic="PSSTFRPPXXX", mot_de_passe=PASSWORD)
    with office.database.reading() as session:
        row = session.get_one(BankAccount, 1)
        assert (row.bank_check, row.bic) == (BankCheck.coherent, "PSSTFRPPXXX")
        assert row.domiciliation
        assert "POSTALE" in row.domiciliation.upper()
