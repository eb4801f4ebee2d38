"""Whatever the mail server does, each mail leaves or is parked in sight; on both engines."""

import asyncio
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope

from enrolment.clock import now
from enrolment.mail import claims, outbox
from enrolment.mail.claims import Pace
from enrolment.mail.delivery import FolderTransport, Parcel, SmtpTransport, Transport
from enrolment.mail.messages import Withdrawal
from enrolment.mail.rendering import Sender
from enrolment.mail.variables import example
from enrolment.mail.wake import nudge
from enrolment.mail.worker import Summary, Worker, run_once
from enrolment.portal import Portal
from enrolment.worker import Job, run_worker
from schema.database import Database
from tests.enrolment.mail.conftest import ACTOR, AT_ONCE, SENDER, MailServer, mails, queue, serving, states, until

PATIENCE = 60  # seconds after which a test that hangs fails; no test waits for it.


def drain(database: Database, server: MailServer, pace: Pace = AT_ONCE, runs: int = 1) -> list[Summary]:
    async def work() -> list[Summary]:
        async with serving(server), asyncio.timeout(PATIENCE):
            return [await run_once(database, SmtpTransport(server.url, timeout=5), SENDER, pace) for _ in range(runs)]

    return asyncio.run(work())


def only(recipient: str, answer: str) -> object:
    def behave(server: MailServer, envelope: Envelope, connection: SMTP) -> str | None:
        return answer if envelope.rcpt_tos == [recipient] else None

    return behave


def test_every_due_mail_leaves_once(database: Database) -> None:
    # std: REL-2
    queued = [queue(database, f"event-{number}") for number in range(12)]
    server = MailServer()
    assert drain(database, server, runs=2) == [Summary(sent=12), Summary()]
    assert sorted(server.ids) == sorted(f"<{mail.public_id}@segur.example>" for mail in queued)
    for mail in mails(database):
        assert (mail.state.value, mail.attempts, mail.claimed_until) == ("sent", 1, None)
        assert mail.sent_at is not None
        assert "taken" in (mail.last_reply or "")


def test_mail_waits_for_its_hour(sqlite_database: Database) -> None:
    queue(sqlite_database, "now")
    with sqlite_database.writing(ACTOR) as session:
        outbox.queue(
            session, example(Withdrawal), to="a@b.example", event_key="later", send_after=now() + timedelta(minutes=10)
        )
    drain(sqlite_database, MailServer())
    assert states(sqlite_database) == {"now": "sent", "later": "queued"}


def test_mail_refused_for_good_is_parked_at_once_and_the_others_leave(database: Database) -> None:
    # std: REL-2
    queue(database, "poison", to="nobody@hospidoc.example")
    queue(database, "good")
    server = MailServer(behave=only("nobody@hospidoc.example", "554 5.7.1 no such person"))  # type: ignore[arg-type]
    assert drain(database, server) == [Summary(sent=1, parked=1)]
    assert states(database) == {"poison": "parked", "good": "sent"}
    assert mails(database)[0].last_reply == "554 5.7.1 no such person"


def test_mail_refused_for_now_is_tried_again_then_parked(database: Database) -> None:
    # std: REL-2
    queue(database, "greylisted")
    drain(database, MailServer(behave=lambda *_: "451 4.3.0 later"))
    (mail,) = mails(database)
    assert (mail.state.value, mail.attempts, mail.last_reply) == ("parked", AT_ONCE.most_tries, "451 4.3.0 later")
    with database.writing(ACTOR) as session:
        outbox.resend(session, mail.id)
    server = MailServer()
    drain(database, server)
    assert states(database) == {"greylisted": "sent"}
    assert server.ids == [f"<{mail.public_id}@segur.example>"]


def test_mail_taken_by_a_server_that_hangs_up_comes_again_as_the_same_mail(database: Database) -> None:
    # std: REL-2
    queue(database, "dropped")

    def take_and_hang_up_once(server: MailServer, envelope: Envelope, connection: SMTP) -> None:
        if not server.taken:
            server.keep(envelope)
            assert isinstance(connection.transport, asyncio.Transport)
            connection.transport.abort()

    server = MailServer(behave=take_and_hang_up_once)
    drain(database, server)
    assert states(database) == {"dropped": "sent"}
    first, *others = server.taken
    assert others
    assert all(other == first for other in others)


