"""What the captcha tests share: a memory of spent tokens, and a captcha that uses it."""

from datetime import datetime

import pytest

from enrolment.captcha import Captcha

SECRET = "a secret of the tests, long enough to be one"


class MemorySpent:
    """The protocol `SpentTokens` over a dictionary."""

    def __init__(self) -> None:
        self.until: dict[str, datetime] = {}

    def spend(self, key: str, expires_at: datetime) -> bool:
        if key in self.until:
            return False
        self.until[key] = expires_at
        return True


@pytest.fixture
def spent() -> MemorySpent:
    return MemorySpent()


@pytest.fixture
def captcha(spent: MemorySpent) -> Captcha:
    return Captcha(SECRET, spent)
