"""How each value of a message is written in its text: French, on one line where it must be, its marks harmless.

A link appears in a letter as a placeholder, so that whoever reads a letter before it leaves does not receive the
person's own access with it; the address takes its place when the mail is queued.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from enrolment.mail.markup import literal, placeholder
from enrolment.mail.variables import Kind, Message, variables
from enrolment.typography import day, french, moment

_LINK = re.compile(r"https?://[^\s<>\"()\\*\[\]]+")
_ENDED = ("?", ":", "!", "…")


def one_line(text: str) -> str:
    """The text without line ends and other control characters: what a header or an item of a list can hold."""
    kept = "".join(char if char.isprintable() or char in "\u00a0\u202f" else " " for char in text)
    return re.sub(r"[ \t]{2,}", " ", kept).strip(" ")


def french_lines(text: str) -> str:
    """French typography, line by line: the lines stay."""
    return "\n".join(french(line.rstrip()) for line in text.strip().splitlines())


def for_subject(message: Message) -> dict[str, Any]:
    """The values as a subject writes them: on one line, without markup. Links have no place there."""
    return {
        variable.name: _in_subject(variable.kind, getattr(message, variable.field))
        for variable in variables(type(message))
        if variable.kind is not Kind.link
    }


def for_body(message: Message) -> dict[str, Any]:
    """The values as a body writes them."""
    return {
        variable.name: placeholder(variable.name)
        if variable.kind is Kind.link
        else _BODY[variable.kind](getattr(message, variable.field))
        for variable in variables(type(message))
    }


def links_of(message: Message) -> dict[str, str]:
    """The address behind each placeholder. Raises ValueError for one that is no plain http or https address."""
    found = {
        variable.name: str(getattr(message, variable.field))
        for variable in variables(type(message))
        if variable.kind is Kind.link
    }
    for name, address in found.items():
        if not _LINK.fullmatch(address):
            raise ValueError(f"The link {name} of the mail {message.name} is not an http address.")
    return found


def _in_subject(kind: Kind, value: Any) -> Any:
    return one_line(value) if kind is Kind.data else _SUBJECT[kind](value)


def _written_day(value: Any) -> str:
    return "" if value is None else day(value)


def _prose_line(text: str) -> str:
    return french(one_line(text))


def _lines(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_prose_line(item) for item in value)


def _pairs(value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((_prose_line(first), _prose_line(second)) for first, second in value)


def _recap(value: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> tuple[Any, ...]:
    return tuple(
        (_prose_line(section), tuple((_label(label), literal(one_line(shown))) for label, shown in rows))
        for section, rows in value
    )


def _label(label: str) -> str:
    """A label as it stands before its value: « Nom : », « Êtes-vous distributeur ? »."""
    return _prose_line(label if label.endswith(_ENDED) else f"{label} :")


_WRITERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.day: _written_day,
    Kind.moment: moment,
    Kind.flag: bool,
    Kind.lines: _lines,
    Kind.pairs: _pairs,
    Kind.recap: _recap,
}
_BODY = {**_WRITERS, Kind.data: lambda value: literal(value.strip()), Kind.prose: french_lines}
_SUBJECT = {**_WRITERS, Kind.prose: _prose_line}
