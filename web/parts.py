"""Small values that the macros show: steps, rows, events, columns, links. Only what a page displays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

# The colour family of each status of a request; a status not named here is neutral.
STATUS_TONES = {
    "in_review": "info",
    "awaiting_certificates": "warning",
    "awaiting_documents": "warning",
    "awaiting_correction": "warning",
    "certificates_to_review": "info",
    "validated": "success",
    "rejected": "danger",
    "withdrawn": "neutral",
    "received": "info",
    "to_modify": "warning",
    "accepted": "success",
    "refused": "danger",
}


@dataclass(frozen=True)
class Step:
    """One step of a form in several pages. `url` is given when one may go back to it."""

    label: str
    url: str | None = None
    done: bool = False


class SummaryRow(NamedTuple):
    """One line of a recapitulation. `value` is what a person typed, shown as it stands, on several lines if need be.

    `change_url` gives the line its own « Modifier » link; `file_url` makes the value a link to a document.
    """

    label: str
    value: str
    change_url: str | None = None
    file_url: str | None = None
    note: str = ""


class Event(NamedTuple):
    """One dated line of a history."""

    at: datetime
    title: str
    text: str = ""
    by: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Column:
    """One column of a table. `numeric` aligns on the right; `main` is the cell that names the row."""

    label: str
    numeric: bool = False
    main: bool = False
    hidden_label: bool = False


@dataclass(frozen=True)
class Tab:
    """One page among several of the same level."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Crumb:
    """One ancestor of a page; the last has no address."""

    label: str
    url: str | None = None


@dataclass(frozen=True)
class PageLinks:
    """Where one is in a long list. `said` is such as « 1 à 20 sur 312 »."""

    said: str
    previous_url: str | None = None
    next_url: str | None = None


@dataclass(frozen=True)
class MenuItem:
    """One entry of the main navigation."""

    label: str
    url: str
    current: bool = False
    items: Sequence["MenuItem"] = ()


def status_tone(status: object) -> str:
    """The colour family of a status, given as an enum member or as its value."""
    return STATUS_TONES.get(str(getattr(status, "value", status)), "neutral")
