"""A vendor that may ask for financing, and the two files that it gives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from enrolment.portal import Portal
from enrolment.services import financing, financing_files
from enrolment.services.financing_files import Given, Pair
from schema.enums import ActorKind, Verb
from schema.history import Actor
from schema.tables import Dsr, EnrolmentRequest, FinancingRequest, Provider, Referencing
from tests.enrolment.financing.files import a_file, changed, written
from tests.stories import MANAGER, a_pdf, decide, enrol, new_number

VENDOR = Actor(ActorKind.vendor, None, "Claire Lefèvre")


def validated(portal: Portal, **vendor: str) -> EnrolmentRequest:
    """A validated enrolment, with its account, whose DSR has opened financing."""
    with portal.database.writing(MANAGER) as session:
        session.execute(sa.update(Dsr).values(advance_opens_at=datetime(2025, 1, 6, 13, tzinfo=UTC)))
    return decide(portal, enrol(portal, **vendor).id, Verb.validate)


def partly_validated(portal: Portal) -> EnrolmentRequest:
    """An early enrolment, validated in part."""
    request = enrol(portal, ans_number=new_number(portal, validated=False))
    return decide(portal, request.id, Verb.validate_partially)


def file_for(portal: Portal, request: EnrolmentRequest, *, lines: int = 3) -> dict[str, Any]:
    """A valid file for an enrolment."""
    with portal.database.reading() as session:
        number = session.get_one(Referencing, request.referencing_id).ans_number
        siret = session.get_one(Provider, request.provider_id).siret
    content = a_file(lines)
    content["entete"] |= {"numero_ans": number, "siret_fournisseur": siret}
    return content


def archive(documents: Mapping[str, bytes] | None = None) -> bytes:
    """A ZIP of documents."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in (documents or {"facture 1.pdf": a_pdf(), "facture 2.pdf": a_pdf()}).items():
            writer.writestr(name, content)
    return kept.getvalue()


def given(name: str, content: bytes) -> Given:
    """A file as it came."""
    return Given(name, len(content), io.BytesIO(content))


def account_of(request: EnrolmentRequest) -> int:
    """The account of an enrolment."""
    assert request.account_id is not None
    return request.account_id


def pair_for(portal: Portal, request: EnrolmentRequest, content: dict[str, Any] | None = None) -> Pair:
    """Both files, checked and stored."""
    with portal.database.reading() as session:
        rules = financing.rules(session, account_of(request))
        limits = financing_files.sizes(session)
    raw = written(content or file_for(portal, request))
    return financing_files.take(
        portal.storage, rules, limits, given("financement.json", raw), given("preuves.zip", archive()), None
    )


def deposited(portal: Portal, request: EnrolmentRequest, reference: str = "FAC-2025-000000") -> FinancingRequest:
    """A financing request; another reference makes another file."""
    content = changed(file_for(portal, request), "prestations", 0, "reference", value=reference)
    pair = pair_for(portal, request, content)
    with portal.database.writing(VENDOR) as session:
        return financing.deposit(session, VENDOR, account_of(request), request.public_id, pair, portal.addresses)
