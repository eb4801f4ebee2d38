"""Guessing is slowed by account and address, and no stranger can shut the owner out."""

import threading
from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from enrolment.known_browsers import KnownBrowsers
from enrolment.services import attempts
from enrolment.services.attempts import OF_ACCOUNT, Counter, Pace, Turn
from schema.database import Database
from schema.history import Actor

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def _try(database: Database, login: str, address: str, browser: str | None = None) -> Turn:
    counters = attempts.sign_in_counters("vendor", login, address, browser)
    with database.writing(Actor.system()) as session:
        return attempts.allowed(session, counters)


def _succeed(database: Database, turn: Turn) -> None:
    with database.writing(Actor.system()) as session:
        attempts.succeeded(session, turn)


def test_delay_grows_exponentially_after_five_failures(database: Database, clock: time_machine.Traveller) -> None:
    # std: SEC-6
    waits = []
    for _ in range(14):
        turn = _try(database, "clefevre", HOME)
        if turn.wait:
            waits.append(turn.wait)
            clock.shift(turn.wait - 1)
            assert _try(database, "clefevre", HOME).wait == 1, "one second too early"
            clock.shift(1)
            assert _try(database, "CLefevre ", HOME).wait == 0, "the same login, typed otherwise"
    assert waits == [60, 120, 240, 480, 960, 1920, 3840, 7200, 7200]


def test_no_day_holds_more_than_25_tries(sqlite_database: Database, clock: time_machine.Traveller) -> None:
    # std: SEC-6
    tries: list[float] = []
    now = 0.0
    while now < timedelta(days=4).total_seconds():
        # A new address each time: only the account's own counter slows this one down.
        turn = _try(sqlite_database, "clefevre", f"2001:db8:{len(tries):x}::1")
        if turn.wait == 0:
            tries.append(now)
        now += turn.wait
        clock.shift(turn.wait)
    day = timedelta(hours=24).total_seconds()
    assert max(sum(start <= moment < start + day for moment in tries) for start in tries) <= 25


def test_waiting_tries_do_not_lengthen_the_wait(database: Database, clock: time_machine.Traveller) -> None:
    # std: SEC-6
    for _ in range(OF_ACCOUNT.free):
        assert _try(database, "clefevre", HOME).wait == 0
    for second in range(1, 60):
        clock.shift(1)
        assert _try(database, "clefevre", ELSEWHERE).wait == 60 - second
    clock.shift(1)
    assert _try(database, "clefevre", ELSEWHERE).wait == 0


def test_owner_on_a_known_browser_is_never_slowed_by_strangers(
    database: Database, clock: time_machine.Traveller
) -> None:
    # std: SEC-6
    browsers = KnownBrowsers("secret")
    cookie = browsers.remember(None, "clefevre")
    for _ in range(200):
        # The stranger even shares the owner's address.
        _try(database, "clefevre", HOME)
        clock.shift(3)
    assert _try(database, "clefevre", HOME).wait > 0
    assert _try(database, "clefevre", HOME, browsers.name(cookie, "clefevre")).wait == 0


def test_known_browser_has_its_own_limit(database: Database, clock: time_machine.Traveller) -> None:
    # std: SEC-6
    for _ in range(OF_ACCOUNT.free):
        assert _try(database, "clefevre", HOME, "browser").wait == 0
    assert _try(database, "clefevre", HOME, "browser").wait == 60
    assert _try(database, "dmartin", HOME, "browser").wait == 0


def test_success_forgets_failures_of_the_account_but_not_of_the_address(
    database: Database, clock: time_machine.Traveller
) -> None:
    # std: SEC-6
    for number in range(attempts.OF_ADDRESS.free - 1):
        assert _try(database, f"victim{number}", HOME).wait == 0
    own = _try(database, "attacker", HOME)
    assert own.wait == 0
    _succeed(database, own)
    assert _try(database, "victim99", HOME).wait == 0, "a success is no failure of the address"
    assert _try(database, "victim99", HOME).wait > 0, "but it does not clear the address either"

    for _ in range(OF_ACCOUNT.free - 1):
        _try(database, "clefevre", ELSEWHERE)
    _succeed(database, _try(database, "clefevre", ELSEWHERE))
    for _ in range(OF_ACCOUNT.free):
        assert _try(database, "clefevre", ELSEWHERE).wait == 0


def test_failures_count_no_more_after_a_day(database: Database, clock: time_machine.Traveller) -> None:
    for _ in range(OF_ACCOUNT.free):
        _try(database, "clefevre", HOME)
    clock.shift(timedelta(hours=24))
    assert _try(database, "clefevre", HOME).wait == 0


def test_many_at_the_same_moment_do_not_slip_through(database: Database) -> None:
    # std: SEC-6
    turns: list[Turn] = []
    barrier = threading.Barrier(12)

    def guess() -> None:
        barrier.wait()
        turns.append(_try(database, "clefevre", HOME))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(turn.wait == 0 for turn in turns) == OF_ACCOUNT.free


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
        ("testclient", "testclient", True),
    ],
)
def test_one_subscriber_is_one_address(one: str, other: str, same: bool) -> None:
    # std: SEC-6
    assert (attempts.network_of(one) == attempts.network_of(other)) is same


@given(st.lists(st.sampled_from(" \t\u00a0\u2003\x1f"), max_size=9), st.integers(0, 8))
def test_every_spelling_of_a_login_is_one_counter(spaces: list[str], position: int) -> None:
    # std: SEC-6
    spelling = "CLEFEVRE"[:position] + "".join(spaces) + "CLEFEVRE"[position:].lower()
    assert "".join(spelling.split()).lower() == "clefevre", "what the look-up of the account finds"
    counters = attempts.sign_in_counters("vendor", spelling, HOME, None)
    assert counters == attempts.sign_in_counters("vendor", "clefevre", HOME, None)
    browsers = KnownBrowsers("secret")
    assert browsers.name(browsers.remember(None, "clefevre"), spelling)


def test_two_faces_and_two_acts_do_not_share_a_counter() -> None:
    sign_in = attempts.sign_in_counters("vendor", "clefevre", HOME, None)
    staff = attempts.sign_in_counters("staff", "clefevre", HOME, None)
    mails = attempts.mail_counters("vendor", "clefevre", HOME)
    keys = [counter.key for counter in (*sign_in, *staff, *mails)]
    assert len(set(keys)) == len(keys)
    assert not any(HOME in key or "clefevre" in key for key in keys)


def test_huge_count_gives_the_longest_wait() -> None:
    assert Pace(free=1, first=60, longest=900).wait_after(10**9) == 900


def test_nothing_to_count_is_always_allowed(session_of: Session) -> None:
    assert attempts.allowed(session_of, ()).wait == 0
    assert attempts.allowed(session_of, (Counter("k", OF_ACCOUNT),)).rows


@pytest.fixture
def session_of(sqlite_database: Database) -> Session:
    with sqlite_database.writing(Actor.system()) as session:
        yield session
