"""Prepared reads give what a session gives, on both engines: moments in UTC, members of closed lists, booleans."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlmodel import select

from schema.base import table_of
from schema.database import Database
from schema.enums import RequestStatus
from schema.history import Actor
from schema.prepared import Prepared
from schema.tables import EnrolmentRequest
from tests.rows import add_request

REQUEST = table_of(EnrolmentRequest)
READ = Prepared(
    sa.select(REQUEST.c.status, REQUEST.c.is_early, REQUEST.c.submitted_at, REQUEST.c.decided_at).order_by(REQUEST.c.id)
)


@pytest.mark.parametrize("microsecond", [0, 1, 120_000])
def test_rel11_row_is_read_as_a_session_reads_it(database: Database, microsecond: int) -> None:
    # std: REL-11
    at = datetime(2026, 10, 25, 0, 30, 5, microsecond, tzinfo=UTC)
    with database.writing(Actor.system()) as session:
        for early in (True, False):
            add_request(session, is_early=early, submitted_at=at)
    with database.reading() as session, database.snapshot() as snapshot:
        stored = [
            (row.status, row.is_early, row.submitted_at, row.decided_at)
            for row in session.exec(select(EnrolmentRequest).order_by(sa.text("id")))
        ]
        rows = [tuple(row) for row in snapshot.rows(READ)]
    assert rows == stored == [(RequestStatus.in_review, early, at, None) for early in (True, False)]
    assert all(type(row[0]) is RequestStatus and type(row[1]) is bool and row[2].tzinfo is UTC for row in rows)
