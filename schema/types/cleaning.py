"""What every text goes through before its own rule: one Unicode form, no invisible character, plain spaces.

Invisible characters (zero-width, soft hyphen, marks of writing direction) are taken out silently: they come
with a paste from a PDF file, a spreadsheet or a telephone, nobody could find them to delete them, and what is
left is exactly what is seen. Control characters and broken code points are refused: they mean that the text
was damaged on its way, and guessing what it said would store an error. No rule of a particular field belongs
here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_LINE_END = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")
_SPACES_BEFORE_LINE_END = re.compile(r"[^\S\n]+\n")
_EMPTY_LINES = re.compile(r"\n{3,}")
_TYPED_SPACES = "\t\n\r\v\f\x85"

_REFUSED = {
    "Cc": "un caractère de contrôle",
    "Cs": "un caractère mal codé",
    "Co": "un caractère sans signification commune",
    "Cn": "un caractère inconnu",
}


class Cleaned(NamedTuple):
    """A cleaned text, or the French reason why it cannot be taken."""

    text: str
    refusal: str | None = None


def _composed(raw: str) -> str:
    """A printable text with its accents composed (NFC): no character of any category below is printable."""
    return raw if raw.isascii() else unicodedata.normalize("NFC", raw)


def _without_invisible(raw: str) -> Cleaned:
    """Take format characters out (category Cf), refuse what no keyboard writes, compose accents (NFC)."""
    if raw.isprintable():
        return Cleaned(_composed(raw))
    kept: list[str] = []
    for char in raw:
        category = unicodedata.category(char)
        if category == "Cf":
            continue
        if category in _REFUSED and char not in _TYPED_SPACES:
            name = f"{_REFUSED[category]} (U+{ord(char):04X})"
            return Cleaned("", f"Ce texte contient {name} : retapez-le au lieu de le coller.")
        kept.append(char)
    return Cleaned(unicodedata.normalize("NFC", "".join(kept)))


def clean_line(raw: str) -> Cleaned:
    """A text on one line: runs of white space of any kind, line ends included, become one plain space."""
    if raw.isprintable():
        return Cleaned(" ".join(_composed(raw).split()))
    cleaned = _without_invisible(raw)
    return Cleaned(" ".join(cleaned.text.split()), cleaned.refusal)


def clean_text(raw: str) -> Cleaned:
    """A text of several lines: one kind of line end, no trailing space, at most one empty line in a row.

    No-break spaces are kept: they belong to French typography.
    """
    cleaned = _without_invisible(raw)
    text = _LINE_END.sub("\n", cleaned.text).replace("\t", " ")
    text = _EMPTY_LINES.sub("\n\n", _SPACES_BEFORE_LINE_END.sub("\n", text))
    return Cleaned(text.strip(), cleaned.refusal)


def plain_punctuation(text: str) -> str:
    """Apostrophes and hyphens as the keyboard writes them, so that a name is found however it was typed."""
    return text.translate(_PLAIN)


_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-", "\u2012": "-"})


def compact(text: str) -> str:
    """A number without what people put between its groups: spaces, dots, hyphens of any kind."""
    return re.sub(r"[\s.\-\u2010-\u2015]", "", text)
