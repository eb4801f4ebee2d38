"""The form under a list of requests that starts a bulk action: what it carries, for those who may."""

from __future__ import annotations

from dataclasses import dataclass

from admin_app.bulk import addresses, selecting
from admin_app.staff import Staff
from enrolment.services.queue import Tab
from schema.enums import BulkVerb


@dataclass(frozen=True)
class Choosing:
    """`query` is the filter of the list; `whole` names all of its rows, empty when only ticks are possible."""

    source: str
    query: str
    whole: str
    action: str = addresses.NEW
    verbs: tuple[tuple[str, str], ...] = tuple((verb.value, verb.label) for verb in BulkVerb)


def of_queue(staff: Staff, tab: Tab, *, whole: bool) -> Choosing | None:
    """Under a tab of the queue."""
    if not staff.may_open("bulk"):
        return None
    said = f"toutes les demandes de l'onglet « {tab.label} »" if whole else ""
    return Choosing(selecting.QUEUE, f"onglet={tab.slug}", said)


def of_table(staff: Staff, table: str, query: str, count: str) -> Choosing | None:
    """Under the generated list of requests."""
    if table != "request" or not staff.may_open("bulk"):
        return None
    return Choosing(selecting.TABLE, query, f"toutes les demandes de ce filtre ({count})")
