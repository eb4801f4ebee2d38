"""Everything that was typed, section by section, as a person reads it: for summary, mail and status page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from enrolment.application.questions import SECTIONS, Section, questions
from enrolment.application.state import Application
from schema.enums import Step


@dataclass(frozen=True)
class RecapSection:
    """A titled list of labels and shown values; `step` is where they can be changed."""

    title: str
    step: Step
    lines: tuple[tuple[str, str], ...]
    prefix: str = ""
    """Whose answers these are: the section of the form."""


def of_application(application: Application) -> tuple[RecapSection, ...]:
    """The recap of a request being typed."""
    values = {item.name: application.value(item.name) for step in Step for item in application.asked(step)}
    return tuple(_sections(values, application.street_types))


def of_values(values: Mapping[str, Any], street_types: Mapping[str, str]) -> tuple[RecapSection, ...]:
    """The recap of stored values, by question name; an absent name was not asked. `street_types`: key → name."""
    return tuple(_sections(values, street_types))


def _sections(values: Mapping[str, Any], street_types: Mapping[str, str]) -> Iterable[RecapSection]:
    for step in Step:
        for section in SECTIONS:
            lines = tuple(_lines(section, step, values, street_types))
            if lines:
                yield RecapSection(section_title(section, step), step, lines, section.prefix)


def section_title(section: Section, step: Step) -> str:
    """The questions about the request itself are spread over three steps: each says what its own are about."""
    if section.prefix != "request":
        return section.title
    return {Step.referencing: "Hébergement des données de santé", Step.vat: step.label}.get(step, section.title)


def _lines(
    section: Section, step: Step, values: Mapping[str, Any], street_types: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    for item in questions(step):
        value = values.get(item.name)
        if item.section is not section or value is None:
            continue
        yield item.label, item.shown(value, street_types)