def test_server_that_stalls_holds_up_only_that_mail(database: Database) -> None:
    # std: REL-6
    for number in range(6):
        queue(database, f"event-{number}")
    queue(database, "stalled", to="slow@hospidoc.example")

    async def stall(server: MailServer, envelope: Envelope, connection: SMTP) -> None:
        if envelope.rcpt_tos == ["slow@hospidoc.example"]:
            await asyncio.sleep(3600)

    async def work() -> Summary:
        async with serving(MailServer(behave=stall)) as server, asyncio.timeout(PATIENCE):
            transport = SmtpTransport(server.url, timeout=0.5)
            return await run_once(database, transport, SENDER, replace(AT_ONCE, most_tries=1))

    assert asyncio.run(work()) == Summary(sent=6, parked=1)
    assert Counter(states(database).values()) == {"sent": 6, "parked": 1}


def test_server_that_is_away_costs_no_try_and_mails_leave_when_it_is_back(database: Database) -> None:
    # std: REL-6
    for number in range(4):
        queue(database, f"event-{number}")
    server = MailServer()

    async def work() -> None:
        async with asyncio.timeout(PATIENCE):
            async with serving(server):
                pass
            transport = SmtpTransport(server.url, timeout=5)
            away = await run_once(database, transport, SENDER, AT_ONCE)
            assert away.unreachable is not None
            assert away.sent + away.parked + away.postponed == 0
            waiting = mails(database)
            assert {(mail.state.value, mail.attempts) for mail in waiting} == {("queued", 0)}
            assert any(mail.last_reply for mail in waiting), "staff can see why mails wait"

            stop = asyncio.Event()
            worker = asyncio.create_task(Worker(database, transport, SENDER, AT_ONCE).run_forever(stop))
            async with serving(server):
                await until(lambda: len(server.taken) == 4)
                stop.set()
                await worker

    asyncio.run(work())
    assert set(states(database).values()) == {"sent"}


def test_several_workers_share_the_mails(database: Database) -> None:
    queued = {f"<{queue(database, f'event-{number}').public_id}@segur.example>" for number in range(20)}
    server = MailServer()

    async def work() -> None:
        async with serving(server), asyncio.timeout(PATIENCE):
            transport = SmtpTransport(server.url, timeout=5)
            await asyncio.gather(*(run_once(database, transport, SENDER, AT_ONCE) for _ in range(4)))

    asyncio.run(work())
    assert Counter(server.ids) == dict.fromkeys(queued, 1)


def test_stopped_worker_hands_back_what_it_held(database: Database) -> None:
    # std: REL-8
    for number in range(5):
        queue(database, f"event-{number}")
    reached = asyncio.Event()

    async def stall(server: MailServer, envelope: Envelope, connection: SMTP) -> None:
        reached.set()
        await asyncio.sleep(3600)

    async def work() -> None:
        async with serving(MailServer(behave=stall)) as server, asyncio.timeout(PATIENCE):
            stop = asyncio.Event()
            worker = Worker(database, SmtpTransport(server.url, timeout=30), SENDER, replace(AT_ONCE, grace=0.1))
            running = asyncio.create_task(worker.run_forever(stop))
            await reached.wait()
            stop.set()
            await running

    asyncio.run(work())
    assert {(mail.state.value, mail.attempts, mail.claimed_until) for mail in mails(database)} == {("queued", 0, None)}


def test_stopped_worker_finishes_a_mail_that_is_nearly_sent(sqlite_database: Database) -> None:
    # std: REL-8
    queue(sqlite_database, "event")

    async def work() -> None:
        stop = asyncio.Event()

        async def stop_then_take(server: MailServer, envelope: Envelope, connection: SMTP) -> None:
            stop.set()
            await asyncio.sleep(0.1)

        async with serving(MailServer(behave=stop_then_take)) as server, asyncio.timeout(PATIENCE):
            await Worker(sqlite_database, SmtpTransport(server.url, timeout=5), SENDER, AT_ONCE).run_forever(stop)

    asyncio.run(work())
    assert states(sqlite_database) == {"event": "sent"}


