"""What the tests of services share: cheap hashing, a filled database, and a clock that only moves when told."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from enrolment.services import passwords

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing that costs nothing: what it protects is not what is tested."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still at noon; `clock.shift(seconds)` moves it."""
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates
