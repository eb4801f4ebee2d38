"""Counters that lag behind the numbers given out, and seals of the history that no longer hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import select

from enrolment import sealing
from enrolment.doctor.check import Check, Context, Key, Keys, Severity, Way, only
from schema.base import table_of
from schema.tables import EnrolmentRequest, FinancingRequest, RequestCounter, Ticket

_SERIES = (EnrolmentRequest, Ticket, FinancingRequest)
_HEAD = 8
"""Length of « ENR-2026 »."""


def _highest(context: Context) -> dict[str, int]:
    """The highest number of each series and year; the longest text is the highest number."""
    found: dict[str, int] = {}
    for model in _SERIES:
        number = table_of(model).c.number
        head = sa.func.substr(number, 1, _HEAD)
        rank = sa.cast(sa.func.substr(number, _HEAD + 2), sa.Integer)
        found |= dict(context.session.execute(sa.select(head, sa.func.max(rank)).group_by(head)).tuples().all())
    return found


def _behind(context: Context, keys: Keys | None) -> Iterator[Key]:
    counters = {f"{row.series}-{row.year}": row.last for row in context.session.exec(select(RequestCounter))}
    return only((head for head, last in sorted(_highest(context).items()) if counters.get(head, 0) < last), keys)


def _raise_counter(context: Context, key: Key) -> None:
    series, _, year = str(key).partition("-")
    last = _highest(context)[str(key)]
    row = context.session.exec(
        select(RequestCounter).where(RequestCounter.series == series, RequestCounter.year == int(year))
    ).first()
    row = row or RequestCounter(series=series, year=int(year), last=last)
    row.last = last
    context.session.add(row)


def _broken_seals(context: Context, keys: Keys | None) -> Iterator[Key]:
    return only(sealing.verify(context.session), keys)


CHECKS = (
    Check(
        "counter_behind",
        Severity.error,
        "Compteurs en retard sur les numéros attribués",
        "Avancez le compteur : le prochain dépôt serait refusé.",
        _behind,
        repair=_raise_counter,
        repair_label="Avancer les compteurs",
    ),
    Check(
        "history_altered",
        Severity.error,
        "Historique modifié hors du portail",
        "Comparez l'historique à une sauvegarde et prévenez le responsable : rien ne se répare d'ici.",
        _broken_seals,
        table=None,
        way=Way.rows,
        fix_table="history_seal",
        fix_label="Voir les scellés",
        every=timedelta(days=1),
    ),
)
