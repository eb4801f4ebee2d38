"""Workers that are killed at any moment lose nothing: each mail arrives, at least once, as the same mail."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope

from schema.database import Database
from tests.enrolment.mail.conftest import MailServer, mails, queue, serving, states, until

ROUNDS = 12
MAILS = 40
PATIENCE = 120


async def slow(server: MailServer, envelope: Envelope, connection: SMTP) -> str | None:
    """Answers late or « not now », so that a kill falls before, during and after the moment when the mail is taken."""
    chance = random.random()
    await asyncio.sleep(chance / 25)
    if chance < 0.1:
        return "451 4.3.0 later"
    server.keep(envelope)
    await asyncio.sleep(chance / 25)
    return "250 2.0.0 taken"


async def kill_again_and_again(database: Database, server: MailServer) -> None:
    async with serving(server), asyncio.timeout(PATIENCE):
        url = database.url.render_as_string(hide_password=False)
        program = [sys.executable, "-m", "tests.enrolment.mail.killed_worker", url, server.url]
        pipe = asyncio.subprocess.PIPE
        environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
        parent = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, env=environment)
        for _ in range(ROUNDS):
            worker = await start_worker(parent)
            await asyncio.sleep(random.uniform(0, 0.3))
            os.kill(worker, signal.SIGKILL)
        worker = await start_worker(parent)
        try:
            await until(lambda: set(states(database).values()) == {"sent"})
        finally:
            os.kill(worker, signal.SIGKILL)
            await parent.communicate(b"")


async def start_worker(parent: asyncio.subprocess.Process) -> int:
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(b"start\n")
    return int(await parent.stdout.readline())


def test_killed_workers_lose_no_mail(database: Database) -> None:
    # std: REL-2
    queued = {f"<{queue(database, f'event-{number}').public_id}@segur.example>" for number in range(MAILS)}
    server = MailServer(behave=slow)
    asyncio.run(kill_again_and_again(database, server))
    arrived = Counter(server.ids)
    assert set(arrived) == queued
    by_id: dict[str, set[bytes]] = {}
    for content, name in zip(server.taken, server.ids, strict=True):
        by_id.setdefault(name, set()).add(content)
    assert all(len(contents) == 1 for contents in by_id.values()), "a retry is the same mail, byte for byte"
    assert all(mail.claimed_until is None for mail in mails(database))
