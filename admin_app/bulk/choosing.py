"""The form under a list of requests that starts a bulk action: what it carries, for those who may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

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
    verbs: tuple[tuple[str, str], ...]
    action: str = addresses.NEW


def of_queue(staff: Staff, tab: Tab, filters: Mapping[str, str], *, whole: bool) -> Choosing | None:
    """Under a tab of the queue and its filters."""
    verbs = _verbs(staff)
    if not verbs:
        return None
    applied = {name: value for name, value in filters.items() if value}
    under = " sous ces filtres" if applied else ""
    said = f"toutes les demandes de l'onglet « {tab.label} »{under}" if whole else ""
    return Choosing(selecting.QUEUE, urlencode({"onglet": tab.slug, **applied}), said, verbs)


def of_table(staff: Staff, table: str, query: str, count: str) -> Choosing | None:
    """Under the generated list of requests."""
    verbs = _verbs(staff) if table == "request" else ()
    if not verbs:
        return None
    return Choosing(selecting.TABLE, query, f"toutes les demandes de ce filtre ({count})", verbs)


def _verbs(staff: Staff) -> tuple[tuple[str, str], ...]:
    """The actions that they may launch."""
    return tuple((verb.value, verb.label) for verb in BulkVerb if staff.may_launch(verb))
