"""What binds the columns of one row together, beyond the type of each: judged and followed at each line.

A rule reads the row as it would be. It may refuse it, and it may say what other columns then hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from enrolment.rules import referencings
from enrolment.services import reference
from schema.enums import BankCheck
from schema.types import Level, bank_coherence

Row = Mapping[str, Any]
Judged = dict[str, Any]
"""New values of other columns of the row."""


class Forbidden(Exception):
    """The row cannot be as it would be. `message` is French."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class RowRule:
    """`when` names the columns whose change calls for the rule, `reads` what it looks at, `writes` what it may set."""

    when: frozenset[str]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    judge: Callable[[Row, Row], Judged]


def rule_of(session: Session, table: str) -> RowRule | None:
    """The rule of a table, ready to judge its rows; None when it has none."""
    make = _RULES.get(table)
    return make(session) if make is not None else None


def _bank(session: Session) -> RowRule:
    """IBAN and BIC agree, as the public form asks (step 3); what was found is kept with the account."""
    overrides = reference.bank_overrides(session)
    known: dict[tuple[str, str], Any] = {}

    def judge(before: Row, after: Row) -> Judged:
        pair = (after["iban"], after["bic"])
        if pair not in known:
            if len(known) > 100_000:
                known.clear()
            try:
                known[pair] = bank_coherence(*pair, overrides)
            except ValueError as error:
                raise Forbidden("L'IBAN enregistré n'en est pas un : corrigez-le avant le BIC.") from error
        found = known[pair]
        if found.level is Level.error:
            raise Forbidden(str(found.message))
        judged: Judged = {"bank_check": BankCheck.coherent if found.level is Level.ok else BankCheck.unknown_bank}
        if found.domiciliation and before["domiciliation"] == after["domiciliation"]:
            judged["domiciliation"] = found.domiciliation
        return judged

    return RowRule(
        when=frozenset({"iban", "bic"}),
        reads=("iban", "bic", "domiciliation", "bank_check"),
        writes=("bank_check", "domiciliation"),
        judge=judge,
    )


def _profile(session: Session) -> RowRule:
    """A referencing has a profile of its own DSR."""
    problem = referencings.judge(session)

    def judge(before: Row, after: Row) -> Judged:
        del before
        found = problem(after["dsr_id"], after["profile_id"])
        if found is not None:
            raise Forbidden(found)
        return {}

    return RowRule(
        when=frozenset({"dsr_id", "profile_id"}),
        reads=("dsr_id", "profile_id"),
        writes=(),
        judge=judge,
    )


_RULES: Mapping[str, Callable[[Session], RowRule]] = {"bank_account": _bank, "referencing": _profile}
