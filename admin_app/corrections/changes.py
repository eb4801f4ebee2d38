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
COLUMNS_AT_FIRST = 3
"""Of one line; the others are folded."""


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
    """The groups of one column, largest first. `all_differ`, for as many lines, where no change is met twice; `others`
    are the words for those that another page shows, `unkept` how many were counted and are shown nowhere.
    """

    label: str
    shown: Sequence[Group]
    all_differ: str
    others: str
    unkept: int


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

    @property
    def first(self) -> Sequence[Difference]:
        """The columns that are shown at once: a page of wide lines must remain one that is read."""
        whole = len(self.differences) <= COLUMNS_AT_FIRST + 1
        return self.differences if whole else self.differences[:COLUMNS_AT_FIRST]

    @property
    def folded(self) -> Sequence[Difference]:
        """The others."""
        return self.differences[len(self.first) :]


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
        """The changes of one line, in the order of the table. Secret columns are left out."""
        found = []
        for name, spec in self.specs.items():
            if name not in changes:
                continue
            before, after = changes[name]
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
    comes_or_goes = Operation.update not in reading.operations(correction)
    distinct: Mapping[str, int] = correction.recipe.get("distinct", {})
    told = []
    for name, spec in french.specs.items():
        own = [row for row in found if row.column_name == name]
        if not own:
            continue
        of_all = distinct.get(name, len(own))
        all_differ = of_all > SHOWN_AT_FIRST and own[0].number == 1
        shown = own if every else own[: 0 if all_differ else SHOWN_AT_FIRST]
        lines = [
            Group(row.rank, number(row.number), said(spec, row.before, known), said(spec, row.after, known))
            for row in shown
        ]
        told.append(
            Groups(
                spec.label,
                lines,
                number(of_all) if all_differ else "",
                _others(len(shown), len(own), of_all, are_values=comes_or_goes),
                of_all - len(own) if every else 0,
            )
        )
    return told


def _others(shown: int, kept: int, of_all: int, *, are_values: bool) -> str:
    """The link to the groups that are kept and not shown; empty when there are none."""
    left = kept - shown
    if not left:
        return ""
    what = "valeur" if are_values else "changement"
    if kept < of_all:
        first = "premières" if are_values else "premiers"
        return f"Voir les {number(kept)} {first} {what}s sur {number(of_all)}"
    if not shown:
        return f"Voir les {number(kept)} {what}s"
    return f"Voir l'autre {what}" if left == 1 else f"Voir les {number(left)} autres {what}s"


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
