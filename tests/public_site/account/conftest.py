"""Cheap hashing for every test of accounts."""

import pytest

from enrolment.services import passwords


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))