def test_worker_wakes_when_a_mail_is_committed(sqlite_database: Database, tmp_path: Path) -> None:
    async def work() -> None:
        async with asyncio.timeout(PATIENCE):
            stop = asyncio.Event()
            # Without the nudge, the next look would come after the patience of this test.
            worker = Worker(
                sqlite_database,
                FolderTransport(tmp_path),
                SENDER,
                replace(AT_ONCE, poll=10 * PATIENCE, longest_pause=10 * PATIENCE),
            )
            running = asyncio.create_task(worker.run_forever(stop))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(queue, sqlite_database, "event")
            await until(lambda: list(tmp_path.glob("*.eml")))
            stop.set()
            nudge()
            await running

    asyncio.run(work())


class Broken:
    """A transport with a fault of its own."""

    async def send(self, parcel: Parcel, sender: Sender) -> str:
        raise ZeroDivisionError


def test_mail_that_nobody_can_send_is_parked_and_named_without_its_words(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    # std: SEC-14
    queue(sqlite_database, "event")
    transport: Transport = Broken()
    summary = asyncio.run(run_once(sqlite_database, transport, SENDER, AT_ONCE))
    assert summary == Summary(postponed=AT_ONCE.most_tries - 1, parked=1)
    assert mails(sqlite_database)[0].last_reply == "ZeroDivisionError"
    assert "hospidoc" not in caplog.text


def test_mail_whose_workers_always_die_is_parked(database: Database) -> None:
    queue(database, "event")
    dying = replace(AT_ONCE, lease=-1)
    for _ in range(AT_ONCE.most_tries):
        assert claims.claim(database, dying) is not None
    assert claims.claim(database, dying) is None
    assert mails(database)[0].state.value == "parked"
    assert mails(database)[0].last_reply


def test_late_worker_cannot_undo_what_its_successor_did(database: Database) -> None:
    queue(database, "event")
    late = claims.claim(database, replace(AT_ONCE, lease=-1))
    successor = claims.claim(database, AT_ONCE)
    assert late is not None
    assert successor is not None
    claims.hand_back(database, late)
    claims.postpone(database, late, "451 later", AT_ONCE)
    claims.park(database, late, "554 never")
    assert states(database) == {"event": "sending"}
    claims.mark_sent(database, late, "250 taken")
    claims.postpone(database, successor, "451 later", AT_ONCE)
    assert states(database) == {"event": "sent"}


def test_delay_doubles_up_to_its_limit() -> None:
    pace = Pace()
    for attempt in range(1, 40):
        plain = min(pace.longest_delay, pace.first_delay * 2 ** (attempt - 1))
        assert 0.74 * plain <= pace.delay(attempt).total_seconds() <= 1.26 * plain


def test_worker_outlives_a_database_that_fails(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: REL-7
    queue(sqlite_database, "event")
    failures = iter([True, True, False])
    claim = claims.claim

    def failing(database: Database, pace: Pace) -> object:
        if next(failures, False):
            raise OSError
        return claim(database, pace)

    monkeypatch.setattr(claims, "claim", failing)

    async def work() -> None:
        async with asyncio.timeout(PATIENCE):
            stop = asyncio.Event()
            worker = Worker(sqlite_database, FolderTransport(tmp_path), SENDER, replace(AT_ONCE, lanes=1))
            running = asyncio.create_task(worker.run_forever(stop))
            await until(lambda: list(tmp_path.glob("*.eml")))
            stop.set()
            await running

    asyncio.run(work())
    assert states(sqlite_database) == {"event": "sent"}


def test_jobs_come_round_again_and_one_that_fails_stops_nothing(sqlite_portal: Portal) -> None:
    done: list[str] = []
    queue(sqlite_portal.database, "event")

    def fail() -> None:
        done.append("bad")
        raise ZeroDivisionError

    async def work() -> None:
        async with asyncio.timeout(PATIENCE):
            stop = asyncio.Event()
            jobs = (Job("bad", 0.01, fail), Job("good", 0.01, lambda: done.append("good")))
            running = asyncio.create_task(run_worker(sqlite_portal, stop, jobs, AT_ONCE))
            folder = sqlite_portal.settings.var / "mail"
            await until(lambda: min(done.count("good"), done.count("bad")) >= 3 and list(folder.glob("*.eml")))
            stop.set()
            await running

    asyncio.run(work())
    (file,) = (sqlite_portal.settings.var / "mail").glob("*.eml")
    assert re.search(rb"^Auto-Submitted: auto-generated\r$", file.read_bytes(), re.MULTILINE)
