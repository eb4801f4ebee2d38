"""The checker of a financing file: every rule of the format, in one pass, with little memory beside the references.

What a line of prestation must be is in `lines`, what a field must be in `format`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from enrolment.financing import format as described
from enrolment.financing.format import HEADER, LINES, PARTS, SITES
from enrolment.financing.lines import Found, Lines, amount, french_day, read_fields
from enrolment.financing.problems import Problem, Problems, TooMany, cut, said
from enrolment.financing.reading import Element, Reading, Unreadable
from enrolment.financing.rules import Rules

_SUMS = ("total_ht", "total_tva", "total_ttc")


@dataclass(frozen=True)
class Report:
    """What the check found. The totals are those of the lines that could be read, in cents."""

    problems: tuple[Problem, ...]
    count: int
    stopped: bool
    remarks: tuple[str, ...] = ()
    ans_number: str = ""
    period: tuple[date, date] | None = None
    sites: int = 0
    lines: int = 0
    totals: tuple[int, int, int] = (0, 0, 0)

    @property
    def conforms(self) -> bool:
        """Whether nothing is wrong."""
        return self.count == 0

    @property
    def hidden(self) -> int:
        """How many problems are counted and not shown."""
        return self.count - len(self.problems)


def check(stream: BinaryIO, rules: Rules) -> Report:
    """Check a file. Raises nothing, whatever it holds."""
    return _Check(stream, rules).run()


class _Check:
    """One check, from the first byte to the totals."""

    def __init__(self, stream: BinaryIO, rules: Rules) -> None:
        self.reading = Reading(stream, (SITES, LINES))
        self.rules = rules
        self.problems = Problems()
        self.header: dict[str, Any] = {}
        self.header_places: dict[str, int] = {}
        self.remarks: list[str] = []
        self.sites: dict[str, int] = {}
        self.site_count = 0
        self.lines: Lines | None = None
        self.seen: list[str] = []

    def run(self) -> Report:
        """Read to the end, or as far as can be read."""
        stopped = False
        try:
            for element in self.reading.elements():
                self._take(element)
            self._end()
        except Unreadable as error:
            self._bytes()
            self.problems.count += 1
            self.problems.shown = [*self.problems.shown[: self._room()], error.problem]
            stopped = True
        except TooMany:
            stopped = True
        lines = self.lines
        start, end = self.header.get("periode_debut"), self.header.get("periode_fin")
        return Report(
            tuple(sorted(self.problems.shown, key=lambda problem: problem.line)),
            self.problems.count,
            stopped,
            tuple(self.remarks),
            self.header.get("numero_ans", ""),
            (start, end) if start and end else None,
            self.site_count,
            lines.count if lines else 0,
            (lines.sums[0], lines.sums[1], lines.sums[2]) if lines else (0, 0, 0),
        )

    def _room(self) -> int:
        # What stopped the reading is always told, even after many other problems.
        return max(len(self.problems.shown) - int(self.problems.is_full), 0)

    def _bytes(self) -> None:
        for problem in self.reading.remarks:
            self.problems.add(problem)

    def _take(self, element: Element) -> None:
        part = element.part
        if not self.seen or self.seen[-1] != part:
            self._begin(element)
        if part == LINES and element.index is not None:
            assert self.lines is not None  # noqa: S101  `_begin` makes it.
            found = self.lines.take(element.value)
            if found is not None:
                self._note(element, found)
        elif part == SITES and element.index is not None:
            self._take_site(element)
        elif part == HEADER:
            self._take_header(element)
        elif part in PARTS:
            self._add(element, "", f"une liste entre crochets est attendue, pas {said(element.value)}.")

    def _begin(self, element: Element) -> None:
        part = element.part
        if part not in PARTS:
            self._add(element, "", f"la partie {said(part)} n'est pas de ce format. Retirez-la.", part=cut(part))
        elif part in self.seen:
            self._add(element, "", "cette partie est écrite deux fois. N'en gardez qu'une.", part=part)
        elif any(PARTS.index(part) < PARTS.index(before) for before in self.seen if before in PARTS):
            self._add(
                element,
                "",
                f"cette partie arrive trop tard : le fichier est lu en une fois. Suivez l'ordre {', '.join(PARTS)}.",
                part=part,
            )
        self.seen.append(part)
        if part == LINES and self.lines is None:
            self.lines = Lines(self.rules, self.header, self.sites)

    def _take_header(self, element: Element) -> None:
        values, found = read_fields(element.value, described.HEADER_FIELDS, {})
        self.header.update(values)
        if type(element.value) is dict and not self.problems.is_full:
            self.header_places = {name: self.reading.line_of(element, name) for name in values}
        self._note(element, [*found, *_header(values, self.rules, self.remarks)])

    def _take_site(self, element: Element) -> None:
        self.site_count += 1
        values, found = read_fields(element.value, described.SITE_FIELDS, {})
        number = values.get("siret")
        if number is not None:
            first = self.sites.setdefault(number, self.site_count - 1)
            if first != self.site_count - 1:
                found.append(
                    ("siret", f"l'établissement {number} est déjà etablissements[{first}]. N'en gardez qu'un.")
                )
        self._note(element, found)

    def _end(self) -> None:
        """What can only be known at the end: parts that are missing, and the totals."""
        self._bytes()
        for part in PARTS:
            if part not in self.seen:
                self.problems.add(Problem(1, part, f"la partie « {part} » manque ou est vide. Ajoutez-la."))
        lines = self.lines
        if lines is None:
            return
        said_count = self.header.get("nombre_prestations")
        if said_count is not None and said_count != lines.count:
            self._header_problem(
                "nombre_prestations", f"l'en-tête annonce {said_count} prestations, le fichier en compte {lines.count}."
            )
        for name, total, unread in zip(_SUMS, lines.sums, lines.unread, strict=True):
            announced = self.header.get(name)
            # A total that misses an amount nobody could read would only be wrong a second time.
            if announced is not None and announced != total and not unread:
                self._header_problem(
                    name, f"l'en-tête annonce {amount(announced)}, la somme des lignes est de {amount(total)}."
                )

    def _header_problem(self, name: str, message: str) -> None:
        self.problems.add(Problem(self.header_places.get(name, 1), f"{HEADER}.{name}", message))

    def _note(self, element: Element, found: Found) -> None:
        for name, message in found:
            self._add(element, name, message)

    def _add(self, element: Element, name: str, message: str, part: str = "") -> None:
        if self.problems.is_full:
            self.problems.add(None)
            return
        path = part or (element.part if element.index is None else f"{element.part}[{element.index}]")
        line = self.reading.line_of(element, name if isinstance(element.value, dict) else "")
        self.problems.add(Problem(line, f"{path}.{cut(name)}" if name else path, message))


def _header(values: Mapping[str, Any], rules: Rules, remarks: list[str]) -> Found:
    """The header against the rules: its dates, its wave, and the enrolment that it names."""
    found: Found = []
    written, start, end = values.get("date"), values.get("periode_debut"), values.get("periode_fin")
    if written and written > rules.today:
        found.append(
            ("date", f"le {french_day(written)} est dans le futur. Indiquez le jour où le fichier est établi.")
        )
    if start and end and end < start:
        found.append(("periode_fin", "la période finit avant de commencer. Vérifiez ses deux dates."))
    if written and end and end > written:
        found.append(("periode_fin", "la période finit après la date du fichier. Déclarez une période écoulée."))
    wave = values.get("vague")
    if wave and wave not in rules.waves:
        found.append(
            ("vague", f"la vague {said(wave)} n'existe pas. Choisissez parmi : {', '.join(sorted(rules.waves))}.")
        )
    return found + _enrolment(values, rules, remarks)


def _enrolment(values: Mapping[str, Any], rules: Rules, remarks: list[str]) -> Found:
    number = values.get("numero_ans")
    if number is None:
        return []
    enrolled = rules.enrolments.get(" ".join(number.split()).upper())
    if enrolled is None:
        return [
            (
                "numero_ans",
                (
                    f"le référencement {said(number)} n'est pas enrôlé par votre compte. Vérifiez-le, ou déposez "
                    "d'abord une demande d'enrôlement."
                ),
            )
        ]
    found: Found = []
    if rules.only is not None and number != rules.only:
        found.append(
            (
                "numero_ans",
                (
                    f"ce fichier est celui du référencement {said(number)}, et vous déposez pour « {rules.only} ». "
                    "Choisissez l'autre enrôlement, ou l'autre fichier."
                ),
            )
        )
    siret = values.get("siret_fournisseur")
    if siret is not None and siret != enrolled.siret:
        found.append(
            ("siret_fournisseur", f"{siret} n'est pas le SIRET enrôlé pour ce référencement ({enrolled.siret}).")
        )
    if values.get("vague") not in (None, enrolled.wave):
        found.append(("vague", f"ce référencement est enrôlé dans la vague « {enrolled.wave} »."))
    if not enrolled.is_validated:
        remarks.append(
            f"L'enrôlement de {number} n'est pas encore entièrement validé : le dépôt d'une demande de financement "
            "s'ouvrira quand il le sera."
        )
    return found
