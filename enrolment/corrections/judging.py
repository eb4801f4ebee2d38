"""Turns what a row holds and what is asked of it into a line: its changes, or why they cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from enrolment.corrections.codecs import Changes, kept, written
from enrolment.corrections.row_rules import Forbidden, RowRule, rule_of
from schema.base import Table, table_of
from schema.enums import CorrectionOutcome

Worked = tuple[str, str, str | None]
"""Changes as written, outcome, and why it is set aside."""


class Judge:
    """Judges the rows of one table. `names` are the columns that may change."""

    def __init__(self, session: Session, model: type[Table], names: frozenset[str]) -> None:
        rule = rule_of(session, table_of(model).name)
        self.rule: RowRule | None = rule if rule is not None and rule.when & names else None

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns that must be read beside those that change."""
        return self.rule.reads if self.rule is not None else ()

    @property
    def writes(self) -> tuple[str, ...]:
        """Columns that may change beside those asked."""
        return self.rule.writes if self.rule is not None else ()

    def judged(self, row: Mapping[str, Any], new: Mapping[str, Any]) -> Worked | None:
        """What becomes of a row whose columns take new values, all as stored; None when nothing changes."""
        changes: Changes = {
            name: [before, after]
            for name, value in new.items()
            if (before := kept(row[name])) != (after := kept(value))
        }
        if not changes:
            return None
        if self.rule is not None and self.rule.when & changes.keys():
            try:
                changes |= self._followed(self.rule, row, new)
            except Forbidden as error:
                return written(changes), CorrectionOutcome.refused.value, error.message
        return written(changes), CorrectionOutcome.planned.value, None

    def _followed(self, rule: RowRule, row: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
        before = {name: row[name] for name in rule.reads}
        judged = rule.judge(before, {name: new.get(name, row[name]) for name in rule.reads})
        return {name: [was, now] for name, value in judged.items() if (was := kept(row[name])) != (now := kept(value))}
