"""Where a page of a list begins: the keys of the last rows of the page before, nearest first.

One key would be enough if rows were never deleted; several keep the place when some of them are gone. Keys only: an
address must hold none of the values that a list is sorted by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.errors import DomainError
from schema.base import Table, table_of

_MOST = 5


def written(rows: Sequence[Any]) -> str:
    """The edge of a page as its address holds it; `rows` begin with the one nearest to the next page."""
    return ",".join(str(row.id) for row in rows[:_MOST])


def read(typed: str) -> list[int]:
    """The keys of an edge; none for what cannot be one."""
    parts = typed.split(",")
    if len(parts) > _MOST or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
        return []
    return [int(part) for part in parts]


def place(raw: str) -> int | None:
    """A place in a list, from an address. Raises DomainError for what no page of ours wrote."""
    if not raw:
        return None
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 19):
        raise DomainError("Cette adresse de page est incomplète : reprenez au début de la liste.")
    return int(raw)


def standing(session: Session, model: type[Table], keys: Sequence[int]) -> int | None:
    """The nearest row of an edge that is still there: what stood between it and the edge is gone.

    When none is left, the nearest key: it still says where one was in the order of keys.
    """
    if not keys:
        return None
    columns = table_of(model).c
    there = set(session.execute(sa.select(columns.id).where(columns.id.in_(keys))).scalars())
    return next((key for key in keys if key in there), keys[0])
