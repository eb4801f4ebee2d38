"""Restraint toward a registry, on a clock that only the test moves."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from enrolment.registries.limits import CircuitBreaker, RateLimiter


class Hands:
    """A clock whose hands are moved."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@given(st.lists(st.floats(0, 0.6), max_size=60))
def test_no_second_holds_more_starts_than_allowed(steps: list[float]) -> None:
    clock = Hands()
    limiter = RateLimiter(7, clock=clock)
    starts: list[float] = []
    for step in steps:
        clock.time += step
        wait = limiter.reserve(5.0)
        if wait is not None:
            starts.append(clock.time + wait)
    for first, eighth in zip(starts, starts[7:], strict=False):
        assert eighth - first >= 1.0 - 1e-9


def test_threads_share_one_quota() -> None:
    limiter = RateLimiter(7, clock=lambda: 1000.0)
    waits: list[float | None] = []
    threads = [threading.Thread(target=lambda: waits.append(limiter.reserve(0.0))) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(0.0) == 7
    assert waits.count(None) == 23


def test_one_caller_alone_tries_a_service_that_was_down() -> None:
    clock = Hands()
    breaker = CircuitBreaker(failures=2, rest=30.0, clock=clock)
    breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    clock.time += 30.0
    assert [breaker.allows() for _ in range(5)] == [True, False, False, False, False]
    # The one that tried never reported: another may, one rest later.
    clock.time += 30.0
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    clock.time += 30.0
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows() for _ in range(3)] == [True, True, True]


def test_a_success_forgets_earlier_failures() -> None:
    breaker = CircuitBreaker(failures=2, clock=Hands())
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows()


def test_a_rest_asked_for_is_taken_at_once_and_has_an_end() -> None:
    clock = Hands()
    breaker = CircuitBreaker(failures=3, rest=30.0, clock=clock)
    breaker.failed(retry_after=10.0)
    assert not breaker.allows()
    clock.time += 10.0
    assert breaker.allows()
    breaker.failed(retry_after=1e9)
    clock.time += 300.0
    assert breaker.allows()
