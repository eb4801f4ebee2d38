"""Counts rows no further than anybody reads: what it costs does not grow with the table."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def up_to(most: int, *conditions: sa.ColumnElement[bool], table: sa.Table | None = None) -> sa.ScalarSelect[Any]:
    """How many rows meet the conditions, at most one more than `most`: that one says that there are others."""
    rows = sa.select(sa.literal(1)).where(*conditions).limit(most + 1)
    if table is not None:
        rows = rows.select_from(table)
    return sa.select(sa.func.count()).select_from(rows.subquery()).scalar_subquery()
