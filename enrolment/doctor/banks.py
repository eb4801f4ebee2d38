"""Bank details whose IBAN and BIC do not go together, or whose stored check says otherwise than the list of banks.

Banks are judged in Python, once per pair of bank and BIC: there are few of them, however many accounts there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.doctor.check import MOST, Check, Context, Key, Keys, Severity
from enrolment.doctor.proposing import Proposer, Ready, Row, by_proposals, cleaned, one_by_one
from enrolment.services import reference
from schema.base import table_of
from schema.describe import field
from schema.enums import BankCheck
from schema.folding import fold
from schema.tables import BankAccount
from schema.types import KnownBank, Level, bank_coherence, bank_names, bank_of

_BANK = table_of(BankAccount).c
# Country, key, and more than any country gives to the code of a bank.
_PREFIX = 14
_INSTITUTION = 4
_MOST_REMEMBERED = 100_000
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


class _Banks:
    """The bank of each IBAN and how far the BIC agrees, judged once per pair of bank and BIC."""

    def __init__(self, session: Session) -> None:
        self._overrides = reference.bank_overrides(session)
        self._known: dict[tuple[str, str], tuple[KnownBank | None, Level] | None] = {}

    def of(self, row: Row) -> tuple[KnownBank | None, Level] | None:
        """The bank and the agreement; None for what is no IBAN."""
        key = (row["iban"][:_PREFIX], row["bic"])
        if key not in self._known:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = self._judge(row["iban"], row["bic"])
        return self._known[key]

    def _judge(self, iban: str, bic: str) -> tuple[KnownBank | None, Level] | None:
        try:
            return bank_of(iban, self._overrides), bank_coherence(iban, bic, self._overrides).level
        except ValueError:
            return None


def _right_bic(session: Session) -> Ready:
    """The BIC of the IBAN's bank, where the registry gives one institution only."""
    banks, spec = _Banks(session), field(BankAccount, "bic")

    def propose(row: Row) -> dict[str, Any]:
        bank, level = banks.of(row) or (None, None)
        if bank is None or level in _ANSWER or len({bic[:_INSTITUTION] for bic in bank.bics}) != 1:
            return {}
        bic = cleaned(spec, bank.bics[0])
        return {"bic": bic} if bic else {}

    return Ready(one_by_one(propose))


def _right_check(session: Session) -> Ready:
    banks = _Banks(session)

    def propose(row: Row) -> dict[str, Any]:
        _, level = banks.of(row) or (None, None)
        if level not in _ANSWER or row["bank_check"] == _ANSWER[level]:
            return {}
        return {"bank_check": _ANSWER[level]}

    return Ready(one_by_one(propose))


def _right_name(session: Session) -> Ready:
    """The name of the IBAN's bank, where the account bears the name of another known bank."""
    banks, spec = _Banks(session), field(BankAccount, "domiciliation")
    overrides = reference.bank_overrides(session)
    known = {fold(name) for name in (*bank_names(), *(name for name, _ in overrides.values()))}

    def propose(row: Row) -> dict[str, Any]:
        bank, _ = banks.of(row) or (None, None)
        said = fold(row["domiciliation"])
        if bank is None or said not in known or said in fold(bank.name) or fold(bank.name) in said:
            return {}
        name = cleaned(spec, bank.name)
        return {"domiciliation": name} if name else {}

    return Ready(one_by_one(propose))


_READS = ("iban", "bic", "domiciliation", "bank_check")
_BIC = Proposer("bank_account", _READS, ("bic",), _right_bic)
_CHECK = Proposer("bank_account", _READS, ("bank_check",), _right_check)
_NAME = Proposer("bank_account", _READS, ("domiciliation",), _right_name)

CHECKS = (
    Check(
        "bank_incoherent",
        Severity.error,
        "Coordonnées bancaires dont le BIC n'est pas celui de la banque de l'IBAN",
        "Corrigez-les d'après le RIB : un virement échouerait.",
        _incoherent,
        table="bank_account",
        proposer=_BIC,
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
        proposer=_CHECK,
    ),
    Check(
        "bank_named_otherwise",
        Severity.note,
        "Coordonnées bancaires qui portent le nom d'une autre banque que celle de l'IBAN",
        "Corrigez la domiciliation : elle n'a pas suivi un changement d'IBAN.",
        by_proposals(_NAME),
        table="bank_account",
        every=timedelta(hours=24),
        proposer=_NAME,
    ),
)
