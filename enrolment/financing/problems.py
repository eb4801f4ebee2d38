"""What is wrong with a financing file: where, in French, and never more of it than a person can read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

SHOWN = 200
STOPS_AFTER = 10_000
"""Past so many problems the file is not this format at all, and reading on helps nobody."""

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ud800-\udfff]")
_LONGEST = 60


class RawNumber(str):
    """A number that is no plain integer (12.5, 1e400, NaN, 900 digits), kept as it was written."""

    __slots__ = ()


class Wrong(Exception):
    """A value is not what its field takes. `message` begins in lower case: it follows the name of the field."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TooMany(Exception):
    """The file has more problems than are worth counting."""


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `path` is empty for the file as a whole; `column` is told for what is not even JSON."""

    line: int
    path: str
    message: str
    column: int | None = None

    @property
    def place(self) -> str:
        """Where, as one says it."""
        column = f", colonne {self.column}" if self.column else ""
        path = f", {self.path}" if self.path else ""
        return f"Ligne {self.line}{column}{path}"

    def __str__(self) -> str:
        return f"{self.place} : {self.message}"


@dataclass
class Problems:
    """What was found: all of it is counted, the first are kept."""

    shown: list[Problem] = field(default_factory=list)
    count: int = 0

    @property
    def is_full(self) -> bool:
        """Whether one more would only be counted."""
        return self.count >= SHOWN

    def add(self, problem: Problem | None) -> None:
        """Note a problem; None is one that nobody will read. Raises TooMany."""
        if problem is not None and not self.is_full:
            self.shown.append(problem)
        self.count += 1
        if self.count >= STOPS_AFTER:
            raise TooMany


def said(value: Any) -> str:
    """A value of the file inside a French sentence: short, and harmless whatever it holds."""
    if isinstance(value, RawNumber):
        return f"le nombre {cut(value)}"
    if isinstance(value, str):
        return f"« {cut(value)} »" if value else "un texte vide"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"le nombre {value}"
    return "une liste" if isinstance(value, list) else "un objet"


def cut(text: str) -> str:
    """A text of the file, at most so long, without what a page cannot show."""
    return _UNREADABLE.sub("�", text[:_LONGEST]) + ("…" if len(text) > _LONGEST else "")
