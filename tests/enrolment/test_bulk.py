"""Bulk actions in the worker: whatever dies or runs at once, each request is done once, skipped, or still to do."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from enrolment.errors import Conflict, Refused
from enrolment.portal import Portal
from enrolment.services.bulk import acting, judging, preparing, running, steering
from enrolment.services.bulk.orders import Order
from schema.base import table_of
from schema.enums import ActorKind, BulkOutcome, BulkState, BulkVerb, StaffRole
from schema.history import Actor
from schema.tables import BulkAction, BulkLine, EnrolmentRequest, OutgoingMail, Referencing, RequestEvent, StaffUser
from tests.rows import add_request

ORDERS = (
    Order(BulkVerb.send_message, subject="Au sujet de {{ numero_de_la_demande }}", body="Bonjour."),
    Order(BulkVerb.reject, message="Pièces illisibles."),
)


class _Killed(BaseException):
    """The process dies here."""


def _launched(portal: Portal, count: int, order: Order) -> tuple[BulkAction, list[int], Actor]:
    with portal.database.writing(Actor.system()) as session:
        person = StaffUser(
            email="ines@asp.example", first_name="Inès", last_name="Moreau", role=StaffRole.manager, password_hash="x"
        )
        session.add(person)
        session.flush()
        keys = [add_request(session).id for _ in range(count)]
    actor = Actor(ActorKind.staff, person.id, "Inès Moreau")
    with portal.database.writing(actor) as session:
        action = preparing.prepare(session, actor, order, sa.select(EnrolmentRequest), "Toutes")
    with portal.database.writing(actor) as session:
        steering.confirm(session, actor, action.public_id)
    return action, keys, actor


def _check(portal: Portal, keys: list[int], verb: BulkVerb) -> set[BulkOutcome]:
    """The invariant: a line per request; the mail and the event of the done ones exist once, of the others not."""
    with portal.database.reading() as session:
        lines = {line.request_id: line for line in session.exec(select(BulkLine))}
        assert sorted(lines) == keys
        mails = [row.request_id for row in session.exec(select(OutgoingMail))]
        events = list(session.exec(select(RequestEvent.request_id)))
    for key in keys:
        done = int(lines[key].outcome is BulkOutcome.done)
        assert mails.count(key) == done
        assert events.count(key) == (done if verb is BulkVerb.reject else 0)
    return {line.outcome for line in lines.values()}


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: str(order.verb))
def test_each_request_is_done_once_whatever_dies(portal: Portal, monkeypatch: pytest.MonkeyPatch, order: Order) -> None:
    action, keys, actor = _launched(portal, 8, order)
    chance = random.Random(4)
    real: Callable[..., str] = acting.act

    def dying(*given: object) -> str:
        said = real(*given) if chance.random() < 0.7 else None
        if said is None or chance.random() < 0.4:
            raise _Killed
        return said

    for turn in range(60):
        monkeypatch.setattr(acting, "act", dying)
        with suppress(_Killed):
            running.step(portal, action.id, actor)
        monkeypatch.setattr(acting, "act", real)
        if turn == 3:
            with portal.database.writing(Actor.system()) as session:
                session.get_one(EnrolmentRequest, keys[-1]).assigned_to_id = actor.id
        if turn % 5 == 4:
            with portal.database.writing(actor) as session:
                steering.pause(session, action.public_id)
            assert not running.step(portal, action.id, actor)
            with portal.database.writing(actor) as session:
                steering.resume(session, action.public_id)
        _check(portal, keys, order.verb)
    running.run(portal)
    assert _check(portal, keys, order.verb) == {BulkOutcome.done, BulkOutcome.skipped}
    with portal.database.reading() as session:
        assert session.get_one(BulkAction, action.id).state is BulkState.done


def test_several_workers_share_one_action(portal: Portal) -> None:
    action, keys, _ = _launched(portal, 12, ORDERS[1])
    with ThreadPoolExecutor(3) as workers:
        settled = list(workers.map(lambda _: running.run(portal, 20), range(3)))
    assert sum(settled) == 12
    assert _check(portal, keys, BulkVerb.reject) == {BulkOutcome.done}
    with portal.database.writing(Actor.system()) as session:
        assert session.get_one(BulkAction, action.id).state is BulkState.done
        with pytest.raises(Conflict):
            steering.cancel(session, Actor.system(), action.public_id)


def test_every_file_is_judged_before_the_action_can_be_confirmed(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "AT_ONCE", 2)
    monkeypatch.setattr(judging, "_A_BATCH", 2)
    _, keys, actor = _launched(portal, 7, ORDERS[0])
    with portal.database.writing(actor) as session:
        # Nobody has examined a piece, and these requests have none: each file must be opened to tell.
        action = preparing.prepare(session, actor, Order(BulkVerb.validate), sa.select(EnrolmentRequest), "Toutes")
        assert judging.judged(session, action) == 2
        with pytest.raises(Refused, match="pas encore tous vérifiés"):
            steering.confirm(session, actor, action.public_id)
    assert judging.step(portal, action.id) == 2
    with ThreadPoolExecutor(2) as workers:
        assert sum(workers.map(lambda _: judging.run(portal, 20), range(2))) == 3
    with portal.database.writing(actor) as session:
        action = session.get_one(BulkAction, action.id)
        assert judging.judged(session, action) == 7
        lines = session.exec(select(BulkLine).where(BulkLine.bulk_action_id == action.id)).all()
        assert [line.request_id for line in lines] == keys
        assert {line.outcome for line in lines} == {BulkOutcome.skipped}
        assert all("manque" in (line.detail or "") for line in lines)
        with pytest.raises(Refused, match="rien à faire"):
            steering.confirm(session, actor, action.public_id)


def test_cancelled_action_is_judged_no_further(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "AT_ONCE", 1)
    _, _, actor = _launched(portal, 3, ORDERS[0])
    with portal.database.writing(actor) as session:
        action = preparing.prepare(session, actor, Order(BulkVerb.validate), sa.select(EnrolmentRequest), "Toutes")
        steering.cancel(session, actor, action.public_id)
    assert judging.run(portal) == 0


def test_selection_of_twenty_thousand_is_frozen_by_the_database(portal: Portal) -> None:
    action, _, actor = _launched(portal, 1, ORDERS[0])
    with portal.database.writing(actor) as session:
        steering.cancel(session, actor, action.public_id)
        table, softwares = table_of(EnrolmentRequest), table_of(Referencing)
        row = dict(session.execute(sa.select(table)).mappings().one())
        software = dict(session.execute(sa.select(softwares).limit(1)).mappings().one())
        names = {column.name for column in softwares.c if column.computed is None}
        many = range(1, 20_001)
        session.execute(
            sa.insert(softwares),
            [
                {**{name: software[name] for name in names}, "id": 100_000 + n, "ans_number": f"ANS-BULK-{n:05d}"}
                for n in many
            ],
        )
        session.execute(
            sa.insert(table),
            [
                {
                    **row,
                    "id": 100_000 + n,
                    "referencing_id": 100_000 + n,
                    "number": f"ENR-2019-{n:06d}",
                    "public_id": f"p{n}",
                    "submission_key": f"s{n}",
                }
                for n in many
            ],
        )
    with portal.database.writing(actor) as session:
        made = preparing.prepare(session, actor, ORDERS[0], sa.select(EnrolmentRequest), "Toutes")
        assert made.total == 20_001
        assert steering.planned(session, made.id) == 20_001
        # Nothing of the selection came into this process.
        assert not [one for one in session.identity_map.values() if isinstance(one, BulkLine | EnrolmentRequest)]
        assert session.exec(select(sa.func.count(col(BulkLine.id)))).one() == 20_002
