"""From a draft to a request: what is asked, what is written, once and whole."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, func, select

from enrolment.portal import Portal
from enrolment.registries.company import Unavailable, Unknown
from enrolment.services import drafts, submission
from enrolment.services.submission import AlreadyEnrolled, Incomplete
from schema.enums import PersonRole, RegistryOutcome, RequestStatus, Step
from schema.tables import (
    Attachment,
    DocumentKind,
    EnrolmentRequest,
    OutgoingMail,
    Person,
    Provider,
    RequestEvent,
    TermsAcceptance,
)
from tests.rows import IBAN
from tests.stories import VISITOR, Vendor, enrol, fill, new_number, submit

# What each case owes, from process.md, steps 1 to 4, by hand.
USUAL = {"identity_representative", "rib"}
CASES = {
    "complete": ({}, {"reference_certificate"}),
    "early": ({"validated": False}, set()),
    "early SONS DPI": ({"validated": False, "needs_hds": True}, set()),
    "SONS DPI, hosting": (
        {"needs_hds": True, "hosts_health_data": "oui"},
        {"reference_certificate", "hds_certificate"},
    ),
    "SONS DPI, not hosting": (
        {"needs_hds": True, "hosts_health_data": "non"},
        {"reference_certificate", "hds_attestation"},
    ),
    "distributor": ({"is_distributor": "oui"}, {"reference_certificate", "publisher_mandate"}),
    "employee": (
        {"quality": "employee"},
        {"reference_certificate", "identity_depositary", "signature_mandate"},
    ),
    "accountant": (
        {"quality": "management_centre"},
        {"reference_certificate", "identity_depositary", "service_contract"},
    ),
    "name changed": ({"legal_name": "Alizé Santé Groupe"}, {"reference_certificate", "kbis"}),
    "no VAT": ({"vat_liable": "non"}, {"reference_certificate", "vat_proof"}),
}


@pytest.mark.parametrize("case", CASES)
def test_request_holds_exactly_the_documents_due(sqlite_portal: Portal, case: str) -> None:
    # rule: E1, E2, D1, D2, D3, D4
    given, wanted = CASES[case]
    answers = dict(given)
    number = new_number(
        sqlite_portal, needs_hds=answers.pop("needs_hds", False), validated=answers.pop("validated", True)
    )
    request = submit(sqlite_portal, fill(sqlite_portal, Vendor(number, **answers))).request
    with sqlite_portal.database.reading() as session:
        held = set(
            session.exec(
                select(DocumentKind.code)
                .join(Attachment, col(Attachment.document_kind_id) == DocumentKind.id)
                .where(Attachment.request_id == request.id)
            )
        )
    assert held == wanted | USUAL


@pytest.mark.parametrize("case", CASES)
def test_request_without_one_document_due_is_refused(sqlite_portal: Portal, case: str) -> None:
    given, wanted = CASES[case]
    answers = dict(given)
    number = new_number(
        sqlite_portal, needs_hds=answers.pop("needs_hds", False), validated=answers.pop("validated", True)
    )
    missing = min(wanted | USUAL)
    draft = fill(sqlite_portal, Vendor(number, **answers), without=frozenset({missing}))
    with pytest.raises(Incomplete) as refusal:
        submit(sqlite_portal, draft)
    assert [problem.field for found in refusal.value.problems.values() for problem in found] == [f"document.{missing}"]


def test_submission_writes_the_whole_file_at_once(portal: Portal) -> None:
    # rule: R1, S2, D5, M3
    request = enrol(portal, quality="employee", email="claire@alize-sante.fr")
    with portal.database.reading() as session:
        people = session.exec(select(Person).where(Person.provider_id == request.provider_id)).all()
        events = session.exec(select(RequestEvent).where(RequestEvent.request_id == request.id)).all()
        terms = session.exec(select(TermsAcceptance).where(TermsAcceptance.request_id == request.id)).all()
        [mail] = session.exec(select(OutgoingMail).where(OutgoingMail.request_id == request.id)).all()
        provider = session.get_one(Provider, request.provider_id)
    assert {person.role for person in people} == set(PersonRole)
    assert [(event.source, event.target) for event in events] == [(None, RequestStatus.in_review)]
    assert len(terms) == 3
    assert all(text.wording.endswith(").") for text in terms)
    assert mail.recipient == "depot.claire@alize-sante.fr"
    assert request.number in mail.subject
    assert "/suivi/" in mail.text_body
    # It proves what was sent, and gives no thief of mails a bank account.
    read = " ".join(mail.text_body.replace("\u00a0", " ").split())
    assert "Mandat de délégation de signature du représentant légal : " in read
    assert f"IBAN : FR76 … {IBAN[-4:]}" in read
    assert IBAN not in mail.text_body.replace(" ", "")
    assert provider.siren == provider.siret[:9]


def test_fifty_clicks_on_one_draft_make_one_request(portal: Portal) -> None:
    # rule: S1  std: REL-4
    draft = fill(portal, Vendor(new_number(portal)))
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda _: submit(portal, draft), range(50)))
    assert len({result.request.number for result in results}) == 1
    assert sum(result.is_new for result in results) == 1
    assert _counts(portal) == (1, 1)


def test_one_number_is_enrolled_once_whoever_is_faster(portal: Portal) -> None:
    # rule: R2  std: REL-4
    number = new_number(portal)
    sirets = ("73282932000074", "35600000049837", "55208131766522", "38012986646850")
    waiting = [fill(portal, Vendor(number, siret=siret)) for siret in sirets]

    def attempt(draft: str) -> str:
        try:
            return submit(portal, draft).request.number
        except (AlreadyEnrolled, Incomplete) as refusal:
            return type(refusal).__name__

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, waiting))
    assert sum(result.startswith("ENR-") for result in results) == 1
    assert _counts(portal) == (1, 1)


def test_concurrent_submissions_get_consecutive_numbers(portal: Portal) -> None:
    # rule: R1
    sirets = ("73282932000074", "35600000049837", "55208131766522", "38012986646850")
    waiting = [fill(portal, Vendor(new_number(portal), siret=siret)) for siret in sirets]
    with ThreadPoolExecutor(4) as pool:
        numbers = sorted(pool.map(lambda draft: submit(portal, draft).request.number, waiting))
    last = [int(number.rsplit("-", 1)[1]) for number in numbers]
    assert last == list(range(last[0], last[0] + len(sirets)))


def test_second_initial_request_under_a_siret_waits_for_the_first(sqlite_portal: Portal) -> None:
    # rule: C2
    enrol(sqlite_portal)
    with pytest.raises(Incomplete) as refusal:
        enrol(sqlite_portal)
    [problem] = refusal.value.problems[Step.applicant]
    assert problem.field == "provider.siret"
    assert "instruction" in problem.message


def test_company_unknown_to_the_registry_is_taken_and_flagged(sqlite_portal: Portal) -> None:
    # rule: D6
    for answer, siret, wanted in (
        (Unknown(), "73282932000074", RegistryOutcome.unknown),
        (Unavailable("panne"), "35600000049837", RegistryOutcome.unavailable),
    ):
        draft = fill(sqlite_portal, Vendor(new_number(sqlite_portal), siret=siret))
        with sqlite_portal.database.writing(VISITOR) as session:
            drafts.remember_company(session, drafts.find(session, draft), siret, answer)
        request = submit(sqlite_portal, draft).request
        assert request.to_verify is not None
        assert wanted.label in request.to_verify


def test_every_step_is_checked_again_at_the_end(sqlite_portal: Portal) -> None:
    # std: SEC-19
    vendor = Vendor(new_number(sqlite_portal))
    for step in Step:
        if step is Step.referencing:
            continue
        draft = fill(sqlite_portal, vendor)
        with sqlite_portal.database.writing(VISITOR) as session:
            row = drafts.find(session, draft)
            drafts.save(session, row, step, dict.fromkeys(vendor.answers[step], ""))
        with pytest.raises(Incomplete) as refusal:
            submit(sqlite_portal, draft)
        assert step in refusal.value.problems


def test_unknown_field_is_refused(sqlite_portal: Portal) -> None:
    # std: SEC-19
    with sqlite_portal.database.writing(VISITOR) as session:
        draft = drafts.start(session)
        for name in ("request.status", "provider.siren", "bank.iban", "_lookup"):
            with pytest.raises(submission.Refused):
                drafts.save(session, draft, Step.applicant, {name: "x"})


def _counts(portal: Portal) -> tuple[int, int]:
    with portal.database.reading() as session:
        requests = session.exec(select(func.count()).select_from(EnrolmentRequest)).one()
        mails = session.exec(select(func.count()).select_from(OutgoingMail)).one()
    return requests, mails
