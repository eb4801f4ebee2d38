"""Files of tables: what is written is read back unchanged; what is wrong is said by line and column."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.describe import FieldSpec, field, fields
from schema.enums import ReferencingStatus
from schema.sheets import Unreadable
from schema.tables import ALL, Corridor, Deadline, Dsr, Referencing, StaffUser
from schema.tabular import Row, escape, read, shown, unescape, writable, write_csv
from schema.types import InvalidValue
from schema.workbook import write_xlsx

CODES = {"DSR-HOP-DPI-VA2": 1, "HOP-DPI-GENERAL": 7}


def resolve(spec: FieldSpec, text: str) -> int:
    if text not in CODES:
        raise InvalidValue("Inconnu.")
    return CODES[text]


def rows_of(content: bytes) -> list[Row]:
    reading = read(Referencing, io.BytesIO(content), resolve)
    assert reading.errors == ()
    return list(reading.rows)


HEADER = "Numéro unique de référencement ANS;Nom du logiciel;Version du logiciel;DSR concerné\r\n"
LINE = "ans 1;Alizé;4.2;DSR-HOP-DPI-VA2\r\n"
EXPECTED = {"ans_number": "ANS 1", "software_name": "Alizé", "software_version": "4.2", "dsr_id": 1}


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + LINE).encode(),
        b"\xef\xbb\xbf" + (HEADER + LINE).encode(),
        (HEADER + LINE).encode("cp1252"),
        (HEADER + LINE).encode("utf-16"),
        (HEADER + LINE).replace(";", ",").replace("\r\n", "\n").encode(),
        (HEADER + LINE).replace(";", "\t").encode(),
        b"ans_number;software_name;software_version;dsr\n" + LINE.encode(),
        b"NUMERO UNIQUE DE REFERENCEMENT ANS ; nom du logiciel;Version  du logiciel;DSR_ID\n" + LINE.encode(),
        (HEADER + "\r\n;;;\r\n" + LINE).encode(),
    ],
    ids=["utf-8", "bom", "cp1252", "utf-16", "comma", "tab", "names", "loose headings", "empty lines"],
)
def test_any_usual_csv_file_reads_the_same(content: bytes) -> None:
    assert [dict(row.values) for row in rows_of(content)] == [EXPECTED]


def test_workbook_with_typed_cells_reads_the_same() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["ans_number", "software_name", "software_version", "dsr_id", "status", "validated_on"])
    sheet.append([123456789012345, "Alizé", 4.0, "DSR-HOP-DPI-VA2", "Validé par l'ANS", datetime(2026, 3, 3)])  # noqa: DTZ001  As a spreadsheet has it.
    stream = io.BytesIO()
    book.save(stream)
    (row,) = rows_of(stream.getvalue())
    assert row.values == {
        "ans_number": "123456789012345",
        "software_name": "Alizé",
        "software_version": "4",
        "dsr_id": 1,
        "status": ReferencingStatus.validated,
        "validated_on": date(2026, 3, 3),
    }


def test_everything_wrong_is_said_by_line_and_column() -> None:
    content = (
        "ans_number;software_name;software_version;dsr_id;status\n"
        'A1;"deux\nlignes";1;DSR-HOP-DPI-VA2;pending\n'
        "A2;;1;NOPE;parti\n"
        "A3;x;1;DSR-HOP-DPI-VA2;pending;de trop\n"
    )
    rows = rows_of(content.encode())
    assert [row.line for row in rows] == [2, 4, 5]
    assert rows[0].values["software_name"] == "deux lignes"
    assert [(error.line, error.column) for row in rows for error in row.errors] == [
        (4, "software_name"),
        (4, "dsr_id"),
        (4, "status"),
        (5, ""),
    ]
    assert str(rows[1].errors[0]).startswith("Ligne 4, colonne « software_name » :")


def test_unknown_and_repeated_columns_are_said_and_technical_ones_ignored() -> None:
    content = b"ans_number;Couleur;Nom du logiciel;software_name;id;row_version\n"
    reading = read(Referencing, io.BytesIO(content), resolve)
    assert [error.column for error in reading.errors] == ["Couleur", "software_name"]
    assert "« Éditeur »" in reading.errors[0].message
    assert reading.ignored == ("id", "row_version")


def test_secret_columns_never_enter_nor_leave() -> None:
    for model in ALL:
        assert not [spec.name for spec in (*writable(model), *shown(model)) if spec.meta.secret]
    reading = read(StaffUser, io.BytesIO(b"email;password_hash\n"), resolve)
    assert [error.column for error in reading.errors] == ["password_hash"]


def test_empty_cell_keeps_a_default_and_empties_an_optional_column() -> None:
    content = b"ans_number;software_name;software_version;dsr_id;status;publisher_name\nA;B;1;DSR-HOP-DPI-VA2;;\n"
    (row,) = rows_of(content)
    assert "status" not in row.values
    assert row.values["publisher_name"] is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"PK\x03\x04 not a workbook", b'ans_number\n"open', b"ans_number\n\x81\x8d", b"\xff\xfea"],
    ids=["empty", "blank", "zip", "quote", "cp1252 hole", "odd utf-16"],
)
def test_unreadable_file_is_said_so_and_nothing_else(content: bytes) -> None:
    with pytest.raises(Unreadable):
        list(read(Referencing, io.BytesIO(content), resolve).rows)


@given(st.text())
def test_escape_is_undone_and_starts_no_formula(text: str) -> None:
    # std: SEC-9
    assert unescape(escape(text)) == text
    assert not escape(text).startswith(("=", "+", "-", "@", "\t", "\r"))


NASTY = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() != ""
)
HOSTILE = st.sampled_from(["=cmd|'/C calc'!A0", "+33", "-1", "@SUM(A1)", "'=x", "''+", 'a;"b"', "é;\nx", "«\u00a0»"])


def stored(name: str, raw: str) -> Any:
    return field(Referencing, name).clean(raw)


@given(
    st.lists(st.tuples(NASTY | HOSTILE, NASTY | HOSTILE), max_size=5), st.booleans(), st.sampled_from(["csv", "xlsx"])
)
def test_what_is_written_is_read_back(pairs: list[tuple[str, str]], names: bool, form: str) -> None:
    # std: SEC-9
    columns = [field(Referencing, name) for name in ("ans_number", "software_name", "status", "validated_on", "dsr_id")]
    rows: list[tuple[Any, ...]] = []
    for number, software in pairs:
        try:
            values = (stored("ans_number", number), stored("software_name", software))
        except InvalidValue:
            continue
        rows.append((*values, ReferencingStatus.validated, date(2026, 2, 28), "DSR-HOP-DPI-VA2"))
    content = written(columns, rows, names=names, form=form)
    read_back = [tuple(row.values[spec.name] for spec in columns) for row in rows_of(content)]
    assert read_back == [(*row[:-1], 1) for row in rows]
    if form == "csv":
        for cells in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"):
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


def written(columns: Sequence[FieldSpec], rows: list[tuple[Any, ...]], *, names: bool, form: str) -> bytes:
    if form == "csv":
        return b"".join(write_csv(columns, rows, names=names))
    return b"".join(write_xlsx(columns, rows, "Référencements: [tous]"))


def test_workbook_holds_texts_dates_and_numbers_never_formulas() -> None:
    # std: SEC-9
    columns = [field(Corridor, "name"), field(Deadline, "days"), field(Dsr, "closes_at"), field(Dsr, "needs_hds")]
    row = ("=HYPERLINK(1)", 30, datetime(2026, 7, 1, 12, 30, tzinfo=UTC), True)
    stream = io.BytesIO(b"".join(write_xlsx(columns, [row], "Essai")))
    cells = next(iter(openpyxl.load_workbook(stream).worksheets[0].iter_rows(min_row=2)))
    assert [cell.data_type for cell in cells] == ["s", "n", "d", "s"]
    assert [cell.value for cell in cells] == ["=HYPERLINK(1)", 30, datetime(2026, 7, 1, 14, 30), "Oui"]  # noqa: DTZ001  Paris.


def test_rows_are_read_and_written_one_at_a_time() -> None:
    asked: list[int] = []

    def endless() -> Iterator[tuple[str]]:
        for number in range(1_000_000):
            asked.append(number)
            yield (f"Nom {number}",)

    lines = write_csv([field(Corridor, "name")], endless())
    for _ in range(5):
        next(lines)
    assert len(asked) < 10


@pytest.mark.parametrize(
    "typed",
    ["en cours d'instruction par l'ans", "En cours d’instruction par l’ANS", "En\u00a0cours d'instruction  par l'ANS"],
)
def test_choice_is_found_by_its_label_however_an_editor_wrote_it(typed: str) -> None:
    assert field(Referencing, "status").clean(typed) is ReferencingStatus.pending


def test_headings_of_every_table_find_their_own_column() -> None:
    for model in ALL:
        for spec in fields(model):
            if spec.meta.secret:
                continue
            for title in (spec.name, spec.label):
                reading = read(model, io.BytesIO(f'"{title}"\n'.encode()), resolve, key=(spec.name,))
                assert reading.columns == (spec,), title
