"""Addresses of these pages, written once."""

from __future__ import annotations

from admin_app.addresses import BASE, with_query
from admin_app.messages import DONE

LIST = f"{BASE}/financements"


def list_of(tab: str = "") -> str:
    """A tab of the list."""
    return with_query(LIST, {"onglet": tab})


def show(key: int, *, done: str = "") -> str:
    """The page of a request."""
    return with_query(f"{LIST}/{key}", {DONE: done})


def decision(key: int) -> str:
    """Where a decision is sent."""
    return f"{LIST}/{key}/decision"


def file(key: int, place: int, which: str) -> str:
    """A file of one deposit."""
    return f"{LIST}/{key}/fichiers/{place}/{which}"
