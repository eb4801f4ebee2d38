"""What a mail may say: the kinds of variable, and how a typed message declares its own.

The back office lists these variables beside a template and previews it with their examples. The messages themselves
are in `messages`; how a value is written in a text is in `context`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, ClassVar, TypeVar, dataclass_transform

from enrolment.mail.french_names import NAMES

T = TypeVar("T")


@unique
class Kind(StrEnum):
    """What a variable holds, which decides how it is written and what a template may do with it."""

    data = "data"
    """What somebody typed or owns: shown as it stands, its marks without effect."""
    prose = "prose"
    """A sentence of ours or of the ASP: light markup works, French typography is applied."""
    link = "link"
    """An address: written `[texte]({{ name }})`."""
    day = "day"
    moment = "moment"
    flag = "flag"
    """Yes or no: for `{% if %}`."""
    lines = "lines"
    """Several sentences: `{% for line in name %}`."""
    pairs = "pairs"
    """Several (sentence, sentence): `{% for first, second in name %}`."""
    recap = "recap"
    """Several (section, ((label, value), …)): labels are ours, values are what was typed."""


@dataclass(frozen=True)
class Variable:
    """One variable of a template: its French name there, the field of the message that fills it, what it is in French,
    and an example to preview with.
    """

    name: str
    field: str
    kind: Kind
    description: str
    example: Any


def _field(kind: Kind, description: str, example: Any) -> Any:
    return dataclasses.field(kw_only=True, metadata={"variable": (kind, description, example)})


def data(description: str, example: str) -> Any:
    """What somebody typed or owns: a name, a number, a mail address."""
    return _field(Kind.data, description, example)


def prose(description: str, example: str) -> Any:
    """A sentence of ours or of the ASP; may be empty where its description says so."""
    return _field(Kind.prose, description, example)


def link(description: str, example: str) -> Any:
    """An absolute http or https address."""
    return _field(Kind.link, description, example)


def day(description: str, example: Any) -> Any:
    """A date, or None where its description says so."""
    return _field(Kind.day, description, example)


def moment(description: str, example: Any) -> Any:
    """An aware moment."""
    return _field(Kind.moment, description, example)


def flag(description: str, example: bool) -> Any:
    """Yes or no."""
    return _field(Kind.flag, description, example)


def lines(description: str, example: tuple[str, ...]) -> Any:
    """Several sentences."""
    return _field(Kind.lines, description, example)


def pairs(description: str, example: tuple[tuple[str, str], ...]) -> Any:
    """Several pairs of sentences."""
    return _field(Kind.pairs, description, example)


def recap(description: str, example: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> Any:
    """Sections of labelled values."""
    return _field(Kind.recap, description, example)


@dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(data, prose, link, day, moment, flag, lines, pairs, recap),
)
def message(cls: type[T]) -> type[T]:
    """Make a class a typed message: a frozen dataclass whose fields are all given by name."""
    return dataclass(frozen=True)(cls)


@dataclass(frozen=True)
class Message:
    """What a mail says. `name` is the code of its template, `label` its French name."""

    name: ClassVar[str]
    label: ClassVar[str]


def variables(of: type[Message]) -> tuple[Variable, ...]:
    """The variables of a message, in the order of declaration."""
    return tuple(Variable(NAMES[item.name], item.name, *item.metadata["variable"]) for item in dataclasses.fields(of))


def example(of: type[Message]) -> Message:
    """A message made of the examples, to preview a template with."""
    build: Callable[..., Message] = of
    return build(**{variable.field: variable.example for variable in variables(of)})
