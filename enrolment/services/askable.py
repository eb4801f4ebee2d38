"""Which documents a request may be asked for: never a certificate while the ANS has not validated (rule E1)."""

from __future__ import annotations

import dataclasses

from sqlmodel import Session

from enrolment.documents import Facts, Kind, can_be_asked
from enrolment.services import reference
from enrolment.services.notices import stored_facts
from schema.enums import RequestStatus
from schema.tables import EnrolmentRequest


def present_facts(session: Session, request: EnrolmentRequest) -> Facts:
    """The facts of a request as it stands: an early file owes its certificates from the moment it brings them (E2)."""
    facts = stored_facts(session, request)
    if RequestStatus.certificates_to_review in {request.status, request.asked_from}:
        return dataclasses.replace(facts, referencing_validated=True)
    return facts


def kinds_to_ask(session: Session, request: EnrolmentRequest) -> tuple[Kind, ...]:
    """The kinds of document that the ASP may ask for, in the order of the form."""
    rules = reference.document_rules(session)
    facts = present_facts(session, request)
    return tuple(kind for kind in reference.document_kinds(session) if can_be_asked(rules, kind.code, facts))
