"""What a case manager decides: validate, partly validate, reject, ask for documents.

The manager sees the mail before it leaves (`preview`), may edit it, and sends it with the decision (`decide`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.mail import outbox
from enrolment.mail.variables import Message
from enrolment.mail.outbox import Letter
from enrolment.services import accounts, notices, transition
from enrolment.workflow import Transition, possible
from schema.enums import DemandKind, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Demand, DemandItem, DocumentKind, EnrolmentRequest, RequestEvent

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
    _check(session, decision, line)
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
    request = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.id == request_id).with_for_update()).first()
    if request is None:
        raise NotFound("Cette demande n'existe pas.")
    if request.row_version != row_version:
        raise Conflict(_what_happened(session, request))
    line = transition.allowed(session, actor, request, decision.verb)
    _check(session, decision, line)
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


def _check(session: Session, decision: Decision, line: Transition) -> None:
    if line.needs_reason and not decision.message.strip():
        raise Refused("Indiquez le motif : il est envoyé au fournisseur et conservé dans l'historique.")
    if decision.verb is Verb.ask_documents:
        if not decision.documents:
            raise Refused("Choisissez au moins une pièce à demander.")
        known = set(session.exec(select(DocumentKind.code)))
        if not {code for code, _ in decision.documents} <= known:
            raise Refused("Une des pièces choisies n'existe plus. Rechargez la page.")


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
    for code, note in dict(decision.documents).items():
        session.add(DemandItem(demand_id=demand.id, document_kind_id=kinds[code], reason=note.strip() or None))


def _open_demand(
    session: Session, request: EnrolmentRequest, kind: DemandKind, message: str, status: RequestStatus
) -> Demand:
    demand = Demand(
        request_id=request.id,
        kind=kind,
        message=message.strip() or None,
        due_on=notices.deadline(session, status),
    )
    session.add(demand)
    session.flush()
    return demand


def _what_happened(session: Session, request: EnrolmentRequest) -> str:
    last = session.exec(
        select(RequestEvent).where(RequestEvent.request_id == request.id).order_by(RequestEvent.id.desc())  # type: ignore[attr-defined]
    ).first()
    if last is None:
        return "Cette demande a été modifiée pendant que vous la lisiez. Rechargez la page avant de décider."
    moment = last.at.astimezone(clock.PARIS).strftime("%d/%m/%Y à %H h %M")
    return (
        f"Cette demande a changé pendant que vous la lisiez. Dernière action : {last.verb.label}, par "
        f"{last.actor_label}, le {moment}. Rechargez la page avant de décider : rien n'a été envoyé."
    )
