"""Which documents a step may come to ask for, depending on answers of that same step.

A page that works without scripts shows such a document together with its condition; with scripts it appears when the
condition holds. Whether it is due is decided by `enrolment.documents` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from enrolment.application.questions import question
from enrolment.application.state import Application
from enrolment.documents import Kind, Rule
from schema.enums import Labelled, Step

LEGAL_NAME = "provider.legal_name"
NAME_CHANGED = "legal_name_changed"
QUESTIONS_OF_FACTS = {
    "hosts_health_data": "request.hosts_health_data",
    NAME_CHANGED: LEGAL_NAME,
    "is_distributor": "request.is_distributor",
    "is_representative": "request.is_representative",
    "quality": "depositary.quality",
    "vat_liable": "request.vat_liable",
}
"""Fact of a rule → the question whose answer it is."""


@dataclass(frozen=True)
class Condition:
    """An answer of the same page that a document depends on."""

    fact: str
    value: object

    @property
    def question_name(self) -> str:
        """The question that gives the answer."""
        return QUESTIONS_OF_FACTS[self.fact]

    @property
    def answer(self) -> str:
        """The answer as a form sends it."""
        if isinstance(self.value, bool):
            return "oui" if self.value else "non"
        return str(getattr(self.value, "value", self.value))

    @property
    def said(self) -> str:
        """When the document is asked for, in words."""
        if self.fact == NAME_CHANGED:
            return "Uniquement si vous changez la dénomination sociale."
        answer = self.value.label if isinstance(self.value, Labelled) else self.answer.capitalize()
        label = question(self.question_name).label
        return f"Uniquement si vous répondez « {answer} » à « {label} »."


@dataclass(frozen=True)
class Offer:
    """A document that the page of a step takes. No condition: it is due whatever is answered there."""

    kind: Kind
    required: bool
    conditions: tuple[Condition, ...] = ()

    @property
    def field(self) -> str:
        """Name of its field on the page."""
        return f"document.{self.kind.code}"


def offers(rules: Iterable[Rule], application: Application, step: Step, page: Iterable[Step] = ()) -> tuple[Offer, ...]:
    """The documents that a step takes, in the order of the form. `page` names the steps that stand on the same page."""
    together = {step, *page}
    facts = application.facts()
    found: dict[str, Offer] = {}
    for rule in rules:
        if rule.kind.step is not step:
            continue
        open_ones = {name for name in QUESTIONS_OF_FACTS if _is_answered_in(name, together, application)}
        fixed = [(name, value) for name, value in rule.conditions if name not in open_ones]
        if any(getattr(facts, name) != value for name, value in fixed):
            continue
        conditions = tuple(Condition(name, value) for name, value in rule.conditions if name in open_ones)
        known = found.get(rule.kind.code)
        if known is not None and known.conditions != conditions:
            conditions = ()
        found[rule.kind.code] = Offer(rule.kind, rule.required, conditions)
    return tuple(sorted(found.values(), key=lambda offer: offer.kind.position))


def _is_answered_in(fact: str, steps: set[Step], application: Application) -> bool:
    item = question(QUESTIONS_OF_FACTS[fact])
    return item.step in steps and item.name not in application.known and application.may_ask(item)
