"""Bulk actions whose worker is killed by the system at any moment, many times: each request is acted on once."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from enrolment.portal import Portal
from enrolment.services.bulk import judging, preparing, steering
from enrolment.services.bulk.orders import Order
from enrolment.services.staff import actor_of
from schema.base import table_of
from schema.enums import BulkOutcome, BulkState, BulkVerb, RequestStatus, StaffRole
from schema.history import Actor
from schema.tables import BulkAction, BulkLine, EnrolmentRequest, HistoryEntry, OutgoingMail, RequestEvent, StaffUser
from tests.killed import Killed
from tests.rows import add_request

REFUSAL = Order(BulkVerb.reject, message="Pièces illisibles.")
MAIL = Order(BulkVerb.send_message, subject="Au sujet de {{ numero_de_la_demande }}", body="Bonjour.")


@pytest.mark.parametrize(
    ("kills", "count"), [(4, 6), pytest.param(60, 120, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_each_request_is_acted_on_once_though_workers_are_killed(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int, count: int
) -> None:
    # std: REL-1
    # Only the first file is judged with the preparation: the others are the workers', between their deaths.
    monkeypatch.setattr(judging, "AT_ONCE", 1)
    with portal.database.writing(Actor.system()) as session:
        person = StaffUser(
            email="ines@asp.example", first_name="Inès", last_name="Moreau", role=StaffRole.manager, password_hash="x"
        )
        session.add(person)
        session.flush()
        actor = actor_of(person)
        keys = {add_request(session).id for _ in range(count)}
    for order in (MAIL, REFUSAL):
        with portal.database.writing(actor) as session:
            preparing.prepare(session, actor, order, sa.select(EnrolmentRequest), "Toutes")
    chance = random.Random(2027)
    url = portal.database.url.render_as_string(hide_password=False)
    worker = Killed("tests.enrolment.killed_bulk", str(tmp_path), url)
    killed = 0
    try:
        while not _is_over(portal) or killed < kills:
            number = worker.start()
            # Any moment: before the first request, between two, inside the transaction of one.
            time.sleep(chance.uniform(0.0, 0.5))
            worker.kill(number)
            killed += 1
            _each_at_most_once(portal, keys)
            _confirm_what_is_judged(portal, actor)
    finally:
        worker.close()
    with portal.database.reading() as session:
        outcomes = Counter(line.outcome for line in session.exec(select(BulkLine)))
        statuses = Counter(session.exec(select(EnrolmentRequest.status)))
    # The mail touches no file, hence nobody finds a file changed.
    assert outcomes == {BulkOutcome.done: 2 * count}
    assert statuses == {RequestStatus.rejected: count}
    assert _each_at_most_once(portal, keys) == {"mail": count, "refusal": count}


def _confirm_what_is_judged(portal: Portal, actor: Actor) -> None:
    with portal.database.writing(actor) as session:
        for action in session.exec(select(BulkAction).where(BulkAction.state == BulkState.prepared)).all():
            if action.next_to_judge is None:
                count = steering.planned(session, action.id)
                steering.confirm(session, actor, action.public_id, typed=str(count))


def _is_over(portal: Portal) -> bool:
    with portal.database.reading() as session:
        states = set(session.exec(select(BulkAction.state)))
    return states == {BulkState.done}


def _each_at_most_once(portal: Portal, keys: set[int]) -> dict[str, int]:
    """Mails, events and lines tell the same of every request, whatever was cut; how many of each."""
    with portal.database.reading() as session:
        lines = {
            (line.request_id, action.verb): line.outcome
            for line, action in session.exec(
                select(BulkLine, BulkAction).join(BulkAction, col(BulkLine.bulk_action_id) == BulkAction.id)
            )
        }
        mails = Counter((row.request_id, row.template == "same_message") for row in session.exec(select(OutgoingMail)))
        events = Counter(session.exec(select(RequestEvent.request_id)))
        table = table_of(HistoryEntry)
        recorded = Counter(
            session.execute(
                sa.select(table.c.row_id).where(table.c.table_name == "request", table.c.operation == "update")
            ).scalars()
        )
        rejected = set(
            session.exec(select(EnrolmentRequest.id).where(EnrolmentRequest.status == RequestStatus.rejected))
        )
    for key in keys:
        is_mailed = lines[key, BulkVerb.send_message] is BulkOutcome.done
        is_refused = lines[key, BulkVerb.reject] is BulkOutcome.done
        assert mails[key, True] == is_mailed
        assert mails[key, False] == events[key] == is_refused
        assert (key in rejected) is is_refused
        assert bool(recorded[key]) is is_refused
    return {"mail": sum(mails[key, True] for key in keys), "refusal": len(rejected)}
