"""The mails that a correction will send, as the page of its preview shows them: how many, and one of them to read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session
from starlette.datastructures import QueryParams

from admin_app.corrections import addresses
from admin_app.dossier.deciding import as_read
from admin_app.edges import place
from enrolment.corrections import steering, telling
from enrolment.portal import Portal
from enrolment.typography import number
from schema.tables import Correction

_SHOWN = "#mails"


@dataclass(frozen=True)
class Sample:
    """The mail of one vendor among those who will be told. `text` is empty when it would tell nothing."""

    vendors: str
    many: bool
    rank: str
    recipient: str
    subject: str
    text: str
    previous_url: str | None
    next_url: str | None


def sample(portal: Portal, session: Session, correction: Correction, params: QueryParams) -> Sample | None:
    """The mail of the rank that an address asks for; None when nobody will be told."""
    if correction.state not in steering.READY:
        return None
    rank = place(params.get("rang", "")) or 1
    found = telling.preview(session, correction, portal.addresses, rank)
    if not found.vendors:
        return None
    if not found.to:
        # An address that somebody typed: there are not so many.
        rank = 1
        found = telling.preview(session, correction, portal.addresses, rank)
    letter = found.letter
    return Sample(
        number(found.vendors),
        found.vendors > 1,
        number(rank),
        found.to,
        letter.subject if letter else "",
        as_read(portal, letter, "") if letter else "",
        _url(correction, rank - 1) if rank > 1 else None,
        _url(correction, rank + 1) if rank < found.vendors else None,
    )


def _url(correction: Correction, rank: int) -> str:
    return addresses.show(correction.public_id, rang=rank) + _SHOWN
