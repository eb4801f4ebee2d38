"""The groups and the lines of a correction in French: values as a reader expects them, rows by their names.

What is read is `enrolment.corrections.reading`'s; pages and the CSV both say it by what is here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from admin_app import addresses
from admin_app.row_history import said
from enrolment.corrections import reading
from enrolment.records import presentation
from enrolment.typography import number
from schema.base import Table, table_of
from schema.describe import FieldSpec, model_named
from schema.enums import CorrectionOutcome, Operation
from schema.tables import Correction, HistoryEntry

SHOWN_AT_FIRST = 10

TONES: Mapping[CorrectionOutcome, str] = {
    CorrectionOutcome.applied: "success",
    CorrectionOutcome.conflict: "warning",
    CorrectionOutcome.refused: "danger",
    CorrectionOutcome.invalid: "danger",
    CorrectionOutcome.missing: "danger",
    CorrectionOutcome.duplicate: "danger",
}


SHORT: Mapping[CorrectionOutcome, str] = {
    CorrectionOutcome.conflict: "Conflit",
    CorrectionOutcome.refused: "Refusée",
    CorrectionOutcome.missing: "Introuvable",
    CorrectionOutcome.duplicate: "En double",
}
"""Outcomes whose whole label would fill a cell; the reason stands beside."""


@dataclass(frozen=True)
class Difference:
    """One column before and after; an empty text is an empty value. `now` is what it holds if that is a third thing."""

    label: str
    before: str
    after: str
    now: str | None = None


@dataclass(frozen=True)
class Group:
    """Equal changes, and how many."""

    rank: int
    count: str
    before: str
    after: str


@dataclass(frozen=True)
class Groups:
    """The groups of one column, largest first. `hidden` are not shown, and `lines` are changed by those that are."""

    label: str
    shown: Sequence[Group]
    hidden: int


@dataclass(frozen=True)
class Since:
    """Who changed a row since the preview."""

    by: str
    at: datetime
    reason: str
    deleted: bool


@dataclass(frozen=True)
class Told:
    """One line as a page shows it."""

    place: int
    name: str
    url: str | None
    file_line: int | None
    operation: Operation
    result: str
    tone: str
    detail: str
    differences: Sequence[Difference]
    since: Since | None = None


class French:
    """Says the values of one table."""

    def __init__(self, session: Session, model: type[Table]) -> None:
        self._session = session
        self.model = model
        self.specs: Mapping[str, FieldSpec] = {spec.name: spec for spec in presentation.visible(model)}

    def titles(
        self, rows: Iterable[Mapping[str, Sequence[Any]]], keys: Iterable[int | None] = ()
    ) -> presentation.Titles:
        """The names of the rows of these keys, and of those that these changes point to."""
        wanted: dict[str, set[int]] = {}
        own = {key for key in keys if key is not None}
        if own:
            wanted[table_of(self.model).name] = own
        references = [(spec.name, spec.references) for spec in self.specs.values() if spec.references is not None]
        if references:
            for changes in rows:
                for name, table in references:
                    found = (value for value in changes.get(name, ()) if isinstance(value, int))
                    wanted.setdefault(table, set()).update(found)
        return presentation.titles(self._session, wanted)

    def differences(
        self, changes: Mapping[str, Sequence[Any]], known: presentation.Titles, now: Mapping[str, Any] | None = None
    ) -> list[Difference]:
        """The changes of one line. Secret columns are left out."""
        found = []
        for name, (before, after) in changes.items():
            spec = self.specs.get(name)
            if spec is None:
                continue
            third = None
            if now is not None and name in now and now[name] not in (before, after):
                third = said(spec, now[name], known) or "(vide)"
            found.append(Difference(spec.label, said(spec, before, known), said(spec, after, known), third))
        return found


def groups(session: Session, correction: Correction, *, every: bool) -> list[Groups]:
    """The groups of each column, in the order of the table."""
    french = French(session, model_named(correction.table_name))
    found = reading.groups(session, correction)
    known = french.titles({row.column_name: (row.before, row.after)} for row in found)
    told = []
    for name, spec in french.specs.items():
        own = [row for row in found if row.column_name == name]
        shown = own if every else own[:SHOWN_AT_FIRST]
        if own:
            lines = [
                Group(row.rank, number(row.number), said(spec, row.before, known), said(spec, row.after, known))
                for row in shown
            ]
            told.append(Groups(spec.label, lines, len(own) - len(shown)))
    return told


def lines(session: Session, correction: Correction, rows: Sequence[Any], *, may_open: bool) -> list[Told]:
    """Some lines; of a conflict, who changed the row and what it holds now."""
    french = French(session, model_named(correction.table_name))
    conflicts = [row for row in rows if row.outcome == CorrectionOutcome.conflict.value]
    since = reading.changed_since(session, correction, conflicts)
    present = reading.present(session, correction, conflicts)
    now = [{name: [value] for name, value in values.items()} for values in present.values()]
    known = french.titles([*(row.changes for row in rows), *now], (row.row_id for row in rows))
    told = []
    for row in rows:
        is_conflict = row.outcome == CorrectionOutcome.conflict.value
        outcome = CorrectionOutcome(row.outcome)
        told.append(
            Told(
                row.place,
                named(correction, row, known),
                _url(correction, row, known) if may_open else None,
                row.file_line,
                Operation(row.operation),
                short(correction, outcome),
                TONES.get(outcome, "neutral"),
                row.detail or "",
                french.differences(row.changes, known, present.get(row.row_id) if is_conflict else None),
                _since(since.get(row.row_id)) if is_conflict else None,
            )
        )
    return told


def short(correction: Correction, outcome: CorrectionOutcome) -> str:
    """An outcome in a word or two: what was left when its correction ended is no longer to be applied."""
    if outcome is CorrectionOutcome.planned and correction.ended_at is not None:
        return "Non appliquée"
    return SHORT.get(outcome, outcome.label)


def named(correction: Correction, row: Any, known: presentation.Titles) -> str:
    """The name of the row of a line."""
    if row.row_id is None:
        return "Nouvelle ligne" if row.operation == Operation.insert.value else "Ligne introuvable"
    return known.get((correction.table_name, row.row_id), f"n° {row.row_id}")


def _url(correction: Correction, row: Any, known: presentation.Titles) -> str | None:
    """The page of the row, when it is there."""
    there = (correction.table_name, row.row_id) in known
    return addresses.details(correction.table_name, row.row_id) if there else None


def _since(entry: HistoryEntry | None) -> Since | None:
    if entry is None:
        return None
    return Since(entry.actor_label, entry.at, entry.reason or "", entry.operation is Operation.delete)
