"""French typography: no-break spaces, dates, numbers and sizes as a French reader expects them.

Texts of ours are written with ordinary spaces, and this module puts the no-break ones in. What a person typed
is never touched. No template engine here: pages apply these functions when they compile a template, mails when
they write one.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

NO_BREAK = "\u00a0"
NARROW = "\u202f"
PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

# Only a space that is already there is replaced before a mark: nothing is inserted, so that addresses (https://…),
# times (10:30) and codes pass untouched.
_BEFORE_MARK = re.compile(r"[ \t\r\n]+(?=[:;?!»](?![:=/]))")
_AFTER_OPENING = re.compile(rf"«[ \t\r\n]*(?![{NO_BREAK}{NARROW}]|$)(?=\S)")
_AFTER_OPENING_AT_END = re.compile(r"«[ \t\r\n]+$")
_BEFORE_CLOSING = re.compile(rf"(?<=[^\s{NO_BREAK}{NARROW}«])»")
_UNIT = re.compile(r"(?<=\d) (?=(?:€|%|[KMG]?o\b|octets?\b|h\b|min\b|jours?\b|mois\b|ans?\b|pixels?\b))")
_HOUR_MINUTES = re.compile(rf"(?<=\d[ {NO_BREAK}]h) (?=\d\d\b)")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_AFTER_SHORT = re.compile(r"(?<=\bn°|\bp\.) (?=\d)|(?<=\bart\.) (?=\d)", re.IGNORECASE)


@lru_cache(maxsize=8192)
def french(text: str) -> str:
    """The same text with the no-break spaces of French typography. Applying it twice changes nothing more."""
    text = _BEFORE_MARK.sub(NO_BREAK, text)
    if "«" in text:
        text = _AFTER_OPENING.sub("«" + NO_BREAK, text)
        text = _AFTER_OPENING_AT_END.sub("«" + NO_BREAK, text)
    if "»" in text:
        text = _BEFORE_CLOSING.sub(NO_BREAK + "»", text)
    text = _UNIT.sub(NO_BREAK, text)
    text = _HOUR_MINUTES.sub(NO_BREAK, text)
    text = _THOUSANDS.sub(NO_BREAK, text)
    return _AFTER_SHORT.sub(NO_BREAK, text)


@lru_cache(maxsize=4096)
def day(value: date | datetime) -> str:
    """« 3 mars 2026 », in Paris when the value carries a time."""
    if isinstance(value, datetime):
        value = _in_paris(value).date()
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{NO_BREAK}{MONTHS[value.month - 1]} {value.year}"


def short_day(value: date | datetime) -> str:
    """« 03/03/2026 », where a column has little room; in Paris when the value carries a time."""
    if isinstance(value, datetime):
        value = _in_paris(value).date()
    return f"{value:%d/%m/%Y}"


def clock_time(value: datetime) -> str:
    """« 14 h 05 », in Paris."""
    local = _in_paris(value)
    return f"{local.hour}{NO_BREAK}h{NO_BREAK}{local.minute:02d}"


@lru_cache(maxsize=4096)
def moment(value: datetime) -> str:
    """« 3 mars 2026 à 14 h 05 », in Paris, from an aware UTC time."""
    return f"{day(value)} à {clock_time(value)}"


def number(value: float | Decimal, decimals: int | None = None) -> str:
    """« 1 234,56 »: narrow no-break spaces between thousands, decimal comma."""
    written = f"{value:,}" if decimals is None else f"{value:,.{decimals}f}"
    return written.replace(",", NARROW).replace(".", ",")


def counted(count: int, one: str, many: str = "") -> str:
    """« 0 ligne », « 2 lignes ». `many` is for words that do not just take an s."""
    return f"{number(count)} {one if count < 2 else many or f'{one}s'}"


def euros(value: float | Decimal) -> str:
    """« 1 234,56 € »."""
    return f"{number(value, 2)}{NO_BREAK}€"


def shortened(text: str, longest: int = 255) -> str:
    """The beginning of a text that is too long for its place, with an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def file_size(size: int) -> str:
    """« 812 Ko », « 1,2 Mo »: units of 1024, as the rule of the 4 Mo counts them."""
    if size < 1024:
        return f"{size}{NO_BREAK}octet{'s' if size > 1 else ''}"
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))}{NO_BREAK}Ko"
    return f"{number(round(size / 1024 / 1024, 1), 1).removesuffix(',0')}{NO_BREAK}Mo"


def _in_paris(value: datetime) -> datetime:
    if value.tzinfo is None:
        message = "A naive time has no place in a page: times are stored as aware UTC."
        raise ValueError(message)
    return value.astimezone(UTC).astimezone(PARIS)
