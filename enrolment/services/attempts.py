"""Slows guessing down (SEC-6): by account, by network address, and never by shutting the owner out.

A stranger's tries count against the account and against the address they come from. A browser that has already
signed in to the account has a counter of its own (`enrolment.known_browsers`), so nothing that a stranger does
slows its owner down; on a new browser, the owner can always come in by « J'ai oublié mon mot de passe ».
Captchas are another matter.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment import clock
from enrolment.known_browsers import plain_login
from schema.tables import Attempt

WINDOW = timedelta(hours=24)
"""How long a try counts."""


@dataclass(frozen=True)
class Pace:
    """How fast one may try: `free` tries, then waits that double from `first` up to `longest` seconds."""

    free: int
    first: int
    longest: int

    def wait_after(self, tries: int) -> int:
        """Seconds between the last of so many tries and the next."""
        if tries < self.free:
            return 0
        # The exponent is bounded first: thousands of tries must not make a number of thousands of digits.
        return min(self.longest, self.first << min(tries - self.free, 20))


# After five tries one minute, then two, four… at most two hours: a day holds no more than 25 tries.
OF_ACCOUNT = Pace(free=5, first=60, longest=7_200)
# An office shares one address, so it has more tries, and shorter waits.
OF_ADDRESS = Pace(free=30, first=60, longest=900)
OF_MAIL = Pace(free=3, first=300, longest=7_200)
# A file checked costs the processor, nothing else: a whole set of documents may be tried several times over.
OF_CHECK = Pace(free=120, first=30, longest=900)


@dataclass(frozen=True)
class Counter:
    """Something that is tried or tries. `cleared` says whether success makes its failures forgotten."""

    key: str
    pace: Pace
    cleared: bool = True


@dataclass(frozen=True)
class Turn:
    """The answer to « may I try? ». When `wait` (seconds) is 0 the try is already counted, as `rows`."""

    wait: int
    counters: tuple[Counter, ...]
    rows: tuple[int, ...] = ()


def sign_in_counters(face: str, login: str, address: str, known_browser: str | None) -> tuple[Counter, ...]:
    """What a try to sign in counts against. `known_browser` names one that signed in to this login before."""
    account = plain_login(login)
    if known_browser is not None:
        return (Counter(_key(face, "browser", known_browser, account), OF_ACCOUNT),)
    return (Counter(_key(face, "account", account), OF_ACCOUNT), _of_address(face, address))


def password_counters(account_id: int) -> tuple[Counter, ...]:
    """What giving one's password again counts against: an open session must not serve to guess it."""
    return (Counter(_key("vendor", "password", str(account_id)), OF_ACCOUNT),)


def mail_counters(face: str, typed: str, address: str) -> tuple[Counter, ...]:
    """What asking for a mail counts against: nobody's mailbox can be filled, known to us or not."""
    return (
        Counter(_key(face, "mail", plain_login(typed)), OF_MAIL),
        _of_address(f"{face}-mail", address),
    )


def question_counters(account_id: int) -> tuple[Counter, ...]:
    """What a signed-in vendor's question counts against, besides the mail: no captcha is asked of it."""
    return (Counter(_key("vendor", "question", str(account_id)), OF_MAIL),)


def check_counters(account_id: int) -> tuple[Counter, ...]:
    """What checking the format of a file counts against."""
    return (Counter(_key("vendor", "check", str(account_id)), OF_CHECK),)


def allowed(session: Session, counters: Iterable[Counter], tries: int = 1) -> Turn:
    """Whether one may try now. If so the try is counted at once, as failed until `succeeded` takes it back.

    Counting first is what stops a hundred tries sent at the same moment. A try that must wait is not counted:
    nobody can lengthen a wait by knocking.
    """
    wanted = tuple(sorted(counters, key=lambda counter: counter.key))
    _take_turns(session, wanted)
    wait = max((_wait(session, counter) for counter in wanted), default=0)
    if wait > 0:
        return Turn(wait, wanted)
    rows = [Attempt(key=counter.key, at=clock.now()) for counter in wanted for _ in range(tries)]
    session.add_all(rows)
    session.flush()
    return Turn(0, wanted, tuple(row.id for row in rows))


def succeeded(session: Session, turn: Turn) -> None:
    """Take a try back, and forget the failures of what was proven to be the owner's.

    An address proves nothing: whoever guesses other people's passwords may well have an account too.
    """
    cleared = [counter.key for counter in turn.counters if counter.cleared]
    which = sa.or_(col(Attempt.id).in_(turn.rows), col(Attempt.key).in_(cleared))
    session.execute(sa.delete(Attempt).where(which).execution_options(synchronize_session=False))


def _of_address(face: str, address: str) -> Counter:
    return Counter(_key(face, "address", network_of(address)), OF_ADDRESS, cleared=False)


def network_of(address: str) -> str:
    """What one subscriber holds: an IPv4 address, or the /64 around an IPv6 one. Anything else is itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _wait(session: Session, counter: Counter) -> int:
    """Seconds until this counter allows the next try."""
    tries: int
    tries, last = session.execute(
        sa.select(sa.func.count(), sa.func.max(col(Attempt.at))).where(
            col(Attempt.key) == counter.key, col(Attempt.at) > clock.now() - WINDOW
        )
    ).one()
    delay = counter.pace.wait_after(tries)
    if not delay:
        return 0
    # The query may have waited for somebody else's try: what counts is the time it is now.
    remaining: timedelta = last + timedelta(seconds=delay) - clock.now()
    return max(0, math.ceil(remaining.total_seconds()))


def _take_turns(session: Session, counters: Iterable[Counter]) -> None:
    """On PostgreSQL, let those who try the same thing wait for each other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for counter in counters:
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(int(counter.key[:15], 16))))


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
