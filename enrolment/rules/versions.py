"""The versions of a row, read back from the history: what it was after each change. Nothing is restored here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from schema.base import Table, table_of
from schema.describe import fields
from schema.enums import Operation
from schema.history import json_value
from schema.tables import HistoryEntry


@dataclass(frozen=True)
class Version:
    """What a row was from a moment on. `values` are as the history keeps them, `changes` those of this version."""

    number: int
    since: datetime
    by: str
    reason: str
    values: Mapping[str, Any]
    changes: Mapping[str, tuple[Any, Any]]


def versions_of(session: Session, row: Table) -> list[Version]:
    """Every version of a row, newest first. A row that the history never saw made has its present one only."""
    entries = session.exec(
        select(HistoryEntry)
        .where(HistoryEntry.table_name == table_of(type(row)).name, HistoryEntry.row_id == row.id)
        .order_by(col(HistoryEntry.id).desc())
    ).all()
    values = {spec.name: json_value(getattr(row, spec.name)) for spec in fields(type(row)) if not spec.meta.secret}
    if not entries:
        return [Version(row.row_version, row.updated_at, "", "", values, {})]
    found = []
    for place, entry in enumerate(entries):
        changes = {name: (pair[0], pair[1]) for name, pair in entry.changes.items() if name in values}
        shown = {} if entry.operation is Operation.insert else changes
        found.append(
            Version(len(entries) - place, entry.at, entry.actor_label, entry.reason or "", dict(values), shown)
        )
        values |= {name: before for name, (before, _) in changes.items()}
    return found
