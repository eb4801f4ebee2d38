"""What every registry of companies offers, whether a table of ours or a service far away.

The form asks through this protocol alone, so it never knows which one answers.
"""

from __future__ import annotations

from typing import Protocol

from enrolment.registries.company import Lookup


class Registry(Protocol):
    """A registry of companies. `find` never raises: what went wrong is an Unavailable (rule D6)."""

    def find(self, siret: str) -> Lookup: ...
