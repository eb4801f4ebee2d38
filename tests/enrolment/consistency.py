"""What holds of stored requests, their demands, accounts, mails and history, whatever happened to them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

from sqlmodel import Session, col, select

from enrolment.workflow import TRANSITIONS, WAITS_FOR_VENDOR
from schema.base import table_of
from schema.enums import ENDED, DemandState, Operation, RequestKind, RequestStatus, Verb
from schema.history import json_value
from schema.tables import (
    Account,
    Attachment,
    Demand,
    EnrolmentRequest,
    HistoryEntry,
    OutgoingMail,
    RequestEvent,
)

MAILS = {(line.source, line.verb): line.mail for line in TRANSITIONS}
ACCOUNT_MAILS = {"login_issued", "password_link", "known_account"}


def check_events(request: EnrolmentRequest, events: list[RequestEvent]) -> None:
    """Status, origin and dates are those that the events tell; every step is a line of the table."""
    assert events[0].verb is Verb.submit
    assert events[0].source is None
    for before, after in itertools.pairwise(events):
        assert before.target is after.source
        assert before.at <= after.at
        assert (after.source, after.verb) in MAILS
    assert request.status is events[-1].target
    assert request.status_since == events[-1].at
    asked = request.status in {RequestStatus.awaiting_documents, RequestStatus.awaiting_correction}
    assert request.asked_from == (events[-1].source if asked else None)
    decided = request.status in {RequestStatus.validated, RequestStatus.rejected}
    assert request.decided_at == (events[-1].at if decided else None)
    if request.status in {RequestStatus.awaiting_certificates, RequestStatus.certificates_to_review}:
        assert request.is_early
    if request.is_early and request.status is RequestStatus.validated:
        # Rule E2: never without its certificates.
        assert events[-1].source is RequestStatus.certificates_to_review


def check_open_demand(session: Session, request: EnrolmentRequest) -> None:
    is_open = session.exec(
        select(Demand.id).where(Demand.request_id == request.id, Demand.state == DemandState.open)
    ).all()
    assert len(is_open) == (request.status in WAITS_FOR_VENDOR)
    unfinished = session.exec(
        select(Attachment.id)
        .join(Demand, col(Attachment.demand_id) == Demand.id)
        .where(Demand.request_id == request.id, Demand.state != DemandState.open)
    ).all()
    assert unfinished == [], "a file stayed with a demand that ended"
    in_force = session.exec(
        select(Attachment.document_kind_id).where(
            Attachment.request_id == request.id, col(Attachment.replaced_by_id).is_(None)
        )
    ).all()
    assert len(in_force) == len(set(in_force)), "two pieces of one kind are in force"


def check_numbers(requests: list[EnrolmentRequest]) -> None:
    """Rule R1: in each year, 1, 2, 3, in the order of deposit."""
    by_year: dict[str, list[int]] = defaultdict(list)
    for request in requests:
        _, year, number = request.number.split("-")
        by_year[year].append(int(number))
    for numbers in by_year.values():
        assert numbers == list(range(1, len(numbers) + 1))


def check_holders(requests: list[EnrolmentRequest]) -> None:
    """Rule R2."""
    holders = [request.referencing_id for request in requests if request.status not in ENDED]
    assert len(holders) == len(set(holders))


def check_accounts(session: Session, requests: list[EnrolmentRequest]) -> None:
    """An account exists for what was validated, at least in part, and for nothing else."""
    opened = set(
        session.exec(
            select(RequestEvent.request_id).where(col(RequestEvent.verb).in_([Verb.validate, Verb.validate_partially]))
        )
    )
    complementary = {request.id for request in requests if request.kind is RequestKind.complementary}
    assert {request.id for request in requests if request.account_id is not None} == opened | complementary
    own = set(session.exec(select(Account.id).where(col(Account.from_wave_1).is_(False))))
    of_wave_1 = set(session.exec(select(Account.id).where(Account.from_wave_1)))
    assert own == {request.account_id for request in requests} - of_wave_1 - {None}


def check_mails(session: Session) -> None:
    """Rule M3: one mail for each event, none without; the account's own mails come with a validation."""
    mails = session.exec(select(OutgoingMail)).all()
    by_key = {mail.event_key: mail for mail in mails}
    events = session.exec(select(RequestEvent)).all()
    for event in events:
        mail = by_key.pop(f"event-{event.id}")
        assert mail.request_id == event.request_id
        wanted = MAILS[event.source, event.verb]
        assert mail.template == wanted
    initial = set(session.exec(select(EnrolmentRequest.id).where(EnrolmentRequest.kind == RequestKind.initial)))
    validated = {event.request_id for event in events if event.verb in {Verb.validate, Verb.validate_partially}}
    validated &= initial
    assert {mail.template for mail in by_key.values()} <= ACCOUNT_MAILS
    assert {mail.request_id for mail in by_key.values()} == validated


def check_history(session: Session, requests: list[EnrolmentRequest]) -> None:
    """Replaying the history of a request gives its row."""
    replayed: dict[int, dict[str, Any]] = {}
    for entry in session.exec(
        select(HistoryEntry).where(HistoryEntry.table_name == "request").order_by(col(HistoryEntry.id))
    ):
        row = replayed.setdefault(entry.row_id, {})
        assert (entry.operation is Operation.insert) is (not row)
        for name, (before, after) in entry.changes.items():
            assert row.get(name) == before
            row[name] = after
    for request in requests:
        told = replayed.pop(request.id)
        for column in table_of(EnrolmentRequest).columns:
            if column.name in {"id", "row_version", "created_at", "updated_at", "submission_key"}:
                continue
            assert told.get(column.name) == json_value(getattr(request, column.name)), column.name
    assert not replayed
