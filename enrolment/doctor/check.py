"""What a check is: a question asked of the data, how grave a yes is, and the button that leads to the fix.

No check lives here. One is a set-based query, or a bounded search where SQL cannot judge; it stops counting at a
thousand, gives the keys of what it found, and can be asked again of some keys alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.addresses import Addresses
from enrolment.files.storage import Storage
from schema.history import Actor

if TYPE_CHECKING:
    from enrolment.doctor.proposing import Proposer

MOST = 1_000
"""Where counting stops: beyond, « plus de 1 000 » says enough."""

Key = int | str
Keys = Collection[Key]


@unique
class Severity(StrEnum):
    """How grave a finding is, gravest first. Only the first two make an installation wrong."""

    error = "Erreur"
    warning = "À vérifier"
    note = "Pour information"


@unique
class Way(StrEnum):
    """Where the button of a finding leads."""

    rows = "rows"
    create = "create"
    none = "none"


@dataclass(frozen=True)
class Context:
    """What a check may look at."""

    session: Session
    storage: Storage
    addresses: Addresses
    actor: Actor
    now: datetime


Find = Callable[[Context, Keys | None], Iterable[Key]]
Repair = Callable[[Context, Key], None]


@dataclass(frozen=True)
class Check:
    """One check. `said` is what is wrong, `advice` what to do. `table` is where the rows that it finds are.

    `way` says whether the fix is in the form of each row or in a new row of `fix_table`. `state` narrows the list of
    the table to what is wrong; without it the button opens the first row. `repair` fixes one row where that is safe;
    `repair_label` is its button. `every` is how long an answer stands. `proposer` knows the right values of the rows:
    a correction of many rows is then prepared from the finding.
    """

    code: str
    severity: Severity
    said: str
    advice: str
    find: Find
    table: str | None = None
    way: Way = Way.rows
    fix_table: str | None = None
    fix_label: str = "Ouvrir le premier"
    state: str | None = None
    repair: Repair | None = None
    repair_label: str = ""
    every: timedelta = timedelta(hours=1)
    proposer: Proposer | None = None


def by_query(build: Callable[[Context], sa.Select[Any]]) -> Find:
    """A check that one statement answers; its first column is the key."""

    def find(context: Context, keys: Keys | None) -> Iterator[Key]:
        statement = build(context)
        if keys is not None:
            statement = statement.where(statement.selected_columns[0].in_(list(keys)))
        return iter(context.session.execute(statement.limit(MOST + 1)).scalars())

    return find


def only(found: Iterable[Key], keys: Keys | None) -> Iterator[Key]:
    """What was found, or what of it is among some keys."""
    return (key for key in found if keys is None or key in keys)
