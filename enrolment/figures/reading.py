"""Reads the kept numbers under a choice of DSRs and weeks, and makes each chart's table of them. Counts no request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.figures.charts import AGES, DECISIONS, Chart, age_label
from enrolment.typography import MONTHS
from schema.base import table_of
from schema.enums import MailState, RequestStatus, Step, Verb
from schema.tables import Figure

_TABLE = table_of(Figure).c
_TURNS = (Chart.asp_time, Chart.vendor_time)
MOST_WEEKS = 30
"""Beyond so many weeks a course is shown by month: a chart of a year's weeks could not be read."""


@dataclass(frozen=True)
class Choice:
    """What to keep: DSRs (None: all, and what has none), and whole weeks from a Monday to a Monday."""

    dsrs: frozenset[int] | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Series:
    """One run of numbers of a chart; None where there is no number (no median of nothing)."""

    label: str
    values: tuple[int | None, ...]


@dataclass(frozen=True)
class Figures:
    """A chart as a table: a column of categories, then one per series."""

    chart: Chart
    heading: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    short: tuple[str, ...] = field(default=())
    """Short names of the categories, for an axis; the categories themselves when empty."""

    @property
    def rows(self) -> tuple[tuple[str, tuple[int | None, ...]], ...]:
        """Each category with its numbers."""
        return tuple(
            (name, tuple(series.values[place] for series in self.series)) for place, name in enumerate(self.categories)
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.series for value in series.values)


def status(session: Session, choice: Choice) -> Figures:
    """Requests by their present status, every status named."""
    found = _by_key(session, Chart.status, choice)
    names = tuple(one.label for one in RequestStatus)
    values = tuple(found.get(one.value, 0) for one in RequestStatus)
    return Figures(Chart.status, "Statut", names, (Series("Demandes", values),))


def flow(session: Session, choice: Choice) -> Figures:
    """Deposits and decisions by week, or by month over a long period."""
    found = _by_week(session, Chart.flow, choice)
    course = _course(found, choice)
    decided = {verb.value for verb in DECISIONS}
    deposits, decisions = [0] * len(course.names), [0] * len(course.names)
    for (week, key), value in found.items():
        place = course.place(week)
        if key == Verb.submit.value:
            deposits[place] += value
        elif key in decided:
            decisions[place] += value
    series = (Series("Dépôts", tuple(deposits)), Series("Décisions", tuple(decisions)))
    return Figures(Chart.flow, course.heading, course.names, series, course.short)


def queue(session: Session, choice: Choice) -> Figures:
    """Files that wait for the ASP, by age."""
    found = _by_key(session, Chart.queue, choice)
    names = tuple(age_label(low, high) for low, high in AGES)
    short = tuple(f"{low}-{high} j" if high is not None else f"> {low - 1} j" for low, high in AGES)
    values = tuple(found.get(str(low), 0) for low, _ in AGES)
    return Figures(Chart.queue, "Âge", names, (Series("Dossiers", values),), short)


def times(session: Session, chart: Chart, choice: Choice) -> Figures:
    """The median by week or month of a chart of times, and how many answers it is the median of.

    Those of the ASP and of the vendors run along the same weeks, so that one drawing can hold both.
    """
    along = _TURNS if chart in _TURNS else (chart,)
    found = {one: _by_week(session, one, choice) for one in along}
    course = _course([place for one in found.values() for place in one], choice)
    runs: list[dict[int, int]] = [defaultdict(int) for _ in course.names]
    for (week, key), value in found[chart].items():
        runs[course.place(week)][int(key)] += value
    unit = "minutes" if chart is Chart.mail_delay else "jours"
    medians = Series(f"Médiane ({unit})", tuple(median(run) for run in runs))
    answers = Series("Courriels" if chart is Chart.mail_delay else "Réponses", tuple(sum(run.values()) for run in runs))
    return Figures(chart, course.heading, course.names, (medians, answers), course.short)


def whole_median(session: Session, chart: Chart, choice: Choice) -> int | None:
    """The median of a chart of times over the whole choice."""
    return median({int(key): value for key, value in _by_key(session, chart, choice).items()})


