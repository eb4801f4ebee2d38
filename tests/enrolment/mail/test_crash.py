"""Workers that are killed at any moment lose nothing: each mail arrives, at least once, as the same mail."""

import asyncio
import os
import random
import sys
from collections import Counter

from aiosmtpd.smtp import SMTP, Envelope

from schema.database import Database
from tests.enrolment.mail.conftest import MailServer, mails, queue, serving, states

ROUNDS = 8
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


async def start_worker(database: Database, server: MailServer) -> asyncio.subprocess.Process:
    url = database.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", "tests.enrolment.mail.killed_worker", url, server.url]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, env=environment)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def kill_again_and_again(database: Database, server: MailServer) -> None:
    async with serving(server), asyncio.timeout(PATIENCE):
        for _ in range(ROUNDS):
            process = await start_worker(database, server)
            await asyncio.sleep(random.uniform(0, 0.25))
            process.kill()
            await process.wait()
        process = await start_worker(database, server)
        try:
            while set((await asyncio.to_thread(states, database)).values()) != {"sent"}:
                await asyncio.sleep(0.05)
        finally:
            process.kill()
            await process.wait()


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
