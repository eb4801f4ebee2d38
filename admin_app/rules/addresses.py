"""Addresses of the pages of rules."""

from __future__ import annotations

from admin_app.addresses import BASE

RULES = f"{BASE}/regles"
PLANNED = f"{RULES}/programmes"
PIECES = f"{RULES}/pieces"
OPENING = f"{RULES}/ouvrir-une-vague"


def versions(table: str, key: int) -> str:
    """The versions of a row."""
    return f"{RULES}/versions/{table}/{key}"


def cancel(key: int) -> str:
    """Give a planned change up."""
    return f"{PLANNED}/{key}/annuler"


def apply(key: int) -> str:
    """Make a planned change now."""
    return f"{PLANNED}/{key}/appliquer"
