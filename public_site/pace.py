"""How a page says that one must wait before the next try."""

from __future__ import annotations


def wait_message(seconds: int) -> str:
    """« Vous avez demandé… Réessayez dans n minutes. »"""
    minutes = -(-seconds // 60)
    unit = "minute" if minutes == 1 else "minutes"
    return f"Trop de messages ont été demandés en peu de temps. Réessayez dans {minutes} {unit}."
