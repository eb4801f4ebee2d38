"""The one thing that a captcha needs to remember: which tokens were already used."""

from datetime import datetime
from typing import Protocol


class SpentTokens(Protocol):
    """A memory of used keys, common to all processes that serve the site."""

    def spend(self, key: str, expires_at: datetime) -> bool:
        """Note that `key` is used; True the first time only, whoever else asks at the same moment.

        The note must outlive whatever the caller does next: an implementation over a database commits it in
        a transaction of its own. Otherwise a refused form, whose transaction is undone, would give the same
        code another try. After `expires_at` the note may be forgotten, for the token is refused by then.
        """
        ...
