"""What the purge removes by the retention table, and what it leaves; a dry run only counts."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
import time_machine
from sqlmodel import Session, select

from enrolment import clock
from enrolment.portal import Portal
from enrolment.services import purge
from enrolment.services.bulk import preparing, steering
from enrolment.services.bulk.orders import Order
from enrolment.services.staff import actor_of
from schema.enums import BulkVerb, StaffRole, Verb
from schema.history import Actor
from schema.tables import BulkAction, BulkLine, EnrolmentRequest, HistoryEntry, PendingDecision, StaffUser
from tests.rows import add_request

UNCONFIRMED, WITHOUT_EFFECT = "actions groupées jamais confirmées", "décisions restées sans effet"


def _person(session: Session) -> StaffUser:
    row = StaffUser(
        email="ines@asp.example", first_name="Inès", last_name="Moreau", role=StaffRole.manager, password_hash="x"
    )
    session.add(row)
    session.flush()
    return row


def _purged(portal: Portal, days: int, *, dry_run: bool = False) -> dict[str, int]:
    with (
        time_machine.travel(clock.now() + timedelta(days=days), tick=False),
        portal.database.writing(Actor.system("Purge")) as session,
    ):
        return dict(purge.purge(session, dry_run=dry_run).counts)


def test_bulk_action_that_nobody_confirmed_goes_with_its_lines_and_others_stay(portal: Portal) -> None:
    # std: SEC-14
    order = Order(BulkVerb.send_message, subject="Sujet", body="Bonjour.")
    with portal.database.writing(Actor.system()) as session:
        person = actor_of(_person(session))
        add_request(session)
    made = []
    for _ in range(3):
        with portal.database.writing(person) as session:
            made.append(preparing.prepare(session, person, order, sa.select(EnrolmentRequest), "Toutes"))
    with portal.database.writing(person) as session:
        steering.confirm(session, person, made[0].public_id)
        steering.cancel(session, person, made[1].public_id)
    assert _purged(portal, 6)[UNCONFIRMED] == 0
    assert _purged(portal, 8, dry_run=True)[UNCONFIRMED] == 1
    assert _purged(portal, 8)[UNCONFIRMED] == 1
    assert _purged(portal, 8)[UNCONFIRMED] == 0
    with portal.database.reading() as session:
        left = {action.id for action in made[:2]}
        assert set(session.exec(select(BulkAction.id))) == left
        assert set(session.exec(select(BulkLine.bulk_action_id))) == left


def test_decision_without_effect_goes_with_what_it_said_and_one_that_waits_stays(portal: Portal) -> None:
    # std: SEC-14
    with portal.database.writing(Actor.system()) as session:
        person = _person(session)
        for problem in ("La demande a été retirée.", None):
            session.add(
                PendingDecision(
                    request_id=add_request(session).id,
                    verb=Verb.reject,
                    staff_user_id=person.id,
                    effective_at=clock.now(),
                    seen_version=1,
                    content={"message": "Un mot", "documents": [], "fields": [], "letter": None},
                    problem=problem,
                )
            )
    assert _purged(portal, 59)[WITHOUT_EFFECT] == 0
    assert _purged(portal, 61, dry_run=True)[WITHOUT_EFFECT] == 1
    assert _purged(portal, 61)[WITHOUT_EFFECT] == 1
    with portal.database.reading() as session:
        assert [row.problem for row in session.exec(select(PendingDecision))] == [None]
        assert "Un mot" not in str([row.changes for row in session.exec(select(HistoryEntry))])
