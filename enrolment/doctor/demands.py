"""Demands of the ASP that do not agree with the status of their request, or that nobody was reminded of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.doctor.check import Check, Context, Key, Severity, by_query
from enrolment.mail.messages import VendorSilent
from enrolment.services import answering, asking, reminding, transition
from enrolment.workflow import WAITS_FOR_VENDOR
from schema.base import table_of
from schema.enums import ActorKind, DemandKind, DemandState, ReferencingStatus, RequestStatus, Verb
from schema.history import Actor
from schema.tables import Deadline, Demand, EnrolmentRequest, OutgoingMail, Referencing

_REQUEST = table_of(EnrolmentRequest).c
_DEMAND = table_of(Demand).c
_STATUS_OF = {
    DemandKind.documents: RequestStatus.awaiting_documents,
    DemandKind.correction: RequestStatus.awaiting_correction,
    DemandKind.certificates: RequestStatus.awaiting_certificates,
}


def _without_demand(context: Context) -> sa.Select[Any]:
    del context
    opened = sa.exists().where(_DEMAND.request_id == _REQUEST.id, _DEMAND.state == DemandState.open)
    return sa.select(_REQUEST.id).where(_REQUEST.status.in_(sorted(WAITS_FOR_VENDOR)), ~opened)


def _ask_or_take_back(context: Context, key: Key) -> None:
    """Certificates are asked again; what else was asked is not known any more: the file comes back to the ASP."""
    session, request = context.session, context.session.get_one(EnrolmentRequest, key)
    if request.status is RequestStatus.awaiting_certificates:
        made = asking.prepared(session, request, Verb.validate_partially, "", (), ())
        assert made is not None  # noqa: S101  This verb always asks.
        asking.opened(session, made)
        return
    actor = Actor(ActorKind.staff, context.actor.id, context.actor.label)
    line = transition.allowed(session, actor, request, Verb.cancel_demand)
    transition.apply(session, actor, request, line, message="Aucune demande de l'ASP n'était ouverte.")


def _left_open(context: Context) -> sa.Select[Any]:
    del context
    return (
        sa.select(_DEMAND.id)
        .join(table_of(EnrolmentRequest), _DEMAND.request_id == _REQUEST.id)
        .where(_DEMAND.state == DemandState.open, _REQUEST.status.not_in(sorted(WAITS_FOR_VENDOR)))
    )


def _of_other_kind(context: Context) -> sa.Select[Any]:
    del context
    fits = sa.or_(*(sa.and_(_DEMAND.kind == kind, _REQUEST.status == status) for kind, status in _STATUS_OF.items()))
    return (
        sa.select(_DEMAND.id)
        .join(table_of(EnrolmentRequest), _DEMAND.request_id == _REQUEST.id)
        .where(_DEMAND.state == DemandState.open, _REQUEST.status.in_(sorted(WAITS_FOR_VENDOR)), ~fits)
    )


def _close(context: Context, key: Key) -> None:
    demand = context.session.get_one(Demand, key)
    answering.hand_over(context.session, demand)
    answering.close(context.session, demand, DemandState.cancelled)


def _not_reminded(context: Context) -> sa.Select[Any]:
    """The day of the reminder is past, for a day at least, and no reminder bears the last day of the demand."""
    today = clock.today()
    late = [
        sa.and_(_REQUEST.status == status, _DEMAND.due_on < today - timedelta(days=days))
        for status, days in _reminders(context.session)
    ]
    dialect = context.session.get_bind().dialect.name
    due = (
        sa.func.to_char(_DEMAND.due_on, "YYYY-MM-DD") if dialect == "postgresql" else sa.cast(_DEMAND.due_on, sa.String)
    )
    key = sa.literal(f"{VendorSilent.name}-") + sa.cast(_DEMAND.id, sa.String) + "-apres-" + due
    reminded = sa.exists().where(col(OutgoingMail.event_key) == key)
    can_answer = sa.or_(_DEMAND.kind != DemandKind.certificates, col(Referencing.status) == ReferencingStatus.validated)
    return (
        sa.select(_DEMAND.id)
        .join(table_of(EnrolmentRequest), _DEMAND.request_id == _REQUEST.id)
        .join(table_of(Referencing), _REQUEST.referencing_id == col(Referencing.id))
        .where(_DEMAND.state == DemandState.open, sa.or_(sa.false(), *late), can_answer, ~reminded)
    )


def _reminders(session: Session) -> list[tuple[RequestStatus, int]]:
    rows = session.exec(select(Deadline).where(col(Deadline.remind_after).is_not(None)))
    return [(row.status, row.remind_after) for row in rows if row.remind_after is not None]


def _remind(context: Context, key: Key) -> None:
    demand = context.session.get_one(Demand, key)
    reminding.remind_late(context.session, demand, context.addresses)


CHECKS = (
    Check(
        "awaiting_without_demand",
        Severity.error,
        "Demandes qui attendent le fournisseur sans que rien lui soit demandé",
        "Les certificats lui sont redemandés ; sinon le dossier revient à l'ASP, sans mail.",
        by_query(_without_demand),
        table="request",
        repair=_ask_or_take_back,
        repair_label="Débloquer",
    ),
    Check(
        "demand_left_open",
        Severity.error,
        "Demandes de l'ASP ouvertes sur un dossier qui n'attend pas le fournisseur",
        "Fermez-les : ce que le fournisseur a déjà donné rejoint le dossier.",
        by_query(_left_open),
        table="demand",
        repair=_close,
        repair_label="Fermer",
    ),
    Check(
        "demand_of_other_kind",
        Severity.error,
        "Demandes de l'ASP d'une autre nature que le statut du dossier",
        "Fermez-les : le dossier apparaîtra ensuite parmi ceux auxquels rien n'est demandé.",
        by_query(_of_other_kind),
        table="demand",
        repair=_close,
        repair_label="Fermer",
    ),
    Check(
        "vendor_not_reminded",
        Severity.warning,
        "Fournisseurs en retard sans relance",
        "Relancez-les, et vérifiez que le travail de fond tourne.",
        by_query(_not_reminded),
        table="demand",
        repair=_remind,
        repair_label="Relancer",
    ),
)
