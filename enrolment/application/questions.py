"""Which question stands in which step, made from the columns that name a step.

A question's name is `section.column`; the section says whose column it is, since the same person columns are asked
of the representative and of the depositary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from schema.base import Table
from schema.describe import FieldSpec, fields
from schema.enums import Step
from schema.tables import BankAccount, EnrolmentRequest, Person, Provider, Referencing


@dataclass(frozen=True)
class Section:
    """A group of questions about one row: `of_whom` ends the labels that would be ambiguous without it."""

    prefix: str
    model: type[Table]
    title: str
    of_whom: str = ""
    without: frozenset[str] = frozenset()


SECTIONS: tuple[Section, ...] = (
    Section("referencing", Referencing, "Référencement"),
    Section("provider", Provider, "Personne morale"),
    Section("request", EnrolmentRequest, "Votre situation"),
    Section("representative", Person, "Représentant légal", " du représentant", frozenset({"quality"})),
    Section("depositary", Person, "Dépositaire", " du dépositaire"),
    Section("bank", BankAccount, "Coordonnées bancaires"),
)
_BY_PREFIX = {section.prefix: section for section in SECTIONS}
_NAMED_FOR_PEOPLE = frozenset({"last_name", "first_name", "email", "phone"})
IF_UNKNOWN = frozenset({"request.is_representative"})
"""What a complementary request asks only of an account whose rows do not say it, such as one taken from wave 1."""
CONFIRMATIONS = {
    "representative.email_confirmation": "representative.email",
    "depositary.email_confirmation": "depositary.email",
}


@dataclass(frozen=True)
class Question:
    """One question of the form: a column asked in a section."""

    name: str
    section: Section
    spec: FieldSpec
    label: str

    @property
    def step(self) -> Step:
        """The step that asks it."""
        assert self.spec.step is not None  # noqa: S101  Questions are made of columns that name a step.
        return self.spec.step

    def shown(self, value: Any, street_types: Mapping[str, str]) -> str:
        """A stored value as a person reads it. `street_types` gives the name of each kind of street by its key."""
        if value is None:
            return ""
        if self.spec.references == "street_type":
            return street_types.get(str(value), "")
        return self.spec.show(value)


@cache
def questions(step: Step | None = None) -> tuple[Question, ...]:
    """The questions of a step, or of the whole form, in the order of the page."""
    return tuple(
        Question(f"{section.prefix}.{spec.name}", section, spec, _label(section, spec))
        for section in SECTIONS
        for spec in fields(section.model)
        if spec.step is not None and (step is None or spec.step is step) and spec.name not in section.without
    )


@cache
def question(name: str) -> Question:
    """A question by its name. Raises KeyError."""
    for item in questions():
        if item.name == name:
            return item
    raise KeyError(name)


@cache
def names(step: Step) -> frozenset[str]:
    """Every name that a step's page may send: its questions and the confirmations of its mail addresses."""
    own = {item.name for item in questions(step)}
    return frozenset(own | {name for name, target in CONFIRMATIONS.items() if target in own})


@cache
def names_asked_again() -> frozenset[str]:
    """Every name that the page of a complementary request may send."""
    return IF_UNKNOWN | {item.name for item in questions() if item.spec.meta.each_request}


def confirmation_label(name: str) -> str:
    """Label of a confirmation field, by the guide's words."""
    return f"Confirmation email{_BY_PREFIX[name.split('.', maxsplit=1)[0]].of_whom}"


def _label(section: Section, spec: FieldSpec) -> str:
    return f"{spec.label}{section.of_whom}" if spec.name in _NAMED_FOR_PEOPLE else spec.label
