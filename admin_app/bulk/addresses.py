"""Addresses of these pages, written once."""

from __future__ import annotations

from admin_app.addresses import BASE, with_query
from admin_app.messages import DONE

LIST = f"{BASE}/actions"
NEW = f"{BASE}/nouvelle-action"


def show(public_id: str, *, done: str = "", **more: object) -> str:
    """The page of an action: its preview, then its progress and results."""
    return with_query(f"{LIST}/{public_id}", {DONE: done, **more})


def steer(public_id: str, act: str) -> str:
    """Where an action is confirmed, paused, resumed or cancelled."""
    return f"{LIST}/{public_id}/{act}"


def export(public_id: str) -> str:
    """The CSV of the results."""
    return f"{LIST}/{public_id}/export"
