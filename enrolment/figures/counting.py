"""Counts each chart with one set-based query: rows of (DSR, Monday, category, number). Writes nothing.

How many rows come out depends on the DSRs, the weeks and the categories, never on how many requests there are. Times
are counted by whole day (mails: by minute), so that the median of any choice of DSRs and weeks stays exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.clock import PARIS
from enrolment.figures.charts import (
    ABANDONED_AFTER,
    AGES,
    ASP_ANSWERS,
    ASP_STATUSES,
    DECISIONS,
    REFUSALS,
    VENDOR_ANSWERS,
    Chart,
)
from enrolment.figures.weeks import as_date, elapsed, monday
from schema.base import table_of
from schema.enums import MailState, ReviewState, Verb
from schema.tables import (
    Attachment,
    DocumentKind,
    Draft,
    EnrolmentRequest,
    OutgoingMail,
    ReasonTemplate,
    Referencing,
    RequestEvent,
)

_REQUEST = table_of(EnrolmentRequest)
_REFERENCING = table_of(Referencing)
_EVENT = table_of(RequestEvent)
_MAIL = table_of(OutgoingMail)
_DRAFT = table_of(Draft)
_DAY = 86_400
_MINUTE = 60
_RECOGNISED_BY = 60
"""First characters of a ready-made reason by which it is found in a message: its end is what managers edit."""

_KEY_LENGTH = 255
UNKNOWN_REASON = "Motif rédigé au cas par cas"


@dataclass(frozen=True)
class Counted:
    """One number: of a DSR (None: of none), of a week, in a category."""

    dsr_id: int | None
    week: date | None
    key: str
    value: int


def count(session: Session, chart: Chart, now: datetime) -> Iterator[Counted]:
    """The numbers of a chart, as they are at this moment."""
    dialect = session.get_bind().dialect.name
    statement = _STATEMENTS[chart](session, dialect, now)
    for dsr_id, week, key, value in session.execute(statement):
        yield Counted(dsr_id, as_date(week), str(getattr(key, "value", key))[:_KEY_LENGTH], value)


def _grouped(
    dsr: sa.ColumnElement[Any], week: sa.ColumnElement[Any], key: sa.ColumnElement[Any], source: sa.FromClause
) -> sa.Select[Any]:
    # The inner query names the columns once: an expression with parameters cannot be repeated in GROUP BY.
    rows = sa.select(dsr.label("dsr_id"), week.label("week"), key.label("key")).select_from(source).subquery()
    return sa.select(rows.c.dsr_id, rows.c.week, rows.c.key, sa.func.count()).group_by(
        rows.c.dsr_id, rows.c.week, rows.c.key
    )


def _requests() -> sa.FromClause:
    return _REQUEST.join(_REFERENCING, _REQUEST.c.referencing_id == _REFERENCING.c.id)


def _events() -> sa.FromClause:
    return _EVENT.join(_REQUEST, _EVENT.c.request_id == _REQUEST.c.id).join(
        _REFERENCING, _REQUEST.c.referencing_id == _REFERENCING.c.id
    )


def _status(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session, now
    return _grouped(_REFERENCING.c.dsr_id, monday(dialect, _REQUEST.c.submitted_at), _REQUEST.c.status, _requests())


def _flow(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session, now
    kept = _EVENT.c.verb.in_((Verb.submit, *DECISIONS))
    source = _events_where(kept)
    return _grouped(source.c.dsr_id, monday(dialect, source.c.at), source.c.verb, source)


def _events_where(condition: sa.ColumnElement[bool], *more: sa.ColumnElement[Any]) -> sa.Subquery:
    columns = (_EVENT.c.request_id, _EVENT.c.at, _EVENT.c.verb, _EVENT.c.message, _REFERENCING.c.dsr_id)
    return sa.select(*columns, *more).select_from(_events()).where(condition).subquery()


def _queue(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session
    today = now.astimezone(PARIS).date()
    # Days are those of the calendar in Paris, as the queue itself counts them.
    edges = [
        (_REQUEST.c.clock_from >= datetime.combine(today - timedelta(days=high), time(), tzinfo=PARIS), str(low))
        for low, high in AGES
        if high is not None
    ]
    age = sa.case(*edges, else_=str(AGES[-1][0]))
    columns = (_REFERENCING.c.dsr_id, _REQUEST.c.submitted_at, age.label("age"))
    source = sa.select(*columns).select_from(_requests()).where(_REQUEST.c.status.in_(ASP_STATUSES)).subquery()
    return _grouped(source.c.dsr_id, monday(dialect, source.c.submitted_at), source.c.age, source)


def _turns(verbs: tuple[Verb, ...], dialect: str) -> sa.Select[Any]:
    """How long what each of these verbs ended had lasted: since the event before, of the same request."""
    before = sa.func.lag(_EVENT.c.at).over(partition_by=_EVENT.c.request_id, order_by=(_EVENT.c.at, _EVENT.c.id))
    events = sa.select(
        _EVENT.c.request_id, _EVENT.c.at, _EVENT.c.verb, sa.type_coerce(before, _EVENT.c.at.type).label("before")
    ).subquery()
    joined = events.join(_REQUEST, events.c.request_id == _REQUEST.c.id).join(
        _REFERENCING, _REQUEST.c.referencing_id == _REFERENCING.c.id
    )
    source = (
        sa.select(_REFERENCING.c.dsr_id, events.c.at, events.c.before)
        .select_from(joined)
        .where(events.c.verb.in_(verbs), events.c.before.is_not(None))
        .subquery()
    )
    lasted = elapsed(dialect, source.c.before, source.c.at, _DAY)
    return _grouped(source.c.dsr_id, monday(dialect, source.c.at), lasted, source)


def _asp_time(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session, now
    return _turns(ASP_ANSWERS, dialect)


def _vendor_time(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session, now
    return _turns(VENDOR_ANSWERS, dialect)


def _refusals(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del now
    find = sa.func.strpos if dialect == "postgresql" else sa.func.instr
    known = session.exec(
        select(ReasonTemplate).where(col(ReasonTemplate.verb).in_(REFUSALS)).order_by(col(ReasonTemplate.id))
    )
    piece = (
        sa.select(sa.func.min(Attachment.document_kind_id))
        .where(
            col(Attachment.request_id) == _EVENT.c.request_id,
            col(Attachment.review) == ReviewState.to_redo,
            col(Attachment.replaced_by_id).is_(None),
        )
        .correlate(_EVENT)
        .scalar_subquery()
    )
    source = _events_where(_EVENT.c.verb.in_(REFUSALS), piece.label("kind_id"))
    kinds = table_of(DocumentKind)
    said = sa.func.coalesce(source.c.message, "")
    reason = sa.case(
        *((find(said, row.body[:_RECOGNISED_BY]) > 0, row.title) for row in known),
        (kinds.c.name.is_not(None), sa.literal("Pièce à refaire : ") + kinds.c.name),
        else_=UNKNOWN_REASON,
    )
    joined = source.outerjoin(kinds, source.c.kind_id == kinds.c.id)
    return _grouped(source.c.dsr_id, monday(dialect, source.c.at), reason, joined)


def _drafts(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session
    source = (
        sa.select(_DRAFT.c.created_at, _DRAFT.c.step)
        .where(_DRAFT.c.request_id.is_(None), _DRAFT.c.updated_at < now - timedelta(days=ABANDONED_AFTER))
        .subquery()
    )
    return _grouped(sa.cast(sa.null(), sa.Integer()), monday(dialect, source.c.created_at), source.c.step, source)


def _mail_rows(*conditions: sa.ColumnElement[bool]) -> sa.Subquery:
    joined = _MAIL.outerjoin(_REQUEST, _MAIL.c.request_id == _REQUEST.c.id).outerjoin(
        _REFERENCING, _REQUEST.c.referencing_id == _REFERENCING.c.id
    )
    columns = (_REFERENCING.c.dsr_id, _MAIL.c.created_at, _MAIL.c.sent_at, _MAIL.c.state)
    return sa.select(*columns).select_from(joined).where(*conditions).subquery()


def _mails(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session, now
    source = _mail_rows()
    return _grouped(source.c.dsr_id, monday(dialect, source.c.created_at), source.c.state, source)


def _mail_delay(session: Session, dialect: str, now: datetime) -> sa.Select[Any]:
    del session, now
    source = _mail_rows(_MAIL.c.state == MailState.sent, _MAIL.c.sent_at.is_not(None))
    lasted = elapsed(dialect, source.c.created_at, source.c.sent_at, _MINUTE)
    return _grouped(source.c.dsr_id, monday(dialect, source.c.created_at), lasted, source)


_STATEMENTS: dict[Chart, Callable[[Session, str, datetime], sa.Select[Any]]] = {
    Chart.status: _status,
    Chart.flow: _flow,
    Chart.queue: _queue,
    Chart.asp_time: _asp_time,
    Chart.vendor_time: _vendor_time,
    Chart.refusals: _refusals,
    Chart.drafts: _drafts,
    Chart.mails: _mails,
    Chart.mail_delay: _mail_delay,
}
