"""Restraint toward a service of others: not too many requests, and none for a while when it is down.

Both objects are shared by the threads of one process; each process has its own, so an operator with several
workers divides the quota between them. Nothing here knows what is asked for.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

Clock = Callable[[], float]


class RateLimiter:
    """At most `most` starts in any `period` seconds."""

    def __init__(self, most: int, period: float = 1.0, *, clock: Clock = time.monotonic) -> None:
        self._period = period
        self._clock = clock
        self._lock = threading.Lock()
        self._starts: deque[float] = deque(maxlen=most)

    def reserve(self, most_wait: float) -> float | None:
        """Seconds to wait before starting; None, and nothing reserved, when above `most_wait`."""
        with self._lock:
            now = self._clock()
            start = now
            if len(self._starts) == self._starts.maxlen:
                start = max(now, self._starts[0] + self._period)
            if start - now > most_wait:
                return None
            self._starts.append(start)
            return start - now


class CircuitBreaker:
    """Lets nobody wait for a service that failed `failures` times in a row, for `rest` seconds.

    After the rest one caller is let through to try; the others are turned away until that one has reported.
    """

    def __init__(self, failures: int = 3, rest: float = 30.0, *, clock: Clock = time.monotonic) -> None:
        self._most_failures = failures
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._resting_until: float | None = None

    def allows(self) -> bool:
        """Whether to ask now. A caller that got True must report by `succeeded` or `failed`."""
        with self._lock:
            if self._resting_until is None:
                return True
            if self._clock() < self._resting_until:
                return False
            # This caller tries; should it vanish without a word, another may after one more rest.
            self._resting_until = self._clock() + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0
            self._resting_until = None

    def failed(self, retry_after: float | None = None) -> None:
        """Count a failure. `retry_after` is the rest that the service itself asked for, in seconds."""
        with self._lock:
            self._failures += 1
            if retry_after is not None:
                self._resting_until = self._clock() + min(retry_after, 10 * self._rest)
            elif self._failures >= self._most_failures:
                self._resting_until = self._clock() + self._rest
