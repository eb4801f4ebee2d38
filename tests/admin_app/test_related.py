"""What points to a row is shown on its page, table by table, and a new one is one click away."""

from __future__ import annotations

from enrolment.portal import Portal
from schema.enums import StaffRole
from schema.history import Actor
from schema.tables import Account, AccountProvider, Provider
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import HOSTILE

LINKED = "?onglet=lignes-liees"


def test_rows_that_point_to_a_row_are_shown_with_the_way_to_all_of_them(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    page = client.get(f"/admin/provider/details/1{LINKED}")
    for words in ("Demandes d'enrôlement", "ENR-2026-000001", "Personnes physiques", "Lefèvre", "Habilitations"):
        assert words in page
    assert "ENR-2026-000002" not in page
    whole = client.click(page, "Voir toute la liste : Personnes physiques par « Fournisseur »")
    assert whole.path == "/admin/person/list"
    assert "1 à 1 sur 1" in whole


def test_only_the_first_rows_are_read_however_many_there_are(portal: Portal, signed_in: SignIn) -> None:
    with portal.database.writing(Actor.system()) as session:
        accounts = [
            Account(login=f"essai{number}", email=f"essai{number}@x.fr", last_name="Essai", first_name="Anne")
            for number in range(9)
        ]
        session.add_all(accounts)
        session.flush()
        session.add_all(AccountProvider(account_id=account.id, provider_id=1) for account in accounts)
    page = signed_in(portal, StaffRole.manager).get(f"/admin/provider/details/1{LINKED}")
    assert len([text for text in page.links if text.startswith("essai")]) == 5
    assert "Habilitations 10" in page


def test_new_row_is_offered_with_its_reference_filled_in(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    page = client.get(f"/admin/provider/details/1{LINKED}")
    form = client.click(page, "Ajouter : Coordonnées bancaires par « Fournisseur »")
    assert form.path == "/admin/bank_account/create"
    assert form.control_labelled("Fournisseur").get("value") == "1"
    assert form.control_labelled("Fournisseur").get("data-said", "").startswith("Alizé Santé")
    reader = signed_in(portal, StaffRole.reader).get(f"/admin/provider/details/1{LINKED}")
    assert not [text for text in reader.links if text.startswith("Ajouter")]


def test_table_without_rows_is_offered_to_who_may_fill_it(office: Portal, signed_in: SignIn) -> None:
    with office.database.writing(Actor.system()) as session:
        kept = session.get_one(Provider, 1)
        fields = kept.model_dump(exclude={"id", "created_at", "updated_at", "row_version", "siren", "siret"})
        new = Provider(**fields, siret="55208131766522")
        session.add(new)
        session.flush()
        key = new.id
    page = signed_in(office, StaffRole.manager).get(f"/admin/provider/details/{key}{LINKED}")
    assert "Ajouter : Personnes physiques par « Fournisseur »" in page.links
    assert "Aucune autre ligne" in signed_in(office, StaffRole.reader).get(f"/admin/provider/details/{key}{LINKED}")


def test_tables_that_a_role_may_not_list_are_not_shown(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    page = signed_in(office, StaffRole.manager).get(f"/admin/staff_user/details/1{LINKED}")
    assert "Sessions" not in page
    administrator = signed_in(office, StaffRole.administrator).get(f"/admin/staff_user/details/1{LINKED}")
    assert "Sessions" in administrator


def test_hostile_values_of_related_rows_are_shown_as_texts(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-9
    with office.database.writing(Actor.system()) as session:
        session.get_one(Provider, 1).legal_name = HOSTILE
    page = signed_in(office, StaffRole.manager).get(f"/admin/account/details/1{LINKED}")
    assert "<script>alert" not in page.html
