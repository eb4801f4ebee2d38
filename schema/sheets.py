"""CSV files as lines of texts, whatever wrote them: separator, encoding and ends of lines are found out.

Streamed, and bounded: what would take the memory of the machine is refused with a French sentence that says what to
do. What lines mean is in `schema.tabular`; workbooks are read in `schema.workbook_reading`.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

MOST_COLUMNS = 1_000
MOST_IN_A_CELL = 131_072
"""Characters. It is also the limit of the csv module."""

_MOST_IN_A_LINE = 1024 * 1024
_CHUNK = 64 * 1024
MOST_IN_A_BLOCK = 256 * 1024
"""Characters that are read together: more would be given memory of their own by the system, page after page."""

_DELIMITERS = ";,\t"
_OTHER_FORMATS = (b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff")


class Unreadable(Exception):
    """The file as a whole cannot be read. `message` is French and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Block:
    """Some lines of a file: the number of each, from 1, and its cells. Bounded in lines and in characters."""

    numbers: Sequence[int]
    rows: list[list[str]]


@dataclass(frozen=True)
class Lines:
    """The lines of a file. `escaped` says that its cells are as `schema.tabular.escape` left them, and that a line
    that has fewer cells than the header is a wrong one."""

    blocks: Generator[Block]
    escaped: bool

    def each(self) -> Iterator[tuple[int, list[str]]]:
        """The lines one by one, each with its number."""
        for block in self.blocks:
            yield from zip(block.numbers, block.rows, strict=True)


def thousands(count: int) -> str:
    """« 131 072 »."""
    return f"{count:,}".replace(",", " ")


def lines_of(stream: BinaryIO) -> Lines:
    """The lines of a CSV or XLSX file: what it holds decides, not its name. `stream` must be seekable.

    Raises Unreadable, now or at a line.
    """
    stream.seek(0)
    head = stream.read(4)
    if head == b"PK\x03\x04":
        from schema.workbook_reading import workbook_blocks  # noqa: PLC0415  It reads with the bounds of this module.

        return Lines(workbook_blocks(stream), escaped=False)
    if head.startswith(_OTHER_FORMATS):
        raise Unreadable("Ce fichier n'est pas un tableau : donnez un fichier CSV ou un classeur XLSX.")
    return Lines(_csv_blocks(stream), escaped=True)


def _csv_blocks(stream: BinaryIO) -> Generator[Block]:
    """Whole lines are cut out of the text and read together; where that fails, one by one from there on."""
    encoding = _encoding(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        reading = _Csv(text, _delimiter(text))
        yield from reading.blocks()
    finally:
        text.detach()


class _Csv:
    """A CSV file being read. `line` is the number of the next line."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self._line = 1

    def blocks(self) -> Iterator[Block]:
        """The lines of the file."""
        rest = ""
        while chunk := self._text.read(MOST_IN_A_BLOCK):
            rest += chunk
            cut = _end_of_lines(rest)
            if cut == 0 and len(rest) > _MOST_IN_A_LINE:
                # A quote that stands for inches, say, hides where lines end.
                yield from self._one_by_one(rest)
                return
            try:
                block = self._together(rest[:cut])
            except csv.Error:
                yield from self._one_by_one(rest)
                return
            rest = rest[cut:]
            if block.rows:
                yield block
        yield from self._one_by_one(rest)

    def _together(self, text: str) -> Block:
        rows = _split(text, self._delimiter)
        if rows is not None:
            first, self._line = self._line, self._line + len(rows)
            return Block(range(first, self._line), rows)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True)
        rows = list(reader)
        first, self._line = self._line, self._line + reader.line_num
        if reader.line_num == len(rows):
            return Block(range(first, self._line), rows)
        return Block(self._numbers(text, first), rows)

    def _numbers(self, text: str, first: int) -> list[int]:
        """Where lines begin when some have ends of lines in their cells."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True)
        numbers: list[int] = []
        end = 0
        for _ in reader:
            numbers.append(first + end)
            end = reader.line_num
        return numbers

    def _one_by_one(self, begun: str) -> Iterator[Block]:
        """What is left, from a text that may end in the middle of a line."""
        self._size = self._total = 0
        reader = csv.reader(self._physical(begun), delimiter=self._delimiter, strict=True)
        numbers: list[int] = []
        rows: list[list[str]] = []
        end = 0
        try:
            for cells in reader:
                numbers.append(self._line + end)
                rows.append(cells)
                end = reader.line_num
                self._size = 0
                if self._total > MOST_IN_A_BLOCK:
                    yield Block(numbers, rows)
                    numbers, rows, self._total = [], [], 0
        except csv.Error as error:
            raise Unreadable(_damaged(self._line + end, str(error))) from error
        if rows:
            yield Block(numbers, rows)

    def _physical(self, begun: str) -> Iterator[str]:
        """Physical lines: a cell may hold ends of lines, but not without end."""
        for line in chain(io.StringIO(begun + self._text.readline(), newline=""), self._text):
            self._size += len(line)
            self._total += len(line)
            if self._size > _MOST_IN_A_LINE:
                raise Unreadable(_ENDLESS)
            yield line


def _split(text: str, delimiter: str) -> list[list[str]] | None:
    """Whole lines without a quote, cut where the csv module would cut them, in half of its time; None for others."""
    if '"' in text:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    # What follows the last end of line is nothing: the text ends with one.
    last = lines.pop()
    if last or len(max(lines, key=len, default="")) > MOST_IN_A_CELL:
        return None
    return [line.split(delimiter) if line else [] for line in lines]


def _end_of_lines(text: str) -> int:
    """Where the last line that is whole ends: after it, an even number of quotes was opened and closed. 0: nowhere."""
    quotes = text.count('"')
    mark = "\n" if "\n" in text else "\r"
    # The end of a line may be two characters, of which the second is still to come.
    end = len(text) if mark == "\n" else len(text) - 1
    while (at := text.rfind(mark, 0, end)) >= 0:
        quotes -= text.count('"', at, end)
        if quotes % 2 == 0:
            return at + 1
        end = at
    return 0


_ENDLESS = (
    "Une ligne de ce fichier est démesurée, ou un guillemet ouvert n'est pas refermé. Enregistrez-le de nouveau depuis "
    "votre tableur."
)
_UNKNOWN_CHARACTERS = "Les caractères de ce fichier ne sont pas lisibles. Enregistrez-le au format « CSV UTF-8 »."


def _damaged(line: int, error: str) -> str:
    if "field limit" in error:
        reason = f"une cellule dépasse {thousands(MOST_IN_A_CELL)} caractères, ou un guillemet ouvert n'est pas refermé"
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
