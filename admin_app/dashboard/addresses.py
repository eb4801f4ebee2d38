"""Addresses of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping

from admin_app.addresses import BASE, with_query

DASHBOARD = f"{BASE}/tableau-de-bord"


def csv(chart: str, query: Mapping[str, object]) -> str:
    """The file of a chart, under the same filters."""
    return with_query(f"{DASHBOARD}/csv/{chart}", query)
