"""The delay of the ASP: it stops while the vendor holds the file, and ends with a day in Paris."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from enrolment.clock import PARIS
from enrolment.portal import Portal
from enrolment.services import delays, queue, transition
from enrolment.services.queue import Tab
from enrolment.workflow import WAITS_FOR_ASP
from schema.enums import ActorKind, RequestStatus, Verb
from schema.history import Actor
from schema.tables import EnrolmentRequest
from tests.rows import add_request

STAFF = Actor(ActorKind.staff, None, "Inès Moreau")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DELAYS = {RequestStatus.in_review: 60, RequestStatus.certificates_to_review: 60}
ANSWERS = {Verb.ask_documents: Verb.complete_deposit, Verb.ask_correction: Verb.complete_correction}


def _apply(session: Session, request: EnrolmentRequest, verb: Verb, by: ActorKind = ActorKind.staff) -> None:
    actor = Actor(by, None, "Essai")
    transition.apply(session, actor, request, transition.allowed(session, actor, request, verb))


_EXCHANGES = st.lists(
    st.tuples(st.sampled_from(list(ANSWERS)), st.integers(0, 40 * 86400), st.integers(0, 90 * 86400), st.booleans()),
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(exchanges=_EXCHANGES, then=st.integers(0, 40 * 86400), early=st.booleans())
def test_clock_counts_the_time_of_the_asp_and_no_other(
    sqlite_portal: Portal, exchanges: list[tuple[Verb, int, int, bool]], then: int, early: bool
) -> None:
    # rule: R4
    with time_machine.travel(START, tick=False) as traveller, sqlite_portal.database.writing(STAFF) as session:
        request = add_request(session, submitted_at=START, is_early=early)
        spent = 0
        for verb, at_asp, at_vendor, cancels in exchanges:
            traveller.shift(at_asp)
            spent += at_asp
            _apply(session, request, verb)
            assert request.clock_spent == spent
            assert request.clock_from == request.status_since
            traveller.shift(at_vendor)
            if cancels:
                _apply(session, request, Verb.cancel_demand)
            else:
                _apply(session, request, ANSWERS[verb], ActorKind.vendor)
        traveller.shift(then)
        spent += then
        assert (datetime.now(UTC) - request.clock_from).total_seconds() == spent
        if early:
            # A decision ends the count: what comes back is a new instruction.
            _apply(session, request, Verb.validate_partially)
            traveller.shift(86400)
            _apply(session, request, Verb.complete_certificates, ActorKind.vendor)
            assert (request.clock_spent, request.clock_from) == (0, request.status_since)
            traveller.shift(86400)
            _apply(session, request, Verb.refuse_certificate)
            assert request.clock_spent == 0
        session.rollback()


@pytest.mark.parametrize(
    ("began", "allowed", "last_day"),
    [
        (datetime(2026, 3, 27, 23, 30, tzinfo=PARIS), 3, date(2026, 3, 30)),
        (datetime(2026, 10, 23, 0, 5, tzinfo=PARIS), 3, date(2026, 10, 26)),
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), 1, date(2026, 7, 2)),
    ],
)
def test_delay_ends_with_a_day_of_paris_also_when_the_clock_changes(
    began: datetime, allowed: int, last_day: date
) -> None:
    # std: REL-11
    request = EnrolmentRequest(status=RequestStatus.in_review, clock_from=began.astimezone(UTC))
    last_minute = datetime(last_day.year, last_day.month, last_day.day, 23, 59, tzinfo=PARIS)
    for moment, late in ((last_minute, 0), (last_minute + timedelta(minutes=2), 1)):
        with time_machine.travel(moment, tick=False):
            found = delays.of(request, allowed, None)
            assert (found.due_on, found.late) == (last_day, late)
            assert (request.clock_from < delays.late_before(allowed)) is bool(late)


def test_late_tab_is_what_plain_counting_gives(portal: Portal) -> None:
    with time_machine.travel(START, tick=False), portal.database.writing(STAFF) as session:
        # One request every three hours, around the sixtieth day.
        made = [
            add_request(session, status_since=START - timedelta(days=61, hours=12) + timedelta(hours=hours))
            for hours in range(0, 48, 3)
        ]
        today = START.astimezone(PARIS).date()
        wanted = [
            row.id
            for row in sorted(made, key=lambda row: (row.clock_from, row.id))
            if row.status in WAITS_FOR_ASP
            and (today - row.clock_from.astimezone(PARIS).date()).days > DELAYS[row.status]
        ]
        assert [line.id for line in queue.page(session, Tab.late, 0).lines] == wanted
        assert queue.counts(session, 0)[Tab.late] == str(len(wanted))
        assert 0 < len(wanted) < len(made)
