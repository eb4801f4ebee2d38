"""What case managers flag as wrong in the declared data: to an answer what `reviewing` is to a piece.

Flags write the draft of a demand of correction and stand in the way of a validation. They are the file's, not their
author's: of two people who speak of one answer the last one is right, and is named. `transition` lets them go when the
request leaves the ASP's hands. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from enrolment.errors import Refused
from enrolment.services import pending, taking
from enrolment.services.asking import fields_to_flag
from enrolment.workflow import WAITS_FOR_ASP
from schema.tables import EnrolmentRequest, FieldFlag, StaffUser
from schema.types import InvalidValue, LongText
from schema.types.base import parse_as


@dataclass(frozen=True)
class Flag:
    """An answer that is to correct, who said so last, and when. `reason` may still be empty."""

    name: str
    label: str
    reason: str
    by: str
    at: datetime


def of(session: Session, request: EnrolmentRequest) -> tuple[Flag, ...]:
    """The flags of a request in the order of the form; what is no longer asked of this vendor is left out."""
    rows = {
        row.field: (row, f"{author.first_name} {author.last_name}")
        for row, author in session.exec(
            select(FieldFlag, StaffUser)
            .join(StaffUser, col(FieldFlag.author_id) == StaffUser.id)
            .where(FieldFlag.request_id == request.id)
        )
    }
    if not rows:
        return ()
    return tuple(
        Flag(item.name, item.label, row.reason or "", by, row.updated_at)
        for item in fields_to_flag(session, request)
        if item.name in rows
        for row, by in [rows[item.name]]
    )


def save(session: Session, author_id: int, request_id: int, ticked: Mapping[str, str], seen: Mapping[str, str]) -> None:
    """Keep what a manager ticked, as (name: reason), on a page that showed the flags `seen`.

    Only what differs from what was seen is this manager's word: the rest may be a colleague's, said since.

    Raises NotFound, Refused, or DecisionWaits.
    """
    # The request first, always: two who flag one answer at once come one after the other.
    request = taking.locked(session, request_id)
    said = {name: reason.strip() for name, reason in ticked.items() if seen.get(name) != reason.strip()}
    unsaid = set(seen) - set(ticked)
    if not said and not unsaid:
        return
    pending.require_none(session, request_id)
    _check(session, request, said)
    known = {row.field: row for row in session.exec(select(FieldFlag).where(FieldFlag.request_id == request_id))}
    for name, typed in said.items():
        reason = _reason(typed)
        row = known.get(name)
        if row is None:
            session.add(FieldFlag(request_id=request_id, field=name, reason=reason, author_id=author_id))
        elif row.reason != reason:
            row.reason, row.author_id = reason, author_id
            session.add(row)
    for name in unsaid & set(known):
        session.delete(known[name])
    session.flush()


def _check(session: Session, request: EnrolmentRequest, said: Mapping[str, str]) -> None:
    if request.status not in WAITS_FOR_ASP:
        raise Refused(
            f"La demande est au statut « {request.status.label} » : ses données ne se signalent plus pour le moment."
        )
    if not set(said) <= {item.name for item in fields_to_flag(session, request)}:
        raise Refused("Un des champs choisis ne peut pas être corrigé pour ce dossier. Rechargez la page.")


def _reason(typed: str) -> str | None:
    if not typed:
        return None
    try:
        return str(parse_as(LongText, typed))
    except InvalidValue as error:
        raise Refused(error.message) from error
