"""Companies whose number is wrong, or whom the registry knows under another name or as closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from enrolment.doctor.check import Check, Context, Severity, by_query
from enrolment.doctor.proposing import Proposer, Ready, Row, by_proposals, cleaned
from enrolment.workflow import FINAL
from schema.base import table_of
from schema.describe import field
from schema.folding import fold
from schema.tables import EnrolmentRequest, Provider, RegistryEntry

_PROVIDER = table_of(Provider).c
_ENTRY = table_of(RegistryEntry).c
_LA_POSTE = "356000000"
_LENGTH = 14


def _digit(place: int) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.substr(_PROVIDER.siret, place, 1), sa.Integer)


def _wrong_siret(context: Context) -> sa.Select[Any]:
    """Luhn's sum over the 14 digits; the offices of La Poste follow a plain sum by 5 instead."""
    del context
    doubled = [2 * _digit(place) - 9 * sa.case((_digit(place) > 4, 1), else_=0) for place in range(1, _LENGTH, 2)]
    plain = [_digit(place) for place in range(2, _LENGTH + 1, 2)]
    luhn = sum([*doubled, *plain], start=sa.literal(0))
    total = sum((_digit(place) for place in range(1, _LENGTH + 1)), start=sa.literal(0))
    postal = sa.and_(sa.func.substr(_PROVIDER.siret, 1, 9) == _LA_POSTE, total % 5 == 0)
    return sa.select(_PROVIDER.id).where(luhn % 10 != 0, ~postal)


def _closed(context: Context) -> sa.Select[Any]:
    del context
    waiting = sa.exists().where(
        col(EnrolmentRequest.provider_id) == _PROVIDER.id, col(EnrolmentRequest.status).not_in(sorted(FINAL))
    )
    return (
        sa.select(_PROVIDER.id)
        .join(table_of(RegistryEntry), _PROVIDER.siret == _ENTRY.siret)
        .where(_ENTRY.is_open.is_(False), waiting)
    )


def _registry_names(session: Session) -> Ready:
    """The registry's name, unless a request says that the name has changed.

    Accents are no concern of the registry, and no database folds them alike: the last comparison is made here.
    """
    del session
    spec = field(Provider, "legal_name")
    changed = sa.exists().where(
        col(EnrolmentRequest.provider_id) == _PROVIDER.id, col(EnrolmentRequest.legal_name_changed).is_(True)
    )
    otherwise = sa.exists().where(
        _ENTRY.siret == _PROVIDER.siret,
        _ENTRY.is_diffusible.is_(True),
        sa.func.lower(_ENTRY.legal_name) != sa.func.lower(_PROVIDER.legal_name),
    )

    def propose(session: Session, rows: Sequence[Row]) -> dict[int, dict[str, Any]]:
        sirets = sorted({row["siret"] for row in rows})
        statement = sa.select(_ENTRY.siret, _ENTRY.legal_name).where(_ENTRY.siret.in_(sirets))
        known = {siret: cleaned(spec, name) for siret, name in session.execute(statement)}
        return {
            row["id"]: {"legal_name": name}
            for row in rows
            if (name := known.get(row["siret"])) and _bare(name) != _bare(row["legal_name"])
        }

    return Ready(propose, (otherwise, ~changed))


def _bare(name: str) -> str:
    return "".join(letter for letter in fold(name) if letter.isalnum())


_NAME = Proposer("provider", ("siret", "legal_name"), ("legal_name",), _registry_names)

CHECKS = (
    Check(
        "siret_wrong",
        Severity.error,
        "Fournisseurs dont le SIRET a une clé fausse",
        "Corrigez le SIRET d'après le Kbis du dossier.",
        by_query(_wrong_siret),
        table="provider",
    ),
    Check(
        "provider_closed",
        Severity.warning,
        "Fournisseurs dont l'établissement est fermé au répertoire, avec une demande en cours",
        "Vérifiez auprès du fournisseur, puis corrigez le SIRET ou refusez la demande.",
        by_query(_closed),
        table="provider",
    ),
    Check(
        "provider_named_otherwise",
        Severity.warning,
        "Fournisseurs dont le nom n'est pas celui du répertoire, sans que la demande le dise",
        "Corrigez la dénomination, ou demandez l'extrait Kbis qui prouve le changement.",
        by_proposals(_NAME),
        table="provider",
        proposer=_NAME,
    ),
)
