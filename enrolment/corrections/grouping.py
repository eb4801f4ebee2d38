"""Counts equal changes: « 1 204 × ST DENIS → Saint-Denis ». Done once, when a correction is frozen."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from schema.describe import FieldSpec, field, model_named
from schema.enums import CorrectionOutcome
from schema.staging import GROUPS, LINES
from schema.tables import Correction

MOST = 500
"""Groups kept for a correction; values that differ from row to row are read line by line."""


def count(session: Session, correction: Correction, touched: frozenset[str]) -> list[dict[str, Any]]:
    """The largest groups of a correction, over all its columns, largest first, as rows of GROUPS."""
    model = model_named(correction.table_name)
    sqlite = session.get_bind().dialect.name == "sqlite"
    found: list[dict[str, Any]] = []
    for name in sorted(touched):
        found += _of_column(session, correction, field(model, name), sqlite=sqlite)
    found.sort(key=lambda group: -group["count"])
    return [{"correction_id": correction.id, "rank": rank, **group} for rank, group in enumerate(found[:MOST], 1)]


def keep(session: Session, correction: Correction, groups: list[dict[str, Any]]) -> None:
    """Write the groups, instead of those of an earlier count."""
    session.execute(sa.delete(GROUPS).where(GROUPS.c.correction_id == correction.id))
    if groups:
        session.execute(sa.insert(GROUPS), groups)


def _of_column(session: Session, correction: Correction, spec: FieldSpec, *, sqlite: bool) -> list[dict[str, Any]]:
    changes = LINES.c.changes
    before = codecs.before(spec, changes, sqlite=sqlite).label("was")
    after = codecs.after(spec, changes, sqlite=sqlite).label("becomes")
    number = sa.func.count().label("number")
    statement = (
        sa.select(before, after, number)
        .where(
            LINES.c.correction_id == correction.id,
            LINES.c.outcome == CorrectionOutcome.planned.value,
            codecs.has(spec, changes, sqlite=sqlite),
        )
        .group_by(sa.text("1"), sa.text("2"))
        .order_by(sa.text("3 DESC"), sa.text("1"), sa.text("2"))
        .limit(MOST)
    )
    return [
        {
            "column_name": spec.name,
            "before": codecs.kept(row.was),
            "after": codecs.kept(row.becomes),
            "count": row.number,
        }
        for row in session.execute(statement)
    ]
