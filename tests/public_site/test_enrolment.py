"""The form from end to end, in a browser without scripts: every case of the process, and nothing lost on the way."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlmodel import select

from enrolment.application.rules import ANS, SIRET
from enrolment.portal import Portal
from enrolment.registries.company import Unavailable
from schema.enums import RegistryOutcome, Step, Verb
from schema.tables import Attachment, DocumentKind, Draft, EnrolmentRequest, OutgoingMail, Provider, TermsAcceptance
from tests.pages import Page
from tests.public_site.browsing import PDF, Visit, add_company, browser, draft_of, number_of
from tests.rows import IBAN
from tests.stories import Vendor, decide, enrol, new_number

WHILE_OPEN = datetime(2025, 3, 3, 13, 5, tzinfo=UTC)
"""When every DSR of the reference data may be enrolled, « SONS DPI » included."""

CASES = {
    "complete": ({}, {}, {"reference_certificate", "identity_representative", "rib"}),
    "early SONS DPI": ({"needs_hds": True, "validated": False}, {}, {"identity_representative", "rib"}),
    "SONS DPI that hosts": (
        {"needs_hds": True},
        {"hosts_health_data": "oui"},
        {"reference_certificate", "hds_certificate", "identity_representative", "rib"},
    ),
    "distributor by its employee": (
        {},
        {"is_distributor": "oui", "quality": "employee"},
        {
            "reference_certificate",
            "publisher_mandate",
            "identity_representative",
            "identity_depositary",
            "signature_mandate",
            "rib",
        },
    ),
    "distributor by its accountant, no VAT": (
        {},
        {"is_distributor": "oui", "quality": "management_centre", "vat_liable": "non"},
        {
            "reference_certificate",
            "publisher_mandate",
            "identity_representative",
            "identity_depositary",
            "service_contract",
            "rib",
            "vat_proof",
        },
    ),
}


@pytest.fixture(autouse=True)
def while_open() -> object:
    """Every story here happens while the enrolment is open."""
    with time_machine.travel(WHILE_OPEN, tick=True) as traveller:
        yield traveller


def visit(portal: Portal, referencing: dict[str, bool] | None = None, **vendor: str) -> Visit:
    """A vendor in front of the site, its company in the registry."""
    add_company(portal)
    return Visit(browser(portal), Vendor(new_number(portal, **(referencing or {})), **vendor))


def in_errors(page: Page, words: str) -> bool:
    return any(words in message for message in page.error_messages)


@pytest.mark.parametrize("case", CASES)
def test_form_makes_one_request_with_its_documents(sqlite_portal: Portal, case: str) -> None:
    # rule: E1, D2, D3, D4, D5, S2
    referencing, vendor, wanted = CASES[case]
    visitor = visit(sqlite_portal, referencing, **vendor)
    page = visitor.finish(visitor.to_summary())
    with sqlite_portal.database.reading() as session:
        request = session.exec(select(EnrolmentRequest)).one()
        kinds = select(DocumentKind.code).join(Attachment).where(Attachment.request_id == request.id)
        mail = session.exec(select(OutgoingMail)).one()
        assert set(session.exec(kinds)) == wanted
        assert len(session.exec(select(TermsAcceptance)).all()) == 3
    assert number_of(page) == request.number
    assert "En cours" in page
    account_holder = visitor.vendor.answers[Step.applicant].get("depositary.email") or visitor.vendor.email
    assert mail.recipient == account_holder
    assert account_holder in page.text
    assert request.is_early == (not referencing.get("validated", True))
    status = visitor.client.click(page, "Suivre ma demande")
    assert request.number in status.h1


def test_early_request_takes_no_certificate_and_says_why(sqlite_portal: Portal) -> None:  # rule: E1
    page = visit(sqlite_portal, {"needs_hds": True, "validated": False}).search_number()
    assert "Demande d'enrôlement anticipé" in page
    assert not [name for name in page.form.names if name.startswith("document.")]
    assert "request.hosts_health_data" not in page.form.names


def test_unknown_number_leads_to_assistance_with_the_number(sqlite_portal: Portal) -> None:  # rule: R3
    visitor = visit(sqlite_portal)
    page = visitor.search_number("  ans inconnu 7 ")
    assert in_errors(page, "inconnu")
    form = visitor.client.click(page, "Contacter l'assistance").form
    assert form.values()["ans_number"] == ["ANS INCONNU 7"]


def test_number_is_found_whatever_its_case_and_spaces(sqlite_portal: Portal) -> None:  # rule: R3
    visitor = visit(sqlite_portal)
    page = visitor.search_number(f"  {visitor.vendor.ans_number.lower()} ")
    assert "Dossier Patient Alizé" in page
    assert page.form.values()[ANS] == [visitor.vendor.ans_number], "shown as it was searched"


def test_enrolled_number_is_refused_with_a_way_to_its_status(sqlite_portal: Portal) -> None:  # rule: R2
    taken = new_number(sqlite_portal)
    enrol(sqlite_portal, ans_number=taken)
    page = Visit(browser(sqlite_portal), Vendor(taken)).search_number()
    assert in_errors(page, "existe déjà")
    assert page.links["Recevoir à nouveau mon lien de suivi"] == "/suivi"


def test_changed_name_asks_for_a_kbis(sqlite_portal: Portal) -> None:  # rule: D1
    visitor = visit(sqlite_portal, legal_name="Alizé Santé Groupe")
    page = visitor.forward(visitor.search_company(visitor.referencing()), Step.applicant, status=422)
    assert page.error_messages == [
        "Joignez « KBIS ». La dénomination saisie n'est pas celle du répertoire des entreprises."
    ]
    page = visitor.client.submit(page.form, button="Etape suivante", files={"document.kbis": PDF})
    assert page.h1 == "Coordonnées bancaires"


@pytest.mark.parametrize("outcome", [RegistryOutcome.unknown, RegistryOutcome.unavailable])
def test_registry_that_does_not_help_never_blocks(
    sqlite_portal: Portal, outcome: RegistryOutcome, monkeypatch: pytest.MonkeyPatch
) -> None:  # rule: D6
    visitor = visit(sqlite_portal, siret="55203253400646")
    if outcome is RegistryOutcome.unavailable:
        monkeypatch.setattr(sqlite_portal.registry, "find", lambda siret: Unavailable("en panne"))
    page = visitor.search_company(visitor.referencing())
    assert "Saisie à la main" in page
    page = visitor.forward(page, Step.applicant)
    visitor.finish(visitor.forward(visitor.forward(page, Step.bank), Step.vat))
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(Provider)).one().registry_outcome is outcome
        assert "saisie par le fournisseur" in (session.exec(select(EnrolmentRequest)).one().to_verify or "")


def test_closed_company_is_refused(sqlite_portal: Portal) -> None:  # rule: D6
    add_company(sqlite_portal, "55203253400646", is_open=False)
    visitor = visit(sqlite_portal, siret="55203253400646")
    page = visitor.search_company(visitor.referencing(), status=422)
    assert in_errors(page, "fermé")
    assert "provider.legal_name" not in page.form.names


def test_known_vendor_is_sent_to_sign_in_and_nothing_more_is_said(sqlite_portal: Portal) -> None:  # rule: D7
    request = enrol(sqlite_portal)
    decide(sqlite_portal, request.id, Verb.validate)
    visitor = visit(sqlite_portal)
    page = visitor.search_company(visitor.referencing(), status=422)
    assert in_errors(page, "possède déjà un compte")
    assert page.links["Se connecter"] == "/connexion"
    assert "claire" not in page.text.lower()
    assert request.number not in page.text


def test_error_keeps_everything_typed_and_uploaded(sqlite_portal: Portal) -> None:  # rule: F2
    visitor = visit(sqlite_portal)
    page = visitor.search_company(visitor.referencing())
    page = visitor.forward(
        page, Step.applicant, status=422, **{"representative.phone": "12", "provider.post_code": "quatre"}
    )
    assert len(page.error_messages) == 2
    values = page.form.values()
    assert values["representative.phone"] == ["12"]
    assert values["representative.last_name"] == ["Lefèvre"]
    assert "piece.pdf" in page.text
    page = visitor.client.submit(
        page.form, button="Etape suivante", **{"representative.phone": "04 78 00 12 34", "provider.post_code": "69003"}
    )
    assert page.h1 == "Coordonnées bancaires"


def test_refused_file_loses_no_other(sqlite_portal: Portal) -> None:  # rule: F1, F2
    visitor = visit(sqlite_portal, {"needs_hds": True}, hosts_health_data="oui")
    page = visitor.search_number()
    files = {
        "document.reference_certificate": ("certificat.pdf", b"x" * (5 * 1024 * 1024), "application/pdf"),
        "document.hds_certificate": PDF,
    }
    sent = {"request.hosts_health_data": "oui"}
    page = visitor.client.submit(page.form, button="Etape suivante", files=files, status=422, **sent)
    assert len(page.error_messages) == 1
    assert in_errors(page, "la taille maximale est de 4 Mo")
    page = visitor.client.submit(page.form, button="Etape suivante", files={"document.reference_certificate": PDF})
    assert page.h1 == "Demandeur"


def test_previous_step_saves_and_next_finds_it_again(sqlite_portal: Portal) -> None:
    visitor = visit(sqlite_portal)
    page = visitor.applicant(visitor.referencing())
    page = visitor.client.submit(page.form, button="Etape précédente", **{"bank.holder": "Alizé Santé SAS"})
    assert page.h1 == "Demandeur"
    page = visitor.client.submit(page.form, button="Etape suivante")
    assert page.form.values()["bank.holder"] == ["Alizé Santé SAS"]


def test_domiciliation_is_filled_from_the_iban(sqlite_portal: Portal) -> None:
    visitor = visit(sqlite_portal)
    page = visitor.applicant(visitor.referencing())
    page = visitor.client.submit(page.form, button="Etape suivante", status=422, **{"bank.iban": IBAN.lower()})
    assert "agricole" in page.form.values()["bank.domiciliation"][0].lower()


def test_step_cannot_be_skipped(sqlite_portal: Portal) -> None:  # std: SEC-19
    visitor = visit(sqlite_portal)
    page = visitor.search_number()
    for slug in ("demandeur", "coordonnees-bancaires", "tva", "recapitulatif"):
        sent_back = visitor.client.get(f"/enrolement/{draft_of(page)}/{slug}")
        assert sent_back.h1 == "Référencement"
        assert "Complétez d'abord cette étape" in sent_back


def test_earlier_step_is_judged_again_at_the_end(sqlite_portal: Portal) -> None:
    visitor = visit(sqlite_portal)
    page = visitor.to_summary()
    step = visitor.client.get(f"/enrolement/{draft_of(page)}/coordonnees-bancaires")
    visitor.client.submit(step.form, button="Etape suivante", status=422, **{"bank.bic": ""})
    page = visitor.client.get(f"/enrolement/{draft_of(page)}/recapitulatif")
    assert page.h1 == "Coordonnées bancaires"
    assert page.error_messages == ["Renseignez « BIC »."]


def test_file_can_be_seen_and_removed(sqlite_portal: Portal) -> None:  # rule: F3
    visitor = visit(sqlite_portal)
    page = visitor.client.get(visitor.referencing().path.replace("demandeur", "referencement"))
    address = f"/enrolement/{draft_of(page)}/pieces/reference_certificate"
    seen = visitor.client.get(address).response
    assert seen.content == PDF[1]
    assert seen.headers["content-type"] == "application/pdf"
    assert seen.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in seen.headers["content-security-policy"]
    assert seen.headers["cache-control"] == "no-store"
    browser(sqlite_portal).get(address, status=404)
    page = visitor.client.submit(page.form, remove="document.reference_certificate")
    assert "piece.pdf" not in page.text
    visitor.client.get(address, status=404)


def test_stranger_fields_and_documents_are_refused(sqlite_portal: Portal) -> None:  # std: SEC-19
    visitor = visit(sqlite_portal)
    page = visitor.search_number()
    token = page.form.values()["csrf_token"][0]
    for field in ("provider.legal_name", "request.status", "bank.bank_check", "_lookup", "accept.cgu"):
        answer = visitor.client.post(page.path, {"csrf_token": token, field: "x"}, status=422)
        assert "champ inconnu" in answer
    files = {"document.rib": PDF}
    visitor.client.post(page.path, {"csrf_token": token, ANS: visitor.vendor.ans_number}, files=files, status=422)
    with sqlite_portal.database.reading() as session:
        draft = session.exec(select(Draft)).one()
        assert set(draft.answers) == {ANS}
        assert session.exec(select(Attachment)).all() == []


def test_draft_of_another_browser_is_nowhere(sqlite_portal: Portal) -> None:  # std: SEC-2
    page = visit(sqlite_portal).referencing()
    stranger = browser(sqlite_portal)
    slugs = ("", "/referencement", "/demandeur", "/recapitulatif", "/termine", "/plus-tard", "/pieces/rib")
    pages = [stranger.get(f"/enrolement/{draft_of(page)}{slug}", status=404) for slug in slugs]
    unknown = stranger.get("/enrolement/AAAAAAAAAAAAAAAAAAAAAA/demandeur", status=404)
    assert {one.text for one in pages} == {unknown.text}


def test_finished_draft_leads_to_its_number_whatever_is_tried(sqlite_portal: Portal) -> None:  # rule: S1
    visitor = visit(sqlite_portal)
    summary = visitor.to_summary()
    first = visitor.finish(summary)
    again = visitor.client.submit(summary.form_named("summary-form"), button="Terminer")
    back = visitor.client.get(summary.path)
    typed = visitor.client.submit(summary.form_named("summary-form"), button="Etape précédente")
    assert {number_of(page) for page in (first, again, back, typed)} == {number_of(first)}
    with sqlite_portal.database.reading() as session:
        assert len(session.exec(select(EnrolmentRequest)).all()) == 1


def test_boxes_must_be_ticked(sqlite_portal: Portal) -> None:  # rule: S2
    visitor = visit(sqlite_portal)
    summary = visitor.to_summary()
    page = visitor.client.submit(summary.form_named("summary-form"), button="Terminer", status=422)
    assert len(page.error_messages) == 3


def test_other_company_leaves_nothing_of_the_first(sqlite_portal: Portal) -> None:  # rule: D6
    visitor = visit(sqlite_portal)
    page = visitor.search_company(visitor.referencing())
    assert page.form.values()["provider.legal_name"] == ["ALIZE SANTE"]
    page = visitor.client.submit(page.form, button="Rechercher", **{SIRET: "55203253400646"})
    assert page.form.values()["provider.legal_name"] == [""]
