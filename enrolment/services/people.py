"""Who stands behind a request: its people, and the one that all mail goes to (rule D5)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from schema.enums import PersonRole
from schema.tables import Account, EnrolmentRequest, Person


@dataclass(frozen=True)
class Correspondent:
    """The person that mails are addressed to."""

    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


def people_of(session: Session, provider_id: int) -> dict[PersonRole, Person]:
    """The people of a provider by role."""
    return {row.role: row for row in session.exec(select(Person).where(Person.provider_id == provider_id))}


def account_person(session: Session, request: EnrolmentRequest) -> Person:
    """The person in whose name the account is: the representative, or the depositary when it files (D5)."""
    role = PersonRole.representative if request.is_representative else PersonRole.depositary
    return people_of(session, request.provider_id)[role]


def correspondent(session: Session, request: EnrolmentRequest) -> Correspondent:
    """Who all mail goes to: the account once there is one, else the person it will be opened for."""
    holder: Account | Person
    if request.account_id is not None:
        holder = session.get_one(Account, request.account_id)
    else:
        holder = account_person(session, request)
    return Correspondent(holder.first_name, holder.last_name, holder.email)
