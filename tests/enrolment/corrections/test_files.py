"""A file as the source of a correction: what its lines come to, what is said of wrong ones, done and undone."""

import io
from collections.abc import Sequence

import openpyxl
import pytest
import sqlalchemy as sa
from sqlmodel import select

from enrolment.corrections import files, running
from enrolment.errors import Refused
from schema.base import Table
from schema.database import Database
from schema.enums import CorrectionOutcome, CorrectionState, ImportMode, ReferencingStatus
from schema.staging import LINES
from schema.tables import Correction, HistoryEntry, Provider, Referencing, RequestEvent
from tests.enrolment.corrections.records import STEWARD, add_providers, applied, means, undone, values

HEADER = "ans_number;software_name;software_version;dsr_id;status\n"
GOOD = HEADER + "A1;Alizé;4.2;DSR-HOP-DPI-VA2;pending\nA2;Biolog;1.0;DSR-BIO-SGL-VA2;validated\n"


def read(
    database: Database,
    content: str | bytes,
    model: type[Table] = Referencing,
    *,
    key: Sequence[str] = (),
    mode: ImportMode = ImportMode.upsert,
    every: bool = True,
) -> Correction:
    """A correction by file, prepared."""
    raw = content.encode() if isinstance(content, str) else content
    tools = means(database)
    asked = files.ask(
        tools,
        STEWARD,
        model,
        io.BytesIO(raw),
        file_name="liste.csv",
        key=key,
        mode=mode,
        title="Liste reçue",
        reason="Courriel de l'ANS",
        every=every,
    )
    return running.finish(tools, asked.id)


def lines(database: Database, correction: Correction) -> list[tuple[int, str, str]]:
    """Line of the file, outcome and reason of each line."""
    with database.reading() as session:
        found = session.execute(
            sa.select(LINES.c.file_line, LINES.c.outcome, LINES.c.detail)
            .where(LINES.c.correction_id == correction.id)
            .order_by(LINES.c.place)
        )
        return [(row.file_line, row.outcome, row.detail or "") for row in found]


def test_file_creates_and_changes_rows_and_its_undoing_takes_them_back(database: Database) -> None:
    first = read(database, GOOD)
    assert (first.state, first.total, first.planned, first.set_aside) == (CorrectionState.frozen, 2, 2, 0)
    assert applied(database, first).state is CorrectionState.applied
    again = read(database, GOOD)
    assert (again.planned, again.unchanged) == (0, 2)
    changed = GOOD.replace("4.2", "4.3") + "A3;Novalys;1;DSR-IMG-RIS-VA2;pending\n"
    second = applied(database, read(database, changed))
    assert (second.applied, second.unchanged) == (2, 1)
    with database.reading() as session:
        found = {row.ans_number: row for row in session.exec(select(Referencing))}
        history = session.exec(select(HistoryEntry).where(HistoryEntry.batch == second.public_id)).all()
    assert {number: row.software_version for number, row in found.items()} == {"A1": "4.3", "A2": "1.0", "A3": "1"}
    assert found["A3"].status is ReferencingStatus.pending
    assert [(entry.operation.value, entry.changes.get("software_version")) for entry in history] == [
        ("update", ["4.2", "4.3"]),
        ("insert", [None, "1"]),
    ]
    undoing = undone(database, second)
    assert sorted(values(database, Referencing, "software_version").values()) == ["1.0", "4.2"]
    undone(database, undoing)
    assert values(database, Referencing, "ans_number")[found["A3"].id] == "A3"


def test_steward_changes_only_what_is_corrected_in_bulk_and_is_told_the_rest(database: Database) -> None:
    (key,) = add_providers(database, ["ST DENIS"])
    content = f"Identifiant technique;Commune;registry_name;Créé le\n{key};Saint-Denis;RIEN;01/01/2020 10:00\n"
    correction = read(database, content, Provider, mode=ImportMode.update, every=False)
    assert (correction.planned, correction.set_aside, correction.problem) == (1, 0, None)
    assert "Colonnes ignorées" in correction.selection
    assert "« Créé le »" in correction.selection
    applied(database, correction)
    assert values(database, Provider, "city") == {key: "Saint-Denis"}
    with pytest.raises(Refused, match="importez le fichier"):
        read(database, content, Provider, mode=ImportMode.upsert, every=False)
    with pytest.raises(Refused, match="Aucune colonne"):
        read(database, content, RequestEvent)


def test_each_wrong_line_is_told_by_line_and_column_and_stops_the_whole(database: Database) -> None:
    applied(database, read(database, GOOD))
    wrong = GOOD.replace("4.2", "4.3") + (
        "A4;x;1;DSR-XXX;pending\n"
        "A5;x;1;DSR-HOP-DPI-VA2;partout\n"
        ";x;1;DSR-HOP-DPI-VA2;pending\n"
        "A7;;1;DSR-HOP-DPI-VA2;pending\n"
        "A8;x;1;DSR-HOP-DPI-VA2\n"
        'A9;x;1;DSR-HOP-DPI-VA2;pending;"de plus"\n' + HEADER + "A1;Alizé;4.4;DSR-HOP-DPI-VA2;pending\n"
    )
    correction = read(database, wrong)
    told = lines(database, correction)
    assert told[0] == (2, CorrectionOutcome.planned, "")
    words = [
        "« dsr_id »",
        "« status »",
        "« ans_number »",
        "« software_name »",
        "il manque",
        "séparateur est de trop",
        "en-tête",
    ]
    assert [line for line, *_ in told] == [2, 4, 5, 6, 7, 8, 9, 10, 11]
    for (_, outcome, reason), word in zip(told[1:8], words, strict=True):
        assert outcome == CorrectionOutcome.invalid
        assert word in reason
    assert told[8][1] == CorrectionOutcome.duplicate
    assert "ligne 2" in told[8][2]
    with pytest.raises(Refused, match="8 lignes sont écartées"):
        applied(database, correction)
    assert applied(database, correction, others=True).applied == 1
    assert "4.3" in values(database, Referencing, "software_version").values()


def test_line_of_a_workbook_with_too_many_cells_is_told_in_its_own_words(sqlite_database: Database) -> None:
    book = openpyxl.Workbook()
    for row in (*(line.split(";") for line in GOOD.splitlines()[:2]), ["A9", "x", 1, "DSR-HOP-DPI-VA2", "", "de plus"]):
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    told = lines(sqlite_database, read(sqlite_database, stream.getvalue()))
    assert told[1][2] == "Cette ligne a 6 cellules, pour 5 dans l'en-tête : une cellule est de trop."


@pytest.mark.parametrize(
    ("mode", "outcome"),
    [(ImportMode.update, CorrectionOutcome.missing), (ImportMode.insert, CorrectionOutcome.refused)],
)
def test_mode_says_what_may_be_done(database: Database, mode: ImportMode, outcome: CorrectionOutcome) -> None:
    applied(database, read(database, GOOD.splitlines()[0] + "\n" + GOOD.splitlines()[1] + "\n"))
    correction = read(database, GOOD.replace("4.2", "5"), mode=mode)
    assert sorted(what for _, what, _ in lines(database, correction)) == sorted([outcome, CorrectionOutcome.planned])
