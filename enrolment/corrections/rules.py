"""Which corrections ask for a second person, and of which vendors are told: rows that administrators write."""

from __future__ import annotations

from sqlmodel import Session, col, select

from schema.tables import Correction, CorrectionRule


def asks_approval(session: Session, correction: Correction) -> bool:
    """Whether a second person must approve it."""
    return any(rule.asks_approval for rule in matching(session, correction))


def tells_vendors(session: Session, correction: Correction) -> bool:
    """Whether vendors are told of it."""
    return any(rule.tells_vendors for rule in matching(session, correction))


def tells_vendors_of(session: Session, correction: Correction, names: frozenset[str]) -> bool:
    """The same while it is being frozen: `names` are the columns that it will have changed."""
    return any(rule.tells_vendors for rule in matching(session, correction, names))


def matching(session: Session, correction: Correction, names: frozenset[str] | None = None) -> list[CorrectionRule]:
    """The rules that a correction falls under: by its table, a column that it changes, and its size."""
    if names is None:
        names = frozenset(correction.recipe.get("columns", ()))
    found = session.exec(
        select(CorrectionRule).where(col(CorrectionRule.active).is_(True)).order_by(CorrectionRule.name)
    )
    return [
        rule
        for rule in found
        if rule.table_name in {None, correction.table_name}
        and (rule.column_name is None or rule.column_name in names)
        and correction.planned > rule.above
    ]
