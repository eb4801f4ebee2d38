"""Indexes by which the back office sorts and filters, made from the descriptions of the columns.

A table that grows with the requests gets one index for each column that a list is sorted or filtered by: its pages then
take the same time however many rows there are. Tables of rules and lists stay short, and are read whole. Indexes that
serve one query of the program stand beside its table; those of words inside texts are in `schema.text_index`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
        if table.name in GROWING:
            for col in list(_wanted(table)):
                sa.Index(f"ix_{table.name}_{col.name}_list", col, table.c.id)


def is_told(col: sa.Column[object]) -> bool:
    """Whether a column tells more than the others. What is written once has a date of its own, and no later one."""
    if col.name == "row_version":
        return False
    return not (col.name in {"created_at", "updated_at"} and "at" in col.table.c)


@cache
def is_led(col: sa.Column[object]) -> bool:
    """Whether an index gives the rows of a table in the order of this column."""
    return _is_led(col)


def _is_led(col: sa.Column[object]) -> bool:
    # Not remembered: asked while the indexes are being made.
    return col.primary_key or bool(col.unique or col.index) or col.name in _led(col.table)


def _led(table: sa.FromClause) -> set[str]:
    """Columns followed at once by the key in some index: such an index sorts by the column and breaks ties."""
    assert isinstance(table, sa.Table)  # noqa: S101  Columns of mapped tables only.
    found = set()
    for index in table.indexes:
        names = [col.name for col in index.columns]
        if names[1:] in ([], ["id"]) and index.dialect_options["sqlite"]["where"] is None:
            found.add(names[0])
    return found


def _wanted(table: sa.Table) -> Iterator[sa.Column[object]]:
    for col in table.columns:
        meta = meta_of(col)
        if meta.secret or _is_led(col) or col.foreign_keys or not is_told(col):
            continue
        few_or_dated = isinstance(col.type, sa.Enum | sa.Boolean | sa.Date) or _is_moment(col)
        shown = (meta.listed or meta.searchable) and not meta.long and isinstance(col.type, sa.String | sa.Integer)
        if few_or_dated or shown:
            yield col


def _is_moment(col: sa.Column[object]) -> bool:
    kind = col.type
    return isinstance(kind, sa.DateTime) or (
        isinstance(kind, sa.types.TypeDecorator) and isinstance(kind.impl_instance, sa.DateTime)
    )
