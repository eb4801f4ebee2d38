"""Writes the mails of a request's life: what each message says of this request. Sending is the outbox's work."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlmodel import Session, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.documents import Due, Facts, owed_later
from enrolment.mail import messages
from enrolment.services import complementing, reference
from enrolment.services.people import correspondent
from enrolment.services.recaps import mailed_recap
from enrolment.wording import enrolment_type
from schema.enums import PersonRole, RequestKind, RequestStatus
from schema.tables import Deadline, Demand, EnrolmentRequest, Person, Provider, Referencing

Pairs = tuple[tuple[str, str], ...]


def about(session: Session, request: EnrolmentRequest, addresses: Addresses) -> dict[str, Any]:
    """What every mail about a request begins with."""
    referencing = session.get_one(Referencing, request.referencing_id)
    return {
        "person_name": correspondent(session, request).name,
        "support_link": addresses.assistance(request.number),
        "request_number": request.number,
        "software_name": referencing.software_name,
        "software_version": referencing.software_version,
    }


def acknowledgement(session: Session, request: EnrolmentRequest, addresses: Addresses) -> messages.Acknowledgement:
    """The receipt that French law asks for (rule M4)."""
    return messages.Acknowledgement(
        **about(session, request, addresses),
        received_at=request.submitted_at,
        enrolment_type=enrolment_type(request.kind, is_early=request.is_early),
        is_early=request.is_early,
        status_link=addresses.status(request),
        service_name=parameters.text(session, "asp_service"),
        service_address=parameters.text(session, "asp_address"),
        service_email=parameters.text(session, "asp_email"),
        service_phone=parameters.text(session, "asp_phone"),
        silence_rule=parameters.text(session, "silence_rule"),
        recap=mailed_recap(session, request),
    )


def validation(session: Session, request: EnrolmentRequest, addresses: Addresses, message: str) -> messages.Validation:
    """The request is validated."""
    return messages.Validation(
        **about(session, request, addresses),
        opens_account=request.account_id is None,
        message=message,
        sign_in_link=addresses.sign_in(),
    )


def partial_validation(
    session: Session, request: EnrolmentRequest, addresses: Addresses, message: str
) -> messages.PartialValidation:
    """The early request is validated in part, with the documents still due."""
    return messages.PartialValidation(
        **about(session, request, addresses),
        documents=certificates_due(session, request),
        due_on=deadline(session, RequestStatus.awaiting_certificates),
        opens_account=request.account_id is None,
        message=message,
        sign_in_link=addresses.sign_in(),
    )


def rejection(session: Session, request: EnrolmentRequest, addresses: Addresses, reason: str) -> messages.Rejection:
    """The request is refused, with the reason."""
    return messages.Rejection(
        **about(session, request, addresses),
        reason=reason,
        appeal_rule=parameters.text(session, "appeal_rule"),
        resubmit_link=addresses.resubmit(request),
        status_link=addresses.status(request),
    )


def documents_asked(
    session: Session,
    request: EnrolmentRequest,
    addresses: Addresses,
    message: str,
    documents: Pairs,
    demand: Demand,
) -> messages.DocumentsAsked:
    """More documents are asked. `documents` are (name, note) pairs."""
    return messages.DocumentsAsked(
        **about(session, request, addresses),
        documents=documents,
        message=message,
        due_on=demand.due_on,
        action_link=addresses.answer(demand),
    )


def correction_asked(
    session: Session,
    request: EnrolmentRequest,
    addresses: Addresses,
    message: str,
    corrections: Pairs,
    demand: Demand,
) -> messages.CorrectionAsked:
    """Answers and documents are to correct. `corrections` are (label, reason) pairs."""
    return messages.CorrectionAsked(
        **about(session, request, addresses),
        corrections=corrections,
        message=message,
        due_on=demand.due_on,
        action_link=addresses.answer(demand),
    )


def certificate_refused(
    session: Session,
    request: EnrolmentRequest,
    addresses: Addresses,
    reason: str,
    documents: Pairs,
    demand: Demand,
) -> messages.CertificateRefused:
    """Certificates are to give again. `documents` are (name, what was said of it) pairs."""
    return messages.CertificateRefused(
        **about(session, request, addresses),
        reason=reason,
        documents=tuple(name for name, _ in documents),
        due_on=demand.due_on,
        action_link=addresses.answer(demand),
    )


def demand_cancelled(
    session: Session, request: EnrolmentRequest, addresses: Addresses, message: str, items: tuple[str, ...]
) -> messages.DemandCancelled:
    """The ASP asks no more."""
    status = request.asked_from or request.status
    return messages.DemandCancelled(
        **about(session, request, addresses),
        items=items,
        message=message,
        status_label=status.label,
        status_link=addresses.status(request),
    )


def certificates_due(session: Session, request: EnrolmentRequest) -> tuple[str, ...]:
    """What an early request still owes once the ANS validates it (rule E2), in words.

    The HDS document depends on an answer that the vendor gives later: both possibilities are named.
    """
    rules = reference.document_rules(session)
    facts = stored_facts(session, request)
    either = {
        answer: owed_later(rules, dataclasses.replace(facts, hosts_health_data=answer)) for answer in (True, False)
    }
    common = [item.kind.name for item in either[True] if item.kind.code in _codes(either[False])]
    hosting = [item.kind.name for item in either[True] if item.kind.code not in _codes(either[False])]
    not_hosting = [item.kind.name for item in either[False] if item.kind.code not in _codes(either[True])]
    if hosting or not_hosting:
        common.append(" ou ".join(hosting + not_hosting))
    return tuple(common)


def stored_facts(session: Session, request: EnrolmentRequest) -> Facts:
    """What the document rules look at, for a stored request."""
    referencing = session.get_one(Referencing, request.referencing_id)
    software = reference.software(session, referencing.ans_number)
    assert software is not None  # noqa: S101  The row was just read.
    depositary = session.exec(
        select(Person).where(Person.provider_id == request.provider_id, Person.role == PersonRole.depositary)
    ).first()
    return Facts(
        wave_id=software.wave_id,
        dsr_id=software.dsr_id,
        request_kind=request.kind,
        referencing_validated=not request.is_early,
        needs_hds=software.needs_hds,
        hosts_health_data=request.hosts_health_data,
        legal_name_changed=request.legal_name_changed,
        is_distributor=request.is_distributor,
        is_representative=request.is_representative,
        quality=depositary.quality if depositary else None,
        vat_liable=request.vat_liable,
        first_of_wave=_first_of_wave(session, request, software.wave_id),
    )


def _first_of_wave(session: Session, request: EnrolmentRequest, wave_id: int) -> bool | None:
    """Rule C1, for a request that was filed: None for an initial one, which is not asked."""
    if request.kind is not RequestKind.complementary or request.account_id is None:
        return None
    siren = session.get_one(Provider, request.provider_id).siren
    return complementing.is_first_of_wave(session, request.account_id, siren, wave_id, before=request.id)


def deadline(session: Session, status: RequestStatus) -> date | None:
    """The last day to act in a status entered today; None when no delay is set."""
    row = session.exec(select(Deadline).where(Deadline.status == status)).first()
    return clock.in_days(row.days) if row else None


def _codes(items: Iterable[Due]) -> set[str]:
    return {item.kind.code for item in items}
