"""Counts equal changes: « 1 204 × ST DENIS → Saint-Denis ». Done once, when a correction is frozen."""

from __future__ import annotations

import json
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
    if len(touched) == 1:
        found = _of_lines(session, correction, *touched)
    else:
        model = model_named(correction.table_name)
        found = [group for name in sorted(touched) for group in _of_column(session, correction, field(model, name))]
    found.sort(key=lambda group: -group["count"])
    return [{"correction_id": correction.id, "rank": rank, **group} for rank, group in enumerate(found[:MOST], 1)]


def keep(session: Session, correction: Correction, groups: list[dict[str, Any]]) -> None:
    """Write the groups, instead of those of an earlier count."""
    session.execute(sa.delete(GROUPS).where(GROUPS.c.correction_id == correction.id))
    if groups:
        session.execute(sa.insert(GROUPS), groups)


def _of_lines(session: Session, correction: Correction, name: str) -> list[dict[str, Any]]:
    """Where one column changes, equal changes are equal texts: nothing needs to be read out of them."""
    text = sa.cast(LINES.c.changes, sa.Text)
    number = sa.func.count()
    found = session.execute(
        sa.select(text, number).where(*_planned(correction)).group_by(text).order_by(number.desc(), text).limit(MOST)
    )
    groups = []
    for written, how_many in found:
        before, after = json.loads(written)[name]
        groups.append({"column_name": name, "before": before, "after": after, "count": how_many})
    return groups


def _of_column(session: Session, correction: Correction, spec: FieldSpec) -> list[dict[str, Any]]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    changes = LINES.c.changes
    before = codecs.before(spec, changes, sqlite=sqlite).label("was")
    after = codecs.after(spec, changes, sqlite=sqlite).label("becomes")
    number = sa.func.count().label("number")
    statement = (
        sa.select(before, after, number)
        .where(*_planned(correction), codecs.has(spec, changes, sqlite=sqlite))
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


def _planned(correction: Correction) -> tuple[sa.ColumnElement[bool], ...]:
    return LINES.c.correction_id == correction.id, LINES.c.outcome == CorrectionOutcome.planned.value
