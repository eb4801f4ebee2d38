"""Addresses of these pages, written once."""

from __future__ import annotations

from admin_app.addresses import BASE, with_query
from admin_app.messages import DONE

LIST = f"{BASE}/corrections"
NEW = f"{BASE}/nouvelle-correction"
AGAIN = "depuis"
_FILE, _MODEL = "fichier", "modele"
RULES = f"{BASE}/correction_rule/list"


def new(table: str, query: str = "") -> str:
    """The form of a new correction of a table, under the filters of a query string."""
    return f"{NEW}/{table}" + (f"?{query}" if query else "")


def of_file(table: str, *, again: str = "") -> str:
    """The form of a correction by a file; filled as it was for another one whose file could not be read."""
    return with_query(f"{NEW}/{table}/{_FILE}", {AGAIN: again})


def model_file(table: str) -> str:
    """An empty file with the header that such a correction reads."""
    return f"{NEW}/{table}/{_MODEL}"


def takes_large_file(path: str) -> bool:
    """Whether a path is that of `of_file`, whose form holds a file of any size."""
    return path.startswith(f"{NEW}/") and path.endswith(f"/{_FILE}") and path.count("/") == of_file("").count("/")


def show(public_id: str, *, done: str = "", **more: object) -> str:
    """The page of a correction: its preview, then its progress and results."""
    return with_query(f"{LIST}/{public_id}", {DONE: done} | more)


def steer(public_id: str, act: str) -> str:
    """Where a correction is approved, applied, paused, resumed, given up or undone."""
    return f"{LIST}/{public_id}/{act}"


def export(public_id: str) -> str:
    """The CSV of every line."""
    return f"{LIST}/{public_id}/export"
