"""Financing requests through the services: who may, receipts, what the ASP decides, and the history of deposits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from enrolment import clock, jobs
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.files.storage import StoredFile
from enrolment.financing import workflow
from enrolment.portal import Portal
from enrolment.services import financing, financing_decisions, financing_files
from enrolment.services.financing_files import FileNotConforming
from schema.enums import ActorKind, FinancingStatus, RequestStatus, ScanState
from schema.tables import (
    Dsr,
    EnrolmentRequest,
    FinancingDeposit,
    FinancingRequest,
    OutgoingMail,
    PrestationType,
    Referencing,
)
from tests.enrolment.financing.giving import (
    VENDOR,
    account_of,
    deposited,
    file_for,
    pair_for,
    partly_validated,
    validated,
)
from tests.stories import MANAGER

S = FinancingStatus


def decided(portal: Portal, request: FinancingRequest, target: FinancingStatus, message: str = "") -> FinancingRequest:
    with portal.database.writing(MANAGER) as session:
        version = session.get_one(FinancingRequest, request.id).row_version
        return financing_decisions.decide(
            session, MANAGER, request.id, target, message, portal.addresses, row_version=version
        )


def mails(portal: Portal) -> list[str]:
    with portal.database.reading() as session:
        statement = select(OutgoingMail.template).where(col(OutgoingMail.template).startswith("financing"))
        return list(session.exec(statement.order_by(col(OutgoingMail.id))))


def test_deposit_gives_a_number_a_receipt_and_encrypted_files(portal: Portal) -> None:
    request = validated(portal)
    row = deposited(portal, request)
    assert row.number == f"FIN-{clock.today().year}-000001"
    assert (row.status, row.lines, row.total_cents) == (S.received, 3, 360_003)
    assert mails(portal) == ["financing_received"]
    with portal.database.reading() as session:
        mail = session.exec(select(OutgoingMail).where(OutgoingMail.template == "financing_received")).one()
        stored = session.exec(select(FinancingDeposit)).one()
    assert row.number in mail.subject
    assert "3 600,03 €" in " ".join(mail.text_body.split())
    assert f"/espace/financements/{row.public_id}" in mail.text_body
    # std: SEC-15
    assert stored.file_encryption_key
    assert b'"prestations"' in financing_files.copy_of(portal.storage, stored, proofs=False)
    assert financing_files.copy_of(portal.storage, stored, proofs=True).startswith(b"PK")
    raw = StoredFile(stored.file_key, stored.file_sha256, stored.file_size, None)
    with pytest.raises(Exception, match="retrouvé"):
        portal.storage.get(raw)


def test_the_same_file_twice_is_one_request(portal: Portal) -> None:
    request = validated(portal)
    assert deposited(portal, request).id == deposited(portal, request).id
    assert mails(portal) == ["financing_received"]
    assert deposited(portal, request, "AUTRE").number.endswith("000002")


# rule: E3
@pytest.mark.parametrize("status", ["awaiting_certificates", "certificates_to_review"])
def test_partial_enrolment_opens_no_financing(portal: Portal, status: str) -> None:
    request = partly_validated(portal)
    if status == "certificates_to_review":
        with portal.database.writing(MANAGER) as session:
            session.get_one(EnrolmentRequest, request.id).status = RequestStatus.certificates_to_review
    with portal.database.reading() as session:
        choice = financing.choices(session, account_of(request))[0]
    assert choice.reason
    assert choice.to_finalise is (status == "awaiting_certificates")
    # The file itself passes the simulator; guessing the deposit does not.
    pair = pair_for(portal, request)
    with pytest.raises(Refused, match="entièrement validé"), portal.database.writing(VENDOR) as session:
        financing.deposit(session, VENDOR, account_of(request), request.public_id, pair, portal.addresses)
    assert mails(portal) == []


# rule: R4
def test_financing_opens_when_the_dsr_says_so(portal: Portal) -> None:
    request = validated(portal)
    opens = datetime(2031, 3, 4, 13, 0, tzinfo=UTC)
    for moment, words in ((opens, "ouvrent le 4 mars 2031 à 14 h 00"), (None, "pas encore fixée")):
        with portal.database.writing(MANAGER) as session:
            referencing = session.get_one(Referencing, request.referencing_id)
            session.get_one(Dsr, referencing.dsr_id).advance_opens_at = moment
        with portal.database.reading() as session, pytest.raises(Refused) as caught:
            financing.choice(session, account_of(request), request.public_id)
        assert words in caught.value.message.replace("\xa0", " ")


# rule: A5
def test_another_account_finds_neither_the_enrolment_nor_the_request(portal: Portal) -> None:
    mine, other = validated(portal), validated(portal, siret="35600000049837")
    row = deposited(portal, mine)
    with portal.database.reading() as session:
        assert financing.of_account(session, account_of(other)) == ()
        with pytest.raises(NotFound):
            financing.find(session, account_of(other), row.public_id)
        with pytest.raises(NotFound):
            financing.choice(session, account_of(other), mine.public_id)
    with pytest.raises(FileNotConforming) as caught:
        pair_for(portal, other, file_for(portal, mine))
    assert "n'est pas enrôlé par votre compte" in caught.value.report.problems[0].message


def test_what_is_to_modify_is_deposited_again_and_the_old_files_stay(portal: Portal) -> None:
    request = validated(portal)
    row = deposited(portal, request)
    decided(portal, row, S.to_modify, "La facture 2 manque.")
    pair = pair_for(portal, request, file_for(portal, request, lines=4))
    for _ in range(2):
        # The second press of the button changes nothing.
        with portal.database.writing(VENDOR) as session:
            financing.deposit_again(session, VENDOR, account_of(request), row.public_id, pair, portal.addresses)
    with portal.database.reading() as session:
        detail = financing.find(session, account_of(request), row.public_id)
    assert (detail.line.request.status, detail.line.request.lines) == (S.received, 4)
    assert [(one.place, one.outcome, one.answer) for one in detail.deposits] == [
        (2, None, None),
        (1, S.to_modify, "La facture 2 manque."),
    ]
    assert mails(portal) == ["financing_received", "financing_to_modify", "financing_received"]
    # std: REL-5
    jobs.sweep_orphans(portal)
    for one in detail.deposits:
        assert financing_files.copy_of(portal.storage, one, proofs=True)


@pytest.mark.parametrize("source", list(S))
@pytest.mark.parametrize("target", list(S))
def test_every_pair_of_statuses_is_allowed_or_refused_by_the_table(
    sqlite_portal: Portal, source: FinancingStatus, target: FinancingStatus
) -> None:
    row = deposited(sqlite_portal, validated(sqlite_portal))
    with sqlite_portal.database.writing(MANAGER) as session:
        session.get_one(FinancingRequest, row.id).status = source
    allowed = target in workflow.possible(source, ActorKind.staff)
    if not allowed:
        with pytest.raises(Conflict):
            decided(sqlite_portal, row, target, "Motif.")
        return
    assert decided(sqlite_portal, row, target, "Motif.").status is target
    assert mails(sqlite_portal)[-1] == f"financing_{target.value}"


def test_sending_back_or_refusing_needs_a_message(sqlite_portal: Portal) -> None:
    row = deposited(sqlite_portal, validated(sqlite_portal))
    for target in (S.to_modify, S.refused):
        with pytest.raises(Refused, match="Écrivez"):
            decided(sqlite_portal, row, target, "  ")
    assert decided(sqlite_portal, row, S.accepted).message is None


def test_decision_on_an_old_page_is_refused(portal: Portal) -> None:  # std: REL-3
    row = deposited(portal, validated(portal))
    with pytest.raises(Conflict, match="a changé"), portal.database.writing(MANAGER) as session:
        financing_decisions.decide(
            session, MANAGER, row.id, S.accepted, "", portal.addresses, row_version=row.row_version + 1
        )


def test_kinds_and_ceilings_are_rows(sqlite_portal: Portal) -> None:  # rule: R4
    request = validated(sqlite_portal)
    with sqlite_portal.database.writing(MANAGER) as session:
        row = session.exec(select(PrestationType).where(PrestationType.code == "INSTALLATION")).one()
        row.ceiling_cents = 1000
    with pytest.raises(FileNotConforming) as caught:
        pair_for(sqlite_portal, request)
    assert "plafond" in caught.value.report.problems[0].message
    with sqlite_portal.database.writing(MANAGER) as session:
        session.execute(sa.update(PrestationType).values(active=False))
    with pytest.raises(FileNotConforming) as caught:
        pair_for(sqlite_portal, request)
    assert "n'est pas dans la liste" in caught.value.report.problems[0].message


def test_files_wait_for_the_antivirus(sqlite_portal: Portal) -> None:
    row = deposited(sqlite_portal, validated(sqlite_portal))
    with sqlite_portal.database.writing(MANAGER) as session:
        one = financing.deposits(session, row.id)[0]
        one.scan = ScanState.unscanned
        session.add(one)
    with pytest.raises(Refused, match="antivirus"):
        financing_files.copy_of(sqlite_portal.storage, one, proofs=True)
    assert clock.now() - row.submitted_at < timedelta(minutes=5)
