"""Tables as files: CSV and XLSX, in and out, made from the descriptions of the columns.

Streamed both ways. Reading says what is wrong by line and column, in French, and never stops at the first error;
writing gives a file that this module reads back unchanged. What is done with the rows belongs to others; how files
become lines of texts is in `schema.sheets`, how a workbook is written in `schema.workbook`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from schema.base import Table
from schema.describe import FieldKind, FieldSpec, fields
from schema.sheets import MOST_COLUMNS, Lines, Unreadable, lines_of, thousands
from schema.types import InvalidValue

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
CSV = "text/csv; charset=utf-8"
# A spreadsheet runs a cell that starts so. One more apostrophe than the text itself has keeps it a text.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True)
class CellError:
    """Something wrong in a file. `line` counts from 1, the header included; `column` is the header's own word."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"Ligne {self.line}, colonne « {self.column} »" if self.column else f"Ligne {self.line}"
        return f"{place} : {self.message}"


@dataclass(frozen=True)
class Row:
    """One line of a file: clean values by column name, and what was wrong in it."""

    line: int
    values: Mapping[str, Any]
    errors: tuple[CellError, ...] = ()


Resolve = Callable[[FieldSpec, str], int]
"""Finds the row that a reference names, and gives its key. Raises InvalidValue when there is none."""


@dataclass(frozen=True)
class Reading:
    """A file being read: what its header holds, then its rows, one by one.

    `ignored` are columns of the table that nobody may write, such as its dates: an export can be read back.
    """

    columns: tuple[FieldSpec | None, ...]
    ignored: tuple[str, ...]
    errors: tuple[CellError, ...]
    rows: Iterator[Row]


def read(model: type[Table], stream: BinaryIO, resolve: Resolve, *, key: Sequence[str] = ()) -> Reading:
    """Read a CSV or XLSX file of rows of a table. `stream` must be seekable; what it holds decides, not its name.

    `key` names columns to take although nobody may write them, because the caller finds rows by them.
    Raises Unreadable.
    """
    opened = lines_of(stream)
    lines = _unescaped(opened)
    first_line, header = first(lines)
    columns, ignored, errors = understood(model, header, first_line, key)
    titles = [title.strip() for title in header]
    return Reading(columns, ignored, errors, _rows(lines, columns, titles, resolve))


def understood(
    model: type[Table], header: Sequence[str], first_line: int, key: Sequence[str]
) -> tuple[tuple[FieldSpec | None, ...], tuple[str, ...], tuple[CellError, ...]]:
    """What each cell of a header names, the columns of the table that nobody may write, and what is wrong in it."""
    columns: list[FieldSpec | None] = []
    ignored: list[str] = []
    errors: list[CellError] = []
    for title in header:
        spec = _column(model, title)
        message = None
        if spec is None and title.strip():
            known = ", ".join(f"« {item.label} »" for item in writable(model))
            message = f"Cette colonne n'existe pas dans « {model.label_plural} ». Colonnes possibles : {known}."
        elif spec is not None and spec in columns:
            message = "Cette colonne figure deux fois : gardez-en une seule."
        if message is not None:
            errors.append(CellError(first_line, title.strip(), message))
        elif spec is not None and spec not in writable(model) and spec.name not in key:
            ignored.append(spec.name)
            spec = None
        columns.append(spec)
    return tuple(columns), tuple(ignored), tuple(errors)


def first(lines: Iterator[tuple[int, list[str]]]) -> tuple[int, list[str]]:
    """The header of a file. Raises Unreadable when there is none."""
    line, header = next(lines, (1, []))
    if not any(cell.strip() for cell in header):
        raise Unreadable("Ce fichier est vide : la première ligne doit nommer les colonnes.")
    if len(header) > MOST_COLUMNS:
        raise Unreadable(
            f"L'en-tête a {thousands(len(header))} colonnes, pour {thousands(MOST_COLUMNS)} au plus. Vérifiez le "
            "séparateur, puis enregistrez de nouveau le fichier depuis votre tableur."
        )
    return line, header


