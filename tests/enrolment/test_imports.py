"""Imports: all or nothing, by key, told by line; the sample ANS list; exports read back."""

import io
from pathlib import Path

import pytest
from sqlmodel import Session, select

from enrolment.errors import Refused
from enrolment.imports import MOST_ERRORS, Report, import_file, import_table
from schema.base import Table
from schema.database import Database
from schema.enums import ReferencingStatus
from schema.history import Actor
from schema.references import natural_key, stored_rows
from schema.tables import (
    ALL,
    BankOverride,
    DocumentRule,
    Dsr,
    HistoryEntry,
    Profile,
    Referencing,
    StreetType,
    WebSession,
)
from schema.tabular import Row, shown, write_csv

ACTOR = Actor.system("Essai")
SAMPLE = Path("seeds/demo/liste-ans-exemple.csv")
HEADER = "ans_number;software_name;software_version;dsr_id;status\n"
GOOD = HEADER + "A1;Alizé;4.2;DSR-HOP-DPI-VA2;pending\nA2;Biolog;1.0;DSR-BIO-SGL-VA2;validated\n"


def load(database: Database, content: str | bytes, **options: object) -> Report:
    raw = content.encode() if isinstance(content, str) else content
    with database.writing(ACTOR, "Essai d'import") as session:
        return import_file(session, Referencing, io.BytesIO(raw), **options)  # type: ignore[arg-type]


def numbers(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {row.ans_number: row.software_version for row in session.exec(select(Referencing))}


def test_import_inserts_updates_and_leaves_what_is_the_same(database: Database) -> None:
    assert load(database, GOOD) == Report(inserted=2)
    assert load(database, GOOD) == Report(unchanged=2)
    changed = GOOD.replace("4.2", "4.3") + "A3;Novalys;1;DSR-IMG-RIS-VA2;pending\n"
    assert load(database, changed) == Report(inserted=1, updated=1, unchanged=1)
    assert numbers(database) == {"A1": "4.3", "A2": "1.0", "A3": "1"}
    with database.reading() as session:
        entries = session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "referencing")).all()
    assert sorted(entry.operation.value for entry in entries) == ["insert", "insert", "insert", "update"]
    assert {entry.reason for entry in entries} == {"Essai d'import"}
    # One batch for each import that wrote something.
    assert len({entry.batch for entry in entries}) == 2


def test_dry_run_counts_and_writes_nothing_not_even_history(database: Database) -> None:
    assert load(database, GOOD, dry_run=True) == Report(inserted=2)
    assert numbers(database) == {}
    with database.reading() as session:
        assert session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "referencing")).all() == []


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("A9;x;1;DSR-XXX;pending", "dsr_id"),
        ("A9;x;1;DSR-HOP-DPI-VA2;partout", "status"),
        ("A1;x;1;DSR-HOP-DPI-VA2;pending", ""),
        (";x;1;DSR-HOP-DPI-VA2;pending", "ans_number"),
        ("A9;;1;DSR-HOP-DPI-VA2;pending", "software_name"),
    ],
    ids=["reference", "choice", "same key twice", "no key", "required"],
)
def test_one_wrong_line_stops_the_whole_file(database: Database, line: str, column: str) -> None:
    report = load(database, GOOD + line + "\n")
    assert [(error.line, error.column) for error in report.errors] == [(4, column)]
    assert numbers(database) == {}


def test_missing_column_is_said_for_inserts_and_not_for_updates(database: Database) -> None:
    load(database, GOOD)
    assert load(database, "ans_number;Version du logiciel\nA1;9\n") == Report(updated=1)
    report = load(database, "ans_number;Version du logiciel\nA7;9\n")
    assert "« Nom du logiciel »" in report.errors[0].message
    assert load(database, "software_name\nAlizé\n").errors[0].column == "Numéro unique de référencement ANS"


def test_many_errors_are_counted_and_the_first_ones_told(database: Database) -> None:
    report = load(database, HEADER + "".join(f"A{number};x;1;NON;pending\n" for number in range(MOST_ERRORS + 7)))
    assert report.error_count == MOST_ERRORS + 7
    assert len(report.errors) == MOST_ERRORS


def test_what_the_database_refuses_is_told_by_line(database: Database) -> None:
    rows = [
        Row(2, {"country": "FR", "bank_code": "99991", "name": "Une", "bic": "AGRIFRPP"}),
        # Passes the cells one by one, and not the CHECK on the length of the column.
        Row(3, {"country": "FR", "bank_code": "9" * 80, "name": "Autre", "bic": "AGRIFRPP"}),
    ]
    with database.writing(ACTOR) as session:
        report = import_table(session, BankOverride, rows)
        known = session.exec(select(BankOverride).where(BankOverride.bank_code == "99991")).first()
    assert [error.line for error in report.errors] == [3]
    assert known is None


def test_import_by_another_key_and_table_without_key(database: Database) -> None:
    load(database, GOOD)
    assert load(database, "software_name;status\nBiolog;pending\n", key=["software_name"]) == Report(updated=1)
    with pytest.raises(Refused, match="n'existe pas"):
        load(database, GOOD, key=["couleur"])
    with database.writing(ACTOR) as session, pytest.raises(Refused, match="pas de clé"):
        import_table(session, WebSession, [])


def test_unreadable_file_is_refused_in_french(database: Database) -> None:
    with pytest.raises(Refused, match="vide"):
        load(database, "")


def test_sample_of_the_ans_list_loads(database: Database) -> None:
    # rule: R3
    with database.writing(ACTOR) as session:
        report = import_file(session, Referencing, io.BytesIO(SAMPLE.read_bytes()))
        assert report == Report(inserted=7)
        found = session.exec(select(Referencing).where(Referencing.ans_number == "ANS-V2-IMG-00320")).one()
        assert found.software_name == 'Imagis "Cabinet" ; édition 2026'
        assert found.status is ReferencingStatus.pending


def exported(session: Session, model: type[Table]) -> bytes:
    return b"".join(write_csv(shown(model), stored_rows(session, model, shown(model))))


@pytest.mark.parametrize(
    "model", [Dsr, Profile, DocumentRule, StreetType, BankOverride], ids=lambda model: model.__name__
)
def test_an_export_read_back_changes_nothing(database: Database, model: type[Table]) -> None:
    with database.writing(ACTOR) as session:
        report = import_file(session, model, io.BytesIO(exported(session, model)))
        assert report.errors == ()
        assert report.updated == report.inserted == 0
        assert report.unchanged > 0
        assert "id" in report.ignored


def test_every_table_that_others_name_has_one_naming_column() -> None:
    # A reference to a table without one is exported as a technical key: these are the known cases.
    without = {model.__tablename__ for model in ALL if len(natural_key(model)) != 1}
    assert {"dsr", "wave", "corridor", "profile", "document_kind", "street_type", "referencing", "request"}.isdisjoint(
        without
    )
