"""Requests that lack what they need, or stand where their own events do not put them."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from enrolment.doctor.check import Check, Context, Key, Severity, Way, by_query
from enrolment.services import accounts
from enrolment.workflow import FINAL, WAITS_FOR_ASP
from schema.base import table_of
from schema.enums import ENDED, PersonRole, RequestStatus
from schema.tables import BankAccount, EnrolmentRequest, Person, RequestEvent, StaffUser

_REQUEST = table_of(EnrolmentRequest).c
_EVENT = table_of(RequestEvent).c
_ACCOUNTED = (
    RequestStatus.validated,
    RequestStatus.awaiting_certificates,
    RequestStatus.certificates_to_review,
)
_SUSPENDED = (RequestStatus.awaiting_documents, RequestStatus.awaiting_correction)


def _going_on() -> sa.Select[Any]:
    return sa.select(_REQUEST.id).where(_REQUEST.status.not_in(sorted(ENDED)))


def _without_representative(context: Context) -> sa.Select[Any]:
    del context
    person = sa.exists().where(
        col(Person.provider_id) == _REQUEST.provider_id, col(Person.role) == PersonRole.representative
    )
    return _going_on().where(~person)


def _without_bank(context: Context) -> sa.Select[Any]:
    del context
    return _going_on().where(~sa.exists().where(col(BankAccount.provider_id) == _REQUEST.provider_id))


def _without_account(context: Context) -> sa.Select[Any]:
    del context
    return sa.select(_REQUEST.id).where(_REQUEST.status.in_(_ACCOUNTED), _REQUEST.account_id.is_(None))


def _open_account(context: Context, key: Key) -> None:
    request = context.session.get_one(EnrolmentRequest, key)
    accounts.open_account(context.session, context.actor, request, context.addresses)


def _of_inactive(context: Context) -> sa.Select[Any]:
    del context
    gone = sa.exists().where(col(StaffUser.id) == _REQUEST.assigned_to_id, col(StaffUser.active).is_(False))
    return sa.select(_REQUEST.id).where(
        _REQUEST.assigned_to_id.is_not(None), _REQUEST.status.not_in(sorted(FINAL)), gone
    )


def _release(context: Context, key: Key) -> None:
    context.session.get_one(EnrolmentRequest, key).assigned_to_id = None


def _held_twice(context: Context) -> sa.Select[Any]:
    """The unique index forbids it; a database that lost the index would not."""
    del context
    other = table_of(EnrolmentRequest).alias()
    twin = sa.exists().where(
        other.c.referencing_id == _REQUEST.referencing_id,
        other.c.id != _REQUEST.id,
        other.c.status.not_in(sorted(ENDED)),
    )
    return _going_on().where(twin)


def _clock_off(context: Context) -> sa.Select[Any]:
    """The status is not as old as the last event, or the delay starts after it or in the future."""
    newest = sa.select(sa.func.max(_EVENT.at)).where(_EVENT.request_id == _REQUEST.id).scalar_subquery()
    last = sa.type_coerce(newest, _REQUEST.status_since.type)
    wrong = sa.or_(
        _REQUEST.clock_from > _REQUEST.status_since,
        _REQUEST.clock_from > context.now,
        last != _REQUEST.status_since,
    )
    return sa.select(_REQUEST.id).where(wrong)


def _turn_back(context: Context, key: Key) -> None:
    """Count the delays again from the events, as `services.transition` does one event after the other."""
    request = context.session.get_one(EnrolmentRequest, key)
    events = context.session.exec(
        select(RequestEvent)
        .where(RequestEvent.request_id == request.id)
        .order_by(col(RequestEvent.at), col(RequestEvent.id))
    ).all()
    if not events:
        request.clock_from, request.clock_spent = min(request.clock_from, request.status_since, context.now), 0
        return
    start, spent = events[0].at, 0
    for before, event in pairwise(events):
        if before.target in WAITS_FOR_ASP:
            gone = int((event.at - start).total_seconds()) if event.target in _SUSPENDED else 0
            spent = max(gone, 0)
        start = event.at - timedelta(seconds=spent) if event.target in WAITS_FOR_ASP else event.at
    request.status_since, request.clock_from, request.clock_spent = events[-1].at, start, spent


CHECKS = (
    Check(
        "request_without_representative",
        Severity.error,
        "Demandes dont le fournisseur n'a pas de représentant légal",
        "Ajoutez le représentant légal du fournisseur, d'après les pièces du dossier.",
        by_query(_without_representative),
        table="request",
        way=Way.create,
        fix_table="person",
        fix_label="Ajouter une personne",
    ),
    Check(
        "request_without_bank",
        Severity.error,
        "Demandes dont le fournisseur n'a pas de coordonnées bancaires",
        "Ajoutez les coordonnées bancaires du fournisseur, d'après le RIB du dossier.",
        by_query(_without_bank),
        table="request",
        way=Way.create,
        fix_table="bank_account",
        fix_label="Ajouter des coordonnées bancaires",
    ),
    Check(
        "validated_without_account",
        Severity.error,
        "Demandes validées sans compte fournisseur",
        "Ouvrez le compte : le fournisseur reçoit son identifiant et le lien de son mot de passe.",
        by_query(_without_account),
        table="request",
        repair=_open_account,
        repair_label="Ouvrir les comptes",
    ),
    Check(
        "assigned_to_inactive",
        Severity.warning,
        "Dossiers confiés à un agent désactivé",
        "Rendez-les à la file : un autre gestionnaire pourra les prendre.",
        by_query(_of_inactive),
        table="request",
        repair=_release,
        repair_label="Rendre à la file",
    ),
    Check(
        "referencing_held_twice",
        Severity.error,
        "Demandes en cours pour un même numéro de référencement",
        "Un référencement n'a qu'un enrôlement : refusez la demande en trop.",
        by_query(_held_twice),
        table="request",
    ),
    Check(
        "clock_off",
        Severity.warning,
        "Demandes dont le délai ne suit pas leurs événements",
        "Recalculez le délai d'après les événements enregistrés.",
        by_query(_clock_off),
        table="request",
        repair=_turn_back,
        repair_label="Recalculer les délais",
    ),
)
