"""What a row was, read from its history: the former value of a column, or all of them as they stood after a change.

A former value comes back only through the reading of the form (`FieldSpec.clean`): what a newer rule refuses, or names
a row that is gone, is told and not restored. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from admin_app import addresses, forms
from admin_app.row_history import Entry, said
from enrolment.errors import NotFound
from enrolment.records import presentation
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named
from schema.enums import Operation
from schema.history import json_value
from schema.tables import HistoryEntry
from schema.types import InvalidValue

_GONE = "La ligne que cette valeur désignait n'existe plus."
_EMPTY = "Ce champ ne peut plus rester vide."


@dataclass(frozen=True)
class Restored:
    """One column to put back: what it holds, what it would hold, and what forbids it."""

    name: str
    label: str
    current: str
    former: str
    value: Any
    problem: str | None


def entry_of(session: Session, model: type[Table], key: int, entry_key: int) -> HistoryEntry:
    """A change of a row. Raises NotFound for that of another row, be it one that had the same key before."""
    entry = session.get(HistoryEntry, entry_key)
    table = table_of(model).name
    if entry is None or (entry.table_name, entry.row_id) != (table, key) or _is_older_row(session, table, key, entry):
        raise NotFound("Cette modification n'existe pas dans l'historique de cette ligne.")
    return entry


def _is_older_row(session: Session, table: str, key: int, entry: HistoryEntry) -> bool:
    born_later = (
        select(HistoryEntry.id)
        .where(HistoryEntry.table_name == table, HistoryEntry.row_id == key)
        .where(HistoryEntry.operation == Operation.insert, col(HistoryEntry.id) > entry.id)
        .limit(1)
    )
    return session.exec(born_later).first() is not None


def of_column(session: Session, row: Table, entry: HistoryEntry, name: str) -> list[Restored]:
    """The value that a column had before a change; nothing when it has it again. Raises NotFound."""
    spec = next((one for one in presentation.editable(type(row)) if one.name == name), None)
    if spec is None or name not in entry.changes or entry.operation is not Operation.update:
        raise NotFound("Cette valeur ne se restaure pas.")
    return _read(session, row, {name: entry.changes[name][0]})


def of_row(session: Session, row: Table, entry: HistoryEntry) -> list[Restored]:
    """Every column that staff may type, as it stood after a change; those that differ from now."""
    later = session.exec(
        select(HistoryEntry)
        .where(
            HistoryEntry.table_name == entry.table_name,
            HistoryEntry.row_id == entry.row_id,
            col(HistoryEntry.id) > entry.id,
        )
        .order_by(col(HistoryEntry.id).desc())
    )
    state: dict[str, Any] = {}
    for change in later:
        state |= {name: before for name, (before, _) in change.changes.items()}
    return _read(session, row, state)


def values_of(row: Table, restored: Iterable[Restored]) -> dict[str, Any]:
    """All that the form of a row would send: the present values, and those put back."""
    present = {spec.name: getattr(row, spec.name) for spec in presentation.editable(type(row))}
    return present | {one.name: one.value for one in restored}


def with_links(row: Table, entries: Sequence[Entry]) -> list[Entry]:
    """The entries of a history, newest first, with the way back to each value and each state that is not the present.

    `entries` begins with the last change of the row.
    """
    present = {spec.name: json_value(getattr(row, spec.name)) for spec in presentation.editable(type(row))}
    state, linked = dict(present), []
    for entry in entries:
        changes = [
            replace(change, restore_url=_url(row, entry, change.name))
            if entry.operation is Operation.update
            and change.name in present
            and not _same(change.former, present[change.name])
            else change
            for change in entry.changes
        ]
        is_past = any(not _same(value, present[name]) for name, value in state.items())
        linked.append(replace(entry, changes=changes, restore_url=_url(row, entry) if is_past else None))
        state |= {change.name: change.former for change in entry.changes if change.name in state}
    return linked


def deleted(session: Session, model: type[Table], typed: str) -> dict[str, str]:
    """What the form of a new row shows to make a deleted one again, from the key of its deletion in the history.

    Raises NotFound when there is no such deletion.
    """
    key = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0
    entry = session.get(HistoryEntry, key)
    if entry is None or entry.table_name != table_of(model).name or entry.operation is not Operation.delete:
        raise NotFound("Cette suppression n'existe pas dans l'historique de cette liste.")
    raw = {}
    for spec in presentation.editable(model):
        value = entry.changes.get(spec.name, (None,))[0]
        raw[spec.name] = forms.raw_of(spec, _moment_or_day(spec, value))
    return raw


def _url(row: Table, entry: Entry, column: str = "") -> str:
    return addresses.restore(table_of(type(row)).name, row.id, entry.key, column)


def _read(session: Session, row: Table, state: dict[str, Any]) -> list[Restored]:
    """The columns of a state that differ from the present, with the value to write, or what forbids it."""
    specs = [spec for spec in presentation.editable(type(row)) if spec.name in state]
    changed = [spec for spec in specs if not _same(state[spec.name], json_value(getattr(row, spec.name)))]
    keys = presentation.keys_of(changed, [row])
    for spec in changed:
        if spec.references is not None and isinstance(state[spec.name], int):
            keys.setdefault(spec.references, set()).add(state[spec.name])
    known = presentation.titles(session, keys)
    found = []
    for spec in changed:
        value, problem = _value(session, spec, state[spec.name])
        current = presentation.shown(spec, getattr(row, spec.name), known)
        found.append(Restored(spec.name, spec.label, current, said(spec, state[spec.name], known), value, problem))
    return found


def _value(session: Session, spec: FieldSpec, former: Any) -> tuple[Any, str | None]:
    """A value as history keeps it (JSON), as the column takes it today; else why it does not."""
    if former is None:
        return None, _EMPTY if spec.required else None
    if spec.references is not None:
        columns = table_of(model_named(spec.references)).c
        exists = isinstance(former, int) and session.execute(sa.select(columns.id).where(columns.id == former)).first()
        return (former, None) if exists else (None, _GONE)
    if isinstance(former, bool):
        return former, None
    try:
        return spec.clean(str(former)), None
    except InvalidValue as error:
        return None, str(error)


def _moment_or_day(spec: FieldSpec, value: Any) -> Any:
    if value is None:
        return None
    try:
        if spec.kind is FieldKind.moment:
            return datetime.fromisoformat(value)
        return date.fromisoformat(value) if spec.kind is FieldKind.date else value
    except (TypeError, ValueError):
        return None


def _same(former: Any, current: Any) -> bool:
    """Whether two values of a history are one: a boolean may have been written as a number."""
    return bool(former == current)
