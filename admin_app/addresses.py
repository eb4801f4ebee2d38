"""Addresses inside the back office, written once. They are paths: no page depends on the host it is read through."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

BASE = "/admin"
HOME = f"{BASE}/"
SIGN_IN = f"{BASE}/login"
SECOND_STEP = f"{SIGN_IN}/code"
FIRST_PASSWORD = f"{BASE}/mot-de-passe"
SIGN_OUT = f"{BASE}/logout"
ACCOUNT = f"{BASE}/mon-compte"
SECOND_FACTOR = f"{ACCOUNT}/second-facteur"


def list_of(table: str, **filters: object) -> str:
    """The list of a table, filtered."""
    return with_query(f"{BASE}/{table}/list", filters)


def details(table: str, key: int) -> str:
    """The page of a row."""
    return f"{BASE}/{table}/details/{key}"


def create(table: str) -> str:
    """The form of a new row."""
    return f"{BASE}/{table}/create"


def edit(table: str, key: int) -> str:
    """The form of a row."""
    return f"{BASE}/{table}/edit/{key}"


def restore(table: str, key: int, entry: int, column: str = "") -> str:
    """The page that asks before a former value is put back; without a column, the whole row as it stood."""
    return with_query(f"{BASE}/{table}/restore/{key}", {"modification": entry, "colonne": column})


def recreate(table: str, entry: int) -> str:
    """The form of a new row, filled with what a deleted one held."""
    return with_query(create(table), {"suppression": entry})


def deactivate(table: str, key: int) -> str:
    """Where a row is put out of use instead of being deleted."""
    return f"{BASE}/{table}/deactivate/{key}"


def delete(table: str, *keys: int) -> str:
    """The page that asks before deleting."""
    path = f"{BASE}/{table}/delete"
    return path if not keys else f"{path}?{urlencode([('pk', key) for key in keys])}"


def lookup(table: str, field: str) -> str:
    """Where the combobox of a reference field finds its suggestions."""
    return f"{BASE}/{table}/ajax/lookup?{urlencode({'name': field})}"


def export(table: str, query: str, form: str = "csv") -> str:
    """A file of what the list shows under a query string: « csv » or « xlsx »."""
    return f"{BASE}/{table}/export/{form}" + (f"?{query}" if query else "")


def pieces(table: str, query: str) -> str:
    """The archive of the pieces of what the list shows under a query string."""
    return f"{BASE}/{table}/export/pieces" + (f"?{query}" if query else "")


def with_query(path: str, values: Mapping[str, object]) -> str:
    """A path with its non-empty values as a query."""
    kept = [(name, value) for name, value in values.items() if value not in (None, "")]
    return f"{path}?{urlencode(kept)}" if kept else path