def refusals(session: Session, choice: Choice) -> Figures:
    """Reasons of refusal, most frequent first."""
    found = sorted(_by_key(session, Chart.refusals, choice).items(), key=lambda item: (-item[1], item[0]))
    values = tuple(value for _, value in found)
    return Figures(Chart.refusals, "Motif", tuple(key for key, _ in found), (Series("Refus", values),))


def drafts(session: Session, choice: Choice) -> Figures:
    """Abandoned drafts by the step they reached."""
    found = _by_key(session, Chart.drafts, Choice(None, choice.first, choice.last))
    values = tuple(found.get(step.value, 0) for step in Step)
    return Figures(Chart.drafts, "Étape", tuple(step.label for step in Step), (Series("Brouillons", values),))


def mails(session: Session, choice: Choice) -> Figures:
    """Mails by their present state."""
    found = _by_key(session, Chart.mails, choice)
    values = tuple(found.get(state.value, 0) for state in MailState)
    return Figures(Chart.mails, "État", tuple(state.label for state in MailState), (Series("Courriels", values),))


def read(session: Session, chart: Chart, choice: Choice) -> Figures:
    """A chart under a choice."""
    if chart in {Chart.asp_time, Chart.vendor_time, Chart.mail_delay}:
        return times(session, chart, choice)
    return {
        Chart.status: status,
        Chart.flow: flow,
        Chart.queue: queue,
        Chart.refusals: refusals,
        Chart.drafts: drafts,
        Chart.mails: mails,
    }[chart](session, choice)


def median(run: Mapping[int, int]) -> int | None:
    """The lower median of numbers given with how often each comes."""
    total = sum(run.values())
    seen = 0
    for number in sorted(run):
        seen += run[number]
        if 2 * seen >= total > 0:
            return number
    return None


@dataclass(frozen=True)
class _Course:
    """The weeks or months of a course, in order, with none left out."""

    heading: str
    starts: tuple[date, ...]
    names: tuple[str, ...]
    short: tuple[str, ...]
    monthly: bool

    def place(self, week: date) -> int:
        """Where a week belongs; a month has the weeks whose Monday it holds."""
        return self.starts.index(week.replace(day=1) if self.monthly else week)


def _course(found: Iterable[tuple[date, str]], choice: Choice) -> _Course:
    weeks = {week for week, _ in found} | {edge for edge in (choice.first, choice.last) if edge is not None}
    if not weeks:
        return _Course("Semaine du", (), (), (), monthly=False)
    first, last = min(weeks), max(weeks)
    if (last - first).days // 7 < MOST_WEEKS:
        starts = tuple(first + timedelta(days=7 * n) for n in range((last - first).days // 7 + 1))
        names = tuple(f"{start:%d/%m/%Y}" for start in starts)
        return _Course("Semaine du", starts, names, tuple(f"{start:%d/%m}" for start in starts), monthly=False)
    starts = tuple(_months(first.replace(day=1), last))
    names = tuple(f"{MONTHS[start.month - 1]} {start.year}" for start in starts)
    return _Course("Mois", starts, names, tuple(f"{start:%m/%y}" for start in starts), monthly=True)


def _months(first: date, last: date) -> Iterable[date]:
    month = first
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)


def _kept(chart: Chart, choice: Choice) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [_TABLE.chart == chart.code]
    if choice.dsrs is not None:
        conditions.append(_TABLE.dsr_id.in_(sorted(choice.dsrs)))
    if choice.first is not None:
        conditions.append(_TABLE.week >= choice.first)
    if choice.last is not None:
        conditions.append(_TABLE.week <= choice.last)
    return conditions


def _by_key(session: Session, chart: Chart, choice: Choice) -> dict[str, int]:
    statement = sa.select(_TABLE.key, sa.func.sum(_TABLE.value)).where(*_kept(chart, choice)).group_by(_TABLE.key)
    return {key: int(value) for key, value in session.execute(statement)}


def _by_week(session: Session, chart: Chart, choice: Choice) -> dict[tuple[date, str], int]:
    statement = (
        sa.select(_TABLE.week, _TABLE.key, sa.func.sum(_TABLE.value))
        .where(*_kept(chart, choice))
        .group_by(_TABLE.week, _TABLE.key)
    )
    return {(week, key): int(value) for week, key, value in session.execute(statement)}
