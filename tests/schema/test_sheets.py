"""Files as lines of texts: whatever wrote them reads the same, and what would take the machine's memory is refused."""

import csv
import io
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import sheets
from schema.sheets import Unreadable, lines_of

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


def rows_of(content: bytes) -> list[tuple[int, list[str]]]:
    return list(lines_of(io.BytesIO(content)).each())


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=30), st.integers(4, 400))
def test_blocks_of_any_size_cut_no_line(cells: list[list[str]], size: int) -> None:
    # A cell may hold quotes and ends of lines, wherever a block ends.
    content = "a;b\n" + "".join('"{}";"{}"\n'.format(*(cell.replace('"', '""') for cell in row)) for row in cells)
    before = sheets.MOST_IN_A_BLOCK
    sheets.MOST_IN_A_BLOCK = size
    try:
        found = rows_of(content.encode())
    finally:
        sheets.MOST_IN_A_BLOCK = before
    assert [row for _, row in found] == [["a", "b"], *cells]
    line = 2
    for (number, _), row in zip(found[1:], cells, strict=True):
        assert number == line
        line += 1 + sum(cell.count("\n") for cell in row)


@given(st.text(st.sampled_from("ab;,\t \r\né\x0b\x1c\u2028\x85\x00"), max_size=30), st.sampled_from(";,\t"))
def test_lines_without_quotes_are_cut_as_the_csv_module_cuts_them(text: str, delimiter: str) -> None:
    whole = f"{text}\n"
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter, strict=True)
    rows = list(reader)
    assert sheets._split(whole, delimiter) == rows
    assert reader.line_num == len(rows)


def test_stray_quotes_do_not_hide_the_ends_of_lines() -> None:
    many = sheets.MOST_IN_A_BLOCK // 8
    content = ("a;b\n" + '5" x;1\n' + "22222;1\n" * many * 2).encode()
    found = rows_of(content)
    assert len(found) == 2 + 2 * many
    assert found[1] == (2, ['5" x', "1"])


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_usual_form_reads_the_same(ends: str, encoding: str, separator: str) -> None:
    text = separator.join(["Numéro", "Éditeur"]) + ends + separator.join(["1", '"L\'été ; à « Nîmes »,\tici"']) + ends
    assert rows_of(text.encode(encoding))[1][1] == ["1", "L'été ; à « Nîmes »,\tici"]


def workbook(sheet: str, **others: str) -> bytes:
    """A workbook of one sheet, given by the XML of its lines."""
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    book.save(stream)
    target = io.BytesIO()
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            if name not in {"xl/worksheets/sheet1.xml", *others}:
                copy.writestr(name, source.read(name))
        copy.writestr("xl/worksheets/sheet1.xml", f"<worksheet {main}><sheetData>{sheet}</sheetData></worksheet>")
        for name, content in others.items():
            copy.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("sheet", "word"),
    [
        ('<row r="1"><c r="A1" t="str"><f>1+1</f><v>2</v></c></row>', "cellule A1 contient une formule"),
        ('<row r="1"><c r="B1" t="e"><v>#REF!</v></c></row>', r"cellule B1 contient une erreur \(#REF!\)"),
        (
            '<row r="1"><c r="C1" t="inlineStr"><is><t>' + "x" * 131_073 + "</t></is></c></row>",
            "C1 dépasse 131 072 car",
        ),
        ('<row r="1"><c r="AMN1"><v>1</v></c></row>', "1 000 au plus"),
        ('<row r="1"><c r="ZZZ1"><v>1</v></c></row>', "cellules"),
        ('<row r="9999999999"><c r="A1"><v>1</v></c></row>', "illisible"),
        ('<row r="1"><c r="A1" t="s"><v>5</v></c></row>', "illisible"),
        ('<row r="1"><c r="A1"><v>beaucoup</v></c></row>', "illisible"),
        ('<row r="1"><c r="A1"></row>', "illisible"),
    ],
)
def test_workbook_that_would_mislead_is_refused(sheet: str, word: str) -> None:
    with pytest.raises(Unreadable, match=word):
        rows_of(workbook(sheet))


def test_cells_of_workbooks_read_as_somebody_would_type_them() -> None:
    book = openpyxl.Workbook()
    active = book.active
    assert active is not None
    active.append(["Texte", 12.0, 1.5, True, None, "'=x"])
    active["A3"] = "saut"
    stream = io.BytesIO()
    book.save(stream)
    assert rows_of(stream.getvalue()) == [(1, ["Texte", "12", "1.5", "Oui", "", "'=x"]), (3, ["saut"])]


_BOMBS = {
    "cell": lambda: b'a;b\n"' + b"x" * 60_000_000 + b'";1\n',
    "line": lambda: b"a;b\n" + b"x;" * 30_000_000,
    "record": lambda: b"a;b\n" + b'"x\n";' * 15_000_000,
    "columns": lambda: b";".join(b"c%d" % number for number in range(150_000)) + b"\n1\n",
    "quote": lambda: b'a;b\n1;"' + b"x\n" * 30_000_000,
    "utf-16": lambda: "\ufeff".encode("utf-16-le") + ("a" * 30_000_000).encode("utf-16-le"),
    "xlsx cell": lambda: workbook('<row r="1"><c t="inlineStr"><is><t>' + "x" * 60_000_000 + "</t></is></c></row>"),
    "xlsx row": lambda: workbook('<row r="1">' + '<c t="str"><v>x</v></c>' * 3_000_000 + "</row>"),
    "xlsx shared": lambda: workbook(
        "", **{"xl/sharedStrings.xml": "<sst>" + "<si><t>x</t></si>" * 5_000_000 + "</sst>"}
    ),
    "xlsx entities": lambda: workbook(
        "", **{"xl/styles.xml": '<!DOCTYPE x [<!ENTITY a "' + "x" * 1000 + '">]><styleSheet>&a;&a;</styleSheet>'}
    ),
}  # fmt: skip
_CHILD = """
import resource, sys
from schema.sheets import Unreadable, lines_of
with open(sys.argv[1], "rb") as stream:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        for block in lines_of(stream).blocks:
            if len(block.rows[0]) > 1000:
                raise Unreadable("La ligne est démesurée.")
        said = "lu"
    except Unreadable as error:
        said = error.message
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // 1024, said)
"""


@pytest.mark.parametrize("name", sorted(_BOMBS))
def test_file_that_would_fill_the_memory_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(_BOMBS[name]())
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, path],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
        preexec_fn=_limited,
    )
    megabytes, _, said = done.stdout.strip().partition(" ")
    assert said.endswith(".")
    assert int(megabytes) < 100


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1024**3, 1024**3))
