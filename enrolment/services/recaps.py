"""The data of a stored request, as the form asked it: for mails, the status page and the case manager."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, select

from enrolment.application.questions import questions
from enrolment.application.recap import RecapSection, of_values
from enrolment.services import reference
from enrolment.services.people import people_of
from schema.base import Table
from schema.enums import PersonRole
from schema.tables import BankAccount, EnrolmentRequest, Provider, Referencing


def recap_of(session: Session, request: EnrolmentRequest) -> tuple[RecapSection, ...]:
    """Everything that the vendor declared, section by section."""
    return of_values(stored_values(session, request), reference.street_types(session))


def stored_values(session: Session, request: EnrolmentRequest) -> dict[str, Any]:
    """The stored values of a request by question name; questions that did not apply are absent."""
    people = people_of(session, request.provider_id)
    bank = session.exec(select(BankAccount).where(BankAccount.provider_id == request.provider_id)).first()
    rows: dict[str, Table | None] = {
        "referencing": session.get_one(Referencing, request.referencing_id),
        "request": request,
        "provider": session.get_one(Provider, request.provider_id),
        "representative": people.get(PersonRole.representative),
        "depositary": people.get(PersonRole.depositary),
        "bank": bank,
    }
    values: dict[str, Any] = {}
    for item in questions():
        row = rows[item.section.prefix]
        if row is not None:
            values[item.name] = getattr(row, item.spec.name)
    return values
