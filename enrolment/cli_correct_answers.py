"""What `enrolment correct` answers, in French for a reader and in JSON for a program. Reads; changes nothing.

The JSON is a contract (docs/guide/corrections-en-ligne-de-commande.md): keys are added, never renamed. Values of rows
have the form in which the history keeps them; an empty value is `null`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session

from enrolment.corrections import codecs, reading, rules
from enrolment.corrections.lines import as_they_stand
from enrolment.records import presentation
from enrolment.typography import counted, french, moment, number
from schema.describe import PARIS, FieldSpec, field, model_named
from schema.enums import CorrectionOutcome, CorrectionState, Operation
from schema.staging import LINES
from schema.tables import Correction

Data = dict[str, Any]
_ODD = (CorrectionOutcome.planned, CorrectionOutcome.applied, CorrectionOutcome.unchanged)


def as_json(data: Any) -> str:
    """Data as a program reads it."""
    return json.dumps(data, ensure_ascii=False, indent=1)


def correction_data(session: Session, one: Correction) -> Data:
    """All that `show` tells of a correction."""
    undone = session.get(Correction, one.undoes_id) if one.undoes_id is not None else None
    waiting = one.state is CorrectionState.frozen and rules.asks_approval(session, one)
    return {
        "number": one.id,
        "id": one.public_id,
        "title": one.title,
        "reason": one.reason,
        "table": one.table_name,
        "source": one.source.value,
        "selection": one.selection,
        "state": one.state.value,
        "author": one.author_label,
        "problem": one.problem,
        "needs_approval": waiting,
        "undoes": undone.public_id if undone is not None else None,
        "counts": {
            "read": one.total,
            "planned": one.planned,
            "unchanged": one.unchanged,
            "set_aside": one.set_aside,
            "applied": one.applied,
            "conflicts": one.conflicts,
        },
        "created_at": _moment(one.created_at),
        "frozen_at": _moment(one.frozen_at),
        "approved_at": _moment(one.approved_at),
        "started_at": _moment(one.started_at),
        "ended_at": _moment(one.ended_at),
    }


def preview_data(session: Session, one: Correction, most: int) -> Data:
    """The correction with its groups, its first lines, and what was set aside with the reasons."""
    return {
        "correction": correction_data(session, one),
        "groups": [
            {
                "rank": row.rank,
                "column": row.column_name,
                "before": row.before,
                "after": row.after,
                "count": row.number,
            }
            for row in reading.groups(session, one)
        ],
        "lines": [_line_data(row) for row in _first_lines(session, one, most)],
        "set_aside": [_line_data(row) for row in _odd_lines(session, one, most)],
        "reasons": [{"reason": reason, "count": count} for reason, count in reading.reasons(session, one)],
    }


def summary(session: Session, one: Correction) -> Iterator[str]:
    """A correction in a few lines."""
    yield f"Correction n° {one.id} ({one.public_id}) : {one.title}"
    yield f"  Table : {model_named(one.table_name).label_plural} ({one.table_name})"
    for line in one.selection.splitlines():
        yield f"  {line}"
    yield f"  Motif : {one.reason}"
    yield f"  Auteur : {one.author_label}, le {moment(one.created_at)}"
    yield f"  État : {one.state.label}"
    if one.problem:
        yield f"  Empêchement : {one.problem}"
    yield "  " + ", ".join(
        (
            counted(one.total, "ligne lue", "lignes lues"),
            f"{number(one.planned)} à appliquer",
            f"{number(one.unchanged)} déjà à jour",
            counted(one.set_aside, "écartée"),
            counted(one.applied, "appliquée"),
            f"{number(one.conflicts)} en conflit",
        )
    )
    if one.state is CorrectionState.frozen and rules.asks_approval(session, one):
        yield "  Une seconde personne doit l'approuver, dans le back-office."


def preview(session: Session, one: Correction, most: int) -> Iterator[str]:
    """The preview for a reader."""
    yield from summary(session, one)
    groups = reading.groups(session, one)
    if groups:
        yield "Changements, les plus nombreux d'abord :"
    for row in groups[:most]:
        spec = _spec(one, row.column_name)
        yield f"  {row.rank}. {number(row.number)} × {spec.label} : {_change(session, spec, row.before, row.after)}"
    yield from _told(session, one, "Premières lignes :", _first_lines(session, one, most))
    aside = list(_odd_lines(session, one, most))
    for reason, count in reading.reasons(session, one):
        yield f"Écartées, {number(count)} : {reason}"
    yield from _told(session, one, "Lignes écartées ou en conflit :", aside)


def in_list(one: Correction) -> str:
    """A correction in one line."""
    return (
        f"{one.id:>6}  {one.created_at.astimezone(PARIS):%d/%m/%Y}  {one.state.label:<26}  {one.table_name:<14}  "
        f"{number(one.planned):>10}  {one.title}"
    )


def _told(session: Session, one: Correction, title: str, rows: Iterable[reading.Row]) -> Iterator[str]:
    found = list(rows)
    if not found:
        return
    yield title
    keys = {row.row_id for row in found if row.row_id is not None}
    names = presentation.titles(session, {one.table_name: keys})
    for row in found:
        name = names.get((one.table_name, row.row_id), f"n° {row.row_id}") if row.row_id else "nouvelle ligne"
        place = f"ligne {row.file_line} du fichier, " if row.file_line else ""
        yield f"  {place}{name}{_operation(row.operation)}"
        for column, (before, after) in row.changes.items():
            spec = _spec(one, column)
            yield f"    {spec.label} : {_change(session, spec, before, after)}"
        outcome = CorrectionOutcome(row.outcome)
        if outcome not in _ODD:
            yield f"    {outcome.label}{f' : {row.detail}' if row.detail else ''}"


def _operation(value: str) -> str:
    return {Operation.insert.value: " (ajoutée)", Operation.delete.value: " (supprimée)"}.get(value, "")


def _change(session: Session, spec: FieldSpec, before: Any, after: Any) -> str:
    return french(f"« {_shown(session, spec, before)} » → « {_shown(session, spec, after)} »")


def _shown(session: Session, spec: FieldSpec, value: Any) -> str:
    stored = codecs.stored(spec, value)
    known = presentation.titles(session, {spec.references: {stored}}) if spec.references and stored is not None else {}
    return presentation.shown(spec, stored, known)


def _spec(one: Correction, column: str) -> FieldSpec:
    return field(model_named(one.table_name), column)


def _first_lines(session: Session, one: Correction, most: int) -> list[reading.Row]:
    statement = as_they_stand(one).where(LINES.c.outcome == CorrectionOutcome.planned.value)
    return list(session.execute(statement.order_by(LINES.c.place).limit(most)))


def _odd_lines(session: Session, one: Correction, most: int) -> list[reading.Row]:
    found: list[reading.Row] = []
    for outcome in CorrectionOutcome:
        if outcome not in _ODD and len(found) < most:
            found += reading.lines(session, one, outcome=outcome).rows
    return found[:most]


def _line_data(row: reading.Row) -> Data:
    return {
        "place": row.place,
        "row": row.row_id,
        "file_line": row.file_line,
        "operation": row.operation,
        "outcome": row.outcome,
        "changes": {name: {"before": before, "after": after} for name, (before, after) in row.changes.items()},
        "detail": row.detail,
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value is not None else None
