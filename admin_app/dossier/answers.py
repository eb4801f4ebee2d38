"""What a vendor answered to the ASP, judged point by point, and what it changed that nobody had asked for.

A change that was not asked follows from another (the address of a new SIRET, the bank of a new IBAN) or says that
something else happened: the manager reads it either way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from admin_app.dossier import history
from admin_app.row_history import said
from enrolment.application.questions import SECTIONS, question
from enrolment.records import presentation
from enrolment.services import vendor_file
from enrolment.services.vendor_file import Exchange
from schema.base import table_of
from schema.enums import ActorKind, DemandState, Operation, PersonRole
from schema.tables import BankAccount, Demand, DemandItem, EnrolmentRequest, HistoryEntry, Person, Provider

_DECLARED = {table_of(model).name for model in (EnrolmentRequest, Provider, Person, BankAccount)}


@dataclass(frozen=True)
class Answered:
    """One answer: what it gave, how many points that settles, and what else changed."""

    exchange: Exchange
    asked: int
    settled: int
    unasked: tuple[history.Change, ...]

    @property
    def said(self) -> str:
        """« 3 points sur 3 corrigés, 1 changement non demandé »."""
        many = "s" if self.settled > 1 else ""
        text = f"{self.settled} point{many} sur {self.asked} corrigé{many}"
        more = len(self.unasked)
        if more:
            text += f", {more} changement{'s' if more > 1 else ''} non demandé{'s' if more > 1 else ''}"
        return text


def answered(session: Session, request: EnrolmentRequest) -> list[Answered]:
    """The answers to the demands of a request, newest first."""
    demands = {
        row.asked_at: row
        for row in session.exec(select(Demand).where(Demand.request_id == request.id, Demand.state != DemandState.open))
    }
    found = []
    for exchange in vendor_file.exchanges(session, request):
        demand = demands.get(exchange.asked_at)
        if demand is None or not exchange.given:
            continue
        items = session.exec(select(DemandItem).where(DemandItem.demand_id == demand.id)).all()
        settled = sum(one.is_file or one.new != one.old for one in exchange.given)
        unasked = tuple(_unasked(session, request, demand, {item.field for item in items if item.field}))
        found.append(Answered(exchange, max(len(items), settled), settled, unasked))
    return found


def _unasked(session: Session, request: EnrolmentRequest, demand: Demand, asked: set[str]) -> Iterator[history.Change]:
    """What the vendor's answer changed in the file beside the points of the demand."""
    rows = session.exec(
        select(HistoryEntry)
        .where(
            sa.or_(*history.rows_of(session, request)),
            HistoryEntry.operation == Operation.update,
            HistoryEntry.actor_kind == ActorKind.vendor,
            col(HistoryEntry.table_name).in_(_DECLARED),
            HistoryEntry.at >= demand.asked_at,
            *([HistoryEntry.at <= demand.closed_at] if demand.closed_at is not None else []),
        )
        .order_by(col(HistoryEntry.id))
    ).all()
    known = presentation.titles(session, history.references(rows))
    for row in rows:
        section = _section(session, row)
        for spec, before, after in history.changed(row):
            name = f"{section}.{spec.name}"
            if name in asked or (section == "request" and not _is_asked_by_form(name)):
                continue
            yield history.Change(spec.label, said(spec, before, known), said(spec, after, known))


def _section(session: Session, row: HistoryEntry) -> str:
    """The section of the form whose row this is."""
    if row.table_name == table_of(Person).name:
        person = session.get(Person, row.row_id)
        is_depositary = person is not None and person.role is PersonRole.depositary
        return "depositary" if is_depositary else "representative"
    return next(one.prefix for one in SECTIONS if table_of(one.model).name == row.table_name)


def _is_asked_by_form(name: str) -> bool:
    try:
        question(name)
    except KeyError:
        return False
    return True
