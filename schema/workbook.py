"""XLSX files written row by row, straight into the answer: nothing waits for the last row, nothing is kept on disk.

openpyxl writes a whole sheet aside before its first byte leaves: the reader of a long export would see nothing for
minutes. The format that a sheet of plain cells needs is small; a test reads every file back with openpyxl. What a cell
says is decided in `schema.tabular`, how workbooks are read in `schema.workbook_reading`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from schema.describe import PARIS, FieldKind, FieldSpec
from schema.tabular import cell_text

MOST_ROWS = 1_048_576
"""Rows that a sheet can hold, its heading included."""

_LONGEST = 32_767
_SURE_DIGITS = 10**15
_LEVEL = 3
_PIECE_BYTES = 64 * 1024
# Above 2 Gio a file inside a ZIP needs longer fields, which some old spreadsheets refuse: only when it may be needed.
_CELLS_IN_2_GIB = 20_000_000
# What the cell of an XLSX file cannot hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  The calendar of spreadsheets has no time zone.
_FIRST_YEAR = 1901
_DAY_STYLE, _MOMENT_STYLE, _HEAD_STYLE = 1, 2, 3

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FORMAT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FIXED = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_FORMAT}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_FORMAT}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_FORMAT}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


class _Pipe:
    """What the ZIP writes and the answer has not yet taken. It cannot go back: sizes stand after each file."""

    def __init__(self) -> None:
        self.held = bytearray()

    def write(self, content: bytes) -> int:
        self.held += content
        return len(content)

    def flush(self) -> None:
        """Nothing is kept elsewhere."""

    def close(self) -> None:
        """Nor is anything open."""

    def take(self) -> bytes:
        taken = bytes(self.held)
        self.held.clear()
        return taken


def write_xlsx(
    columns: Sequence[FieldSpec], rows: Iterable[Sequence[Any]], title: str, *, expected: int = MOST_ROWS
) -> Iterator[bytes]:
    """The file in pieces: dates are dates, whole numbers numbers, and a text is never a formula.

    A row holds values as stored, a reference being already the text that names its row. `expected` is how many rows
    there may be at most.
    """
    pipe = _Pipe()
    cells = [_cell_of(spec) for spec in columns]
    with ZipFile(pipe, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name, content in _FIXED.items():
            archive.writestr(name, _XML + content)
        archive.writestr("xl/workbook.xml", _XML + _book(title))
        info = ZipInfo("xl/worksheets/sheet1.xml", date_time=(1980, 1, 1, 0, 0, 0))
        info.compress_type = ZIP_DEFLATED
        is_large = expected * len(columns) > _CELLS_IN_2_GIB
        with archive.open(info, "w", force_zip64=is_large) as sheet:
            sheet.write(_head(columns).encode())
            for row in rows:
                line = "".join([cell(value) for cell, value in zip(cells, row, strict=True)])
                sheet.write(f"<row>{line}</row>".encode())
                if len(pipe.held) >= _PIECE_BYTES:
                    yield pipe.take()
            sheet.write(b"</sheetData></worksheet>")
    yield pipe.take()


def _book(title: str) -> str:
    name = escape(re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "Feuille", {'"': "&quot;"})
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    )


def _head(columns: Sequence[FieldSpec]) -> str:
    """All that stands before the first row: a heading that stays in sight, and columns wide enough to be read."""
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{_width(spec)}" customWidth="1"/>'
        for place, spec in enumerate(columns, start=1)
    )
    titles = "".join(_text_cell(spec.label, _HEAD_STYLE) for spec in columns)
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{widths}</cols><sheetData><row>{titles}</row>"
    )


def _width(spec: FieldSpec) -> int:
    usual = {FieldKind.moment: 17, FieldKind.date: 12, FieldKind.integer: 12, FieldKind.boolean: 10}
    return max(usual.get(spec.kind, 24), min(len(spec.label) + 2, 40))


def _cell_of(spec: FieldSpec) -> Callable[[Any], str]:
    """How the cells of a column are written."""
    if spec.kind is FieldKind.integer:
        return lambda value: _number(spec, value)
    if spec.kind in (FieldKind.moment, FieldKind.date):
        return lambda value: _dated(spec, value)
    return lambda value: "<c/>" if value is None else _text_cell(cell_text(spec, value))


def _number(spec: FieldSpec, value: Any) -> str:
    if value is None:
        return "<c/>"
    # Spreadsheets count with fifteen digits: a longer number keeps all of its own as a text.
    return f"<c><v>{value}</v></c>" if abs(value) < _SURE_DIGITS else _text_cell(cell_text(spec, value))


def _dated(spec: FieldSpec, value: Any) -> str:
    if value is None:
        return "<c/>"
    if value.year < _FIRST_YEAR:
        return _text_cell(cell_text(spec, value))
    if isinstance(value, datetime):
        gone = value.astimezone(PARIS).replace(tzinfo=None) - _DAY_ZERO
        return f'<c s="{_MOMENT_STYLE}"><v>{gone.days + gone.seconds / 86_400:.9f}</v></c>'
    days = date.toordinal(value) - _DAY_ZERO.toordinal()
    return f'<c s="{_DAY_STYLE}"><v>{days}</v></c>'


def _text_cell(text: str, style: int = 0) -> str:
    """A text inside its cell, which no spreadsheet takes for a formula."""
    if not text:
        return "<c/>"
    clean = escape(_ILLEGAL.sub("", text)[:_LONGEST], {"\r": "&#13;"})
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{clean}</t></is></c>'
