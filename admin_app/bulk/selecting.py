"""From what a person ticked or filtered to a query of requests: exactly the rows that their list gives, or an error.

A filter travels as the query string of the list that it was seen on, and is read again by the list's own code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import sqlalchemy as sa
from sqlmodel import Session, col
from starlette.datastructures import QueryParams
from starlette.requests import Request

from admin_app import listing
from admin_app.dossier.addresses import QUEUE as QUEUE_PAGE
from admin_app.queue import narrowing
from admin_app.staff import staff_of
from enrolment.errors import DomainError, Refused
from enrolment.services import queue
from enrolment.typography import number
from schema.tables import EnrolmentRequest

if TYPE_CHECKING:
    from admin_app.office import BackOffice

SOURCE, FILTER, KEYS, EXTENT = "source", "filtre", "pk", "portee"
QUEUE, TABLE = "file", "liste"
TICKED, WHOLE = "cochees", "filtre"
MOST_TICKED = 500
_MOST_PARAMETERS = 300
_LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True)
class Wanted:
    """What the form of a list sent: where it stands, its filter, and the ticked rows when not all are wanted."""

    source: str
    query: str
    whole: bool
    keys: tuple[int, ...]

    @classmethod
    def read(cls, pairs: list[tuple[str, str]]) -> Wanted:
        """Raises Refused for what no list of ours sent."""
        values = {name: value for name, value in pairs if name != KEYS}
        source, extent = values.get(SOURCE, ""), values.get(EXTENT, TICKED)
        if source not in {QUEUE, TABLE} or extent not in {TICKED, WHOLE}:
            raise Refused("Cette sélection est incomplète : reprenez depuis la liste des demandes.")
        keys = dict.fromkeys(_key(value) for name, value in pairs if name == KEYS)
        if extent == TICKED and not keys:
            raise Refused("Cochez au moins une demande, ou choisissez toutes celles de la liste.")
        if len(keys) > MOST_TICKED:
            raise Refused(f"Cochez {MOST_TICKED} demandes au plus, ou choisissez toutes celles de la liste.")
        whole = extent == WHOLE
        return cls(source, values.get(FILTER, ""), whole, () if whole else tuple(keys))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As a form carries it on."""
        extent = WHOLE if self.whole else TICKED
        fixed = [(SOURCE, self.source), (FILTER, self.query), (EXTENT, extent)]
        return fixed + [(KEYS, str(key)) for key in self.keys]


@dataclass(frozen=True)
class Selection:
    """Requests as a query, and what they are in French."""

    statement: sa.Select[Any]
    said: str


def select(office: BackOffice, request: Request, session: Session, wanted: Wanted) -> Selection:
    """The requests that are meant, within what this person may see. Raises DomainError for a filter that says nothing
    or cannot be understood: it is never taken for « all »."""
    scoped = office.view_of("request").list_query(request)
    if not wanted.whole:
        count = len(wanted.keys)
        said = "1 demande cochée" if count == 1 else f"{number(count)} demandes cochées"
        return Selection(scoped.where(col(EnrolmentRequest.id).in_(wanted.keys)), said)
    try:
        pairs = parse_qsl(
            wanted.query,
            keep_blank_values=True,
            strict_parsing=bool(wanted.query),
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError as error:
        raise DomainError("Ce filtre ne peut pas être lu : reprenez depuis la liste des demandes.") from error
    if wanted.source == QUEUE:
        return _of_queue(session, scoped, QueryParams(pairs), staff_of(request).id)
    return _of_table(office, session, scoped, QueryParams(pairs))


def _of_queue(session: Session, scoped: sa.Select[Any], params: QueryParams, staff_id: int) -> Selection:
    tab = next((one for one in queue.Tab if one.slug == params.get("onglet")), None)
    narrow = narrowing.read(session, QUEUE_PAGE, params)
    if set(params) - {"onglet", *narrow.names} or tab is None:
        raise DomainError("Cette vue de la file d'attente n'existe pas : reprenez depuis la file d'attente.")
    if narrow.problems:
        raise DomainError(" ".join(narrow.problems))
    said = " ; ".join([f"onglet « {tab.label} »", *(chip.said for chip in narrow.chips)])
    kept = scoped.where(queue.condition(session, tab, staff_id), *narrow.conditions)
    return Selection(kept, f"File d'attente, {said}")


def _of_table(office: BackOffice, session: Session, scoped: sa.Select[Any], params: QueryParams) -> Selection:
    model = office.view_of("request").model
    statement, read, searched = listing.selection(session, model, scoped, params)
    read.conditions()
    said = [item.said for item in read.applied] + ([f"Recherche : « {searched} »"] if searched else [])
    return Selection(statement, f"Liste des demandes, {' ; '.join(said)}"[:9000] if said else "Toutes les demandes")


def _key(raw: str) -> int:
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 20 and 0 < int(raw) <= _LARGEST_KEY):
        raise Refused("Une des lignes cochées n'existe pas : reprenez depuis la liste des demandes.")
    return int(raw)
