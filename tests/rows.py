"""Rows that many tests need, written straight into the tables. Stories of people go through the services instead."""

import itertools
from typing import Any

from sqlmodel import Session, select

from schema.enums import PersonRole, ReferencingStatus, RegistryOutcome, RequestKind
from schema.tables import BankAccount, Dsr, EnrolmentRequest, Person, Provider, Referencing, StreetType

SIRET = "73282932000074"
IBAN = "FR7630006000011234567890189"
_count = itertools.count(1)


def add_referencing(
    session: Session, number: str = "", *, needs_hds: bool = False, validated: bool = True
) -> Referencing:
    """A referencing of the first DSR that fits."""
    dsr = session.exec(select(Dsr).where(Dsr.needs_hds == needs_hds)).first()
    assert dsr is not None
    row = Referencing(
        ans_number=number or f"ANS-TEST-{next(_count):05d}",
        software_name="Dossier Patient Alizé",
        software_version="4.2",
        publisher_name="Alizé Santé",
        dsr_id=dsr.id,
        status=ReferencingStatus.validated if validated else ReferencingStatus.pending,
    )
    session.add(row)
    session.flush()
    return row


def add_provider(session: Session, siret: str = SIRET) -> Provider:
    """A provider with its representative and its bank account."""
    street_type = session.exec(select(StreetType).where(StreetType.code == "RUE")).one()
    provider = Provider(
        siret=siret,
        legal_name="Alizé Santé",
        trade_name="Alizé",
        street_number="12",
        street_type_id=street_type.id,
        street_name="des Lilas",
        post_code="69003",
        city="Lyon",
        registry_outcome=RegistryOutcome.found,
    )
    session.add(provider)
    session.flush()
    session.add(
        Person(
            provider_id=provider.id,
            role=PersonRole.representative,
            last_name="Lefèvre",
            first_name="Claire",
            email=f"claire.lefevre{provider.id}@alize-sante.fr",
            phone="+33478001234",
        )
    )
    session.add(
        BankAccount(
            provider_id=provider.id, iban=IBAN, bic="AGRIFRPPXXX", holder="Alizé Santé", domiciliation="Crédit Agricole"
        )
    )
    session.flush()
    return provider


def add_request(session: Session, **values: Any) -> EnrolmentRequest:
    """An initial request with all that it needs; `values` replace the usual ones."""
    given: dict[str, Any] = {
        "number": f"ENR-2020-{next(_count):06d}",
        "kind": RequestKind.initial,
        **values,
    }
    given.setdefault("referencing_id", None)
    if "status_since" in given:
        given.setdefault("clock_from", given["status_since"])
    if given["referencing_id"] is None:
        given["referencing_id"] = add_referencing(session).id
    if "provider_id" not in given:
        given["provider_id"] = add_provider(session).id
    request = EnrolmentRequest(**given)
    session.add(request)
    session.flush()
    return request
