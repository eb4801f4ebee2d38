"""Counts equal changes: « 1 204 × ST DENIS → Saint-Denis ». Done once, when a correction is frozen."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from enrolment.corrections.lines import planned
from schema.describe import FieldSpec, field, model_named
from schema.enums import ImportMode, Operation
from schema.staging import GROUPS, LINES
from schema.tables import Correction

MOST = 500
"""Groups kept for a correction; what is beyond is read line by line."""

LEAST = 10
"""Groups kept of each column, however many columns there are."""


@dataclass(frozen=True)
class Counted:
    """The largest groups of each column, largest first, as rows of GROUPS; how many `distinct` changes each column has;
    how many lines, by operation, do something else than change a row.
    """

    groups: list[dict[str, Any]]
    distinct: dict[str, int]
    operations: dict[str, int]


def count(session: Session, correction: Correction, touched: frozenset[str]) -> Counted:
    """Count what the lines of a correction change. No column hides another one: each has its share of the groups."""
    most = max(MOST // max(len(touched), 1), LEAST)
    groups: list[dict[str, Any]] = []
    distinct: dict[str, int] = {}
    for name in sorted(touched):
        if len(touched) == 1:
            found, distinct[name] = _of_lines(session, correction, name, most)
        else:
            spec = field(model_named(correction.table_name), name)
            found, distinct[name] = _of_column(session, correction, spec, most)
        groups += found
    groups.sort(key=lambda group: -group["count"])
    ranked = [{"correction_id": correction.id, "rank": rank, **group} for rank, group in enumerate(groups, 1)]
    return Counted(ranked, distinct, _operations(session, correction))


def keep(session: Session, correction: Correction, counted: Counted) -> None:
    """Write the groups, instead of those of an earlier count, and in the recipe what else was counted."""
    session.execute(sa.delete(GROUPS).where(GROUPS.c.correction_id == correction.id))
    if counted.groups:
        session.execute(sa.insert(GROUPS), counted.groups)
    row = session.get_one(Correction, correction.id)
    row.recipe = {**row.recipe, "distinct": counted.distinct, "operations": counted.operations}


def _operations(session: Session, correction: Correction) -> dict[str, int]:
    if correction.recipe["mode"] == ImportMode.update.value:
        # What only changes rows, as most corrections and their undoings do, need not be counted.
        return {}
    found = session.execute(
        sa.select(LINES.c.operation, sa.func.count()).where(planned(correction)).group_by(LINES.c.operation)
    )
    return {operation: number for operation, number in found if operation != Operation.update.value}


def _of_lines(session: Session, correction: Correction, name: str, most: int) -> tuple[list[dict[str, Any]], int]:
    """Where one column changes, equal changes are equal texts: nothing needs to be read out of them."""
    text = sa.cast(LINES.c.changes, sa.Text).label("text")
    number = sa.func.count().label("number")
    lines = sa.select(text, number).where(planned(correction))
    equal = lines.group_by(text)
    groups = []
    for written, how_many in session.execute(equal.order_by(number.desc(), text).limit(most)):
        before, after = json.loads(written)[name]
        groups.append({"column_name": name, "before": before, "after": after, "count": how_many})
    return groups, _distinct(session, lines, equal, groups, most)


def _of_column(
    session: Session, correction: Correction, spec: FieldSpec, most: int
) -> tuple[list[dict[str, Any]], int]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    changes = LINES.c.changes
    before = codecs.before(spec, changes, sqlite=sqlite).label("was")
    after = codecs.after(spec, changes, sqlite=sqlite).label("becomes")
    number = sa.func.count().label("number")
    touched = codecs.has(spec, changes, sqlite=sqlite)
    lines = sa.select(before, after, number).where(planned(correction), touched)
    equal = lines.group_by(sa.text("1"), sa.text("2"))
    largest = equal.order_by(sa.text("3 DESC"), sa.text("1"), sa.text("2")).limit(most)
    groups = [
        {
            "column_name": spec.name,
            "before": codecs.kept(row.was),
            "after": codecs.kept(row.becomes),
            "count": row.number,
        }
        for row in session.execute(largest)
    ]
    return groups, _distinct(session, lines, equal, groups, most)


def _distinct(
    session: Session, lines: sa.Select[Any], equal: sa.Select[Any], groups: list[dict[str, Any]], most: int
) -> int:
    """How many groups there are. Only where some are not kept is it worth another query, and the least one."""
    if len(groups) < most:
        return len(groups)
    if groups[-1]["count"] == 1:
        # The others, which are no larger, are of one line each.
        every: int = session.execute(lines.with_only_columns(sa.func.count())).scalar_one()
        return len(groups) + every - sum(int(group["count"]) for group in groups)
    found: int = session.execute(sa.select(sa.func.count()).select_from(equal.subquery())).scalar_one()
    return found
