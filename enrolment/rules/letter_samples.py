"""What each mail about a request would say of a real one, made by the code that sends it, to preview a template.

Nothing is queued or kept. What only a person types (a message, a reason) is taken from the last time that it was typed
for this request, else from the example of its variable; `by_hand` says which variables these are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.financing.lines import amount
from enrolment.mail import financing as financing_mails
from enrolment.mail import messages
from enrolment.mail.messages import message_named
from enrolment.mail.variables import Message, example
from enrolment.services import action_links, asking, demands, financing, notices
from enrolment.services.action_links import Action
from enrolment.services.askable import kinds_to_ask
from enrolment.services.asking import Asking, Pairs, fields_to_flag
from enrolment.services.bulk.acting import same_message
from schema.enums import ReviewState, Verb
from schema.tables import (
    Attachment,
    Demand,
    DemandItem,
    DocumentKind,
    EnrolmentRequest,
    FinancingDeposit,
    FinancingRequest,
    RequestEvent,
)

_TYPED = frozenset({"message", "reason"})
_CHOSEN = MappingProxyType({"documents_asked": {"documents"}, "correction_asked": {"corrections"}})
_POINTS = 2
"""How many points a demand has that the request itself does not tell."""

Maker = Callable[[Session, EnrolmentRequest, Addresses], Message]


def of_request(session: Session, code: str, request: EnrolmentRequest, addresses: Addresses) -> Message | None:
    """The whole message as this request would have it; None for a mail that is not about a request."""
    maker = _MAKERS.get(code)
    return maker(session, request, addresses) if maker is not None else None


def of_financing(session: Session, code: str, request: EnrolmentRequest, addresses: Addresses) -> Message | None:
    """The same of the newest financing request of an enrolment; None when it has none, or for another mail."""
    maker = _OF_FINANCING.get(code)
    row = session.exec(
        select(FinancingRequest)
        .where(FinancingRequest.request_id == request.id)
        .order_by(col(FinancingRequest.id).desc())
    ).first()
    return maker(session, row, addresses) if maker is not None and row is not None else None


def is_of_financing(code: str) -> bool:
    """Whether a mail is about a financing request."""
    return code in _OF_FINANCING


def by_hand(message: Message) -> tuple[str, ...]:
    """The variables of a message that somebody types or chooses when it is sent."""
    return tuple(sorted(_TYPED & set(vars(message)) | _CHOSEN.get(str(message.name), set())))


def _typed(session: Session, request: EnrolmentRequest, verb: Verb, code: str, name: str) -> str:
    """What was last typed with a decision on this request, else the example."""
    said = session.exec(
        select(RequestEvent.message)
        .where(RequestEvent.request_id == request.id, RequestEvent.verb == verb, col(RequestEvent.message).is_not(None))
        .order_by(col(RequestEvent.id).desc())
    ).first()
    return said or str(getattr(example(message_named(code)), name))


def _asking(session: Session, request: EnrolmentRequest, verb: Verb) -> Asking:
    """The demand that this decision would open today: what is to redo, else the first points that may be asked."""
    fields: Pairs = ()
    documents = _to_redo(session, request)
    if verb is Verb.ask_correction:
        flagged = fields_to_flag(session, request)[:_POINTS]
        usual = example(messages.CorrectionAsked)
        assert isinstance(usual, messages.CorrectionAsked)  # noqa: S101  The example of this very message.
        fields = tuple((item.name, usual.corrections[0][1]) for item in flagged)
    elif not documents:
        documents = tuple((kind.code, "") for kind in kinds_to_ask(session, request)[:_POINTS])
    found = asking.prepared(session, request, verb, "", fields, documents)
    assert found is not None  # noqa: S101  Only verbs that ask come here.
    return found


def _to_redo(session: Session, request: EnrolmentRequest) -> Pairs:
    rows = session.exec(
        select(DocumentKind.code, Attachment.review_reason)
        .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(
            Attachment.request_id == request.id,
            Attachment.review == ReviewState.to_redo,
            col(Attachment.replaced_by_id).is_(None),
        )
        .order_by(col(Attachment.id))
    )
    return tuple({code: reason or "" for code, reason in rows}.items())


def _points(session: Session, request: EnrolmentRequest) -> tuple[Demand, tuple[str, ...]]:
    """The newest demand that was made of this request and its points, else one that could be made today."""
    demand = session.exec(select(Demand).where(Demand.request_id == request.id).order_by(col(Demand.id).desc())).first()
    if demand is None:
        asked = _asking(session, request, Verb.ask_documents)
        return asked.demand, tuple(name for name, _ in asked.said)
    rows = session.exec(
        select(DemandItem.field, DocumentKind.name)
        .outerjoin(DocumentKind, col(DemandItem.document_kind_id) == DocumentKind.id)
        .where(DemandItem.demand_id == demand.id)
        .order_by(col(DemandItem.id))
    )
    named = tuple(name or demands.label_of(field or "") for field, name in rows)
    return demand, named or notices.certificates_due(session, request)


def _validation(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    said = _typed(session, request, Verb.validate, "validation", "message")
    return notices.validation(session, request, addresses, said)


def _partial_validation(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    said = _typed(session, request, Verb.validate_partially, "partial_validation", "message")
    return notices.partial_validation(session, request, addresses, said)


def _rejection(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    return notices.rejection(session, request, addresses, _typed(session, request, Verb.reject, "rejection", "reason"))


def _documents_asked(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    asked = _asking(session, request, Verb.ask_documents)
    said = _typed(session, request, Verb.ask_documents, "documents_asked", "message")
    return notices.documents_asked(session, request, addresses, said, asked.said, asked.demand)


def _correction_asked(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    asked = _asking(session, request, Verb.ask_correction)
    said = _typed(session, request, Verb.ask_correction, "correction_asked", "message")
    return notices.correction_asked(session, request, addresses, said, asked.said, asked.demand)


def _certificate_refused(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    asked = _asking(session, request, Verb.refuse_certificate)
    said = _typed(session, request, Verb.refuse_certificate, "certificate_refused", "reason")
    names = asked.said or tuple((name, "") for name in notices.certificates_due(session, request))
    return notices.certificate_refused(session, request, addresses, said, names, asked.demand)


def _demand_cancelled(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    _, points = _points(session, request)
    said = _typed(session, request, Verb.cancel_demand, "demand_cancelled", "message")
    return notices.demand_cancelled(session, request, addresses, said, points)


def _deposit_received(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    demand, points = _points(session, request)
    return messages.DepositReceived(
        **notices.about(session, request, addresses),
        received_at=demand.closed_at or clock.now(),
        items=points,
        status_label=request.status.label,
        status_link=addresses.status(request),
    )


def _withdrawal(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    at = session.exec(
        select(RequestEvent.at).where(RequestEvent.request_id == request.id, RequestEvent.verb == Verb.withdraw)
    ).first()
    return messages.Withdrawal(
        **notices.about(session, request, addresses),
        withdrawn_at=at or clock.now(),
        resubmit_link=addresses.resubmit(request),
        status_link=addresses.status(request),
    )


def _vendor_silent(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    demand, points = _points(session, request)
    return messages.VendorSilent(
        **notices.about(session, request, addresses),
        status_label=request.status.label,
        waiting_since=demand.asked_at.astimezone(clock.PARIS).date(),
        items=points,
        due_on=demand.due_on,
        action_link=addresses.answer(demand),
    )


def _action_link(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    _, possible = action_links.possible(session, request.public_id)
    return action_links.letter(session, request, possible[0] if possible else Action.WITHDRAW, addresses)


def _status_link(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    life = parameters.number(session, "status_link_days")
    return messages.StatusLink(
        **notices.about(session, request, addresses),
        status_label=request.status.label,
        status_link=addresses.status(request),
        expires_at=clock.end_of_day(clock.in_days(life)),
    )


def _known_account(session: Session, request: EnrolmentRequest, addresses: Addresses) -> Message:
    return messages.KnownAccount(**notices.about(session, request, addresses), sign_in_link=addresses.sign_in())


_MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "acknowledgement": notices.acknowledgement,
        "validation": _validation,
        "partial_validation": _partial_validation,
        "rejection": _rejection,
        "known_account": _known_account,
        "documents_asked": _documents_asked,
        "correction_asked": _correction_asked,
        "deposit_received": _deposit_received,
        "certificate_refused": _certificate_refused,
        "demand_cancelled": _demand_cancelled,
        "action_link": _action_link,
        "withdrawal": _withdrawal,
        "same_message": same_message,
        "status_link": _status_link,
        "vendor_silent": _vendor_silent,
    }
)
"""Every mail about a request; a test keeps it complete."""


def _received(session: Session, row: FinancingRequest, addresses: Addresses) -> Message:
    """The names inside the archive are kept nowhere: the archive itself is named."""
    last: FinancingDeposit = financing.deposits(session, row.id)[0]
    return financing_mails.FinancingReceived(
        **financing.about(session, row, addresses),
        received_at=last.deposited_at,
        line_count=str(last.lines),
        total=amount(last.total_cents),
        proofs=(f"{last.proofs_name} ({last.proofs_count})",),
    )


def _answered(kind: type[Message], *, with_total: bool = False, with_appeal: bool = False) -> Any:
    def make(session: Session, row: FinancingRequest, addresses: Addresses) -> Message:
        values: dict[str, Any] = dict(financing.about(session, row, addresses))
        values["message"] = row.message or getattr(example(kind), "message")  # noqa: B009  Not all messages have one.
        if with_total:
            values["total"] = amount(row.total_cents)
        if with_appeal:
            values["appeal_rule"] = parameters.text(session, "appeal_rule")
        return kind(**values)

    return make


_OF_FINANCING: Mapping[str, Callable[[Session, FinancingRequest, Addresses], Message]] = MappingProxyType(
    {
        "financing_received": _received,
        "financing_to_modify": _answered(financing_mails.FinancingToModify),
        "financing_accepted": _answered(financing_mails.FinancingAccepted, with_total=True),
        "financing_refused": _answered(financing_mails.FinancingRefused, with_appeal=True),
    }
)

CODES: Sequence[str] = (*_MAKERS, *_OF_FINANCING)
"""The mails whose preview is whole."""
