"""CSV files as lines of texts, whatever wrote them: separator, encoding and ends of lines are found out.

Streamed, and bounded: what would take the memory of the machine is refused with a French sentence that says what to
do. What lines mean is in `schema.tabular`; workbooks are read in `schema.workbook_reading`.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_COLUMNS = 1_000
MOST_IN_A_CELL = 131_072
"""Characters. It is also the limit of the csv module."""

_MOST_IN_A_LINE = 1024 * 1024
_CHUNK = 64 * 1024
_DELIMITERS = ";,\t"
_OTHER_FORMATS = (b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff")

Row = tuple[int, list[str]]
"""The number of a line, from 1, and its cells."""


class Unreadable(Exception):
    """The file as a whole cannot be read. `message` is French and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Measure:
    """How many characters were read: a reader who takes many lines at a time stops early where they are long."""

    def __init__(self) -> None:
        self.characters = 0
        self._line = 0

    def add(self, characters: int) -> None:
        """Count characters of a line. Raises Unreadable for a line that has no end."""
        self.characters += characters
        self._line += characters
        if self._line > _MOST_IN_A_LINE:
            raise Unreadable(_ENDLESS)

    def end_line(self) -> None:
        """The next characters are those of another line."""
        self._line = 0


@dataclass(frozen=True)
class Lines:
    """The lines of a file. `escaped` says that its cells are as `schema.tabular.escape` left them, and that a line
    that has fewer cells than the header is a wrong one."""

    rows: Generator[Row]
    measure: Measure
    escaped: bool


def lines_of(stream: BinaryIO) -> Lines:
    """The lines of a CSV or XLSX file: what it holds decides, not its name. `stream` must be seekable.

    Raises Unreadable, now or at a line.
    """
    stream.seek(0)
    head = stream.read(4)
    measure = Measure()
    if head == b"PK\x03\x04":
        from schema.workbook_reading import workbook_lines  # noqa: PLC0415  It reads with the bounds of this module.

        return Lines(_bounded(workbook_lines(stream, measure)), measure, escaped=False)
    if head.startswith(_OTHER_FORMATS):
        raise Unreadable("Ce fichier n'est pas un tableau : donnez un fichier CSV ou un classeur XLSX.")
    return Lines(_bounded(_csv_lines(stream, measure)), measure, escaped=True)


def _bounded(rows: Iterator[Row]) -> Generator[Row]:
    """The same lines, unless the first one names more columns than any table has."""
    for line, cells in rows:
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(
                f"La ligne {line} a {len(cells)} cellules, pour {MOST_COLUMNS} au plus. Vérifiez le séparateur, puis "
                "enregistrez de nouveau le fichier depuis votre tableur."
            )
        yield line, cells


def _csv_lines(stream: BinaryIO, measure: Measure) -> Iterator[Row]:
    encoding = _encoding(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    end = 0
    try:
        delimiter = _delimiter(text)
        reader = csv.reader(_measured(text, measure), delimiter=delimiter, strict=True)
        for cells in reader:
            yield end + 1, cells
            end = reader.line_num
            measure.end_line()
    except csv.Error as error:
        raise Unreadable(_damaged(end + 1, str(error))) from error
    except UnicodeDecodeError as error:
        raise Unreadable(_UNKNOWN_CHARACTERS) from error
    finally:
        text.detach()


_ENDLESS = (
    "Une ligne de ce fichier est démesurée, ou un guillemet ouvert n'est pas refermé. Enregistrez-le de nouveau depuis "
    "votre tableur."
)
_UNKNOWN_CHARACTERS = "Les caractères de ce fichier ne sont pas lisibles. Enregistrez-le au format « CSV UTF-8 »."


def _measured(text: io.TextIOWrapper, measure: Measure) -> Iterator[str]:
    """The physical lines of a file: a cell may hold ends of lines, but not without end."""
    for line in text:
        measure.add(len(line))
        yield line


def _damaged(line: int, error: str) -> str:
    if "field limit" in error:
        reason = f"une cellule dépasse {MOST_IN_A_CELL} caractères, ou un guillemet ouvert n'est pas refermé"
    else:
        reason = "un guillemet ouvert n'est pas refermé, ou un guillemet de trop suit un texte"
    return f"Ce fichier CSV est abîmé vers la ligne {line} : {reason}. Enregistrez-le de nouveau depuis votre tableur."


def _encoding(stream: BinaryIO) -> str:
    """UTF-8 if every byte of it is, else the code page of French Windows; a byte order mark decides first.

    The whole file is read, and a line that never ends is refused: it would be read in one piece.
    """
    stream.seek(0)
    if stream.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        _require_lines(stream, "utf-16")
        return "utf-16"
    try:
        _require_lines(stream, "utf-8")
    except UnicodeDecodeError:
        _require_lines(stream, "cp1252")
        return "cp1252"
    return "utf-8-sig"


def _require_lines(stream: BinaryIO, encoding: str) -> None:
    """Raise Unreadable for a file without lines, UnicodeDecodeError for one in another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    stream.seek(0)
    since_end = 0
    while chunk := stream.read(_CHUNK):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            if encoding == "utf-8":
                raise
            raise Unreadable(_UNKNOWN_CHARACTERS) from error
        if "\x00" in text:
            raise Unreadable(_UNKNOWN_CHARACTERS)
        last = max(text.rfind("\n"), text.rfind("\r"))
        since_end = since_end + len(text) if last < 0 else len(text) - last
        if since_end > _MOST_IN_A_LINE:
            raise Unreadable(_ENDLESS)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            raise
        raise Unreadable(_UNKNOWN_CHARACTERS) from error


def _delimiter(text: io.TextIOWrapper) -> str:
    """The separator that the header uses most, outside quotes."""
    header = re.sub(r'"[^"]*"', "", text.readline())
    text.seek(0)
    return max(_DELIMITERS, key=header.count)
