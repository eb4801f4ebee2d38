"""XLSX files as lines of texts: the first sheet, read a piece at a time, whoever wrote it.

A workbook is a ZIP of XML: a small file may unpack to anything, name a cell a billion columns away, or hold a text of
a gigabyte. Each of these is refused where it is met, so that memory is bounded by one line and by the table of texts
that sheets share. A formula is refused too: what it showed last may be old, or absent.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import BinaryIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from schema.sheets import MOST_COLUMNS, MOST_IN_A_BLOCK, MOST_IN_A_CELL, Block, Unreadable, thousands

_MOST_UNPACKED = 2 * 1024 * 1024 * 1024
_MOST_SHARED = 64 * 1024 * 1024
_MOST_SETTINGS = 8 * 1024 * 1024
_MOST_LINES = 1_048_576
_MOST_FILES = 10_000
_CHUNK = 64 * 1024
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  The calendar of spreadsheets has no time zone.
_DAY_ZERO_OF_1904 = datetime(1904, 1, 1)  # noqa: DTZ001  The same.
# Formats that every spreadsheet knows by number; those of a file are read from its own list.
_DAY_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)

_DAMAGED = (
    "Ce classeur est illisible : ouvrez-le dans votre tableur et enregistrez-le de nouveau au format XLSX, sans mot de "
    "passe."
)
_TOO_LONG = f"dépasse {thousands(MOST_IN_A_CELL)} caractères : raccourcissez-la."
_TOO_LARGE = "Ce classeur est trop volumineux : enregistrez la feuille au format CSV."


def workbook_blocks(stream: BinaryIO) -> Generator[Block]:
    """The lines of the first sheet; those that are not in the file are skipped. Raises Unreadable."""
    try:
        with ZipFile(stream) as archive:
            yield from _Book(archive).blocks()
    except (BadZipFile, KeyError, ValueError, IndexError, EOFError, OverflowError, expat.ExpatError, OSError) as error:
        raise Unreadable(_DAMAGED) from error
    except RuntimeError as error:
        # A password, or an unknown way to compress.
        raise Unreadable(_DAMAGED) from error


class _Book:
    """A workbook that is open: what is needed to understand the cells of its first sheet."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        sizes = [item.file_size for item in archive.infolist()]
        if len(sizes) > _MOST_FILES or sum(sizes) > _MOST_UNPACKED:
            raise Unreadable(_TOO_LARGE)
        self._zero = _DAY_ZERO
        self._sheet = self._first_sheet()
        self._is_day = self._day_styles()
        self._shared = self._shared_texts()

    def blocks(self) -> Iterator[Block]:
        """The lines of the sheet."""
        sheet = _Sheet(self._text)
        with self._archive.open(self._sheet) as content:
            while chunk := content.read(_CHUNK):
                sheet.feed(chunk)
                if sheet.held > MOST_IN_A_BLOCK:
                    yield sheet.done()
        sheet.end()
        last = sheet.done()
        if last.rows:
            yield last

    def _first_sheet(self) -> str:
        relations: dict[str, str] = {}
        sheets: list[str] = []

        def relation(name: str, given: Mapping[str, str]) -> None:
            if name == "Relationship" and given["Type"].endswith("/worksheet"):
                relations[given["Id"]] = given["Target"]

        def setting(name: str, given: Mapping[str, str]) -> None:
            if name == "sheet":
                sheets.extend(value for key, value in given.items() if key.rpartition(":")[2] == "id")
            elif name == "workbookPr" and given.get("date1904") in {"1", "true"}:
                self._zero = _DAY_ZERO_OF_1904

        self._read("xl/_rels/workbook.xml.rels", relation)
        self._read("xl/workbook.xml", setting)
        target = relations[next(name for name in sheets if name in relations)]
        return target.removeprefix("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")

    def _day_styles(self) -> list[bool]:
        """For each style of cell, whether its number is a date."""
        formats: dict[str, bool] = {}
        styles: list[bool] = []
        lists: list[str] = []

        def setting(name: str, given: Mapping[str, str]) -> None:
            if name == "numFmt":
                formats[given["numFmtId"]] = any(
                    letter in "dmyhs" for letter in _QUOTED.sub("", given["formatCode"]).lower()
                )
            elif name in {"cellXfs", "cellStyleXfs"}:
                lists.append(name)
            elif name == "xf" and lists[-1:] == ["cellXfs"]:
                number = given.get("numFmtId", "0")
                styles.append(formats.get(number, int(number) in _DAY_FORMATS))

        if "xl/styles.xml" in self._archive.namelist():
            self._read("xl/styles.xml", setting)
        return styles

    def _shared_texts(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._archive.namelist():
            return []
        if self._archive.getinfo("xl/sharedStrings.xml").file_size > _MOST_SHARED:
            raise Unreadable(_TOO_LARGE)
        texts: list[str] = []
        text = _Text("si", texts.append)
        parser = _parser()
        parser.StartElementHandler = text.start
        parser.EndElementHandler = text.end
        parser.CharacterDataHandler = text.letters
        with self._archive.open("xl/sharedStrings.xml") as content:
            while chunk := content.read(_CHUNK):
                parser.Parse(chunk)
        parser.Parse(b"", True)
        return texts

    def _read(self, name: str, start: Callable[[str, Mapping[str, str]], None]) -> None:
        if self._archive.getinfo(name).file_size > _MOST_SETTINGS:
            raise Unreadable(_TOO_LARGE)
        parser = _parser()
        parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
        parser.Parse(self._archive.read(name), True)

    def _text(self, kind: str, style: int, value: str) -> str:
        """What a cell says, as somebody would type it."""
        match kind:
            case "s":
                return self._shared[int(value)] if value else ""
            case "str" | "inlineStr":
                return value
            case "b":
                return "Oui" if value == "1" else "Non"
            case "d":
                return _day(datetime.fromisoformat(value)) if value else ""
        return self._number(style, float(value)) if value else ""

    def _number(self, style: int, number: float) -> str:
        if 0 <= style < len(self._is_day) and self._is_day[style]:
            # To the second: a day in floating point is no exact time.
            return _day(self._zero + timedelta(seconds=round(number * 86_400)))
        return str(int(number)) if number.is_integer() else repr(number)


class _Sheet:
    """A sheet being parsed: lines are handed over as soon as they are whole."""

    def __init__(self, text_of: Callable[[str, int, str], str]) -> None:
        self._text_of = text_of
        self._numbers: list[int] = []
        self._rows: list[list[str]] = []
        self.held = 0
        self._line = 0
        self._number = 0
        self._cells: list[str] = []
        self._size = 0
        self._column = 0
        self._kind = ""
        self._style = 0
        self._value: list[str] = []
        self._takes = self._is_aside = False
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._letters

    def feed(self, chunk: bytes) -> None:
        """Read on."""
        self._parser.Parse(chunk)

    def end(self) -> None:
        """Nothing more comes."""
        self._parser.Parse(b"", True)

    def done(self) -> Block:
        """The lines that are whole, once."""
        block = Block(self._numbers, self._rows)
        self._numbers, self._rows, self.held = [], [], 0
        return block

    def _start(self, tag: str, given: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._begin_cell(given)
        elif name in {"v", "t"}:
            self._takes = not self._is_aside
        elif name == "f":
            raise Unreadable(
                f"La cellule {self._place()} contient une formule. Remplacez les formules par leurs valeurs (copier, "
                "puis collage spécial « Valeurs »), et enregistrez de nouveau."
            )
        elif name == "row":
            number = int(given["r"]) if "r" in given else self._number + 1
            if not self._number < number <= _MOST_LINES:
                raise Unreadable(_DAMAGED)
            self._number = number
            self._cells, self._column = [], 0
        elif name == "rPh":
            # How a word is pronounced is no part of it.
            self._is_aside = True

    def _begin_cell(self, given: Mapping[str, str]) -> None:
        where = given.get("r")
        column = self._column + 1
        if where is not None:
            found = _CELL.fullmatch(where)
            if found is None:
                raise Unreadable(_DAMAGED)
            column = 0
            for letter in found[1]:
                column = 26 * column + ord(letter) - 64
        if not self._column < column <= MOST_COLUMNS:
            raise Unreadable(
                f"La ligne {self._number} a trop de cellules, ou dans le désordre : {thousands(MOST_COLUMNS)} au plus."
            )
        self._column = column
        self._kind = given.get("t", "n")
        self._style = int(given.get("s", "-1"))
        self._value, self._size = [], 0

    def _letters(self, text: str) -> None:
        if not self._takes:
            return
        self._size += len(text)
        if self._size > MOST_IN_A_CELL:
            raise Unreadable(f"La cellule {self._place()} {_TOO_LONG}")
        self._value.append(text)

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in {"v", "t"}:
            self._takes = False
        elif name == "rPh":
            self._is_aside = False
        elif name == "c":
            value = "".join(self._value)
            if self._kind == "e":
                raise Unreadable(
                    f"La cellule {self._place()} contient une erreur ({value[:20]}) : corrigez-la dans votre tableur."
                )
            text = self._text_of(self._kind, self._style, value)
            if text:
                self._line += len(text)
                if self._line > MOST_IN_A_BLOCK:
                    raise Unreadable(f"La ligne {self._number} est démesurée : vérifiez-la dans votre tableur.")
                self._cells.extend([""] * (self._column - 1 - len(self._cells)))
                self._cells.append(text)
        elif name == "row":
            self._numbers.append(self._number)
            self._rows.append(self._cells)
            # What a line costs by itself counts too.
            self.held += self._line + 50
            self._line = 0

    def _place(self) -> str:
        letters, column = "", self._column
        while column:
            column, rest = divmod(column - 1, 26)
            letters = chr(65 + rest) + letters
        return f"{letters}{self._number}"


class _Text:
    """Texts that may be in several pieces, each of its own look."""

    def __init__(self, whole: str, take: Callable[[str], None]) -> None:
        self._whole = whole
        self._take = take
        self._pieces: list[str] = []
        self._is_text = False
        self._is_aside = False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        """An element begins."""
        del given
        name = tag.rpartition(":")[2]
        if name == self._whole:
            self._pieces = []
        elif name == "rPh":
            self._is_aside = True
        elif name == "t":
            self._is_text = not self._is_aside

    def letters(self, text: str) -> None:
        """Letters of an element."""
        if self._is_text:
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        name = tag.rpartition(":")[2]
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_aside = False
        elif name == self._whole:
            text = "".join(self._pieces)
            if len(text) > MOST_IN_A_CELL:
                raise Unreadable(f"Une cellule {_TOO_LONG}")
            self._take(text)


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    # No workbook declares entities of its own, and they could unpack to anything.
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise Unreadable(_DAMAGED)


def _day(moment: datetime) -> str:
    return moment.strftime("%d/%m/%Y") if moment.time() == time() else moment.strftime("%Y-%m-%dT%H:%M:%S")
