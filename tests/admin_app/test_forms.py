"""Forms: every error in French at its field, nothing typed lost, no write unseen, no field beyond the form's."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import select

from admin_app import forms
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.describe import FieldKind, field, fields
from schema.enums import AccountState, Operation, StaffRole, TicketState, WebAudience
from schema.history import Actor
from schema.tables import (
    ALL,
    Account,
    BankAccount,
    EnrolmentRequest,
    HistoryEntry,
    LegalText,
    Person,
    Provider,
    StaffUser,
    StreetType,
    Ticket,
    Wave,
    WebSession,
)
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import token_of
from tests.admin_app.rows import PASSWORD, email_of, first


def test_change_is_written_with_its_author_and_reason(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    page = client.get("/admin/provider/edit/1")
    done = client.submit(page.form, city="Dijon", motif="Courrier du 3 mars")
    assert done.path == "/admin/provider/details/1"
    assert "Les modifications sont enregistrées." in done
    with portal.database.reading() as session:
        entry = session.exec(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()  # type: ignore[union-attr]
    assert entry is not None
    assert entry.changes == {"city": ["BESANÇON", "Dijon"]}
    assert (entry.actor_label, entry.reason, entry.operation) == ("Inès Moreau", "Courrier du 3 mars", Operation.update)
    history = client.get("/admin/provider/details/1?onglet=historique")
    for words in ("Modification", "Commune", "BESANÇON", "Dijon", "Courrier du 3 mars", "Inès Moreau (ASP)"):
        assert words in history


def test_form_sent_untouched_writes_nothing(portal: Portal, signed_in: SignIn) -> None:
    """Also where the form shows less than is stored: seconds of a moment, an older spelling."""
    client = signed_in(portal, StaffRole.administrator)
    for table, key in (("provider", 1), ("wave", 1), ("document_rule", 1), ("request", 1), ("account", 1)):
        with portal.database.reading() as session:
            before = session.execute(sa.text(f"SELECT row_version FROM {table} WHERE id = {key}")).scalar()
        client.submit(client.get(f"/admin/{table}/edit/{key}").form)
        with portal.database.reading() as session:
            assert session.execute(sa.text(f"SELECT row_version FROM {table} WHERE id = {key}")).scalar() == before


def test_wrong_values_are_said_at_their_field_and_kept(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    page = client.get("/admin/provider/edit/1")
    wrong = client.submit(
        page.form, siret="123", city="", street_name="rue <b>des</b> Lilas", motif="essai", status=422
    )
    assert len(wrong.error_messages) >= 2
    assert "Renseignez ce champ." in wrong.error_messages
    assert wrong.control_labelled("Numéro SIRET").get("value") == "123"
    assert wrong.control_labelled("Numéro SIRET").get("aria-invalid") == "true"
    assert wrong.control_labelled("Nom de la voie").get("value") == "rue <b>des</b> Lilas"
    assert wrong.control_labelled("Motif").get("value") == "essai"


def test_every_kind_of_field_comes_back_as_it_was_stored() -> None:
    """What the form shows of a value, read again, is that value: no save resets a status or a list."""
    samples = {"choice": lambda spec: spec.enum(spec.choices[-1][0]), "boolean": lambda spec: False}
    for model in ALL:
        for spec in presentation.editable(model):
            if spec.kind in samples:
                value = samples[spec.kind](spec)
                assert spec.clean(forms.raw_of(spec, value)) == value


def test_field_beyond_the_form_is_refused(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-19
    client = signed_in(portal, StaffRole.administrator)
    token = token_of(client)
    with portal.database.reading() as session:
        request = session.get_one(EnrolmentRequest, 1)
        sent = {
            **forms.raw_row(EnrolmentRequest, request),
            "row_version": str(request.row_version),
            "csrf_token": token,
        }
    for name, value in (("status", "validated"), ("number", "ENR-2026-999999"), ("id", "7"), ("public_id", "x")):
        page = client.post("/admin/request/edit/1", {**sent, name: value}, status=422)
        assert "champ inconnu" in page
    with portal.database.reading() as session:
        assert session.get_one(EnrolmentRequest, 1).status == "in_review"
        assert session.get_one(EnrolmentRequest, 1).row_version == int(sent["row_version"])


def test_row_changed_meanwhile_shows_both_versions_and_loses_nothing(portal: Portal, signed_in: SignIn) -> None:
    # std: REL-3
    slow, fast = signed_in(portal, StaffRole.manager), signed_in(portal, StaffRole.steward)
    opened = slow.get("/admin/provider/edit/1")
    fast.submit(fast.get("/admin/provider/edit/1").form, city="Dijon", post_code="21000")
    merged = slow.submit(opened.form, city="Belfort", building="Bâtiment C", status=409)
    assert "Quelqu'un d'autre a modifié cette ligne" in merged
    for words in ("Dijon", "Belfort", "Bâtiment C", "Inès Moreau"):
        assert words in merged
    assert merged.control_labelled("Commune").get("value") == "Belfort"
    assert merged.control_labelled("Code postal").get("value") == "21000"
    assert merged.control_labelled("Entrée/Bat/Immeuble").get("value") == "Bâtiment C"
    slow.submit(merged.form)
    with portal.database.reading() as session:
        row = session.get_one(Provider, 1)
    assert (row.city, row.post_code, row.building) == ("Belfort", "21000", "Bâtiment C")


@pytest.mark.parametrize("version", [None, "", "abc", "0", "99"])
def test_missing_or_forged_version_never_overwrites(portal: Portal, signed_in: SignIn, version: str | None) -> None:
    # std: REL-3
    client = signed_in(portal, StaffRole.manager)
    page = client.get("/admin/provider/edit/1")
    client.submit(page.form, city="Belfort", row_version=version, status=409)
    with portal.database.reading() as session:
        assert session.get_one(Provider, 1).city == "BESANÇON"


def test_manager_closes_a_question_to_the_assistance(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    with office.database.reading() as session:
        key = first(session, Ticket).id
    page = client.get(f"/admin/ticket/edit/{key}")
    client.submit(page.form, state=TicketState.closed.value)
    assert "Traitée" in client.get(f"/admin/ticket/details/{key}")


def test_value_used_elsewhere_is_said_at_its_field(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.administrator)
    with portal.database.reading() as session:
        taken = session.exec(select(Wave.code)).first()
    page = client.get("/admin/wave/create")
    wrong = client.submit(
        page.form, code=taken, name="Autre", opens_at="2019-01-01T10:00", closes_at="2019-06-01T10:00", status=422
    )
    assert wrong.control_labelled("Code").get("aria-invalid") == "true"
    assert "déjà utilisée" in wrong
    assert wrong.control_labelled("Nom").get("value") == "Autre"


def test_values_used_together_and_rules_of_the_table_are_said_in_french(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    fields = {"provider_id": "1", "last_name": "Martin", "first_name": "Paul", "email": "p@m.fr", "phone": "0478001234"}
    page = client.get("/admin/person/create")
    twice = client.submit(page.form, **fields, role="representative", status=422)
    assert "ces mêmes valeurs ensemble : Fournisseur + Rôle" in twice
    page = client.get("/admin/person/create")
    without = client.submit(page.form, **fields, role="depositary", status=422)
    assert "se remplit pour un dépositaire" in without
    assert without.control_labelled("Qualité de tiers déclarant").get("aria-invalid") == "true"
    done = client.submit(without.form, quality="employee")
    assert done.path.startswith("/admin/person/details/")


def test_reference_is_given_by_key_or_by_words_that_one_row_answers(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.manager)
    fields = {"last_name": "Martin", "first_name": "Paul", "email": "p@m.fr", "phone": "0478001234"}
    fields |= {"role": "depositary", "quality": "employee"}
    for typed, message in (("999999", "Aucune ligne"), ("zzz", "Aucune ligne")):
        page = client.submit(client.get("/admin/person/create").form, **fields, provider_id=typed, status=422)
        assert message in page
    done = client.submit(client.get("/admin/person/create").form, **fields, provider_id="alize sante")
    with portal.database.reading() as session:
        assert session.get_one(Person, int(done.path.rsplit("/", 1)[1])).provider_id == 1


def test_suggestions_find_rows_for_those_who_may_use_the_form(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    url = "/admin/person/ajax/lookup?name=provider_id&term="
    found = client.http.get(url + "alize").json()["results"]
    assert [one["id"] for one in found] == ["1"]
    assert client.http.get(url).json() == {"results": []}
    for name in ("last_name", "unknown", "password_hash"):
        assert client.http.get(f"/admin/person/ajax/lookup?name={name}&term=a").status_code == 404
    reader = signed_in(office, StaffRole.reader)
    assert reader.http.get(url + "alize").status_code == 403


def test_form_never_loads_every_row_of_another_table(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    page = client.get("/admin/person/edit/1")
    assert page.control_labelled("Fournisseur").tag == "input"
    assert "data-lookup" in page.control_labelled("Fournisseur").attrib
    assert "356 000 000 49837" not in page.html
    with office.database.writing(Actor.system()) as session:
        session.add_all(StreetType(code=f"X{number}", name=f"Type {number}") for number in range(101))
    assert client.get("/admin/provider/edit/1").control_labelled("Type de voie").tag == "input"


def test_bank_account_asks_for_the_password_again(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-18
    client = signed_in(office, StaffRole.manager)
    page = client.get("/admin/bank_account/edit/1")
    for password in ("", "wrong"):
        again = client.submit(page.form, holder="Autre titulaire", mot_de_passe=password, status=422)
        assert again.control_labelled("Titulaire").get("value") == "Autre titulaire"
    with office.database.reading() as session:
        assert session.get_one(BankAccount, 1).holder == "Alizé Santé"
    client.submit(page.form, holder="Autre titulaire", mot_de_passe=PASSWORD)
    with office.database.reading() as session:
        assert session.get_one(BankAccount, 1).holder == "Autre titulaire"


def test_text_in_force_never_changes(office: Portal, signed_in: SignIn) -> None:
    # rule: S2
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        key = session.exec(select(LegalText.id)).first()
    client.check = False
    page = client.get(f"/admin/legal_text/edit/{key}")
    assert "ne se modifie plus" in client.submit(page.form, title="Autre titre", status=422)
    assert "ne se modifie plus" in client.submit(page.form, effective_from="2099-01-01T00:00", status=422)


def test_who_loses_a_role_is_signed_out_at_once(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    reader, administrator = signed_in(office, StaffRole.reader), signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        key = session.exec(select(StaffUser.id).where(StaffUser.email == email_of(StaffRole.reader))).one()
    page = administrator.get(f"/admin/staff_user/edit/{key}")
    administrator.submit(page.form, role="steward", mot_de_passe=PASSWORD)
    assert reader.get("/admin/").path == "/admin/login"


def test_nobody_takes_away_their_own_way_in(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    with office.database.reading() as session:
        key = session.exec(select(StaffUser.id).where(StaffUser.email == email_of(StaffRole.administrator))).one()
    page = client.get(f"/admin/staff_user/edit/{key}")
    for change in ({"role": "reader"}, {"active": "non"}):
        assert "votre propre rôle" in client.submit(page.form, **change, mot_de_passe=PASSWORD, status=422)


def test_disabled_vendor_is_signed_out_at_once(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    with office.database.writing(Actor.system()) as session:
        row = session.exec(select(WebSession)).one()
        session.add(WebSession(key_hash="e" * 64, audience=WebAudience.vendor, account_id=1, expires_at=row.expires_at))
    client = signed_in(office, StaffRole.manager)
    client.submit(client.get("/admin/account/edit/1").form, state=AccountState.disabled.value)
    with office.database.reading() as session:
        assert session.get_one(Account, 1).state is AccountState.disabled
        assert not session.exec(select(WebSession).where(WebSession.account_id == 1)).all()


def test_labels_and_helps_are_those_of_the_schema(office: Portal, signed_in: SignIn) -> None:
    page = signed_in(office, StaffRole.manager).get("/admin/bank_account/create")
    spec = field(BankAccount, "iban")
    assert page.control_labelled(spec.label).get("name") == "iban"
    assert spec.staff_help in page


def test_empty_condition_of_a_rule_is_offered_in_words(office: Portal, signed_in: SignIn) -> None:
    page = signed_in(office, StaffRole.administrator).get("/admin/document_rule/edit/1")
    for label in ("Vague", "Distributeur", "Qualité du dépositaire"):
        assert page.control_labelled(label)[0].text == "Indifférent"
    assert page.h1.startswith("Modifier – Règle de pièce ")


def test_help_of_a_yes_or_no_speaks_of_no_box() -> None:
    helps = [spec.help for model in ALL for spec in fields(model) if spec.kind is FieldKind.boolean]
    assert not [text for text in helps if "coché" in text.lower()]


def test_time_spent_at_the_asp_is_shown_and_filtered_as_a_duration(office: Portal, signed_in: SignIn) -> None:
    with office.database.writing(Actor.system()) as session:
        request = first(session, EnrolmentRequest)
        request.clock_spent = 3 * 86_400 + 4 * 3_600
        key = request.id
    client = signed_in(office, StaffRole.manager)
    assert "3 j 4 h" in client.get(f"/admin/request/details/{key}")
    listed = "/admin/request/list?colonnes=number&colonnes=clock_spent&clock_spent__min="
    assert "3 j 4 h" in client.get(listed + "3 j")
    assert "3 j 4 h" not in client.get(listed + "4 j")
    assert "une durée comme" in client.get(listed + "trois jours", status=400)
    assert "\r\n273600\r\n" in client.http.get("/admin/request/export/csv?colonnes=clock_spent").text
