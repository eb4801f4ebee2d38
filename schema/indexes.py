"""Indexes by which the back office sorts and filters, made from the descriptions of the columns.

A table that grows with the requests gets one index for each column that a list is sorted or filtered by: its pages then
take the same time however many rows there are. Tables of rules and lists stay short, and are read whole. Indexes that
serve one query of the program stand beside its table; those of words inside texts are in `schema.text_index`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import sqlalchemy as sa

from schema.columns import meta_of

GROWING = frozenset(
    {
        "account",
        "account_provider",
        "attachment",
        "attachment_access",
        "bank_account",
        "bulk_line",
        "demand",
        "demand_item",
        "financing_access",
        "financing_deposit",
        "financing_request",
        "history",
        "outgoing_mail",
        "person",
        "provider",
        "referencing",
        "request",
        "request_event",
        "request_note",
        "terms_acceptance",
        "ticket",
    }
)
"""Tables whose rows grow in number with the requests."""


def add_indexes(tables: Iterable[sa.Table]) -> None:
    """Give every table that grows the indexes of its list."""
    for table in tables:
        if table.name not in GROWING:
            continue
        for col in list(table.columns):
            if _is_wanted(table, col):
                _add(table, col)


def _add(table: sa.Table, col: sa.Column[object]) -> None:
    if not meta_of(col).long:
        sa.Index(f"ix_{table.name}_{col.name}_list", col, table.c.id)
        return
    # A long text is sorted by nobody; whether there is one is asked.
    for word, condition in (("empty", col.is_(None)), ("filled", col.is_not(None))):
        if col.nullable:
            name = f"ix_{table.name}_{col.name}_{word}"
            sa.Index(name, table.c.id, sqlite_where=condition, postgresql_where=condition)


def is_told(col: sa.Column[object]) -> bool:
    """Whether a column tells more than the others. What is written once has a date of its own, and no later one."""
    if col.name == "row_version":
        return False
    return not (col.name in {"created_at", "updated_at"} and "at" in col.table.c)


@cache
def is_led(col: sa.Column[object]) -> bool:
    """Whether an index gives the rows of a table in the order of this column."""
    assert isinstance(col.table, sa.Table)  # noqa: S101  Columns of mapped tables only.
    return _is_led(col.table, col)


def _is_led(table: sa.Table, col: sa.Column[object]) -> bool:
    # Not remembered: asked while the indexes are being made.
    if col.primary_key or col.unique or col.index:
        return True
    names = ([other.name for other in index.columns] for index in table.indexes if _is_whole(index))
    return any(found in ([col.name], [col.name, "id"]) for found in names)


def _is_whole(index: sa.Index) -> bool:
    return index.dialect_options["sqlite"]["where"] is None


def _is_wanted(table: sa.Table, col: sa.Column[object]) -> bool:
    return not (meta_of(col).secret or _is_led(table, col) or col.foreign_keys or not is_told(col)) and not isinstance(
        col.type, sa.JSON
    )
