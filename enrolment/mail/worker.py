"""Sends what is queued: claims a mail, hands it over, writes what came of it.

Delivery is at least once: a worker that dies between the server's « taken » and the mark « sent » leaves a mail that
the next one sends again, with the same Message-ID, by which mail programs recognise it. Any number of workers may run,
in one process or several, on one machine or several. The database work runs in threads, the network in the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypeVar

from enrolment.mail import claims
from enrolment.mail.claims import Claim, Pace
from enrolment.mail.delivery import NotSent, Rejected, Transport, Unreachable
from enrolment.mail.rendering import Sender
from enrolment.mail.wake import woken
from schema.database import Database

T = TypeVar("T")
_log = logging.getLogger(__name__)
_MARK_TRIES = 5


@dataclass
class Summary:
    """What a run did. `unreachable` is the reply of a server that takes nothing at present."""

    sent: int = 0
    postponed: int = 0
    parked: int = 0
    unreachable: str | None = None


class Worker:
    """A mail worker over one database and one transport."""

    def __init__(self, database: Database, transport: Transport, sender: Sender, pace: Pace | None = None) -> None:
        self.database = database
        self.transport = transport
        self.sender = sender
        self.pace = pace or Pace()

    async def run_once(self, stop: asyncio.Event | None = None) -> Summary:
        """Send everything that is due now, several at a time, then return.

        Ends early when the server is unreachable or `stop` is set; a mail that is then being sent gets the grace time,
        after which it is handed back.
        """
        summary = Summary()
        stop = stop or asyncio.Event()
        lanes = [asyncio.create_task(self._lane(summary, stop)) for _ in range(self.pace.lanes)]
        stopped = asyncio.create_task(stop.wait())
        everything = asyncio.gather(*lanes)
        try:
            await asyncio.wait((everything, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not everything.done():
                await asyncio.wait((everything,), timeout=self.pace.grace)
        finally:
            stopped.cancel()
            for lane in lanes:
                lane.cancel()
            # Each lane hands its mail back before it ends.
            outcomes = await asyncio.gather(*lanes, return_exceptions=True)
            everything.cancel()
            await asyncio.gather(everything, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        return summary

    async def run_forever(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, whatever fails meanwhile: server, database, or a mail."""
        failures = 0
        with woken() as nudged:
            while not stop.is_set():
                nudged.clear()
                failures = 0 if await self._run_quietly(stop) else failures + 1
                pause = min(self.pace.longest_pause, self.pace.poll * 2.0 ** min(failures, 20))
                # While the server or the database is away, a new mail is no reason to try sooner.
                await _any_of((stop,) if failures else (stop, nudged), pause)

    async def _run_quietly(self, stop: asyncio.Event) -> bool:
        try:
            summary = await self.run_once(stop)
        except Exception as error:  # noqa: BLE001  The worker outlives whatever fails; nothing personal is logged.
            _log.error("Mails wait: %s", type(error).__name__)
            return False
        if summary.sent or summary.postponed or summary.parked:
            _log.info("Mails: %d sent, %d postponed, %d parked", summary.sent, summary.postponed, summary.parked)
        if summary.unreachable is not None:
            _log.warning("Mails wait: the mail server cannot be used")
        return summary.unreachable is None

    async def _lane(self, summary: Summary, stop: asyncio.Event) -> None:
        """One mail after the other, until there is none."""
        while not stop.is_set() and summary.unreachable is None:
            claim = await self._claimed()
            if claim is None:
                return
            await self._deliver(claim, summary)

    async def _claimed(self) -> Claim | None:
        claiming = asyncio.ensure_future(asyncio.to_thread(claims.claim, self.database, self.pace))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            claim = await claiming
            if claim is not None:
                await self._persisted(claims.hand_back, claim)
            raise

    async def _deliver(self, claim: Claim, summary: Summary) -> None:
        try:
            async with asyncio.timeout(self.pace.lease * 0.9):
                reply = await self.transport.send(claim.parcel, self.sender)
        except asyncio.CancelledError:
            await self._persisted(claims.hand_back, claim)
            raise
        except Unreachable as failure:
            await self._persisted(claims.hand_back, claim, failure.reply)
            summary.unreachable = failure.reply
        except Rejected as failure:
            await self._persisted(claims.park, claim, failure.reply)
            summary.parked += 1
        except Exception as failure:  # noqa: BLE001  A mail that cannot even be written must not stop the others.
            reply = failure.reply if isinstance(failure, NotSent) else type(failure).__name__
            parked = await self._persisted(claims.postpone, claim, reply, self.pace)
            summary.parked += parked
            summary.postponed += not parked
        else:
            await _finished(self._persisted(claims.mark_sent, claim, reply))
            summary.sent += 1

    async def _persisted(self, write: Callable[..., T], claim: Claim, *details: object) -> T:
        """Write an outcome, insisting: forgetting that a mail was sent sends it twice."""
        for tried in range(_MARK_TRIES):
            try:
                return await asyncio.to_thread(write, self.database, claim, *details)
            except Exception:
                if tried + 1 == _MARK_TRIES:
                    raise
                await asyncio.sleep(min(self.pace.poll, 0.2) * 2.0**tried)
        raise AssertionError("unreachable")


async def run_once(database: Database, transport: Transport, sender: Sender, pace: Pace | None = None) -> Summary:
    """Send everything that is due now."""
    return await Worker(database, transport, sender, pace).run_once()


async def _finished(work: Coroutine[object, object, T]) -> T:
    """The outcome of what must not be cut short: a cancellation waits for it, then goes on."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _any_of(events: tuple[asyncio.Event, ...], seconds: float) -> None:
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
