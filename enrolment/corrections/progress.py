"""How far a correction is, moved on in the transaction that did the work: by one worker at a time, without a history.

The claim is what keeps two workers off the same lines; whoever comes second finds the progress moved on.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session

from schema.base import table_of
from schema.enums import CorrectionState
from schema.tables import Correction

_TABLE = table_of(Correction)


def claim(session: Session, correction_id: int, state: CorrectionState, after: int, upto: int, **amounts: int) -> bool:
    """Move the progress from one key or place to another, and add to counts of the correction, by the names of their
    columns; False when somebody else did, or the work was stopped.
    """
    here = (_TABLE.c.id == correction_id, _TABLE.c.state == state, _TABLE.c.done_upto == after)
    claimed = session.execute(
        sa.update(_TABLE)
        .where(*here)
        .values(done_upto=upto, **_added(amounts))
        .execution_options(synchronize_session=False)
    )
    return bool(claimed.rowcount == 1)  # type: ignore[attr-defined]


def is_under_way(session: Session) -> bool:
    """Whether a correction is being prepared or applied at this moment."""
    here = sa.select(_TABLE.c.id).where(_TABLE.c.state.in_((CorrectionState.preparing, CorrectionState.applying)))
    return session.execute(here.limit(1)).first() is not None


def add(session: Session, correction_id: int, **amounts: int) -> None:
    """Add to counts of a correction, by the names of their columns."""
    session.execute(
        sa.update(_TABLE)
        .where(_TABLE.c.id == correction_id)
        .values(_added(amounts))
        .execution_options(synchronize_session=False)
    )


def _added(amounts: Mapping[str, int]) -> dict[str, sa.ColumnElement[int]]:
    return {name: _TABLE.c[name] + amount for name, amount in amounts.items()}
