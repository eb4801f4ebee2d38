"""The back office's page of financing requests: the list, the decision with its mail, the files, who may."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from enrolment.portal import Portal
from schema.enums import ActorKind, FinancingStatus, StaffRole
from schema.tables import FinancingAccess, FinancingDeposit, FinancingRequest, OutgoingMail, StaffUser
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import token_of
from tests.admin_app.rows import email_of
from tests.enrolment.financing.files import a_siret
from tests.enrolment.financing.giving import deposited, validated

LIST = "/admin/financements"


def a_request(office: Portal) -> FinancingRequest:
    return deposited(office, validated(office, siret=a_siret(77)))


def mails(portal: Portal) -> list[str]:
    with portal.database.reading() as session:
        statement = select(OutgoingMail.template).where(col(OutgoingMail.template).startswith("financing_"))
        return list(session.exec(statement.order_by(col(OutgoingMail.id))))


def test_manager_sends_back_with_a_mail_and_a_message(office: Portal, signed_in: SignIn) -> None:
    row = a_request(office)
    client = signed_in(office, StaffRole.manager)
    assert row.number in client.get(LIST)
    table = client.get(f"/admin/financing_request/details/{row.id}")
    page = client.click(table, "Ouvrir le dossier")
    assert page.path == f"{LIST}/{row.id}"
    form = next(form for form in page.forms if form.action.endswith("/decision"))
    wrong = client.submit(form, decision="to_modify", message="  ", status=422)
    assert "Écrivez ce qui est à modifier" in wrong
    assert mails(office) == ["financing_received"]
    form = next(form for form in wrong.forms if form.action.endswith("/decision"))
    done = client.submit(form, decision="to_modify", message="La facture 2 manque.")
    assert "À modifier" in done
    assert "La facture 2 manque." in done
    assert mails(office) == ["financing_received", "financing_to_modify"]
    assert not [one for one in done.forms if one.action.endswith("/decision")]
    assert row.number in client.get(f"{LIST}?onglet=a-modifier")
    # What was decided is not decided again, whatever an old page says.
    old = client.post(
        f"{LIST}/{row.id}/decision",
        {"decision": "accepted", "message": "", "version": "1"},
        headers={"x-csrf-token": token_of(client)},
        status=409,
    )
    assert "Action impossible" in old


def test_status_cannot_be_changed_past_the_mail(office: Portal, signed_in: SignIn) -> None:
    row = a_request(office)
    for role in StaffRole:
        client = signed_in(office, role)
        client.get(f"/admin/financing_request/edit/{row.id}", status=403)
    with office.database.reading() as session:
        assert session.get_one(FinancingRequest, row.id).status is FinancingStatus.received


@pytest.mark.parametrize("role", list(StaffRole))
def test_files_are_for_those_who_may_view_pieces(office: Portal, signed_in: SignIn, role: StaffRole) -> None:
    row = a_request(office)
    client = signed_in(office, role)
    may = role is not StaffRole.steward
    page = client.get(f"{LIST}/{row.id}")
    assert ("financement.json" in page.links) is may
    for which in ("fichier", "preuves"):
        response = client.http.get(f"{LIST}/{row.id}/fichiers/1/{which}")
        assert response.status_code == (200 if may else 403)
        assert not may or "attachment" in response.headers["content-disposition"]
    client.http.get(f"{LIST}/{row.id}/fichiers/9/preuves")
    # rule: F4
    with office.database.reading() as session:
        keys = [
            one.id
            for one in session.exec(select(FinancingDeposit).where(FinancingDeposit.financing_request_id == row.id))
        ]
        kept = session.exec(select(FinancingAccess).where(col(FinancingAccess.financing_deposit_id).in_(keys))).all()
        user = session.exec(select(StaffUser).where(StaffUser.email == email_of(role))).one()
    wanted = [(False, ActorKind.staff, user.id), (True, ActorKind.staff, user.id)]
    assert [(one.proofs, one.actor_kind, one.actor_id) for one in kept] == (wanted if may else [])
    assert ("Décider" in page.text) is (role is StaffRole.manager)
