"""Reads the reference tables in the form that rules want: software, document rules, banks, legal texts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.application.state import Software
from enrolment.documents import CONDITIONS, Kind, Rule
from enrolment.errors import DomainError
from enrolment.services.remembered import Remembered
from schema.enums import ENDED, LegalTextKind
from schema.tables import (
    BankOverride,
    DocumentKind,
    DocumentRule,
    Dsr,
    EnrolmentRequest,
    LegalText,
    Profile,
    Referencing,
    StreetType,
    Wave,
)
from schema.types import AnsNumber as _AnsNumber
from schema.types import BankOverrides, InvalidValue, field_type_of


class MissingReference(DomainError):
    """Reference data that must exist does not: the administrator has to load it."""

    status = 503


def normalised_ans_number(typed: str) -> str | None:
    """A number as it is stored (rule R3), None when it cannot be one."""
    kind = field_type_of(_AnsNumber)
    assert kind is not None  # noqa: S101  The annotation is ours.
    try:
        return kind.parse(typed)
    except InvalidValue:
        return None


def software(session: Session, typed_number: str) -> Software | None:
    """The referencing of a number, None when it is unknown."""
    number = normalised_ans_number(typed_number)
    if number is None:
        return None
    found = session.exec(
        select(Referencing, Dsr, Wave, Profile)
        .join(Dsr, col(Referencing.dsr_id) == Dsr.id)
        .join(Wave, col(Dsr.wave_id) == Wave.id)
        .outerjoin(Profile, col(Referencing.profile_id) == Profile.id)
        .where(Referencing.ans_number == number)
    ).first()
    if found is None:
        return None
    referencing, dsr, wave, profile = found
    holder = session.exec(
        select(EnrolmentRequest.number).where(
            EnrolmentRequest.referencing_id == referencing.id, col(EnrolmentRequest.status).not_in(ENDED)
        )
    ).first()
    closings = [moment for moment in (wave.closes_at, dsr.closes_at) if moment is not None]
    return Software(
        referencing_id=referencing.id,
        ans_number=referencing.ans_number,
        name=referencing.software_name,
        version=referencing.software_version,
        publisher=referencing.publisher_name,
        dsr_id=dsr.id,
        dsr_name=dsr.name,
        profile_name=profile.name if profile else None,
        wave_id=wave.id,
        wave_name=wave.name,
        needs_hds=dsr.needs_hds,
        status=referencing.status,
        opens_at=max(wave.opens_at, dsr.enrolment_opens_at),
        closes_at=min(closings) if closings else None,
        held_by=holder,
    )


def _document_rules(session: Session) -> tuple[Rule, ...]:
    """The rules « which piece, when » that are in force."""
    rows = session.exec(
        select(DocumentRule, DocumentKind)
        .join(DocumentKind, col(DocumentRule.document_kind_id) == DocumentKind.id)
        .where(col(DocumentRule.active).is_(True), col(DocumentKind.active).is_(True))
        .order_by(col(DocumentRule.id))
    )
    return tuple(
        Rule(
            code=rule.code,
            kind=_kind(kind),
            reason=rule.reason,
            required=rule.required,
            conditions=tuple((name, value) for name in CONDITIONS if (value := getattr(rule, name)) is not None),
        )
        for rule, kind in rows
    )


def _document_kinds(session: Session) -> tuple[Kind, ...]:
    """Every kind of document in use, in the order of the form."""
    rows = session.exec(select(DocumentKind).where(col(DocumentKind.active).is_(True)))
    return tuple(sorted((_kind(row) for row in rows), key=lambda kind: (kind.step, kind.position)))


def _bank_overrides(session: Session) -> BankOverrides:
    """Corrections of the bank list, as `schema.types.bank_coherence` takes them."""
    return {(row.country, row.bank_code): (row.name, row.bic) for row in session.exec(select(BankOverride))}


def _street_types(session: Session) -> dict[str, str]:
    """Names of the street types by key."""
    rows = session.execute(sa.select(col(StreetType.id), col(StreetType.name)).order_by(col(StreetType.name)))
    return {str(key): name for key, name in rows}


def legal_text(session: Session, kind: LegalTextKind, now: datetime) -> LegalText:
    """The version of a text in force at a moment. Raises MissingReference."""
    found = session.exec(
        select(LegalText)
        .where(LegalText.kind == kind.value, col(LegalText.effective_from) <= now)
        .order_by(col(LegalText.effective_from).desc(), col(LegalText.id).desc())
    ).first()
    if found is None:
        raise MissingReference(
            f"Le texte « {kind.label} » n'est pas encore publié. Prévenez l'administrateur du portail."
        )
    return found


def _kind(row: DocumentKind) -> Kind:
    return Kind(
        id=row.id,
        code=row.code,
        name=row.name,
        help=row.help,
        step=row.step,
        position=row.position,
        sensitive=row.sensitive,
        max_bytes=row.max_bytes,
        template_file=row.template_file,
    )


document_rules = Remembered(_document_rules, DocumentRule, DocumentKind)
document_kinds = Remembered(_document_kinds, DocumentKind)
bank_overrides = Remembered(_bank_overrides, BankOverride)
street_types = Remembered(_street_types, StreetType)
