"""What a case manager decides: validate, reject, ask for documents or corrections, refuse a certificate, ask no more.

The manager sees the mail before it leaves (`preview`), may edit it, and sends it with the decision (`decide`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from enrolment.addresses import Addresses
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.mail import outbox
from enrolment.mail.outbox import Letter
from enrolment.mail.variables import Message
from enrolment.services import accounts, answering, demands, notices, pending, rights, transition
from enrolment.services.askable import kinds_to_ask
from enrolment.services.asking import Asking, Pairs, fields_to_flag, opened, prepared
from enrolment.typography import moment
from enrolment.workflow import Transition, possible
from schema.describe import field
from schema.enums import DemandState, Verb
from schema.history import Actor
from schema.tables import Demand, EnrolmentRequest, HistoryEntry, RequestEvent
from schema.types import InvalidValue, LongText
from schema.types.base import parse_as
from schema.types.cleaning import clean_text

DECISIONS = (
    Verb.validate,
    Verb.validate_partially,
    Verb.reject,
    Verb.ask_documents,
    Verb.ask_correction,
    Verb.refuse_certificate,
    Verb.cancel_demand,
)
"""The verbs that this service carries out."""

_WITH_POINTS = frozenset({Verb.ask_documents, Verb.ask_correction})


@dataclass(frozen=True)
class Decision:
    """What the manager chose. `documents` are (kind code, note) pairs, `fields` are (question, reason) pairs."""

    verb: Verb
    message: str = ""
    documents: Pairs = ()
    fields: Pairs = ()


def open_decisions(session: Session, actor: Actor, request: EnrolmentRequest) -> tuple[Verb, ...]:
    """The decisions that this person can take now."""
    return tuple(
        verb for verb in possible_decisions(session, actor, request) if rights.may_decide(session, actor, verb)
    )


def possible_decisions(session: Session, actor: Actor, request: EnrolmentRequest) -> tuple[Verb, ...]:
    """The decisions that the status of a request leaves, to whoever may take them."""
    verbs = possible(transition.situation(session, request), actor.kind)
    return tuple(verb for verb in DECISIONS if verb in verbs)


def preview(
    session: Session, actor: Actor, request: EnrolmentRequest, decision: Decision, addresses: Addresses
) -> Letter:
    """The mail that a decision would send. Raises Refused, Forbidden or TransitionRefused when it cannot be taken."""
    rights.require_decision(session, actor, decision.verb)
    line = transition.allowed(session, actor, request, decision.verb)
    decision = _checked(session, request, decision, line)
    asking = _asking(session, request, decision)
    return outbox.compose(session, _notice(session, request, decision, asking, addresses))


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
    what, and nothing is done. Raises Forbidden for a decision that was taken from the role of the actor.
    """
    rights.require_decision(session, actor, decision.verb)
    request = locked(session, request_id, row_version)
    pending.require_none(session, request_id)
    line = transition.allowed(session, actor, request, decision.verb)
    decision = _checked(session, request, decision, line)
    letter = _cleaned(letter) if letter is not None else None
    # The notice says whether an account is opened on this occasion, and leads to the demand that it tells.
    asking = _asking(session, request, decision)
    notice = _notice(session, request, decision, asking, addresses)
    if line.opens_account and request.account_id is None:
        accounts.open_account(session, actor, request, addresses)
    if decision.verb is Verb.cancel_demand:
        _cancel(session, request)
    elif asking is not None:
        opened(session, asking)
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
    if decision.verb in _WITH_POINTS:
        _check_points(session, request, decision)
    # What is asked twice would be one point with one note: the last one said counts.
    documents = {code: _text(note) for code, note in decision.documents}
    fields = {name: _text(reason) for name, reason in decision.fields}
    return dataclasses.replace(
        decision,
        message=_text(decision.message),
        documents=tuple(documents.items()),
        fields=tuple(fields.items()),
    )


def _check_points(session: Session, request: EnrolmentRequest, decision: Decision) -> None:
    """Something must be asked that can be; a correction also says why, of each point."""
    is_correction = decision.verb is Verb.ask_correction
    if not decision.documents and not (is_correction and decision.fields):
        raise Refused(
            "Signalez au moins un champ ou une pièce à corriger."
            if is_correction
            else "Choisissez au moins une pièce à demander."
        )
    known = {kind.code for kind in kinds_to_ask(session, request)}
    if not {code for code, _ in decision.documents} <= known:
        raise Refused("Une des pièces choisies ne peut pas être demandée pour ce dossier. Rechargez la page.")
    if not is_correction:
        return
    labels = {item.name: item.label for item in fields_to_flag(session, request)}
    if not {name for name, _ in decision.fields} <= set(labels):
        raise Refused("Un des champs choisis ne peut pas être corrigé pour ce dossier. Rechargez la page.")
    names = {kind.code: kind.name for kind in kinds_to_ask(session, request)}
    silent = [labels[name] for name, reason in decision.fields if not reason.strip()]
    silent += [names[code] for code, reason in decision.documents if not reason.strip()]
    if silent:
        listed = ", ".join(f"« {label} »" for label in silent)
        raise Refused(f"Dites au fournisseur ce qui est à corriger : il manque le motif de {listed}.")


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


def _asking(session: Session, request: EnrolmentRequest, decision: Decision) -> Asking | None:
    return prepared(session, request, decision.verb, decision.message, decision.fields, decision.documents)


def _notice(
    session: Session, request: EnrolmentRequest, decision: Decision, asking: Asking | None, addresses: Addresses
) -> Message:
    message = decision.message
    if decision.verb is Verb.cancel_demand:
        return notices.demand_cancelled(session, request, addresses, message, _asked_for(session, request))
    if decision.verb in _ASKING:
        assert asking is not None  # noqa: S101  These verbs always ask something.
        return _ASKING[decision.verb](session, request, addresses, message, asking.said, asking.demand)
    return _TELLING[decision.verb](session, request, addresses, message)


_TELLING: Mapping[Verb, Callable[[Session, EnrolmentRequest, Addresses, str], Message]] = {
    Verb.validate: notices.validation,
    Verb.validate_partially: notices.partial_validation,
    Verb.reject: notices.rejection,
}
_ASKING: Mapping[Verb, Callable[[Session, EnrolmentRequest, Addresses, str, Pairs, Demand], Message]] = {
    Verb.ask_documents: notices.documents_asked,
    Verb.ask_correction: notices.correction_asked,
    Verb.refuse_certificate: notices.certificate_refused,
}


def _open_demand(session: Session, request: EnrolmentRequest) -> Demand:
    demand = demands.open_of(session, request.id, lock=True)
    assert demand is not None  # noqa: S101  A request that waits for its vendor has one.
    return demand


def _asked_for(session: Session, request: EnrolmentRequest) -> tuple[str, ...]:
    """What the open demand asks for, in words."""
    return tuple(point.label for point in demands.read(session, _open_demand(session, request)).points)


def _cancel(session: Session, request: EnrolmentRequest) -> None:
    """Ask no more (ADR 0011): what the vendor had already deposited joins the file."""
    demand = _open_demand(session, request)
    answering.hand_over(session, demand)
    answering.close(session, demand, DemandState.cancelled)


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
        f"{last.actor_label}, le {moment(last.at)}. Rien n'a été envoyé."
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
