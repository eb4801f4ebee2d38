"""Reads a financing file piece by piece: the element of one list at a time is in memory, with its place in the file.

The scanner is that of the standard library, in C; around it stand a window on the text and the few lines of grammar of
the outermost object. Whatever is not JSON is told with line and column. What the values mean is not known here.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # Public there, and not in the stubs.
from typing import Any, BinaryIO

from enrolment.financing.problems import Problem, RawNumber, cut

LONGEST = 64 * 1024
"""The most characters that one element of the file may take."""

_PIECE = 256 * 1024
_skip = re.compile(r"[ \t\n\r]*").match
_comma = re.compile(r"[ \t\n\r]*,[ \t\n\r]*").match
_LONGEST_INTEGER = 18

_WHAT = {
    "Expecting property name enclosed in double quotes": (
        "le nom d'un champ, entre guillemets droits, est attendu ici. Vérifiez qu'il n'y a pas de virgule en trop "
        "juste avant."
    ),
    "Expecting ':' delimiter": "il manque « : » après le nom du champ.",
    "Expecting ',' delimiter": "il manque une virgule, un crochet ou une accolade avant ce caractère.",
    "Expecting value": "une valeur est attendue ici. Vérifiez les virgules, les guillemets et les accolades.",
    "Unterminated string starting at": "ce texte n'est jamais fermé : ajoutez le guillemet qui manque.",
    "Invalid control character at": (
        "un texte contient un retour à la ligne ou un caractère de contrôle. Fermez le guillemet, ou écrivez \\n."
    ),
    "Invalid \\escape": "une barre oblique inverse est mal employée dans un texte. Doublez-la : \\\\.",
    "Invalid \\uXXXX escape": "« \\u » doit être suivi de quatre chiffres hexadécimaux.",
    "Illegal trailing comma before end of object": "il y a une virgule en trop avant l'accolade fermante.",
}
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "ce fichier est une archive ZIP. Décompressez-la et envoyez le fichier JSON qu'elle contient."),
    (b"\x1f\x8b", "ce fichier est compressé (gzip). Décompressez-le et envoyez le fichier JSON qu'il contient."),
    (b"%PDF", "ce fichier est un PDF. Envoyez le fichier JSON exporté par votre logiciel."),
)
_UTF_16 = "ce fichier n'est pas en UTF-8 mais en UTF-16 ou UTF-32. Enregistrez-le en UTF-8, puis envoyez-le de nouveau."
_NOT_UTF_8 = (
    "un caractère n'est pas codé en UTF-8. Enregistrez le fichier en UTF-8 (et non en « ANSI », Windows-1252 ou "
    "ISO-8859-1), puis envoyez-le de nouveau."
)
_TOO_LONG = (
    f"cette valeur compte plus de {LONGEST} caractères : ce n'est pas un fichier de ce format. Suivez le schéma publié."
)
_BOM = "le fichier commence par une marque d'ordre des octets (BOM). Enregistrez-le en « UTF-8 sans BOM »."


class Unreadable(Exception):
    """From here on the file is not JSON."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class RepeatedKey(dict[str, Any]):
    """An object that names a field twice; it holds the last value, as `json` does. `key` is the first such name."""

    key: str = ""


@dataclass(slots=True)
class Element:
    """A value of the file: its part, its index in a list (None for a part that is no list), where it stands."""

    part: str
    index: int | None
    value: Any
    start: int


