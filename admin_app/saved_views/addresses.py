"""Where the pages are that views are saved of, written once."""

from __future__ import annotations

from admin_app import addresses
from admin_app.dossier import addresses as work
from admin_app.staff import Staff

QUEUE = "queue"
"""The page of the queue, among names that are otherwise those of tables."""


def path_of(page: str) -> str:
    """The address of a page that views are saved of."""
    return work.QUEUE if page == QUEUE else addresses.list_of(page)


def start_of(staff: Staff, path: str) -> str:
    """Where somebody begins with a page: on the view that they chose for it, else on the page as it is."""
    query = next((query for page, query in staff.opening if path_of(page) == path), "")
    return f"{path}?{query}" if query else path
