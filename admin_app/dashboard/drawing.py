"""Lays a chart out: where each bar and each word of it stands. The template only writes what is laid out here.

A drawing is 480 units wide, the width of a card, so that its words keep their size. Series differ by pattern as well as
by colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from enrolment.figures.charts import Chart
from enrolment.figures.reading import Figures
from enrolment.typography import number, shortened

WIDTH = 480
_ROW = 44
_COLUMNS_HEIGHT = 260
_LEFT, _TOP, _BOTTOM = 44, 16, 44
_MOST_WORDS = 9
_LABEL_LENGTH = 58
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """A filled rectangle; `series` chooses its pattern."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Word:
    """A text at a place; `anchor` is where it hangs."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    strong: bool = False


@dataclass(frozen=True)
class Line:
    """A rule of the grid."""

    y: float
    base: bool = False


@dataclass(frozen=True)
class Drawing:
    """A whole chart. `told` says it in a sentence, for those who do not see it."""

    code: str
    title: str
    told: str
    height: int
    bars: tuple[Bar, ...]
    words: tuple[Word, ...]
    lines: tuple[Line, ...] = ()
    legend: tuple[str, ...] = ()
    left: int = _LEFT
    width: int = WIDTH


def rows(figures: Figures) -> Drawing:
    """Horizontal bars, each under its name: for names that are long."""
    (series,) = figures.series
    values = [value or 0 for value in series.values]
    most = max(values, default=0) or 1
    bars, words = [], []
    for place, (name, value) in enumerate(zip(figures.categories, values, strict=True)):
        top = place * _ROW
        words.append(Word(0, top + 15, shortened(name, _LABEL_LENGTH)))
        length = round((WIDTH - 64) * value / most, 1)
        bars.append(Bar(0, top + 22, max(length, 1.0 if value else 0.0), 14, 0))
        words.append(Word(length + 8, top + 34, number(value), strong=True))
    told = ", ".join(f"{name} {number(value)}" for name, value in zip(figures.categories, values, strict=True) if value)
    height = max(len(values), 1) * _ROW
    return Drawing(figures.chart.code, figures.chart.title, told or "Aucun.", height, tuple(bars), tuple(words))


def columns(figures: Figures, title: str | None = None, legend: Sequence[str] = ()) -> Drawing:
    """Columns on an axis: one group per category, one column per series."""
    groups, count = figures.categories, len(figures.series)
    most = max((value or 0 for series in figures.series for value in series.values), default=0)
    step = _step(most)
    top = max(math.ceil(most / step), 1) * step
    plot = _COLUMNS_HEIGHT - _TOP - _BOTTOM
    room = (WIDTH - _LEFT) / max(len(groups), 1)
    width = min(room * 0.8 / max(count, 1), 36)
    bars, words, lines = [], [], []
    for tick in range(0, top + 1, step):
        y = _TOP + plot * (1 - tick / top)
        lines.append(Line(round(y, 1), base=tick == 0))
        words.append(Word(_LEFT - 8, round(y + 4, 1), number(tick), "end"))
    every = math.ceil(len(groups) / _MOST_WORDS) or 1
    for place in range(len(groups)):
        middle = _LEFT + room * (place + 0.5)
        for n, series in enumerate(figures.series):
            value = series.values[place] or 0
            height = plot * value / top
            x = middle + width * (n - count / 2)
            bars.append(Bar(round(x, 1), round(_TOP + plot - height, 1), round(width * 0.92, 1), round(height, 1), n))
            if len(groups) <= _MOST_WORDS and value:
                words.append(
                    Word(round(x + width * 0.46, 1), round(_TOP + plot - height - 4, 1), number(value), "middle", True)
                )
        if place % every == 0:
            words.append(Word(round(middle, 1), _COLUMNS_HEIGHT - 22, (figures.short or groups)[place], "middle"))
    name = title or figures.chart.title
    return Drawing(
        figures.chart.code, name, _told(figures), _COLUMNS_HEIGHT, tuple(bars), tuple(words), tuple(lines),
        tuple(legend) or (tuple(series.label for series in figures.series) if count > 1 else ()),
    )  # fmt: skip


def draw(figures: Figures) -> Drawing:
    """The chart that suits these figures."""
    if figures.chart in {Chart.status, Chart.refusals, Chart.drafts, Chart.mails}:
        return rows(figures)
    return columns(figures)


def _told(figures: Figures) -> str:
    """Totals, and the highest category, of each series."""
    said = []
    for series in figures.series:
        values = [value or 0 for value in series.values]
        if not values or not max(values):
            said.append(f"{series.label} : aucun")
            continue
        place = max(range(len(values)), key=values.__getitem__)
        said.append(f"{series.label} : au plus {number(values[place])} ({figures.categories[place]})")
    return ". ".join(said) + "."


def _step(most: int) -> int:
    """The round number that gives three to five lines."""
    scale = 1
    while True:
        for base in _STEPS:
            if most <= base * scale * 4:
                return base * scale
        scale *= 10
