"""Bank details whose IBAN and BIC do not go together, or whose stored check says otherwise than the list of banks.

Banks are judged in Python, once per pair of bank and BIC: there are few of them, however many accounts there are.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import col, select

from enrolment.doctor.check import MOST, Check, Context, Key, Keys, Severity
from enrolment.services import reference
from schema.base import table_of
from schema.enums import BankCheck
from schema.tables import BankAccount
from schema.types import Level, bank_coherence

_BANK = table_of(BankAccount).c
# Country, key, and more than any country gives to the code of a bank.
_PREFIX = 14
_ANSWER = {Level.ok: BankCheck.coherent, Level.warning: BankCheck.unknown_bank}


def _levels(context: Context, keys: Keys | None) -> Iterator[tuple[str, str, Level | None]]:
    """Each start of an IBAN with each BIC that goes with it, and how far they agree; None for what is no IBAN."""
    overrides = reference.bank_overrides(context.session)
    start = sa.func.substr(_BANK.iban, 1, _PREFIX)
    statement = sa.select(start, _BANK.bic, sa.func.min(_BANK.iban)).group_by(start, _BANK.bic)
    if keys is not None:
        statement = statement.where(_BANK.id.in_(list(keys)))
    for prefix, bic, iban in context.session.execute(statement):
        try:
            yield prefix, bic, bank_coherence(iban, bic, overrides).level
        except ValueError:
            yield prefix, bic, None


def _rows(context: Context, prefix: str, bic: str, keys: Keys | None, *conditions: sa.ColumnElement[bool]) -> list[Key]:
    statement = sa.select(_BANK.id).where(
        _BANK.iban >= prefix, _BANK.iban < prefix + "\uffff", _BANK.bic == bic, *conditions
    )
    if keys is not None:
        statement = statement.where(_BANK.id.in_(list(keys)))
    return list(context.session.execute(statement.limit(MOST + 1)).scalars())


def _incoherent(context: Context, keys: Keys | None) -> Iterator[Key]:
    for prefix, bic, level in _levels(context, keys):
        if level not in _ANSWER:
            yield from _rows(context, prefix, bic, keys)


def _stale(context: Context, keys: Keys | None) -> Iterator[Key]:
    for prefix, bic, level in _levels(context, keys):
        if level in _ANSWER:
            yield from _rows(context, prefix, bic, keys, _BANK.bank_check != _ANSWER[level])


def _judge_again(context: Context, key: Key) -> None:
    row = context.session.exec(select(BankAccount).where(col(BankAccount.id) == key)).one()
    level = bank_coherence(row.iban, row.bic, reference.bank_overrides(context.session)).level
    row.bank_check = _ANSWER[level]


CHECKS = (
    Check(
        "bank_incoherent",
        Severity.error,
        "Coordonnées bancaires dont le BIC n'est pas celui de la banque de l'IBAN",
        "Corrigez-les d'après le RIB : un virement échouerait.",
        _incoherent,
        table="bank_account",
    ),
    Check(
        "bank_check_stale",
        Severity.note,
        "Coordonnées bancaires dont le contrôle enregistré n'est plus celui de la liste des banques",
        "Recalculez le contrôle : la liste des banques ou ses corrections ont changé depuis le dépôt.",
        _stale,
        table="bank_account",
        repair=_judge_again,
        repair_label="Recalculer le contrôle",
    ),
)
