"""What else follows when lines were applied: people whose way in has changed sign in again (SEC-4)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from enrolment.corrections.lines import within
from enrolment.services import sessions
from schema.base import Table, table_of
from schema.describe import field
from schema.enums import CorrectionOutcome, Operation, WebAudience
from schema.staging import LINES

_WAYS_IN: Mapping[str, tuple[WebAudience, tuple[str, ...]]] = {
    "staff_user": (WebAudience.staff, ("role", "active", "email")),
    "account": (WebAudience.vendor, ("state", "email")),
}


def follow(session: Session, model: type[Table], correction_id: int, low: int, high: int) -> None:
    """Do what follows from the applied lines of a range, in the transaction that applied them."""
    ways_in = _WAYS_IN.get(table_of(model).name)
    if ways_in is None:
        return
    audience, names = ways_in
    sqlite = session.get_bind().dialect.name == "sqlite"
    touched = sa.or_(*(codecs.has(field(model, name), LINES.c.changes, sqlite=sqlite) for name in names))
    owners = sa.select(LINES.c.row_id).where(
        within(correction_id, low, high),
        # What could not be applied is marked by now.
        LINES.c.outcome == CorrectionOutcome.planned.value,
        LINES.c.operation != Operation.insert.value,
        touched,
    )
    sessions.revoke_of(session, audience, owners)
