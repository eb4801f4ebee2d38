"""The history of one row in French: who changed what, when, why, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from enrolment.records import presentation
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec
from schema.enums import Operation
from schema.tables import HistoryEntry

MOST_ENTRIES = 50


@dataclass(frozen=True)
class Change:
    """One column of one change. `former` is the value before, as history keeps it."""

    name: str
    label: str
    before: str
    after: str
    former: Any
    restore_url: str | None = None


@dataclass(frozen=True)
class Entry:
    """One change of the row. `batch` is that of the import or the correction that made it."""

    key: int
    at: datetime
    operation: Operation
    title: str
    by: str
    reason: str
    changes: list[Change]
    restore_url: str | None = None
    batch: str = ""


def history(session: Session, model: type[Table], key: int) -> list[Entry]:
    """The last changes of a row, newest first."""
    table = table_of(model).name
    rows = session.exec(
        select(HistoryEntry)
        .where(HistoryEntry.table_name == table, HistoryEntry.row_id == key)
        .order_by(col(HistoryEntry.id).desc())
        .limit(MOST_ENTRIES)
    ).all()
    return entries_of(session, model, list(_of_this_row(rows)))


def _of_this_row(rows: Sequence[HistoryEntry]) -> Iterator[HistoryEntry]:
    """Entries back to the creation of the row: SQLite may have given its key to an older row, since deleted."""
    for row in rows:
        yield row
        if row.operation is Operation.insert:
            return


def entries_of(session: Session, model: type[Table], rows: Sequence[HistoryEntry]) -> list[Entry]:
    """Lines of the history in French. Columns that are secret, or no longer exist, are left out."""
    specs = {spec.name: spec for spec in presentation.visible(model)}
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for name, values in row.changes.items():
            spec = specs.get(name)
            if spec is not None and spec.references is not None:
                wanted.setdefault(spec.references, set()).update(value for value in values if isinstance(value, int))
    known = presentation.titles(session, wanted)
    return [
        Entry(
            row.id,
            row.at,
            row.operation,
            row.operation.label,
            f"{row.actor_label} ({row.actor_kind.label})",
            row.reason or "",
            [
                Change(
                    name,
                    specs[name].label,
                    said(specs[name], before, known),
                    said(specs[name], after, known),
                    before,
                )
                for name, (before, after) in row.changes.items()
                if name in specs
            ],
            batch=row.batch or "",
        )
        for row in rows
    ]


def said(spec: FieldSpec, value: Any, known: presentation.Titles) -> str:
    """A value as history keeps it (JSON), in French. What can no longer be read is shown as it stands."""
    if value is None:
        return ""
    if spec.kind is FieldKind.structure:
        return "(contenu structuré)"
    try:
        if spec.kind is FieldKind.moment:
            return spec.show(datetime.fromisoformat(value))
        if spec.kind is FieldKind.date:
            return spec.show(date.fromisoformat(value))
        return presentation.shown(spec, value, known)
    except (ValueError, TypeError):
        return str(value)


def said_of(session: Session, spec: FieldSpec, value: Any) -> str:
    """The same for a value met alone: the name behind a reference is looked up."""
    wanted = {spec.references: {value}} if spec.references is not None and isinstance(value, int) else {}
    return said(spec, value, presentation.titles(session, wanted))
