"""What a case manager decides: validate, partly validate, reject, ask for documents.

The manager sees the mail before it leaves (`preview`), may edit it, and sends it with the decision (`decide`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.mail import outbox
from enrolment.mail.outbox import Letter
from enrolment.mail.variables import Message
from enrolment.services import accounts, notices, transition
from enrolment.services.askable import kinds_to_ask
from enrolment.workflow import Transition, possible
from schema.describe import field
from schema.enums import DemandKind, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Demand, DemandItem, DocumentKind, EnrolmentRequest, HistoryEntry, RequestEvent
from schema.types import InvalidValue, LongText
from schema.types.base import parse_as
from schema.types.cleaning import clean_text

DECISIONS = (Verb.validate, Verb.validate_partially, Verb.reject, Verb.ask_documents)
"""The verbs that this service carries out, in the order of the page."""


@dataclass(frozen=True)
class Decision:
    """What the manager chose. `documents` are (kind code, note) pairs for a demand of documents."""

    verb: Verb
    message: str = ""
    documents: tuple[tuple[str, str], ...] = ()


def open_decisions(session: Session, actor: Actor, request: EnrolmentRequest) -> tuple[Verb, ...]:
    """The decisions that can be taken now."""
    verbs = possible(transition.situation(session, request), actor.kind)
    return tuple(verb for verb in DECISIONS if verb in verbs)


def preview(
    session: Session, actor: Actor, request: EnrolmentRequest, decision: Decision, addresses: Addresses
) -> Letter:
    """The mail that a decision would send. Raises Refused or TransitionRefused when it cannot be taken."""
    line = transition.allowed(session, actor, request, decision.verb)
    decision = _checked(session, request, decision, line)
    return outbox.compose(session, _notice(session, request, decision, addresses))


def decide(
    session: Session,
    actor: Actor,
    request_id: int,
    decision: Decision,
    addresses: Addresses,
    *,
    row_version: int,
    letter: Letter | None = None,
) -> EnrolmentRequest:
    """Take a decision: status, event, demand, account and mails, in one transaction.

    `row_version` is the one that the manager saw: if somebody changed the request meanwhile, Conflict says who did
    what, and nothing is done.
    """
    request = locked(session, request_id, row_version)
    line = transition.allowed(session, actor, request, decision.verb)
    decision = _checked(session, request, decision, line)
    letter = _cleaned(letter) if letter is not None else None
    # The notice says whether an account is opened on this occasion, so it is written before that.
    notice = _notice(session, request, decision, addresses)
    if line.opens_account and request.account_id is None:
        accounts.open_account(session, actor, request, addresses)
    if decision.verb is Verb.ask_documents:
        _ask(session, request, decision)
    elif decision.verb is Verb.validate_partially:
        # What is due is read from the rules when the vendor deposits: no item is written ahead.
        _open_demand(session, request, DemandKind.certificates, "", RequestStatus.awaiting_certificates)
    event = transition.apply(session, actor, request, line, message=decision.message)
    transition.notify(session, request, event, notice, letter)
    return request


def locked(session: Session, request_id: int, row_version: int) -> EnrolmentRequest:
    """The request, kept from other deciders until the end. Raises NotFound, or Conflict when it is not the one seen."""
    request = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.id == request_id).with_for_update()).first()
    if request is None:
        raise NotFound("Cette demande n'existe pas.")
    if request.row_version != row_version:
        raise Conflict(what_happened(session, request))
    return request


def _checked(session: Session, request: EnrolmentRequest, decision: Decision, line: Transition) -> Decision:
    """The decision with its texts cleaned. Raises Refused."""
    if line.needs_reason and not decision.message.strip():
        raise Refused("Indiquez le motif : il est envoyé au fournisseur et conservé dans l'historique.")
    if decision.verb is Verb.ask_documents:
        if not decision.documents:
            raise Refused("Choisissez au moins une pièce à demander.")
        known = {kind.code for kind in kinds_to_ask(session, request)}
        if not {code for code, _ in decision.documents} <= known:
            raise Refused("Une des pièces choisies ne peut pas être demandée pour ce dossier. Rechargez la page.")
    # A kind asked twice would be one item with one note: the last one said counts.
    documents = {code: _text(note) for code, note in decision.documents}
    return dataclasses.replace(decision, message=_text(decision.message), documents=tuple(documents.items()))


def _text(typed: str) -> str:
    """A message or a note as it is stored; empty stays empty. Raises Refused for what no column can hold."""
    try:
        return parse_as(LongText, typed) if typed.strip() else ""
    except InvalidValue as error:
        raise Refused(error.message) from error


def _cleaned(letter: Letter) -> Letter:
    """The letter without what a paste may bring and a database refuses."""
    body = clean_text(letter.body)
    if body.refusal is not None:
        raise Refused(body.refusal)
    return Letter(letter.subject, body.text)


def _notice(session: Session, request: EnrolmentRequest, decision: Decision, addresses: Addresses) -> Message:
    return _NOTICES[decision.verb](session, request, decision, addresses)


_NOTICES: Mapping[Verb, Callable[[Session, EnrolmentRequest, Decision, Addresses], Message]] = {
    Verb.validate: lambda session, request, decision, addresses: notices.validation(
        session, request, addresses, decision.message
    ),
    Verb.validate_partially: lambda session, request, decision, addresses: notices.partial_validation(
        session, request, addresses, decision.message
    ),
    Verb.reject: lambda session, request, decision, addresses: notices.rejection(
        session, request, addresses, decision.message
    ),
    Verb.ask_documents: lambda session, request, decision, addresses: notices.documents_asked(
        session, request, addresses, decision.message, decision.documents
    ),
}


def _ask(session: Session, request: EnrolmentRequest, decision: Decision) -> None:
    demand = _open_demand(session, request, DemandKind.documents, decision.message, RequestStatus.awaiting_documents)
    kinds = {row.code: row.id for row in session.exec(select(DocumentKind))}
    for code, note in decision.documents:
        session.add(DemandItem(demand_id=demand.id, document_kind_id=kinds[code], reason=note or None))


def _open_demand(
    session: Session, request: EnrolmentRequest, kind: DemandKind, message: str, status: RequestStatus
) -> Demand:
    demand = Demand(
        request_id=request.id,
        kind=kind,
        message=message or None,
        due_on=notices.deadline(session, status),
    )
    session.add(demand)
    session.flush()
    return demand


def what_happened(session: Session, request: EnrolmentRequest) -> str:
    """Who changed the request last, and how: from its history, since not every change is a transition."""
    last = session.exec(
        select(HistoryEntry)
        .where(HistoryEntry.table_name == "request", HistoryEntry.row_id == request.id)
        .order_by(col(HistoryEntry.id).desc())
    ).first()
    if last is None:
        return "Ce dossier a changé pendant que vous le lisiez. Rechargez la page avant de décider : rien n'est parti."
    return (
        f"Ce dossier a changé pendant que vous le lisiez. Dernière action : {_said(session, request, last)}, par "
        f"{last.actor_label}, le {_moment(last.at)}. Rien n'a été envoyé."
    )


def _said(session: Session, request: EnrolmentRequest, change: HistoryEntry) -> str:
    if "status" in change.changes:
        event = session.exec(
            select(RequestEvent).where(RequestEvent.request_id == request.id).order_by(col(RequestEvent.id).desc())
        ).first()
        return event.verb.label if event is not None else f"statut « {request.status.label} »"
    if "assigned_to_id" in change.changes:
        return (
            "dossier rendu à la file" if change.changes["assigned_to_id"][1] is None else "prise en charge du dossier"
        )
    labels = ", ".join(f"« {field(EnrolmentRequest, name).label} »" for name in change.changes)
    return f"modification de {labels}"


def _moment(moment: datetime) -> str:
    return moment.astimezone(clock.PARIS).strftime("%d/%m/%Y à %H h %M")
