"""Where the pages are that views are saved of, written once."""

from __future__ import annotations

from admin_app import addresses
from admin_app.dossier import addresses as work

QUEUE = "queue"
"""The page of the queue, among names that are otherwise those of tables."""


def path_of(page: str) -> str:
    """The address of a page that views are saved of."""
    return work.QUEUE if page == QUEUE else addresses.list_of(page)
