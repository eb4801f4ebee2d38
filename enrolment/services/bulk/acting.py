"""Does to one request what a bulk action says, or says why not: the same services as the pages, nothing of its own."""

from __future__ import annotations

from sqlmodel import Session

from enrolment.addresses import Addresses
from enrolment.errors import Refused
from enrolment.mail import outbox
from enrolment.mail.messages import SameMessage
from enrolment.mail.outbox import Letter
from enrolment.mail.rendering import Source, write
from enrolment.mail.sandbox import TemplateFailed
from enrolment.services import choices, decisions, dossier, notices, pending, reference, rights, taking
from enrolment.services.askable import kinds_to_ask
from enrolment.services.bulk.orders import Order
from enrolment.services.people import correspondent
from schema.enums import BulkVerb, Verb
from schema.history import Actor
from schema.tables import EnrolmentRequest, StaffUser

_VERBS = {BulkVerb.ask_documents: Verb.ask_documents, BulkVerb.reject: Verb.reject}


def act(
    session: Session, actor: Actor, request_id: int, seen_version: int, order: Order, addresses: Addresses, key: str
) -> str:
    """Do it, in the caller's transaction; what was done, in French. Raises DomainError with the reason why not.

    `key` names this request of this action: the mail that is not a decision's leaves once for it.
    """
    request = decisions.locked(session, request_id, seen_version)
    require(session, actor, request, order)
    if order.verb is BulkVerb.assign:
        assert order.holder_id is not None  # noqa: S101  `orders.checked` saw to it.
        taking.entrust(session, request, order.holder_id)
        return f"Confiée à {_name(session, order.holder_id)}"
    if order.verb is BulkVerb.send_message:
        person = correspondent(session, request)
        outbox.queue(
            session,
            same_message(session, request, addresses),
            to=person.email,
            event_key=key,
            request_id=request.id,
            account_id=request.account_id,
            letter=letter_of(session, actor, request, order, addresses),
        )
        return f"Mail à {person.email}"
    verb = verb_for(session, actor, request, order)
    decisions.decide(session, actor, request.id, order.decision(verb), addresses, row_version=request.row_version)
    if request.assigned_to_id is None:
        # Whoever decides answers for the file from now on, as on its page.
        request.assigned_to_id = actor.id
        session.add(request)
    return f"{choices.TITLES[verb]} : {request.status.label}"


def require(session: Session, actor: Actor, request: EnrolmentRequest, order: Order) -> None:
    """Raise DomainError when it cannot be done to this request as it stands."""
    pending.require_none(session, request.id, nor_unread=True)
    if order.verb is BulkVerb.assign:
        taking.require_entrustable(request, order.holder_id)
    elif order.verb is not BulkVerb.send_message:
        verb = verb_for(session, actor, request, order)
        if verb in choices.VALIDATIONS:
            choices.require_open(dossier.read(session, request.id), verb)


def kinds_that_cannot_be_asked(session: Session, request: EnrolmentRequest, order: Order) -> list[str]:
    """The documents of the order that this request may not be asked for, in words."""
    known = {kind.code for kind in kinds_to_ask(session, request)}
    names = {kind.code: kind.name for kind in reference.document_kinds(session)}
    return [names.get(code, code) for code, _ in order.documents if code not in known]


def verb_for(session: Session, actor: Actor, request: EnrolmentRequest, order: Order) -> Verb:
    """The decision that applies: an early request is validated in part. Raises Refused, when the status has none, and
    Forbidden.
    """
    open_verbs = decisions.possible_decisions(session, actor, request)
    wanted = choices.VALIDATIONS if order.verb is BulkVerb.validate else {_VERBS[order.verb]}
    found = next((verb for verb in open_verbs if verb in wanted), None)
    if found is None:
        raise Refused(f"Impossible au statut « {request.status.label} ».")
    rights.require_decision(session, actor, found)
    return found


def letter_of(session: Session, actor: Actor, request: EnrolmentRequest, order: Order, addresses: Addresses) -> Letter:
    """The mail that this request's vendor would read. Raises DomainError when there is none to send."""
    if order.verb is BulkVerb.send_message:
        try:
            return write(same_message(session, request, addresses), Source(order.subject, order.body))
        except TemplateFailed as error:
            raise Refused(str(error)) from error
    verb = verb_for(session, actor, request, order)
    return decisions.preview(session, actor, request, order.decision(verb), addresses)


def same_message(session: Session, request: EnrolmentRequest, addresses: Addresses) -> SameMessage:
    """What a mail to several vendors may say of this one's request."""
    return SameMessage(
        **notices.about(session, request, addresses),
        status_label=request.status.label,
        submitted_on=request.submitted_at.date(),
        status_link=addresses.status(request),
    )


def _name(session: Session, staff_id: int) -> str:
    person = session.get_one(StaffUser, staff_id)
    return f"{person.first_name} {person.last_name}"
