"""Addresses of the pages of rules."""

from __future__ import annotations

from admin_app.addresses import BASE

RULES = f"{BASE}/regles"
PLANNED = f"{RULES}/programmes"
PIECES = f"{RULES}/pieces"
OPENING = f"{RULES}/ouvrir-une-vague"


STEPS = "etapes"
"""In the address of a form that a step led to: the key of its wave, or `NEW_WAVE`."""
NEW_WAVE = "nouvelle"


def opening(wave: object) -> str:
    """The steps of a wave."""
    return f"{OPENING}?vague={wave}"


def versions(table: str, key: int) -> str:
    """The versions of a row."""
    return f"{RULES}/versions/{table}/{key}"


def cancel(key: int) -> str:
    """Give a planned change up."""
    return f"{PLANNED}/{key}/annuler"


def apply(key: int) -> str:
    """Make a planned change now."""
    return f"{PLANNED}/{key}/appliquer"
