"""Which pieces a request needs: reads the rule table, decides nothing by itself.

Pure: rules and facts come in, pieces due come out. A new document or condition is a row of `document_rule`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from schema.enums import DepositaryQuality, RequestKind, Step


@dataclass(frozen=True)
class Facts:
    """What is known of a request. None means not answered yet: no rule that asks about it applies."""

    wave_id: int | None = None
    dsr_id: int | None = None
    request_kind: RequestKind | None = None
    referencing_validated: bool | None = None
    needs_hds: bool | None = None
    hosts_health_data: bool | None = None
    legal_name_changed: bool | None = None
    is_distributor: bool | None = None
    is_representative: bool | None = None
    quality: DepositaryQuality | None = None
    vat_liable: bool | None = None
    first_of_wave: bool | None = None


CONDITIONS = tuple(item.name for item in fields(Facts))
"""Names of the conditions: those of Facts and of the columns of `document_rule` are the same (contract test)."""


@dataclass(frozen=True)
class Kind:
    """A kind of document, as the rules see it."""

    id: int
    code: str
    name: str
    help: str
    step: Step
    position: int
    sensitive: bool
    max_bytes: int
    template_file: str | None


@dataclass(frozen=True)
class Rule:
    """One line « which piece, when ». `conditions` holds only those that are set."""

    code: str
    kind: Kind
    reason: str
    required: bool
    conditions: tuple[tuple[str, object], ...]

    def applies(self, facts: Facts) -> bool:
        """Whether every condition that is set holds."""
        return all(getattr(facts, name) == value for name, value in self.conditions)


@dataclass(frozen=True)
class Due:
    """A piece that a request needs (or may give), and why."""

    kind: Kind
    reason: str
    required: bool


def due(rules: Iterable[Rule], facts: Facts) -> tuple[Due, ...]:
    """The pieces that a request with these facts needs, in the order of the form. Each kind appears once."""
    found: dict[str, Due] = {}
    for rule in rules:
        if rule.applies(facts):
            known = found.get(rule.kind.code)
            if known is None or (rule.required and not known.required):
                found[rule.kind.code] = Due(rule.kind, rule.reason, rule.required)
    order = list(Step)
    return tuple(sorted(found.values(), key=lambda item: (order.index(item.kind.step), item.kind.position)))


def owed_later(rules: Iterable[Rule], facts: Facts) -> tuple[Due, ...]:
    """What an early request must still bring once the ANS has validated its referencing (rule E2)."""
    known = tuple(rules)
    early = {item.kind.code for item in due(known, replace(facts, referencing_validated=False))}
    later = due(known, replace(facts, referencing_validated=True))
    return tuple(item for item in later if item.required and item.kind.code not in early)


_REPRESENTATIVE = frozenset({"representative.last_name", "representative.first_name"})
_DEPOSITARY = frozenset({"depositary.last_name", "depositary.first_name"})
PROVEN: Mapping[str, frozenset[str]] = {
    "kbis": frozenset({"provider.siret", "provider.legal_name"}),
    "identity_representative": _REPRESENTATIVE,
    "identity_depositary": _DEPOSITARY,
    "signature_mandate": _REPRESENTATIVE | _DEPOSITARY,
    "service_contract": _REPRESENTATIVE | _DEPOSITARY,
    "representative_mandate": _REPRESENTATIVE,
    "rib": frozenset({"bank.iban", "bank.bic", "bank.holder", "bank.domiciliation"}),
}
"""The answers that each kind of document proves, by the names of their questions.

A column of `document_kind` would let the ASP change it, but would need names of questions to be chosen and checked
there; which paper bears which answer is a fact of the papers, and stays here.
"""


def proving(changed: Iterable[str]) -> frozenset[str]:
    """The kinds of document that must be examined again when these answers change."""
    names = frozenset(changed)
    return frozenset(code for code, proven in PROVEN.items() if proven & names)


_GIVEN = ("wave_id", "dsr_id", "request_kind", "referencing_validated", "needs_hds")
"""Facts that no answer of the vendor changes."""


def can_be_asked(rules: Iterable[Rule], kind_code: str, facts: Facts) -> bool:
    """Whether a kind of document may ever concern a request: what its vendor answered may be wrong, the rest is given.

    A kind that no rule names is asked at will.
    """
    own = [rule for rule in rules if rule.kind.code == kind_code]
    return not own or any(
        all(getattr(facts, name) in {None, value} for name, value in rule.conditions if name in _GIVEN) for rule in own
    )
