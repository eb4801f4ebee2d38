"""Reads the reference tables in the form that rules want: software, document rules, banks, legal texts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.application.state import Software
from enrolment.documents import CONDITIONS, Kind, Rule
from enrolment.errors import DomainError
from enrolment.services.remembered import Remembered
from schema.enums import ENDED, LegalTextKind, Step
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


# Columns, not rows of the session: nearly every page of the form asks.
_SOFTWARE = (
    sa.select(
        col(Referencing.id),
        col(Referencing.ans_number),
        col(Referencing.software_name),
        col(Referencing.software_version),
        col(Referencing.publisher_name),
        col(Referencing.status),
        col(Dsr.id).label("dsr_id"),
        col(Dsr.name).label("dsr_name"),
        col(Dsr.needs_hds),
        col(Dsr.enrolment_opens_at),
        col(Dsr.closes_at),
        col(Wave.id).label("wave_id"),
        col(Wave.name).label("wave_name"),
        col(Wave.opens_at).label("wave_opens_at"),
        col(Wave.closes_at).label("wave_closes_at"),
        col(Profile.name).label("profile_name"),
        col(EnrolmentRequest.number).label("held_by"),
    )
    .join_from(Referencing, Dsr, col(Referencing.dsr_id) == Dsr.id)
    .join(Wave, col(Dsr.wave_id) == Wave.id)
    .outerjoin(Profile, col(Referencing.profile_id) == Profile.id)
    # At most one (rule R2).
    .outerjoin(
        EnrolmentRequest,
        sa.and_(col(EnrolmentRequest.referencing_id) == Referencing.id, col(EnrolmentRequest.status).not_in(ENDED)),
    )
    .where(col(Referencing.ans_number) == sa.bindparam("number"))
)


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
    found = session.execute(_SOFTWARE, {"number": number}).first()
    if found is None:
        return None
    opens_at = max(found.wave_opens_at, found.enrolment_opens_at)
    closings = [moment for moment in (found.wave_closes_at, found.closes_at) if moment is not None]
    return Software(
        referencing_id=found.id,
        ans_number=found.ans_number,
        name=found.software_name,
        version=found.software_version,
        publisher=found.publisher_name,
        dsr_id=found.dsr_id,
        dsr_name=found.dsr_name,
        profile_name=found.profile_name,
        wave_id=found.wave_id,
        wave_name=found.wave_name,
        needs_hds=found.needs_hds,
        status=found.status,
        opens_at=opens_at,
        closes_at=min(closings) if closings else None,
        held_by=found.held_by,
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
    steps = list(Step)
    return tuple(sorted((_kind(row) for row in rows), key=lambda kind: (steps.index(kind.step), kind.position)))


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
