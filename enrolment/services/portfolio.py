"""What an account may see: the companies it acts for and their requests, and nothing of anybody else (rule A5)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from schema.tables import AccountProvider, EnrolmentRequest, Profile, Provider, Referencing


@dataclass(frozen=True)
class RequestLine:
    """One line of « Gérer mes demandes d'enrôlement » (rule A1)."""

    request: EnrolmentRequest
    siret: str
    software: str
    profile: str | None


@dataclass(frozen=True)
class Company:
    """A company that the account acts for."""

    name: str
    siret: str


def owns(session: Session, account_id: int, public_id: str) -> bool:
    """Whether a request belongs to a company that the account acts for. One query."""
    found = session.execute(
        sa.select(col(EnrolmentRequest.id))
        .join(AccountProvider, col(AccountProvider.provider_id) == col(EnrolmentRequest.provider_id))
        .where(col(EnrolmentRequest.public_id) == public_id, col(AccountProvider.account_id) == account_id)
    ).first()
    return found is not None


def companies(session: Session, account_id: int) -> tuple[Company, ...]:
    """The companies of an account, each SIRET once, as last declared."""
    rows = session.execute(
        sa.select(col(Provider.siret), col(Provider.legal_name))
        .join(AccountProvider, col(AccountProvider.provider_id) == Provider.id)
        .where(col(AccountProvider.account_id) == account_id)
        .order_by(col(Provider.id))
    )
    by_siret = dict(rows.tuples().all())
    return tuple(Company(name, siret) for siret, name in by_siret.items())


def requests(session: Session, account_id: int) -> tuple[RequestLine, ...]:
    """The requests of the companies of an account, newest first. One query."""
    rows = session.execute(
        sa.select(EnrolmentRequest, col(Provider.siret), Referencing, col(Profile.name))
        .join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
        .join(AccountProvider, col(AccountProvider.provider_id) == Provider.id)
        .join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
        .outerjoin(Profile, col(Referencing.profile_id) == Profile.id)
        .where(col(AccountProvider.account_id) == account_id)
        .order_by(col(EnrolmentRequest.submitted_at).desc(), col(EnrolmentRequest.id).desc())
    )
    return tuple(
        RequestLine(request, siret, f"{referencing.software_name} {referencing.software_version}", profile)
        for request, siret, referencing, profile in rows
    )
