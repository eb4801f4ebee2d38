"""A complementary request by a signed-in vendor: what is asked, of whom, when it may be filed, and whose it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import col, select

from enrolment.application.rules import ANS
from enrolment.portal import Portal
from enrolment.services import sessions, withdrawing
from schema.enums import AccountState, PersonRole, RequestKind, RequestStatus, Verb, WebAudience
from schema.history import Actor
from schema.tables import (
    Account,
    AccountProvider,
    Attachment,
    DocumentKind,
    Draft,
    EnrolmentRequest,
    OutgoingMail,
    Person,
    Provider,
    TermsAcceptance,
)
from tests.pages import Page, PageClient
from tests.public_site.answering.doors import signed_in
from tests.public_site.browsing import PDF, browser, number_of
from tests.rows import add_provider
from tests.stories import decide, enrol, new_number

START = "/espace/demande-complementaire"
OTHER_SIRET = "55208131766522"
REPRESENTATIVE = "request.is_representative"


def validated(portal: Portal, *, early: bool = False, **vendor: str) -> EnrolmentRequest:
    """A vendor whose first request is validated, in part if it is early."""
    request = enrol(portal, ans_number=new_number(portal, validated=not early), **vendor)
    return decide(portal, request.id, Verb.validate_partially if early else Verb.validate)


def account_of_wave_1(portal: Portal, *, depositary: bool) -> Account:
    with portal.database.writing(Actor.system()) as session:
        provider = add_provider(session)
        email = session.exec(select(Person.email).where(Person.provider_id == provider.id)).one()
        if depositary:
            email = "paul.garnier@cabinet.example"
            session.add(
                Person(
                    provider_id=provider.id,
                    role=PersonRole.depositary,
                    last_name="Garnier",
                    first_name="Paul",
                    email=email,
                    phone="+33612345678",
                    quality="employee",
                )
            )
        account = Account(login="pgarnier", email=email, last_name="Garnier", first_name="Paul", from_wave_1=True)
        session.add(account)
        session.flush()
        session.add(AccountProvider(account_id=account.id, provider_id=provider.id))
        return account


def client_of(portal: Portal, account: Account) -> PageClient:
    with portal.database.writing(Actor.system()) as session:
        row = session.get_one(Account, account.id)
        row.state = AccountState.active
        session.add(row)
        key = sessions.open(session, WebAudience.vendor, row.id, "pytest")
    client = browser(portal)
    client.http.cookies.set("session", key)
    return client


def search(client: PageClient, number: str, *, status: int = 200) -> Page:
    return client.submit(
        client.get(START).form_named("Rechercher"), button="Rechercher", status=status, **{ANS: number}
    )


def form_of(page: Page) -> Any:
    return page.form_named("complementary-form")


def documents(page: Page) -> set[str]:
    return {name.removeprefix("document.") for name in form_of(page).names if name.startswith("document.")}


def finish(client: PageClient, page: Page, **fields: Any) -> Page:
    """Fill in, « Terminer », confirm."""
    usual = {"request.is_distributor": "non", "request.vat_liable": "oui", REPRESENTATIVE: "oui"}
    given = {name: value for name, value in {**usual, **fields}.items() if name in form_of(page).names}
    needed = {"reference_certificate", "representative_mandate"} & documents(page)
    files = {f"document.{code}": PDF for code in needed}
    question = client.submit(form_of(page), button="Terminer", files=files, **given)
    assert question.h1 == "Déposer votre demande ?", question.error_messages
    return client.submit(question.form_named("Confirmer le dépôt"), button="Confirmer le dépôt")


def last(portal: Portal) -> EnrolmentRequest:
    with portal.database.reading() as session:
        return session.exec(select(EnrolmentRequest).order_by(col(EnrolmentRequest.id).desc())).all()[0]


def test_vendor_enrols_another_software_on_one_page(portal: Portal) -> None:  # rule: C3, E4, S2
    first = validated(portal)
    client = signed_in(portal, first)
    page = search(client, new_number(portal))
    assert "Dossier Patient Alizé" in page
    # Nothing that is known already is asked again.
    assert {name for name in form_of(page).names if "." in name} == {
        ANS,
        "request.is_distributor",
        "request.vat_liable",
        "document.reference_certificate",
        "document.publisher_mandate",
        "document.vat_proof",
    }
    done = finish(client, page)
    assert done.h1 == "Votre demande est enregistrée"
    assert "Complémentaire" in done
    made = last(portal)
    assert made.number == number_of(done)
    assert (made.kind, made.status, made.is_early) == (RequestKind.complementary, RequestStatus.in_review, False)
    assert (made.provider_id, made.account_id) == (first.provider_id, first.account_id or made.account_id)
    with portal.database.reading() as session:
        assert len(session.exec(select(Provider)).all()) == 1
        assert len(session.exec(select(TermsAcceptance).where(TermsAcceptance.request_id == made.id)).all()) == 3
        mail = session.exec(
            select(OutgoingMail).where(OutgoingMail.request_id == made.id, OutgoingMail.template == "acknowledgement")
        ).one()
        account = session.get_one(Account, made.account_id)
    assert mail.recipient == account.email
    # Its validation opens no account and promises none.
    decide(portal, made.id, Verb.validate)
    with portal.database.reading() as session:
        templates = set(session.exec(select(OutgoingMail.template).where(OutgoingMail.request_id == made.id)))
    assert templates == {"acknowledgement", "validation"}


def test_early_one_takes_no_certificate_and_says_so(sqlite_portal: Portal) -> None:  # rule: E1, E4
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    page = search(client, new_number(sqlite_portal, validated=False, needs_hds=True))
    assert "Demande d'enrôlement anticipé" in page
    assert documents(page) == {"publisher_mandate", "vat_proof"}
    assert "Complémentaire anticipé" in finish(client, page)
    assert last(sqlite_portal).is_early


def test_conditional_documents_are_due_by_the_answers(sqlite_portal: Portal) -> None:  # rule: D2
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    page = search(client, new_number(sqlite_portal, needs_hds=True))
    answers = {"request.is_distributor": "oui", "request.vat_liable": "non", "request.hosts_health_data": "non"}
    page = client.submit(form_of(page), button="Terminer", status=422, **answers)
    assert len(page.error_messages) == 4
    files = {
        f"document.{code}": PDF
        for code in ("reference_certificate", "publisher_mandate", "vat_proof", "hds_attestation")
    }
    question = client.submit(form_of(page), button="Terminer", files=files)
    client.submit(question.form_named("Confirmer le dépôt"), button="Confirmer le dépôt")
    with sqlite_portal.database.reading() as session:
        statement = select(DocumentKind.code).join(Attachment, col(Attachment.document_kind_id) == DocumentKind.id)
        kinds = set(session.exec(statement.where(Attachment.request_id == last(sqlite_portal).id)))
    assert kinds == {"reference_certificate", "publisher_mandate", "vat_proof", "hds_attestation"}


def test_unknown_number_leads_to_the_assistance(sqlite_portal: Portal) -> None:
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    page = search(client, "ANS-INCONNU-1")
    assert "inconnu" in page.text
    assert page.links["Contacter l'assistance"] == "/assistance?numero=ANS-INCONNU-1"


@pytest.mark.parametrize("status", ["in_review", "partial", "rejected"])
def test_next_one_waits_for_the_first_of_the_wave(portal: Portal, status: str) -> None:  # rule: C2, C3
    account = account_of_wave_1(portal, depositary=False)
    client = client_of(portal, account)
    finish(client, search(client, new_number(portal, validated=status != "partial")))
    first = last(portal)
    if status == "partial":
        decide(portal, first.id, Verb.validate_partially)
    elif status == "rejected":
        decide(portal, first.id, Verb.reject, "Ce logiciel n'est pas le vôtre.")
    start = client.get(START)
    page = search(client, new_number(portal))
    if status == "in_review":
        assert "attendez la validation de votre première demande" in start
        assert first.number in page
        assert "Terminer" not in form_of(page).buttons
    else:
        assert "attendez la validation" not in start
        assert "Terminer" in form_of(page).buttons


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        ("nothing", True),
        ("initial", False),
        ("complementary", False),
        ("rejected complementary", True),
        ("withdrawn initial", True),
    ],
)
def test_depositary_brings_its_mandate_once_in_the_wave(sqlite_portal: Portal, first: str, asked: bool) -> None:
    # rule: C1
    if first.endswith("initial"):
        request = enrol(sqlite_portal, quality="employee")
        client = signed_in(sqlite_portal, request)
        if first == "initial":
            decide(sqlite_portal, request.id, Verb.validate)
        else:
            with sqlite_portal.database.writing(Actor.visitor()) as session:
                withdrawing.withdraw(session, Actor.visitor(), request.public_id, sqlite_portal.addresses)
    else:
        client = client_of(sqlite_portal, account_of_wave_1(sqlite_portal, depositary=True))
        if first != "nothing":
            page = search(client, new_number(sqlite_portal))
            assert "representative_mandate" in documents(page)
            finish(client, page)
            verb = Verb.reject if "rejected" in first else Verb.validate
            decide(sqlite_portal, last(sqlite_portal).id, verb, "Motif.")
    page = search(client, new_number(sqlite_portal))
    assert ("representative_mandate" in documents(page)) is asked
    finish(client, page)


def test_representative_owes_no_mandate(sqlite_portal: Portal) -> None:  # rule: C1
    client = client_of(sqlite_portal, account_of_wave_1(sqlite_portal, depositary=False))
    page = search(client, new_number(sqlite_portal))
    assert "representative_mandate" not in documents(page)
    finish(client, page)
    assert last(sqlite_portal).is_representative


def test_stranger_that_types_the_siret_holds_nobody_up(sqlite_portal: Portal) -> None:  # rule: C2
    account = account_of_wave_1(sqlite_portal, depositary=False)
    with sqlite_portal.database.writing(Actor.system()) as session:
        session.delete(session.exec(select(AccountProvider)).one())
    enrol(sqlite_portal)
    with sqlite_portal.database.writing(Actor.system()) as session:
        first = session.exec(select(Provider).order_by(col(Provider.id))).all()[0]
        session.add(AccountProvider(account_id=account.id, provider_id=first.id))
    client = client_of(sqlite_portal, account)
    assert "Terminer" in form_of(search(client, new_number(sqlite_portal))).buttons


def test_draft_keeps_everything_and_is_its_account_s_alone(portal: Portal) -> None:  # rule: A5; std: SEC-2
    first = validated(portal)
    client = signed_in(portal, first)
    page = search(client, new_number(portal))
    client.submit(
        form_of(page),
        button="Enregistrer et continuer plus tard",
        files={"document.reference_certificate": PDF},
        **{"request.vat_liable": "non"},
    )
    again = client.click(client.get(START), "Reprendre Dossier Patient Alizé 4.2")
    assert form_of(again).values()["request.vat_liable"] == ["non"]
    assert "piece.pdf" in again.html
    with portal.database.reading() as session:
        draft = session.exec(select(Draft).where(Draft.kind == RequestKind.complementary)).one()
    stranger = signed_in(portal, validated(portal, siret=OTHER_SIRET))
    path = f"{START}/{draft.public_id}"
    for end in ("", "/termine", "/pieces/reference_certificate"):
        assert stranger.http.get(f"{path}{end}").status_code == 404
    token = stranger.get(START).form_named("Rechercher").values()["csrf_token"][0]
    stranger.post(f"{path}/supprimer", {"csrf_token": token}, status=404)
    stranger.post(path, {"csrf_token": token, "action": "finish"}, status=404)
    # Nor does the form of five steps open it.
    assert client.http.get(f"/enrolement/{draft.public_id}").status_code == 404
    client.submit(client.get(START).form_named(f"{path}/supprimer"))
    assert "Mes brouillons" not in client.get(START)


def test_terminer_twice_makes_one_request(portal: Portal) -> None:  # rule: S1
    client = signed_in(portal, validated(portal))
    page = search(client, new_number(portal))
    given = {"request.is_distributor": "non", "request.vat_liable": "oui"}
    question = client.submit(form_of(page), button="Terminer", files={"document.reference_certificate": PDF}, **given)
    for _ in range(2):
        done = client.submit(question.form_named("Confirmer le dépôt"), button="Confirmer le dépôt")
        assert done.h1 == "Votre demande est enregistrée"
    with portal.database.reading() as session:
        assert len(session.exec(select(EnrolmentRequest)).all()) == 2


def test_number_enrolled_meanwhile_is_refused_with_the_reason(sqlite_portal: Portal) -> None:  # rule: R2
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    number = new_number(sqlite_portal)
    page = search(client, number)
    enrol(sqlite_portal, ans_number=number, siret=OTHER_SIRET)
    given = {"request.is_distributor": "non", "request.vat_liable": "oui"}
    page = client.submit(
        form_of(page), button="Terminer", files={"document.reference_certificate": PDF}, status=422, **given
    )
    assert "existe déjà pour ce numéro" in page


def test_account_of_several_companies_chooses_one(sqlite_portal: Portal) -> None:  # rule: A5
    first = validated(sqlite_portal)
    with sqlite_portal.database.writing(Actor.system()) as session:
        account_id = session.get_one(EnrolmentRequest, first.id).account_id
        other = add_provider(session, OTHER_SIRET)
        session.add(AccountProvider(account_id=account_id, provider_id=other.id))
        strange = add_provider(session, "35600000049837")
        session.flush()
        mine, theirs = other.id, strange.id
    client = signed_in(sqlite_portal, first)
    page = search(client, new_number(sqlite_portal))
    assert "Terminer" not in form_of(page).buttons
    page = client.submit(form_of(page), button="Rechercher", status=422, fournisseur=str(theirs))
    page = client.submit(form_of(page), button="Rechercher", fournisseur=str(mine))
    finish(client, page)
    assert last(sqlite_portal).provider_id == mine


def test_refused_complementary_request_is_filed_anew(sqlite_portal: Portal) -> None:  # rule: C3
    client = signed_in(sqlite_portal, validated(sqlite_portal))
    number = new_number(sqlite_portal)
    finish(client, search(client, number))
    refused = decide(sqlite_portal, last(sqlite_portal).id, Verb.reject, "Le certificat est illisible.")
    page = client.get(f"/espace/demandes/{refused.public_id}/redeposer")
    page = client.submit(page.form_named("Commencer"), button="Commencer")
    assert f"Vous reprenez la demande {refused.number}" in page
    assert "Le certificat est illisible." in page
    question = client.submit(form_of(page), button="Terminer")
    client.submit(question.form_named("Confirmer le dépôt"), button="Confirmer le dépôt")
    assert last(sqlite_portal).previous_request_id == refused.id