def _unescaped(opened: Lines) -> Iterator[tuple[int, list[str]]]:
    for line, cells in opened.each():
        yield line, [unescape(cell) for cell in cells] if opened.escaped else cells


def writable(model: type[Table]) -> tuple[FieldSpec, ...]:
    """The columns that a file may fill."""
    return tuple(
        spec
        for spec in fields(model)
        if spec.meta.editable and not spec.primary_key and not spec.meta.secret and spec.kind is not FieldKind.structure
    )


def shown(model: type[Table]) -> tuple[FieldSpec, ...]:
    """The columns that a file may show: all but secrets."""
    return tuple(spec for spec in fields(model) if not spec.meta.secret)


def write_csv(columns: Sequence[FieldSpec], rows: Iterable[Sequence[Any]], *, names: bool = False) -> Iterator[bytes]:
    """Lines of a CSV file as spreadsheets in France open it: `;`, a byte order mark, no cell that runs.

    A row holds values as stored, a reference being already the text that names its row. `names` puts the columns'
    names in the header instead of their French labels.
    """
    buffer = io.StringIO()
    writer = new_writer(buffer)
    titles = (spec.name if names else spec.label for spec in columns)
    yield BYTE_ORDER_MARK
    writer.writerow(list(titles))
    for row in rows:
        writer.writerow([escape(cell_text(spec, value)) for spec, value in zip(columns, row, strict=True)])
        yield _drain(buffer)
    yield _drain(buffer)


def csv_line(cells: Sequence[str]) -> bytes:
    """One line of a CSV file that is no table of ours, written by the same rules."""
    buffer = io.StringIO()
    new_writer(buffer).writerow([escape(cell) for cell in cells])
    return buffer.getvalue().encode()


def new_writer(buffer: io.StringIO) -> Any:
    """What writes the lines."""
    return csv.writer(buffer, delimiter=";", lineterminator="\r\n")


def plain_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A small table that is no table of ours, in the same form: `;`, a byte order mark, no cell that runs."""
    return BYTE_ORDER_MARK + b"".join(csv_line(row) for row in (header, *rows))


def escape(text: str) -> str:
    """A text that a spreadsheet will not run; `unescape` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def cell_text(spec: FieldSpec, value: Any) -> str:
    """A value as a cell holds it, but for `escape`."""
    if value is None:
        return ""
    if spec.kind is FieldKind.structure:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if spec.kind in (FieldKind.reference, FieldKind.integer):
        # A number stays one for who computes with the file, a duration too.
        return str(value)
    return spec.show(value)


def _rows(
    lines: Iterator[tuple[int, list[str]]],
    columns: Sequence[FieldSpec | None],
    titles: Sequence[str],
    resolve: Resolve,
) -> Iterator[Row]:
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        values: dict[str, Any] = {}
        errors: list[CellError] = []
        if any(cell.strip() for cell in cells[len(titles) :]):
            errors.append(CellError(line, "", "Cette ligne a plus de cellules que l'en-tête : un « ; » est de trop."))
        for spec, title, cell in zip(columns, titles, [*cells, *[""] * len(titles)], strict=False):
            if spec is None or (spec.has_default and spec.required and not cell.strip()):
                continue
            try:
                values[spec.name] = _value(spec, cell, resolve)
            except InvalidValue as error:
                errors.append(CellError(line, title, error.message))
        yield Row(line, values, tuple(errors))


def _value(spec: FieldSpec, cell: str, resolve: Resolve) -> Any:
    if spec.kind is FieldKind.reference and cell.strip():
        return resolve(spec, cell.strip())
    return spec.clean(cell)


def _column(model: type[Table], title: str) -> FieldSpec | None:
    wanted = _plain(title)
    for spec in fields(model):
        if wanted in {_plain(spec.name), _plain(spec.label), _plain(spec.relation or spec.name)}:
            return spec if not spec.meta.secret else None
    return None


def _plain(words: str) -> str:
    """A heading without case, accents, apostrophes and spaces: the form in which headings are compared."""
    decomposed = unicodedata.normalize("NFKD", words.casefold().replace("œ", "oe"))
    return re.sub(r"[^a-z0-9]", "", decomposed)