class Reading:
    """One pass over a file. Its elements come in order; `line_of` tells places inside the last one."""

    def __init__(self, stream: BinaryIO, lists: Collection[str]) -> None:
        self._stream = stream
        self._lists = lists
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._ended = False
        self._text = ""
        self._at = 0
        self._enough = 0
        self._line = 1
        self._consumed = 0
        self._broken = ""
        self.marked = False
        decoder = json.JSONDecoder(
            object_pairs_hook=_fields, parse_int=_integer, parse_float=RawNumber, parse_constant=RawNumber
        )
        self._scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once  # type: ignore[attr-defined]  # As above.

    @property
    def remarks(self) -> list[Problem]:
        """What is wrong with the file as bytes, although it can be read."""
        return [Problem(1, "", _BOM)] if self.marked else []

    def elements(self) -> Iterator[Element]:
        """Every part of the outermost object, and every element of the lists named. Raises Unreadable."""
        self._open()
        self._space()
        if not self._peek():
            raise self._wrong(self._broken or "ce fichier est vide.")
        if self._peek() != "{":
            raise self._wrong(f"le fichier doit commencer par une accolade, pas par « {cut(self._peek())} ».")
        self._at += 1
        self._space()
        more = self._peek() != "}"
        self._at += not more
        while more:
            yield from self._part()
            more = self._goes_on("}")
        self._space()
        if self._peek():
            raise self._wrong("il y a encore du texte après la fin du fichier JSON. Retirez-le.")
        if self._broken:
            raise self._wrong(self._broken)

    def line_of(self, element: Element, name: str = "") -> int:
        """The line where an element of the window, or one of its fields, begins."""
        position = self._field(element, name) if name else element.start
        return self._line + self._text.count("\n", 0, position)

    def _part(self) -> Iterator[Element]:
        if self._peek() != '"':
            raise self._syntax("Expecting property name enclosed in double quotes", self._at)
        part, self._at = self._scanned(scanstring, self._at + 1)
        self._space()
        if self._peek() != ":":
            raise self._syntax("Expecting ':' delimiter", self._at)
        self._at += 1
        self._space()
        if part not in self._lists or self._peek() != "[":
            yield self._element(part, None)
            return
        self._at += 1
        self._space()
        more = self._peek() != "]"
        self._at += not more
        index = 0
        while more:
            yield self._element(part, index)
            index += 1
            more = self._goes_on("]")

    def _element(self, part: str, index: int | None) -> Element:
        start = self._at
        value, self._at = self._scanned(self._scan, start)
        return Element(part, index, value, start)

    def _goes_on(self, closing: str) -> bool:
        """After a value: true at a comma, whose next value is then reached, false at the closing sign."""
        found = _comma(self._text, self._at)
        if found is not None and found.end() < self._enough:
            # Most of the file passes here: nothing to fetch, nothing to tell.
            self._at = found.end()
            return True
        self._space()
        sign = self._peek()
        if sign not in {",", closing} or not sign:
            raise self._syntax("Expecting ',' delimiter", self._at)
        self._at += 1
        if sign == closing:
            return False
        self._space()
        return True

    def _scanned(self, scan: Callable[[str, int], tuple[Any, int]], at: int) -> tuple[Any, int]:
        try:
            value, end = scan(self._text, at)
        except StopIteration as error:
            raise self._syntax("Expecting value", error.value) from error
        except json.JSONDecodeError as error:
            raise self._syntax(error.msg, error.pos) from error
        except RecursionError as error:
            raise self._wrong(
                "des listes ou des objets sont imbriqués trop profondément. Suivez le schéma publié."
            ) from error
        if end == len(self._text) and not self._ended:
            raise self._wrong(_TOO_LONG)
        return value, end

    def _open(self) -> None:
        head = self._stream.read(4)
        self.marked = head.startswith(codecs.BOM_UTF8)
        if not head:
            raise self._wrong("ce fichier est vide.")
        for signature, message in _SIGNATURES:
            if head.startswith(signature):
                raise self._wrong(message)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
            raise self._wrong(_UTF_16)
        self._take(head[3:] if self.marked else head)
        self._fill()

    def _fill(self) -> None:
        """Have the longest element ahead, as far as the file goes, and forget what was read."""
        self._line += self._text.count("\n", 0, self._at)
        last = self._text.rfind("\n", 0, self._at)
        self._consumed = self._at - last - 1 if last >= 0 else self._consumed + self._at
        self._text = self._text[self._at :]
        self._at = 0
        while not self._ended and len(self._text) < LONGEST:
            self._take(self._stream.read(_PIECE))
        self._enough = len(self._text) - (0 if self._ended else LONGEST)

    def _take(self, piece: bytes) -> None:
        try:
            self._text += self._decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            self._text += error.object[: error.start].decode()
            self._broken = _NOT_UTF_8
            piece = b""
        self._ended = not piece

    def _space(self) -> None:
        """Go to the next sign, and have the longest element ahead of it."""
        while True:
            found = _skip(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._ended or len(self._text) - self._at >= LONGEST:
                return
            self._fill()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _syntax(self, what: str, position: int) -> Unreadable:
        """A fault of the scanner in French; at the end of the window it means something else."""
        at_end = what.startswith("Unterminated") or position >= len(self._text) - 6
        if at_end and not self._ended:
            return self._wrong(_TOO_LONG)
        if at_end and self._broken:
            return self._wrong(self._broken, len(self._text))
        if at_end and position >= len(self._text):
            return self._wrong("le fichier est incomplet : sa fin manque. Exportez-le de nouveau.", len(self._text))
        return self._wrong(_WHAT.get(what, "ce n'est pas du JSON à partir d'ici."), position)

    def _wrong(self, message: str, position: int | None = None) -> Unreadable:
        position = self._at if position is None else position
        line = self._line + self._text.count("\n", 0, position)
        last = self._text.rfind("\n", 0, position)
        column = position - last if last >= 0 else self._consumed + position + 1
        return Unreadable(Problem(line, "", message, column))

    def _field(self, element: Element, name: str) -> int:
        """Where a field of an object begins: its text is read once more, field by field."""
        at, text = element.start + 1, self._text
        found = element.start
        while True:
            at = _end(text, at)
            if text[at] != '"':
                return found
            start = at
            key, at = scanstring(text, at + 1, True)
            if key == name:
                found = start
            _, at = self._scan(text, _end(text, _end(text, at) + 1))
            at = _end(text, at)
            if text[at] != ",":
                return found
            at += 1


def _end(text: str, at: int) -> int:
    found = _skip(text, at)
    return found.end() if found else at


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = RepeatedKey(found)
    seen: set[str] = set()
    repeated.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return repeated


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else RawNumber(digits)
