"""The work that goes on beside the pages: mails, and jobs that come round again. No job is written here.

`enrolment worker` runs it in a process of its own, `serve` may run it inside. Several processes may run it at once: a
mail is claimed by one of them, and every periodic job must be idempotent, that is, do nothing when another process has
just done the same. That is why there is no lease and no leader here, hence nothing to wait for when a process dies.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from random import SystemRandom

from enrolment.mail.claims import Pace
from enrolment.mail.delivery import transport_for
from enrolment.mail.rendering import Sender
from enrolment.mail.worker import Worker
from enrolment.portal import Portal

_log = logging.getLogger(__name__)
_random = SystemRandom()


@dataclass(frozen=True)
class Job:
    """Something to do every so often, in a thread. Must be idempotent; short, or split into short transactions.

    `every` is in seconds. Purging drafts, sealing the history, scanning files again, reminding vendors are such jobs.
    """

    name: str
    every: float
    work: Callable[[], object]


async def run_worker(portal: Portal, stop: asyncio.Event, jobs: Iterable[Job] = (), pace: Pace | None = None) -> None:
    """Send mails and run the jobs until `stop` is set; what is under way is finished or handed back."""
    settings = portal.settings
    mails = Worker(portal.database, transport_for(settings), Sender.of(settings), pace)
    async with asyncio.TaskGroup() as group:
        group.create_task(mails.run_forever(stop))
        for job in jobs:
            group.create_task(_repeat(job, stop))


async def _repeat(job: Job, stop: asyncio.Event) -> None:
    # Processes that start together do not all begin with the same job at the same moment.
    pause = _random.uniform(0, min(job.every, 5.0))
    while not await _stopped_within(stop, pause):
        try:
            await asyncio.to_thread(job.work)
        except Exception as error:  # noqa: BLE001  One job that fails stops neither the others nor its next turn.
            _log.error("Job %s failed: %s", job.name, type(error).__name__)
        pause = job.every * _random.uniform(0.9, 1.1)


async def _stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
