"""Understands the filters of the dashboard: strictly, since a filter that is misread would show the wrong numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from enrolment.figures.reading import Choice
from enrolment.figures.weeks import monday_of
from schema.tables import Dsr, Wave

NAMES = ("vague", "dsr", "du", "au")
_FORMS = ("%Y-%m-%d", "%d/%m/%Y")


@dataclass
class Choosing:
    """What was asked, as typed, what it means, and what was wrong with it."""

    typed: dict[str, str] = field(default_factory=dict)
    choice: Choice = field(default_factory=Choice)
    problems: dict[str, str] = field(default_factory=dict)
    waves: tuple[tuple[str, str], ...] = ()
    dsrs: tuple[tuple[str, str], ...] = ()

    @property
    def period(self) -> str:
        """The whole weeks that are kept, in French; empty without a period."""
        first, last = self.choice.first, self.choice.last
        sunday = last + timedelta(days=6) if last else None
        if first and sunday:
            return f"du lundi {first:%d/%m/%Y} au dimanche {sunday:%d/%m/%Y}"
        if first:
            return f"depuis le lundi {first:%d/%m/%Y}"
        return f"jusqu'au dimanche {sunday:%d/%m/%Y}" if sunday else ""


def read(session: Session, pairs: Iterable[tuple[str, str]]) -> Choosing:
    """Understand an address."""
    waves = session.exec(select(Wave).order_by(col(Wave.code))).all()
    dsrs = session.exec(select(Dsr).order_by(col(Dsr.name))).all()
    read_so_far = Choosing(
        waves=tuple((wave.code, wave.name) for wave in waves), dsrs=tuple((dsr.code, dsr.name) for dsr in dsrs)
    )
    _take(read_so_far, pairs)
    typed, problems = read_so_far.typed, read_so_far.problems
    kept = _dsrs(typed, problems, waves, dsrs)
    first, last = (_day(name, typed, problems) for name in ("du", "au"))
    if first and last and first > last:
        problems["au"] = "La fin de la période précède son début."
    read_so_far.choice = Choice(kept, monday_of(first) if first else None, monday_of(last) if last else None)
    return read_so_far


def _take(into: Choosing, pairs: Iterable[tuple[str, str]]) -> None:
    for name, raw in pairs:
        if name not in NAMES:
            into.problems[name] = f"Le filtre « {ascii(name[:60])[1:-1]} » n'existe pas sur cette page."
        elif name in into.typed:
            into.problems[name] = "Un filtre ne peut pas être donné deux fois."
        elif raw.strip():
            into.typed[name] = raw.strip()[:100]


def _dsrs(
    typed: Mapping[str, str], problems: dict[str, str], waves: Sequence[Wave], dsrs: Sequence[Dsr]
) -> frozenset[int] | None:
    """The DSRs that are kept; None for all of them."""
    kept: frozenset[int] | None = None
    if "vague" in typed:
        wave = next((wave for wave in waves if wave.code == typed["vague"]), None)
        if wave is None:
            problems["vague"] = "Cette vague n'existe pas : choisissez-en une dans la liste."
        else:
            kept = frozenset(dsr.id for dsr in dsrs if dsr.wave_id == wave.id)
    if "dsr" in typed:
        dsr = next((dsr for dsr in dsrs if dsr.code == typed["dsr"]), None)
        if dsr is None:
            problems["dsr"] = "Ce DSR n'existe pas : choisissez-en un dans la liste."
        elif kept is not None and dsr.id not in kept:
            problems["dsr"] = "Ce DSR n'est pas de la vague choisie : retirez l'un des deux filtres."
        else:
            kept = frozenset({dsr.id})
    return kept


def _day(name: str, typed: dict[str, str], problems: dict[str, str]) -> date | None:
    if name not in typed:
        return None
    for form in _FORMS:
        try:
            day = datetime.strptime(typed[name], form).date()  # noqa: DTZ007  A day has no time zone.
        except ValueError:
            continue
        if 2000 <= day.year <= 2100:
            return day
    label = "Du" if name == "du" else "Au"
    problems[name] = f"{label} : saisissez une date comme 31/12/2026."
    return None
