"""The data of a stored request, as the form asked it: for mails, the status page and the case manager."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from enrolment.application.questions import question, questions
from enrolment.application.recap import RecapSection, of_values
from enrolment.services import reference
from enrolment.services.people import people_of
from enrolment.typography import NO_BREAK
from schema.base import Table
from schema.enums import PersonRole, RequestKind
from schema.tables import Attachment, BankAccount, DocumentKind, EnrolmentRequest, Provider, Referencing


def recap_of(session: Session, request: EnrolmentRequest) -> tuple[RecapSection, ...]:
    """Everything that the vendor declared with this request, section by section."""
    return of_values(declared_values(session, request), reference.street_types(session))


def declared_values(session: Session, request: EnrolmentRequest) -> dict[str, Any]:
    """The stored values that this very request asked for: a complementary one asks little again (A2)."""
    values = stored_values(session, request)
    if request.kind is RequestKind.initial:
        return values
    return {item.name: values[item.name] for item in questions() if item.spec.meta.each_request and item.name in values}


def mailed_recap(session: Session, request: EnrolmentRequest) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The recap as a mail may carry it: the files by name, and of the IBAN what lets its owner recognise it."""
    iban = question("bank.iban").label
    sections = [
        (
            section.title,
            tuple((_before(label), _masked(value) if label == iban else value) for label, value in section.lines),
        )
        for section in recap_of(session, request)
    ]
    files = session.exec(
        select(DocumentKind.name, Attachment.file_name)
        .join(Attachment, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(Attachment.request_id == request.id, col(Attachment.replaced_by_id).is_(None))
        .order_by(col(Attachment.id))
    ).all()
    return (*sections, ("Pièces jointes", tuple((_before(kind), name) for kind, name in files)))


def _before(label: str) -> str:
    """A label as it stands before its value; a question ends with its own mark."""
    return label if label.endswith("?") else f"{label}{NO_BREAK}:"


def _masked(iban: str) -> str:
    """« FR76 … 0189 »."""
    plain = "".join(iban.split())
    return f"{plain[:4]} … {plain[-4:]}"


def stored_values(session: Session, request: EnrolmentRequest) -> dict[str, Any]:
    """The stored values of a request by question name; questions that did not apply are absent."""
    rows = rows_of(session, request)
    values: dict[str, Any] = {}
    for item in questions():
        row = rows[item.section.prefix]
        if row is not None:
            values[item.name] = getattr(row, item.spec.name)
    return values


def rows_of(session: Session, request: EnrolmentRequest) -> dict[str, Table | None]:
    """The rows that hold the answers of a request, by section of the form; None where the section did not apply."""
    people = people_of(session, request.provider_id)
    bank = session.exec(select(BankAccount).where(BankAccount.provider_id == request.provider_id)).first()
    return {
        "referencing": session.get_one(Referencing, request.referencing_id),
        "request": request,
        "provider": session.get_one(Provider, request.provider_id),
        "representative": people.get(PersonRole.representative),
        "depositary": people.get(PersonRole.depositary),
        "bank": bank,
    }
