"""What the pages of bulk actions show, from what the services read."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.datastructures import QueryParams

from admin_app.bulk import addresses, writing
from admin_app.bulk.selecting import Selection
from admin_app.bulk.writing import Writing
from admin_app.dossier import addresses as dossier
from admin_app.dossier.deciding import as_read
from admin_app.dossier.view import reasons
from admin_app.edges import place
from admin_app.staff import Staff
from enrolment.errors import DomainError
from enrolment.mail.messages import SameMessage
from enrolment.mail.rendering import Source, shipped
from enrolment.mail.variables import variables
from enrolment.portal import Portal
from enrolment.services import reference
from enrolment.services.bulk import acting, judging, reading, steering
from enrolment.services.bulk.orders import Order
from enrolment.services.people import correspondent
from enrolment.typography import number
from schema.enums import BulkOutcome, BulkState, BulkVerb, StaffRole, Verb
from schema.history import Actor
from schema.tables import BulkAction, EnrolmentRequest, MessageTemplate, StaffUser

_REQUESTS_A_SECOND = 15
_LONGEST_REASON = 255
_REASONS_OF = {
    BulkVerb.reject: Verb.reject,
    BulkVerb.ask_documents: Verb.ask_documents,
    BulkVerb.validate: Verb.validate,
}


@dataclass(frozen=True)
class Sample:
    """The mail as one of the recipients would read it. `why_not` says why this one would get none."""

    request_id: int
    number: str
    recipient: str
    subject: str
    text: str
    why_not: str
    place: int
    previous_url: str | None
    next_url: str | None


def form(session: Session, typed: Writing, chosen: Selection) -> dict[str, Any]:
    """The form of a new action."""
    templates = reasons(session).get(_REASONS_OF[typed.verb], ()) if typed.verb in _REASONS_OF else ()
    if typed.wants_template:
        text = next((one.body for one in templates if one.key == typed.template), "")
        message = f"{typed.message.rstrip()}\n\n{text}" if typed.message.strip() and text else typed.message or text
        typed = dataclasses.replace(typed, message=message)
    if typed.verb is BulkVerb.send_message and typed.body is None:
        row = session.exec(select(MessageTemplate).where(MessageTemplate.code == SameMessage.name)).first()
        start = Source(row.subject, row.body).in_french if row else shipped(SameMessage.name)
        typed = dataclasses.replace(typed, subject=start.subject, body=start.body)
    counted = session.execute(
        sa.select(sa.func.count()).select_from(
            chosen.statement.with_only_columns(col(EnrolmentRequest.id), maintain_column_froms=True).subquery()
        )
    ).scalar_one()
    return {
        "typed": typed,
        "verb": typed.verb,
        "Verb": BulkVerb,
        "names": writing,
        "said": chosen.said,
        "count": number(counted),
        "many": counted > 1,
        "managers": _managers(session),
        "kinds": reference.document_kinds(session) if typed.verb is BulkVerb.ask_documents else (),
        "templates": templates,
        "variables": variables(SameMessage),
        "action_url": addresses.NEW,
    }


def action(portal: Portal, session: Session, staff: Staff, row: BulkAction, params: QueryParams) -> dict[str, Any]:
    """The page of an action."""
    counts = reading.counts(session, [row.id])[row.id]
    outcome, reason = _outcome(params), params.get("motif", "")[:_LONGEST_REASON]
    results, more = reading.page(session, row.id, outcome, reason, place(params.get("apres", "")) or 0)
    planned = counts[BulkOutcome.planned]
    order = Order.of(row)
    author = session.get_one(StaffUser, row.author_id)
    is_prepared = row.state is BulkState.prepared
    may_act = staff.may_open("bulk") and row.state in steering.ALIVE
    here = {"resultat": outcome.value if outcome else "", "motif": reason}
    return {
        "row": row,
        "author": f"{author.first_name} {author.last_name}",
        "counts": [
            (one, number(counts[one]), addresses.show(row.public_id, resultat=one.value), one is outcome)
            for one in BulkOutcome
            if counts[one]
        ],
        "every_url": addresses.show(row.public_id),
        "settled": row.total - planned,
        "settled_said": number(row.total - planned),
        "total": number(row.total),
        "planned": planned,
        "planned_said": number(planned),
        "skipped_said": number(counts[BulkOutcome.skipped]),
        "time": time_for(planned),
        "reasons": [
            (one.text, number(one.count), addresses.show(row.public_id, motif=one.text) + "#resultats")
            for one in reading.reasons(session, row.id)
        ],
        "content": _content(session, order),
        "sample": _sample(portal, session, row, order, place(params.get("rang", "")) or 0) if is_prepared else None,
        "judging": is_prepared and row.next_to_judge is not None,
        "judged_said": number(judging.judged(session, row)) if is_prepared else "",
        "large": is_prepared and steering.is_large(session, planned),
        "may_confirm": may_act
        and staff.may_launch(row.verb)
        and is_prepared
        and row.author_id == staff.id
        and planned > 0,
        "may_cancel": may_act,
        "may_act": may_act,
        "State": BulkState,
        "results": [(one, dossier.file(one.request_id)) for one in results],
        "outcome": outcome,
        "reason": reason,
        "first_url": addresses.show(row.public_id, **here) if params.get("apres") else None,
        "next_url": addresses.show(row.public_id, **here, apres=more) if more else None,
        "addresses": addresses,
    }


def time_for(count: int) -> str:
    """About how long so many requests take, in French."""
    minutes = -(-count // (_REQUESTS_A_SECOND * 60))
    if count <= _REQUESTS_A_SECOND * 60:
        return "moins d'une minute"
    return f"environ {minutes} minutes" if minutes < 60 else f"environ {minutes // 60} h {minutes % 60:02d}"


def _outcome(params: QueryParams) -> BulkOutcome | None:
    raw = params.get("resultat", "")
    if raw and raw not in {one.value for one in BulkOutcome}:
        raise DomainError("Ce filtre n'existe pas : choisissez un résultat de la liste.")
    return BulkOutcome(raw) if raw else None


def _managers(session: Session) -> list[tuple[int, str]]:
    rows = session.exec(
        select(StaffUser)
        .where(StaffUser.role == StaffRole.manager, col(StaffUser.active).is_(True))
        .order_by(col(StaffUser.last_name), col(StaffUser.first_name))
    )
    return [(row.id, f"{row.first_name} {row.last_name}") for row in rows]


def _content(session: Session, order: Order) -> list[tuple[str, str]]:
    """What was chosen, in words."""
    found: list[tuple[str, str]] = []
    if order.holder_id is not None:
        person = session.get_one(StaffUser, order.holder_id)
        found.append(("Gestionnaire", f"{person.first_name} {person.last_name}"))
    names = {kind.code: kind.name for kind in reference.document_kinds(session)} if order.documents else {}
    pieces = [f"{names.get(code, code)}{f' : {note}' if note else ''}" for code, note in order.documents]
    if pieces:
        found.append(("Pièces demandées", "\n".join(pieces)))
    if order.message:
        found.append(("Motif" if order.verb is BulkVerb.reject else "Message", order.message))
    return found


def _sample(portal: Portal, session: Session, row: BulkAction, order: Order, rank: int) -> Sample | None:
    """The mail of the nth request to do."""
    if not order.sends_mail:
        return None
    line = reading.nth_planned(session, row.id, rank)
    if line is None:
        return None
    request = session.get_one(EnrolmentRequest, line.request_id)
    person = correspondent(session, request)
    author = _actor(session, row.author_id)
    subject, text, why_not = "", "", ""
    try:
        acting.require(session, author, request, order)
        letter = acting.letter_of(session, author, request, order, portal.addresses)
        subject, text = letter.subject, as_read(portal, letter, request.number)
    except DomainError as error:
        why_not = error.message
    following = reading.nth_planned(session, row.id, rank + 1)
    return Sample(
        request.id,
        request.number,
        f"{person.name} ({person.email})",
        subject,
        text,
        why_not,
        rank + 1,
        addresses.show(row.public_id, rang=rank - 1) + "#apercu" if rank else None,
        addresses.show(row.public_id, rang=rank + 1) + "#apercu" if following else None,
    )


def _actor(session: Session, staff_id: int) -> Actor:
    person = session.get_one(StaffUser, staff_id)
    return Staff.of(person, "").actor
