"""Values that are not in the normal form of their column: a phone number with dots, a name with two spaces.

The type of the column decides (`schema.types`): what it would write otherwise is found, and proposed. A value that its
type refuses altogether is not: nobody can say what it should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.doctor.check import Check, Severity
from enrolment.doctor.proposing import Proposer, Ready, Row, by_proposals, cleaned, one_by_one
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, fields
from schema.tables import BankAccount, Person, Provider, Referencing

_DIGITS = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORDINARY = _CAPITALS + _CAPITALS.lower() + _DIGITS + " -'.,&()/+@:" + "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆ"
# What each type is written with once it is in its normal form; a value of these alone, without spaces too many, is
# not looked at any further.
_WRITTEN_WITH: Mapping[str, str] = {
    "phone": "+" + _DIGITS,
    "siret": _DIGITS,
    "post_code": _DIGITS,
    "iban": _CAPITALS + _DIGITS,
    "bic": _CAPITALS + _DIGITS,
    "street_number": _DIGITS,
}


def _columns(model: type[Table]) -> tuple[FieldSpec, ...]:
    return tuple(
        spec
        for spec in fields(model)
        if spec.meta.correctable and spec.kind is FieldKind.text and spec.field_type is not None
    )


def _suspect(spec: FieldSpec) -> sa.ColumnElement[bool]:
    """Whether a value may not be in its normal form, as both engines can tell it: the type itself then judges."""
    assert spec.field_type is not None  # noqa: S101  The columns were chosen so.
    column = table_of(spec.model).c[spec.name]
    name = spec.field_type.name
    other_letters = sa.func.ltrim(column, _WRITTEN_WITH.get(name, _ORDINARY)) != ""
    suspect = [other_letters]
    if name == "phone":
        suspect.append(~column.like("+%"))
    elif name == "street_number":
        suspect.append(column.like("0%"))
    elif name == "email":
        suspect += [column != sa.func.lower(column), column.like("% %")]
    elif name not in _WRITTEN_WITH:
        suspect += [column.like("%  %"), column.like(" %"), column.like("% ")]
    return sa.and_(column.is_not(None), sa.or_(*suspect))


def _proposer(model: type[Table]) -> Proposer:
    columns = _columns(model)
    names = tuple(spec.name for spec in columns)

    def start(session: Session) -> Ready:
        del session

        def propose(row: Row) -> dict[str, Any]:
            return {
                spec.name: value
                for spec in columns
                if row[spec.name] and (value := cleaned(spec, row[spec.name])) and value != row[spec.name]
            }

        return Ready(one_by_one(propose), (sa.or_(*map(_suspect, columns)),))

    return Proposer(table_of(model).name, names, names, start)


def _check(model: type[Table], said: str) -> Check:
    proposer = _proposer(model)
    return Check(
        f"{proposer.table}_not_normal",
        Severity.note,
        said,
        "Préparez une correction : chaque valeur est remise dans la forme de sa colonne, sans changer ce qu'elle dit.",
        by_proposals(proposer),
        table=proposer.table,
        every=timedelta(hours=24),
        proposer=proposer,
    )


CHECKS = (
    _check(Provider, "Fournisseurs dont une valeur n'est pas dans la forme de sa colonne"),
    _check(Person, "Personnes dont un nom, un mail ou un téléphone n'est pas dans la forme de sa colonne"),
    _check(BankAccount, "Coordonnées bancaires dont une valeur n'est pas dans la forme de sa colonne"),
    _check(Referencing, "Référencements dont une valeur n'est pas dans la forme de sa colonne"),
)
