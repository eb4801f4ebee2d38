"""What the checker must know that is not in the file: the rows that decide, read once by a service (rule R4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Kind:
    """A kind of prestation. `ceiling_cents` is the most that one line may cost, all taxes included."""

    name: str
    ceiling_cents: int | None = None


@dataclass(frozen=True)
class Window:
    """The days between which a wave takes orders; both belong to it, and None is no end."""

    opens: date
    closes: date | None = None


@dataclass(frozen=True)
class Enrolled:
    """An enrolment of the account. `is_validated` is false while it still owes something (rule E3)."""

    siret: str
    wave: str
    is_validated: bool


@dataclass(frozen=True)
class Rules:
    """The rules of one check. `only` is the referencing that a deposit is for; None takes any of `enrolments`."""

    today: date
    kinds: Mapping[str, Kind]
    waves: Mapping[str, Window]
    rates: frozenset[str]
    enrolments: Mapping[str, Enrolled] = field(default_factory=dict)
    only: str | None = None
