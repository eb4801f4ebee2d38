"""What a decision of the ASP asks of the vendor: documents, corrections, certificates; as a demand and its points.

A demand is prepared first, so that the mail that tells it can be shown before anything is kept (`decisions.preview`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from enrolment.application.recap import section_title
from enrolment.documents import owed_later
from enrolment.services import notices, reference
from enrolment.services.demands import NEVER_CORRECTED, label_of, shown_of
from enrolment.services.notices import stored_facts
from enrolment.services.retyping import application_of
from schema.enums import DemandKind, RequestStatus, ReviewState, Step, Verb
from schema.tables import Attachment, Demand, DemandItem, DocumentKind, EnrolmentRequest

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Flaggable:
    """An answer that the ASP may ask the vendor to correct."""

    name: str
    label: str
    section: str
    value: str


@dataclass(frozen=True)
class Asking:
    """A demand that is not kept yet. `said` are its points in words: (what, why)."""

    demand: Demand
    items: tuple[DemandItem, ...]
    said: Pairs


def fields_to_flag(session: Session, request: EnrolmentRequest) -> tuple[Flaggable, ...]:
    """The answers that this vendor gave, in the order of the form, but for those that make the request itself."""
    application = application_of(session, request, {}, {})
    return tuple(
        Flaggable(item.name, item.label, section_title(item.section, step), shown_of(application, item.name))
        for step in Step
        for item in application.asked(step)
        if item.name not in NEVER_CORRECTED
    )


def prepared(
    session: Session, request: EnrolmentRequest, verb: Verb, message: str, fields: Pairs, documents: Pairs
) -> Asking | None:
    """The demand that a decision opens, None when it asks nothing. `fields`, `documents`: (name or code, why)."""
    maker = _MAKERS.get(verb)
    return maker(session, request, message, fields, documents) if maker is not None else None


def opened(session: Session, asking: Asking) -> Demand:
    """Keep a prepared demand and its points."""
    session.add(asking.demand)
    session.flush()
    for item in asking.items:
        item.demand_id = asking.demand.id
        session.add(item)
    session.flush()
    return asking.demand


def _documents(session: Session, request: EnrolmentRequest, message: str, fields: Pairs, documents: Pairs) -> Asking:
    del fields
    demand = _demand(session, request, DemandKind.documents, message, RequestStatus.awaiting_documents)
    return Asking(demand, _document_items(session, documents), _named(session, documents))


def _correction(session: Session, request: EnrolmentRequest, message: str, fields: Pairs, documents: Pairs) -> Asking:
    application = application_of(session, request, {}, {})
    items = tuple(
        DemandItem(field=name, reason=reason or None, old_value=shown_of(application, name)) for name, reason in fields
    )
    demand = _demand(session, request, DemandKind.correction, message, RequestStatus.awaiting_correction)
    said = tuple((label_of(name), reason) for name, reason in fields)
    return Asking(demand, (*items, *_document_items(session, documents)), (*said, *_named(session, documents)))


def _certificates(session: Session, request: EnrolmentRequest, message: str, fields: Pairs, documents: Pairs) -> Asking:
    """After a partial validation. What is due is read from the rules when the vendor deposits: no point is written."""
    del message, fields, documents
    demand = _demand(session, request, DemandKind.certificates, "", RequestStatus.awaiting_certificates)
    return Asking(demand, (), ())


def _certificates_again(
    session: Session, request: EnrolmentRequest, message: str, fields: Pairs, documents: Pairs
) -> Asking:
    """After a refusal: the certificates that are to redo, or all of them when none is marked."""
    del fields, documents
    refused = refused_certificates(session, request)
    demand = _demand(session, request, DemandKind.certificates, message, RequestStatus.awaiting_certificates)
    return Asking(demand, _document_items(session, refused), _named(session, refused))


def refused_certificates(session: Session, request: EnrolmentRequest) -> Pairs:
    """The certificates to give again, with what was said of each."""
    rules = reference.document_rules(session)
    owed = {item.kind.code for item in owed_later(rules, stored_facts(session, request))}
    rows = session.exec(
        select(DocumentKind.code, Attachment.review, Attachment.review_reason)
        .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(Attachment.request_id == request.id, col(Attachment.replaced_by_id).is_(None))
        .order_by(col(Attachment.id))
    ).all()
    given = [(code, review, reason or "") for code, review, reason in rows if code in owed]
    marked = tuple((code, reason) for code, review, reason in given if review is ReviewState.to_redo)
    return marked or tuple((code, "") for code, _, _ in given)


def _demand(
    session: Session, request: EnrolmentRequest, kind: DemandKind, message: str, status: RequestStatus
) -> Demand:
    return Demand(request_id=request.id, kind=kind, message=message or None, due_on=notices.deadline(session, status))


def _document_items(session: Session, documents: Pairs) -> tuple[DemandItem, ...]:
    kinds = {kind.code: kind.id for kind in reference.document_kinds(session)}
    return tuple(DemandItem(document_kind_id=kinds[code], reason=note or None) for code, note in documents)


def _named(session: Session, documents: Pairs) -> Pairs:
    names = {kind.code: kind.name for kind in reference.document_kinds(session)}
    return tuple((names[code], note) for code, note in documents)


_Maker = Callable[[Session, EnrolmentRequest, str, Pairs, Pairs], Asking]
_MAKERS: Mapping[Verb, _Maker] = {
    Verb.ask_documents: _documents,
    Verb.ask_correction: _correction,
    Verb.validate_partially: _certificates,
    Verb.refuse_certificate: _certificates_again,
}
