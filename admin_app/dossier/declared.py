"""What the vendor declared as the page of a file shows it: each answer with the tick that flags it for a correction.

A tick stands beside its answer and belongs, by its `form` attribute, to the form « Demander une correction » lower on
the page: a manager who reads the data beside a piece says what is wrong where it is read. Which answers may be flagged
is the service's rule (`enrolment.services.asking`), what was flagged is kept by `enrolment.services.flagging`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from admin_app.dossier.typed import Typed
from enrolment.services.asking import Flaggable, fields_to_flag
from enrolment.services.comparison import Declared, DeclaredSection
from enrolment.services.dossier import Dossier
from enrolment.services.flagging import Flag
from schema.enums import Verb


@dataclass(frozen=True)
class FlagView:
    """The tick of one answer, and why it is to correct. `label` stands alone, away from its section."""

    name: str
    label: str
    flagged: bool
    reason: str


@dataclass(frozen=True)
class LineView:
    """One answer; `flag` is None where nothing may be flagged. `kept` is what was flagged so far, and by whom."""

    line: Declared
    flag: FlagView | None
    kept: Flag | None = None


@dataclass(frozen=True)
class SectionView:
    """The answers about one person or thing."""

    title: str
    differences: int
    lines: tuple[LineView, ...]

    @property
    def may_flag(self) -> bool:
        """Whether a column of ticks stands beside these answers."""
        return any(view.flag for view in self.lines)


def sections(session: Session, file: Dossier, typed: Typed | None, *, may_flag: bool) -> tuple[SectionView, ...]:
    """The declared data, each answer with its tick when a correction may be asked."""
    flags = _flags(session, file, typed) if may_flag else {}
    shown = {line.name for section in file.sections for line in section.lines}
    left = {name: one for name, one in flags.items() if name not in shown}
    kept = {flag.name: flag for flag in file.flags}
    found = [_section(section, flags, left, kept) for section in file.sections]
    known = {section.prefix for section in file.sections}
    for prefix in dict.fromkeys(_prefix(name) for name in left if _prefix(name) not in known):
        answers = tuple(_unanswered(left, prefix, kept))
        found.append(SectionView(next(left[name][0].section for name in left if _prefix(name) == prefix), 0, answers))
    return tuple(found)


def flagged(views: tuple[SectionView, ...]) -> tuple[FlagView, ...]:
    """The answers that are ticked, in the order of the page."""
    return tuple(view.flag for section in views for view in section.lines if view.flag and view.flag.flagged)


_Flags = Mapping[str, tuple[Flaggable, FlagView]]


def _flags(session: Session, file: Dossier, typed: Typed | None) -> _Flags:
    mine = typed if typed is not None and typed.verb is Verb.ask_correction else None
    kept = {flag.name: flag.reason for flag in file.flags}
    ticked, reasons = (mine.flagged, mine.reasons) if mine else (kept, kept)
    return {
        one.name: (one, FlagView(one.name, one.label, one.name in ticked, reasons.get(one.name, "")))
        for one in fields_to_flag(session, file.request)
    }


def _section(section: DeclaredSection, flags: _Flags, left: _Flags, kept: Mapping[str, Flag]) -> SectionView:
    lines = tuple(
        LineView(line, flags[line.name][1] if line.name in flags else None, kept.get(line.name))
        for line in section.lines
    )
    return SectionView(section.title, section.differences, (*lines, *_unanswered(left, section.prefix, kept)))


def _unanswered(left: _Flags, prefix: str, kept: Mapping[str, Flag]) -> Iterator[LineView]:
    """What was asked of the vendor and left empty: it may be what is to correct."""
    for name, (_, view) in left.items():
        if _prefix(name) == prefix:
            yield LineView(Declared(view.label, "", name=name), view, kept.get(name))


def _prefix(name: str) -> str:
    return name.partition(".")[0]
