"""Checks the format of files that are then forgotten: the very checks of a deposit, and nothing is kept.

No storage, no row, no name or content in the logs. Which document is due to whom is another matter.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from enrolment.errors import Refused
from enrolment.files import checks, refusals
from enrolment.services import deposits
from enrolment.typography import NO_BREAK, file_size, number
from schema.enums import ScanState

MOST_FILES = 10
BUDGET_SECONDS = 0.8
"""Once so long was spent on the first files of an answer, the others are left for another: no page takes longer."""


class Outcome(StrEnum):
    """What came out of it."""

    good = "Conforme"
    wrong = "Non conforme"
    put_off = "Pas encore vérifiée"


@dataclass(frozen=True)
class Given:
    """A file as it arrived. `content` is empty when it was cut for its size, `size` (bytes) is what was sent."""

    name: str
    content: bytes
    size: int


@dataclass(frozen=True)
class Verdict:
    """What is said of one file: what it was recognised as, and what is wrong and how to mend it."""

    name: str
    outcome: Outcome
    recognised: str
    message: str


def verify(files: Iterable[Given], max_bytes: int, clamd: str | None) -> Iterator[Verdict]:
    """One verdict for each file, in order. Never raises for what a file holds."""
    deadline = time.monotonic() + BUDGET_SECONDS
    for position, given in enumerate(files):
        if position and time.monotonic() > deadline:
            yield Verdict(given.name, Outcome.put_off, file_size(given.size), _PUT_OFF)
        else:
            yield _verify(given, max_bytes, clamd)


_PUT_OFF = "Les fichiers précédents étaient longs à vérifier. Choisissez de nouveau celui-ci et recommencez."
_CLEAN = "Ce fichier peut être déposé tel quel."
_NOT_SCANNED = (
    "Son format convient. L'antivirus ne répond pas pour le moment : il analysera ce fichier quand vous le déposerez."
)


def _verify(given: Given, max_bytes: int, clamd: str | None) -> Verdict:
    if given.size > len(given.content):
        # It was cut while it arrived: only its size is known.
        refusal = refusals.too_large(given.size, max_bytes)
        return Verdict(given.name, Outcome.wrong, refusals.megabytes(given.size), refusal.message)
    try:
        inspected, scan = deposits.examine(given.name, given.content, max_bytes, clamd)
    except Refused as error:
        said = _joined(checks.recognised(given.content), file_size(given.size))
        return Verdict(given.name, Outcome.wrong, said, error.message)
    said = _joined(checks.recognised(given.content), _extent(inspected), file_size(given.size))
    return Verdict(given.name, Outcome.good, said, _NOT_SCANNED if scan is ScanState.unscanned else _CLEAN)


def _extent(inspected: checks.Inspected) -> str:
    if inspected.pages is not None:
        return f"{inspected.pages}{NO_BREAK}page{'s' if inspected.pages > 1 else ''}"
    return f"{number(inspected.width or 0)} × {number(inspected.height or 0)}{NO_BREAK}pixels"


def _joined(*parts: str) -> str:
    """« Image JPEG, 1 200 × 800 pixels, 812 Ko »."""
    said = ", ".join(part for part in parts if part)
    return said[:1].upper() + said[1:]
