"""The reference data: complete, true to the guide and to the facts, loaded once, never over the staff's changes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from enrolment import documents
from enrolment.documents import CONDITIONS, Facts
from enrolment.files.checks import inspect
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.parameters import DEFAULTS
from enrolment.records import codes
from enrolment.services import reference
from schema.base import table_of
from schema.database import Database
from schema.describe import field
from schema.enums import DepositaryQuality, LegalTextKind, RequestKind, RequestStatus
from schema.history import Actor
from schema.tables import (
    BankOverride,
    Deadline,
    DocumentKind,
    DocumentRule,
    Dsr,
    LegalText,
    MessageTemplate,
    Parameter,
    Retention,
    StreetType,
)
from schema.types import Iban, bank_of, parse_as
from seeds.document_pdf import FOLDER, draw
from seeds.document_texts import DOCUMENTS
from seeds.load import FROM_FILES, REFERENCE, csv_rows, load_reference

ACTOR = Actor.system("Essai")


def test_loading_again_inserts_nothing_and_keeps_what_staff_changed(database: Database) -> None:
    with database.writing(ACTOR) as session:
        rule = session.exec(select(DocumentRule).where(DocumentRule.code == "rib_du_compte")).one()
        rule.reason = "Une autre phrase."
        session.add(rule)
        session.delete(session.exec(select(StreetType).where(StreetType.code == "SEN")).one())
    with database.writing(ACTOR) as session:
        loaded = load_reference(session)
    assert {item.table: item.inserted for item in loaded if item.inserted} == {"street_type": 1}
    with database.reading() as session:
        rule = session.exec(select(DocumentRule).where(DocumentRule.code == "rib_du_compte")).one()
        assert rule.reason == "Une autre phrase."


def test_every_file_of_the_folder_is_loaded_and_has_rows() -> None:
    files = {path.stem for path in REFERENCE.glob("*.csv")}
    assert files == {table_of(model).name for model in FROM_FILES}
    legal = {f"@legal/{path.name}" for path in (REFERENCE / "legal").iterdir()}
    text = (REFERENCE / "legal_text.csv").read_text(encoding="utf-8")
    assert all(name in text for name in legal)


@pytest.mark.parametrize(
    ("code", "opens", "advance", "closes"),
    [
        # facts.md, in Paris time: 14:00 in summer is 12:00 UTC, 12:00 in winter is 11:00 UTC.
        ("DSR-HOP-DPI-VA2", (2024, 6, 20, 12), (2024, 9, 12, 12), (2025, 12, 17, 11)),
        ("DSR-HOP-PFI-VA2", (2024, 6, 20, 12), (2024, 9, 12, 12), (2025, 9, 17, 10)),
        ("DSR-IMG-RIS-VA2", (2025, 5, 15, 12), (2025, 7, 10, 12), None),
    ],
)
def test_published_dates_are_stored_in_utc(
    sqlite_database: Database,
    code: str,
    opens: tuple[int, ...],
    advance: tuple[int, ...],
    closes: tuple[int, ...] | None,
) -> None:
    # rule: R4
    # std: REL-11
    # Read from the file: the database of the tests opens every DSR.
    with sqlite_database.reading() as session:
        (dsr,) = [row.values for row in csv_rows(session, Dsr, REFERENCE) if row.values["code"] == code]
    assert dsr["enrolment_opens_at"] == datetime(*opens, tzinfo=UTC)  # type: ignore[arg-type, misc]
    assert dsr["advance_opens_at"] == datetime(*advance, tzinfo=UTC)  # type: ignore[arg-type, misc]
    assert dsr["closes_at"] == (datetime(*closes, tzinfo=UTC) if closes else None)  # type: ignore[arg-type, misc]
    assert dsr["needs_hds"] == (code == "DSR-HOP-DPI-VA2")


INITIAL = Facts(
    request_kind=RequestKind.initial,
    referencing_validated=True,
    needs_hds=False,
    legal_name_changed=False,
    is_distributor=False,
    is_representative=True,
    vat_liable=True,
)
BASE = ("reference_certificate", "identity_representative", "rib")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, BASE),
        ({"referencing_validated": False, "needs_hds": True}, BASE[1:]),  # rule: E1
        ({"needs_hds": True}, BASE),  # rule: E2
        ({"needs_hds": True, "hosts_health_data": True}, (*BASE, "hds_certificate")),  # rule: E2
        ({"needs_hds": True, "hosts_health_data": False}, (*BASE, "hds_attestation")),  # rule: E2
        ({"hosts_health_data": True}, BASE),
        ({"legal_name_changed": True}, (*BASE, "kbis")),  # rule: D1
        ({"is_distributor": True}, (*BASE, "publisher_mandate")),  # rule: D2
        ({"is_representative": False}, (*BASE, "identity_depositary")),  # rule: D4
        (
            {"is_representative": False, "quality": DepositaryQuality.employee},
            (*BASE, "identity_depositary", "signature_mandate"),
        ),  # rule: D4
        (
            {"is_representative": False, "quality": DepositaryQuality.management_centre},
            (*BASE, "identity_depositary", "service_contract"),
        ),  # rule: D4
        ({"vat_liable": False}, (*BASE, "vat_proof")),
        ({"request_kind": RequestKind.complementary}, BASE[:1]),
        (
            {"request_kind": RequestKind.complementary, "is_representative": False, "first_of_wave": True},
            (BASE[0], "representative_mandate"),
        ),  # rule: C1
        (
            {"request_kind": RequestKind.complementary, "is_representative": False, "first_of_wave": False},
            BASE[:1],
        ),  # rule: C1
        ({"request_kind": RequestKind.complementary, "is_distributor": True}, (BASE[0], "publisher_mandate")),
    ],
)
def test_rules_ask_for_the_documents_of_the_guide(
    sqlite_database: Database, changes: dict[str, object], expected: tuple[str, ...]
) -> None:
    facts = Facts(**{name: getattr(INITIAL, name) for name in CONDITIONS} | changes)  # type: ignore[arg-type]
    with sqlite_database.reading() as session:
        found = documents.due(reference.document_rules(session), facts)
    assert sorted(item.kind.code for item in found if item.required) == sorted(expected)


def test_sensitive_kinds_are_identity_documents_and_ribs(sqlite_database: Database) -> None:
    # std: SEC-15
    with sqlite_database.reading() as session:
        sensitive = set(session.exec(select(DocumentKind.code).where(DocumentKind.sensitive)))
    assert sensitive == {"identity_representative", "identity_depositary", "rib"}


def test_every_text_parameter_mail_and_deadline_is_there(sqlite_database: Database) -> None:
    with sqlite_database.reading() as session:
        assert set(session.exec(select(LegalText.kind))) == {kind.value for kind in LegalTextKind}
        assert set(session.exec(select(Parameter.code))) == set(DEFAULTS)
        assert set(session.exec(select(MessageTemplate.code))) == {str(message.name) for message in ALL_MESSAGES}
        waits = {status for status in RequestStatus if status.value.startswith("awaiting")}
        assert waits <= set(session.exec(select(Deadline.status)))


def test_bank_overrides_correct_names_and_contradict_no_known_bic(sqlite_database: Database) -> None:
    # An override that the library has caught up with is to be removed; a wrong institution is worse than none.
    with sqlite_database.reading() as session:
        overrides = session.exec(select(BankOverride)).all()
    from schwifty import IBAN  # noqa: PLC0415  Slow to import, and for this test alone.
    from schwifty.bban import BBAN  # noqa: PLC0415

    for row in overrides:
        bban = BBAN.from_components("FR", bank_code=row.bank_code, branch_code="00001", account_code="00000000001")
        iban = parse_as(Iban, str(IBAN.from_bban("FR", bban)))
        shipped = bank_of(iban)
        assert shipped is None or row.bic[:4] in {bic[:4] for bic in shipped.bics}, row.bank_code
        assert shipped is None or shipped.name.casefold() != row.name.casefold(), row.bank_code
        corrected = bank_of(iban, {(row.country, row.bank_code): (row.name, row.bic)})
        assert corrected is not None
        assert corrected.name == row.name


def test_committed_documents_are_what_their_wording_draws() -> None:
    assert {path.name for path in FOLDER.glob("*.pdf")} == {document.file for document in DOCUMENTS}
    for document in DOCUMENTS:
        content = (FOLDER / document.file).read_bytes()
        assert draw(document) == content, document.file
        # A template, once filled in, is uploaded: the portal must take its own.
        inspect(content, document.file)


def test_every_template_that_a_kind_names_exists(sqlite_database: Database) -> None:
    with sqlite_database.reading() as session:
        named = {name for name in session.exec(select(DocumentKind.template_file)) if name}
    assert named == {document.file for document in DOCUMENTS}


@pytest.mark.parametrize("path", sorted(REFERENCE.rglob("*.*")), ids=lambda path: path.name)
def test_french_texts_use_plain_apostrophes_and_ordinary_spaces(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not {"’", "\u00a0", "\u202f", "…"} & set(text) or path.suffix == ".md"


def test_codes_of_the_reference_data_are_all_offered_in_french(sqlite_database: Database) -> None:
    # std: UX-4
    with sqlite_database.reading() as session:
        for model, name in ((Retention, "subject"), (Parameter, "code"), (MessageTemplate, "code")):
            offered = dict(codes.choices(field(model, name)))
            stored = set(session.scalars(select(getattr(model, name))))
            assert stored
            assert stored <= set(offered)
            assert not stored & set(offered.values())
