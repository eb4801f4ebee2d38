"""Reminders: on the days that the table of deadlines says, once each, and never for what cannot be answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlmodel import select

from enrolment.jobs import remind_vendors
from enrolment.portal import Portal
from schema.enums import ReferencingStatus, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Deadline, Demand, OutgoingMail, Referencing
from tests.stories import decide, enrol, new_number

START = datetime(2026, 3, 3, 12, tzinfo=UTC)


def reminders(portal: Portal) -> list[str]:
    """The days on which a reminder left, each told by the end of its key."""
    with portal.database.reading() as session:
        rows = session.exec(select(OutgoingMail).where(OutgoingMail.template == "vendor_silent"))
        return [row.event_key.split("-", 2)[2] for row in rows]


def run_daily(portal: Portal, traveller: time_machine.Coordinates, days: int) -> dict[int, int]:
    """Run the job every day, twice; after how many days the reminders left."""
    left: dict[int, int] = {}
    for day in range(days):
        before = len(reminders(portal))
        for _ in range(2):
            remind_vendors(portal)
        if len(reminders(portal)) > before:
            left[day] = len(reminders(portal)) - before
        traveller.shift(timedelta(days=1))
    return left


@pytest.mark.parametrize(
    ("before", "after", "expected"), [(7, 7, {23: 1, 37: 1}), (None, 3, {33: 1}), (40, None, {}), (0, 0, {30: 2})]
)
def test_vendor_is_reminded_before_and_after_the_last_day_once_each(
    sqlite_portal: Portal, before: int | None, after: int | None, expected: dict[int, int]
) -> None:  # std: REL-11
    with time_machine.travel(START, tick=False) as traveller:
        with sqlite_portal.database.writing(Actor.system()) as session:
            row = session.exec(select(Deadline).where(Deadline.status == RequestStatus.awaiting_documents)).one()
            row.days, row.remind_before, row.remind_after = 30, before, after
        request = enrol(sqlite_portal)
        decide(sqlite_portal, request.id, Verb.ask_documents, "", "kbis", "rib")
        assert run_daily(sqlite_portal, traveller, 50) == expected
    with sqlite_portal.database.reading() as session:
        for mail in session.exec(select(OutgoingMail).where(OutgoingMail.template == "vendor_silent")):
            assert "/suivi/repondre/" in mail.text_body
            assert "KBIS" in mail.text_body


def test_portal_that_was_down_for_long_startles_nobody(sqlite_portal: Portal) -> None:
    with time_machine.travel(START, tick=False) as traveller:
        request = enrol(sqlite_portal)
        decide(sqlite_portal, request.id, Verb.ask_documents, "", "kbis")
        traveller.shift(timedelta(days=120))
        remind_vendors(sqlite_portal)
    assert reminders(sqlite_portal) == []


def test_certificate_is_not_asked_for_before_the_ans_gave_it(sqlite_portal: Portal) -> None:  # rule: E2
    with time_machine.travel(START, tick=False) as traveller:
        request = enrol(sqlite_portal, ans_number=new_number(sqlite_portal, validated=False))
        decide(sqlite_portal, request.id, Verb.validate_partially)
        with sqlite_portal.database.reading() as session:
            due_on = session.exec(select(Demand.due_on)).one()
        assert due_on is not None
        traveller.move_to(datetime(due_on.year, due_on.month, due_on.day, 9, tzinfo=UTC) - timedelta(days=5))
        remind_vendors(sqlite_portal)
        assert reminders(sqlite_portal) == []
        with sqlite_portal.database.writing(Actor.system()) as session:
            session.get_one(Referencing, request.referencing_id).status = ReferencingStatus.validated
        remind_vendors(sqlite_portal)
        assert len(reminders(sqlite_portal)) == 1
