"""Says in French which groups of changes of a correction are undone alone. What is undone is `undoing`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from enrolment.corrections import codecs, reading
from enrolment.records import presentation
from enrolment.typography import number, shortened
from schema.describe import FieldSpec, model_named
from schema.tables import Correction

_MOST_NAMED = 5
_LONGEST = 80


def said(session: Session, correction: Correction, ranks: Sequence[int]) -> str:
    """How many groups, then the first of them, one a line: « Commune : « ST DENIS » → « Saint-Denis » »."""
    specs = {spec.name: spec for spec in presentation.visible(model_named(correction.table_name))}
    groups = [row for row in reading.groups(session, correction) if row.rank in ranks and row.column_name in specs]
    lines = [f"{number(len(ranks))} groupe{'s' if len(ranks) > 1 else ''} de changements"]
    lines += [
        f"{specs[row.column_name].label} : {_shown(session, specs[row.column_name], row.before)} → "
        f"{_shown(session, specs[row.column_name], row.after)}"
        for row in groups[:_MOST_NAMED]
    ]
    others = len(groups) - _MOST_NAMED
    if others > 0:
        lines.append(f"et {number(others)} autre{'s' if others > 1 else ''}")
    return "\n".join(lines)


def _shown(session: Session, spec: FieldSpec, kept: Any) -> str:
    value = codecs.stored(spec, kept)
    if value is None:
        return "(vide)"
    known = presentation.titles(session, {spec.references: {value}}) if spec.references else {}
    return f"« {' '.join(shortened(presentation.shown(spec, value, known), _LONGEST).split())} »"
