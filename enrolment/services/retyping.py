"""A stored request as if it were being typed: what a correction edits, and what a new deposit starts from.

The same rules then judge it as judge a draft. Nothing is written here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment.application.questions import CONFIRMATIONS, questions
from enrolment.application.state import Application, Lookup, StoredFile
from enrolment.documents import Facts, due
from enrolment.registries.company import Company
from enrolment.services import reference
from enrolment.services.notices import stored_facts
from enrolment.services.recaps import stored_values
from schema.describe import FieldKind, FieldSpec
from schema.enums import ReferencingStatus, RequestKind, RequestStatus
from schema.tables import Attachment, DocumentKind, EnrolmentRequest, Provider

_WITH_CERTIFICATES = frozenset({RequestStatus.awaiting_certificates, RequestStatus.certificates_to_review})


def answers_of(session: Session, request: EnrolmentRequest) -> dict[str, str]:
    """The answers of a stored request by question name, each as its vendor would type it."""
    values = stored_values(session, request)
    answers = {
        item.name: as_typed(item.spec, values[item.name]) for item in questions() if values.get(item.name) is not None
    }
    return with_confirmations(answers)


def as_typed(spec: FieldSpec, value: Any) -> str:
    """A stored value as a form holds it. `spec.clean` gives the value back."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if spec.enum is not None:
        return str(spec.enum(value).value)
    return str(value) if spec.kind is FieldKind.reference else spec.show(value)


def with_confirmations(answers: Mapping[str, str]) -> dict[str, str]:
    """The answers with each mail address confirmed by itself."""
    return {**answers, **{name: answers[target] for name, target in CONFIRMATIONS.items() if target in answers}}


def application_of(
    session: Session,
    request: EnrolmentRequest,
    changes: Mapping[str, str],
    files: Mapping[str, StoredFile],
) -> Application:
    """A stored request with other answers and more files, by kind: what the rules of the form can judge."""
    answers = with_confirmations({**answers_of(session, request), **changes})
    provider = session.get_one(Provider, request.provider_id)
    software = reference.software(session, answers["referencing.ans_number"])
    assert software is not None  # noqa: S101  The request refers to it.
    facts = stored_facts(session, request)
    is_early = request.is_early and not {request.status, request.asked_from} & _WITH_CERTIFICATES
    company = Company(provider.siret, provider.siren, provider.registry_name, is_open=True)
    application = Application(
        kind=request.kind,
        answers=answers,
        # The number is held by this very request, and the ANS may have answered since the deposit.
        software=dataclasses.replace(
            software,
            held_by=None,
            status=ReferencingStatus.pending if is_early else ReferencingStatus.validated,
        ),
        lookup=Lookup(provider.siret, provider.registry_outcome, company if provider.registry_name else None),
        files={**stored_files(session, Attachment.request_id == request.id), **files},
        bank_overrides=reference.bank_overrides(session),
        street_types=reference.street_types(session),
        known=_known(request, facts),
        first_of_wave=facts.first_of_wave,
    )
    return dataclasses.replace(application, due=due(reference.document_rules(session), application.facts()))


def _known(request: EnrolmentRequest, facts: Facts) -> dict[str, Any]:
    """What a complementary request did not ask again, and the rules look at."""
    if request.kind is RequestKind.initial:
        return {}
    return {"request.is_representative": request.is_representative, "depositary.quality": facts.quality}


def stored_files(session: Session, *owner: Any) -> dict[str, StoredFile]:
    """The files in force that an owner holds, by kind: the newest of each."""
    rows = session.execute(
        sa.select(Attachment, col(DocumentKind.code))
        .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(*owner, col(Attachment.replaced_by_id).is_(None))
        .order_by(col(Attachment.id))
    )
    return {
        code: StoredFile(row.id, row.public_id, code, row.file_name, row.size, row.content_type) for row, code in rows
    }
