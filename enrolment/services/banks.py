"""What can be said of an IBAN and a BIC while they are being typed. Nothing is kept here."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from enrolment.application.questions import question
from enrolment.services import reference
from schema.types import InvalidValue, Level, bank_coherence, bank_of

IBAN, BIC, DOMICILIATION = "bank.iban", "bank.bic", "bank.domiciliation"


@dataclass(frozen=True)
class BankCheck:
    """A French sentence on what was typed, and the bank's name when it is known."""

    is_right: bool
    message: str
    bank_name: str = ""


def check(session: Session, typed_iban: str, typed_bic: str) -> BankCheck:
    """Judge an IBAN and a BIC together, or the one that is there."""
    try:
        if not typed_iban.strip():
            question(BIC).spec.clean(typed_bic)
            return BankCheck(is_right=True, message="BIC valable.")
        iban = question(IBAN).spec.clean(typed_iban)
        bic = question(BIC).spec.clean(typed_bic) if typed_bic.strip() else None
    except InvalidValue as error:
        return BankCheck(is_right=False, message=error.message)
    overrides = reference.bank_overrides(session)
    bank = bank_of(iban, overrides)
    name = bank.name if bank else ""
    if bic is None:
        said = f"IBAN valable, banque : {name}." if name else "IBAN valable, d'une banque que nous ne connaissons pas."
        return BankCheck(is_right=True, message=said, bank_name=name)
    coherence = bank_coherence(iban, bic, overrides)
    message = coherence.message or f"IBAN et BIC cohérents, banque : {name}."
    return BankCheck(is_right=coherence.level is not Level.error, message=message, bank_name=name)


def fill_domiciliation(session: Session, typed: dict[str, str]) -> None:
    """Complete what was typed with the bank's name, when it was left empty and the IBAN tells it."""
    if typed.get(DOMICILIATION, "").strip() or IBAN not in typed:
        return
    try:
        iban = question(IBAN).spec.clean(typed[IBAN])
    except InvalidValue:
        return
    bank = bank_of(iban, reference.bank_overrides(session))
    if bank is not None:
        typed[DOMICILIATION] = bank.name
