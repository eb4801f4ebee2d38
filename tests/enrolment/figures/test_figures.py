"""Every figure of the dashboard against a naive count in Python, over random data, on both engines."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median_low
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.figures import keeping, reading
from enrolment.figures.charts import ABANDONED_AFTER, AGES, ASP_ANSWERS, DECISIONS, VENDOR_ANSWERS, Chart, age_label
from enrolment.figures.counting import UNKNOWN_REASON
from enrolment.figures.reading import Choice
from schema.base import table_of
from schema.database import Database
from schema.enums import ActorKind, MailState, RequestKind, RequestStatus, ReviewState, Step, Verb
from schema.history import Actor
from schema.tables import (
    Attachment,
    DocumentKind,
    Draft,
    Dsr,
    EnrolmentRequest,
    Figure,
    OutgoingMail,
    ReasonTemplate,
    Referencing,
    RequestEvent,
)
from tests.rows import add_provider, add_referencing

_count = itertools.count(1)
_EARLY = {RequestStatus.awaiting_certificates, RequestStatus.certificates_to_review}
_ASKED = {RequestStatus.awaiting_documents, RequestStatus.awaiting_correction}
# Moments beside the changes of clock and of week in Paris come more often than chance would bring them.
_EDGES = [
    datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 22, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
]
_NOW = datetime(2026, 11, 25, 12, 0, 0, 500_000, tzinfo=UTC)
moments = st.one_of(
    st.sampled_from(_EDGES),
    st.datetimes(datetime(2026, 2, 20), datetime(2026, 11, 25, 11)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
)


@dataclass(frozen=True)
class Event:
    """One event to write."""

    verb: Verb
    at: datetime
    said: int


@dataclass(frozen=True)
class File:
    """One request to write, with what happened to it."""

    dsr: int
    status: RequestStatus
    submitted_at: datetime
    clock_from: datetime
    events: tuple[Event, ...]
    to_redo: bool


@dataclass(frozen=True)
class Mail:
    """One mail to write."""

    about: int | None
    state: MailState
    created_at: datetime
    minutes: int


events = st.builds(Event, st.sampled_from(list(Verb)), moments, st.integers(0, 3))
files = st.builds(
    File, st.integers(0, 2), st.sampled_from(list(RequestStatus)), moments, moments,
    st.lists(events, max_size=5).map(tuple), st.booleans(),
)  # fmt: skip
mails = st.builds(Mail, st.none() | st.integers(0, 20), st.sampled_from(list(MailState)), moments, st.integers(-1, 9))
drafts = st.tuples(st.sampled_from(list(Step)), moments, st.integers(0, 15), st.booleans())


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(files, max_size=12), st.lists(mails, max_size=8), st.lists(drafts, max_size=6),
    st.none() | st.sets(st.integers(0, 2), max_size=3), st.none() | st.tuples(moments, moments),
)  # fmt: skip
def test_every_figure_is_what_a_naive_count_finds(
    database: Database,
    told: list[File],
    sent: list[Mail],
    typed: list[tuple[Step, datetime, int, bool]],
    dsrs: set[int] | None,
    period: tuple[datetime, datetime] | None,
) -> None:
    with database.writing(Actor.system()) as session:
        keys = _write(session, told, sent, typed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: _NOW)
        keeping.refresh(database, timedelta())
    edges = sorted(_monday(moment) for moment in period) if period else [None, None]
    choice = Choice(frozenset(keys[n] for n in dsrs) if dsrs is not None else None, edges[0], edges[1])
    with database.reading() as session:
        naive = _Naive(session, choice)
        for chart in Chart:
            figures = reading.read(session, chart, choice)
            assert dict(naive.expected(chart)) == _said(figures), chart
            if chart in {Chart.asp_time, Chart.vendor_time, Chart.mail_delay}:
                run = [value for _, value in naive.times(chart)]
                assert reading.whole_median(session, chart, choice) == (median_low(run) if run else None)


def _said(figures: reading.Figures) -> dict[str, tuple[int, ...]]:
    """The table of a chart without the lines that hold nothing."""
    return {name: tuple(value or 0 for value in values) for name, values in figures.rows if any(values)}


def _monday(moment: datetime) -> date:
    day = moment.astimezone(clock.PARIS).date()
    return day - timedelta(days=day.weekday())


def _write(
    session: Session, told: list[File], sent: list[Mail], typed: list[tuple[Step, datetime, int, bool]]
) -> list[int]:
    for model in (Figure, OutgoingMail, Attachment, RequestEvent, Draft, EnrolmentRequest):
        session.execute(sa.delete(table_of(model)))
    dsrs = list(session.exec(select(Dsr.id).order_by(col(Dsr.id)).limit(3)))
    provider = add_provider(session)
    written = [_file(session, file, dsrs, provider.id) for file in told]
    for mail in sent:
        about = written[mail.about % len(written)] if written and mail.about is not None else None
        session.add(
            OutgoingMail(
                event_key=f"figures-{next(_count)}", template="acknowledgement", recipient="a@alize-sante.fr",
                subject="Objet", text_body="Texte", html_body="Texte", request_id=about, state=mail.state,
                created_at=mail.created_at,
                sent_at=mail.created_at + timedelta(minutes=mail.minutes, seconds=40)
                if mail.state is MailState.sent else None,
            )
        )  # fmt: skip
    for step, at, idle, submitted in typed:
        row = Draft(kind=RequestKind.initial, step=step.value, created_at=at, expires_at=_NOW)
        row.updated_at = _NOW - timedelta(days=idle)
        row.request_id = written[0] if submitted and written else None
        session.add(row)
    session.flush()
    return dsrs


def _file(session: Session, file: File, dsrs: list[int], provider: int) -> int:
    referencing = add_referencing(session, f"ANS-FIG-{next(_count):06d}")
    referencing.dsr_id = dsrs[file.dsr]
    row = EnrolmentRequest(
        number=f"ENR-2020-{500_000 + next(_count)}", kind=RequestKind.initial, referencing_id=referencing.id,
        provider_id=provider, submitted_at=file.submitted_at, clock_from=file.clock_from,
        is_early=file.status in _EARLY,
    )  # fmt: skip
    session.add(row)
    session.flush()
    if file.status is RequestStatus.certificates_to_review:
        # The database refuses a status that no transition leads to.
        row.status = RequestStatus.awaiting_certificates
        session.flush()
    row.asked_from = RequestStatus.in_review if file.status in _ASKED else None
    row.status = file.status
    session.flush()
    bodies = [row.body for row in _templates(session)[:3]]
    for event in file.events:
        message = f"Bonjour, {bodies[event.said]}" if event.said < len(bodies) else "Récrit."
        session.add(
            RequestEvent(
                request_id=row.id, at=event.at, verb=event.verb, target=RequestStatus.in_review,
                actor_kind=ActorKind.staff, actor_label="Inès Moreau", message=message,
            )
        )  # fmt: skip
    if file.to_redo:
        kind = session.exec(select(DocumentKind).order_by(col(DocumentKind.id)).offset(file.dsr)).first()
        assert kind is not None
        session.add(
            Attachment(
                request_id=row.id, document_kind_id=kind.id, file_name="rib.pdf", content_type="application/pdf",
                size=1, sha256="0" * 64, storage_key=f"figures-{next(_count)}", review=ReviewState.to_redo,
                review_reason="Illisible",
            )
        )  # fmt: skip
    session.flush()
    return row.id


def _templates(session: Session) -> list[ReasonTemplate]:
    refusing = (Verb.reject, Verb.refuse_certificate)
    statement = select(ReasonTemplate).where(col(ReasonTemplate.verb).in_(refusing)).order_by(col(ReasonTemplate.id))
    return list(session.exec(statement))


class _Naive:
    """Counts the slow way: every row in Python, one after the other."""

    def __init__(self, session: Session, choice: Choice) -> None:
        self.session = session
        self.choice = choice
        self.requests = {row.id: row for row in session.exec(select(EnrolmentRequest))}
        self.dsr = {row.id: session.get_one(Referencing, row.referencing_id).dsr_id for row in self.requests.values()}
        self.events = list(session.exec(select(RequestEvent).order_by(col(RequestEvent.at), col(RequestEvent.id))))

    def expected(self, chart: Chart) -> dict[str, tuple[int, ...]]:
        made: dict[Chart, Callable[[], dict[str, Any]]] = {
            Chart.status: self._status,
            Chart.flow: self._flow,
            Chart.queue: self._queue,
            Chart.refusals: self._refusals,
            Chart.drafts: self._drafts,
            Chart.mails: self._mails,
        }
        if chart in made:
            found = made[chart]()
            return {key: value if isinstance(value, tuple) else (value,) for key, value in found.items()}
        runs: dict[date, list[int]] = {}
        for week, value in self.times(chart):
            runs.setdefault(week, []).append(value)
        turns = {Chart.asp_time, Chart.vendor_time}
        along = [week for one in turns for week, _ in self.times(one)] if chart in turns else []
        return self._named(runs, lambda run: (median_low(run), len(run)), along)

    def times(self, chart: Chart) -> list[tuple[date, int]]:
        if chart is Chart.mail_delay:
            return [
                (_monday(mail.created_at), max(_seconds(mail.created_at, mail.sent_at), 0) // 60)
                for mail in self.session.exec(select(OutgoingMail))
                if mail.state is MailState.sent and mail.sent_at and self._keeps(mail.request_id, mail.created_at)
            ]
        verbs = ASP_ANSWERS if chart is Chart.asp_time else VENDOR_ANSWERS
        found, before = [], dict[int, datetime]()
        for event in self.events:
            last = before.get(event.request_id)
            if event.verb in verbs and last and self._keeps(event.request_id, event.at):
                found.append((_monday(event.at), max(_seconds(last, event.at), 0) // 86_400))
            before[event.request_id] = event.at
        return found

    def _keeps(self, request: int | None, at: datetime) -> bool:
        week = _monday(at)
        choice = self.choice
        dsr = self.dsr.get(request) if request is not None else None
        return (
            (choice.dsrs is None or dsr in choice.dsrs)
            and (choice.first is None or week >= choice.first)
            and (choice.last is None or week <= choice.last)
        )

    def _status(self) -> dict[str, Any]:
        return Counter(row.status.label for row in self.requests.values() if self._keeps(row.id, row.submitted_at))

    def _flow(self) -> dict[str, Any]:
        runs: dict[date, list[Verb]] = {}
        for event in self.events:
            if event.verb in (Verb.submit, *DECISIONS) and self._keeps(event.request_id, event.at):
                runs.setdefault(_monday(event.at), []).append(event.verb)
        return self._named(runs, lambda run: (run.count(Verb.submit), sum(verb in DECISIONS for verb in run)))

    def _named(
        self, runs: dict[date, Any], make: Callable[[Any], tuple[int, ...]], along: Sequence[date] = ()
    ) -> dict[str, Any]:
        edges = [*runs, *along, *(edge for edge in (self.choice.first, self.choice.last) if edge)]
        monthly = bool(edges) and (max(edges) - min(edges)).days // 7 >= reading.MOST_WEEKS
        gathered: dict[str, list[Any]] = {}
        for week, run in runs.items():
            name = f"{reading.MONTHS[week.month - 1]} {week.year}" if monthly else f"{week:%d/%m/%Y}"
            gathered.setdefault(name, []).extend(run)
        return {name: values for name, run in gathered.items() if any(values := make(run))}

    def _queue(self) -> dict[str, Any]:
        today = _NOW.astimezone(clock.PARIS).date()
        found: Counter[str] = Counter()
        for row in self.requests.values():
            waits = row.status in {RequestStatus.in_review, RequestStatus.certificates_to_review}
            if waits and self._keeps(row.id, row.submitted_at):
                days = max((today - row.clock_from.astimezone(clock.PARIS).date()).days, 0)
                low, high = next(run for run in AGES if run[1] is None or days <= run[1])
                found[age_label(low, high)] += 1
        return found

    def _refusals(self) -> dict[str, Any]:
        redo = {
            row.request_id: self.session.get_one(DocumentKind, row.document_kind_id).name
            for row in self.session.exec(select(Attachment))
        }
        found: Counter[str] = Counter()
        for event in self.events:
            if event.verb in (Verb.reject, Verb.refuse_certificate) and self._keeps(event.request_id, event.at):
                named = [row.title for row in _templates(self.session) if row.body in (event.message or "")]
                piece = redo.get(event.request_id)
                found[named[0] if named else f"Pièce à refaire : {piece}" if piece else UNKNOWN_REASON] += 1
        return found

    def _drafts(self) -> dict[str, Any]:
        every = _Naive(self.session, Choice(None, self.choice.first, self.choice.last))
        return Counter(
            Step(row.step).label
            for row in self.session.exec(select(Draft))
            if row.request_id is None
            and _NOW - row.updated_at > timedelta(days=ABANDONED_AFTER)
            and every._keeps(None, row.created_at)
        )

    def _mails(self) -> dict[str, Any]:
        return Counter(
            row.state.label
            for row in self.session.exec(select(OutgoingMail))
            if self._keeps(row.request_id, row.created_at)
        )


def _seconds(start: datetime, end: datetime | None) -> int:
    assert end is not None
    return int(end.timestamp() // 1) - int(start.timestamp() // 1)


def test_counting_again_changes_nothing_and_two_workers_write_once(database: Database) -> None:
    with database.writing(Actor.system()) as session:
        _write(session, [File(0, RequestStatus.in_review, _EDGES[0], _EDGES[1], (), to_redo=False)], [], [])
    assert keeping.refresh(database) == len(Chart)
    with database.reading() as session:
        first = session.execute(sa.select(Figure.chart, Figure.key, Figure.value).order_by(Figure.id)).all()
    assert keeping.refresh(database) == 0
    assert keeping.refresh(database, timedelta()) == len(Chart)
    with database.reading() as session:
        again = session.execute(sa.select(Figure.chart, Figure.key, Figure.value).order_by(Figure.id)).all()
    assert first == again


def test_a_page_counts_only_what_is_cheap_and_old(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_CHEAP", 0)
    with database.writing(Actor.system()) as session:
        _write(session, [File(0, RequestStatus.in_review, _EDGES[0], _EDGES[1], (), to_redo=False)], [], [])
    keeping.refresh_if_cheap(database)
    with database.reading() as session:
        assert keeping.counted_at(session) is None
    monkeypatch.setattr(keeping, "_CHEAP", 1)
    keeping.refresh_if_cheap(database)
    with database.reading() as session:
        counted = keeping.counted_at(session)
    keeping.refresh_if_cheap(database)
    with database.reading() as session:
        assert counted is not None
        assert keeping.counted_at(session) == counted
