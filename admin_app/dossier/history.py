"""Every change of what the vendor declared and gave, newest first, in French: the history below the events of a file.

What the ASP does with the file (who has it, what its pieces are worth, what is asked) is told elsewhere on the page,
and is no change of data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from admin_app.row_history import said
from enrolment.records import codes, presentation
from schema.base import Table, table_of
from schema.describe import FieldSpec, model_named
from schema.enums import Operation
from schema.tables import Attachment, BankAccount, EnrolmentRequest, HistoryEntry, Person, Provider

_MOST = 60
_OF_TRANSITIONS = {"status", "status_since", "clock_from", "clock_spent", "decided_at", "asked_from", "account_id"}
_OF_INSTRUCTION = {"assigned_to_id", "review", "review_reason"}
_OF_DEPOSITS = {"draft_id", "request_id", "demand_id", "scan", "pages", "encryption_key"}
_FOLLOWING = {"registry_name", "registry_outcome", "bank_check", "legal_name_changed", "to_verify", "search_name"}
"""Columns that the portal writes by itself beside an answer."""
_UNTOLD = frozenset(_OF_TRANSITIONS | _OF_INSTRUCTION | _OF_DEPOSITS | _FOLLOWING)


@dataclass(frozen=True)
class Change:
    """One column of one change."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One change of one row of the file."""

    at: datetime
    by: str
    what: str
    changes: tuple[Change, ...]
    batch: str = ""


def entries(session: Session, request: EnrolmentRequest) -> list[Entry]:
    """The last changes of a request, its provider, people, bank account and pieces."""
    rows = session.exec(
        select(HistoryEntry)
        .where(sa.or_(*rows_of(session, request)), HistoryEntry.operation != Operation.insert)
        .order_by(col(HistoryEntry.id).desc())
    )
    told = list(islice((row for row in rows if row.operation is Operation.delete or changed(row)), _MOST))
    known = presentation.titles(session, references(told))
    return [_entry(row, known) for row in told]


def rows_of(session: Session, request: EnrolmentRequest) -> list[sa.ColumnElement[bool]]:
    """Conditions that together name every row of the file."""
    owned: dict[type[Table], Any] = {
        Person: Person.provider_id == request.provider_id,
        BankAccount: BankAccount.provider_id == request.provider_id,
        Attachment: Attachment.request_id == request.id,
    }
    keys: dict[type[Table], Iterable[int]] = {EnrolmentRequest: [request.id], Provider: [request.provider_id]}
    keys |= {model: session.exec(select(model.id).where(condition)).all() for model, condition in owned.items()}
    return [
        sa.and_(col(HistoryEntry.table_name) == table_of(model).name, col(HistoryEntry.row_id).in_(list(found)))
        for model, found in keys.items()
    ]


def references(rows: Iterable[HistoryEntry]) -> dict[str, set[int]]:
    """Keys of the rows that changes name, by table."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        for spec, before, after in changed(row):
            if spec.references is not None:
                wanted.setdefault(spec.references, set()).update(key for key in (before, after) if isinstance(key, int))
    return wanted


def _entry(row: HistoryEntry, known: presentation.Titles) -> Entry:
    what = codes.table_label(row.table_name)
    changes = tuple(
        Change(spec.label, said(spec, before, known), said(spec, after, known)) for spec, before, after in changed(row)
    )
    return Entry(row.at, row.actor_label, f"{what} : {row.operation.label.lower()}", changes, row.batch or "")


def changed(row: HistoryEntry) -> list[tuple[FieldSpec, Any, Any]]:
    """The columns of a change that are worth telling, before and after."""
    specs = {spec.name: spec for spec in presentation.visible(model_named(row.table_name))}
    return [
        (specs[name], before, after)
        for name, (before, after) in row.changes.items()
        if name in specs and name not in _UNTOLD
    ]
