"""What the form of a new correction holds while it is typed, and the recipe that it makes.

Filters keep the names that they have in lists; every other field has a name that no filter can have.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from enrolment.corrections.recipes import Act, Assignment, Recipe, correctable
from enrolment.errors import Refused
from enrolment.records import filters
from schema.base import Table
from schema.describe import FieldSpec
from web.forms import Form

TITLE, REASON, STEP, COLUMN, ADDED, KEYS, EXTENT = (
    "titre",
    "motif",
    "etape",
    "colonne",
    "nouvelle_colonne",
    "pk",
    "portee",
)
PREPARE, FILTER, ADD, EVERY, REMOVE = "preparer", "filtrer", "ajouter", "toutes", "retirer:"
ACT, VALUE, SEARCH, BY, COPIED, PAIRS = "acte.", "valeur.", "cherche.", "remplace.", "copie.", "table."
TICKED = "cochees"
_OWN = frozenset({TITLE, REASON, STEP, COLUMN, ADDED, KEYS, EXTENT})
_OF_COLUMN = (ACT, VALUE, SEARCH, BY, COPIED, PAIRS)
_LARGEST_KEY = 2**63 - 1


def is_own(name: str) -> bool:
    """Whether a field belongs to this form, and is no filter."""
    return name in _OWN or name.startswith(_OF_COLUMN)


@dataclass(frozen=True)
class Change:
    """One assignment as it is typed: texts only. `act` is empty until one is chosen."""

    column: str
    act: str = Act.constant.value
    value: str = ""
    search: str = ""
    by: str = ""
    copied: str = ""
    pairs: str = ""

    def assignment(self) -> Assignment:
        """What it asks for. Raises Refused for what cannot be understood."""
        if self.act not in {act.value for act in Act}:
            raise Refused("Choisissez ce que devient cette colonne.")
        act = Act(self.act)
        value = {Act.constant: self.value, Act.substitute: self.by}.get(act, "")
        return Assignment(
            self.column,
            act,
            value=value,
            search=self.search if act is Act.substitute else "",
            other=self.copied if act is Act.copy else "",
            pairs=tuple(pairs_of(self.pairs)) if act is Act.mapping else (),
        )


@dataclass(frozen=True)
class Writing:
    """Everything that is typed. `query` is the filter as lists write it, `keys` the ticked rows."""

    query: tuple[tuple[str, str], ...] = ()
    keys: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    title: str = ""
    reason: str = ""
    step: str = ""
    forgot_ticks: bool = False

    @classmethod
    def start(cls, pairs: Sequence[tuple[str, str]]) -> Writing:
        """From the address that a list leads to."""
        given = cls(_filters(pairs), _keys(value for name, value in pairs if name == KEYS))
        is_ticked = (EXTENT, TICKED) in pairs
        return replace(given, forgot_ticks=is_ticked and not given.keys)

    @classmethod
    def read(cls, form: Form) -> Writing:
        """From a submitted form."""
        columns = dict.fromkeys(form.getlist(COLUMN))
        return cls(
            query=_filters(form.texts),
            keys=_keys(form.getlist(KEYS)),
            changes=tuple(_change(form, column) for column in columns),
            title=form.get(TITLE).strip(),
            reason=form.get(REASON).strip(),
            step=form.get(STEP),
        )

    def after_step(self, model: type[Table], added: str) -> Writing:
        """What the pressed button makes of it, when it was not the one that prepares."""
        if self.step == EVERY:
            return replace(self, keys=())
        if self.step == ADD and added in {spec.name for spec in self.left(model)}:
            return replace(self, changes=(*self.changes, Change(added)))
        if self.step.startswith(REMOVE):
            gone = self.step.removeprefix(REMOVE)
            return replace(self, changes=tuple(one for one in self.changes if one.column != gone))
        return self

    def left(self, model: type[Table]) -> tuple[FieldSpec, ...]:
        """The columns that no change is about yet."""
        taken = {one.column for one in self.changes}
        return tuple(spec for spec in correctable(model) if spec.name not in taken)

    def recipe(self, assignments: Iterable[Assignment]) -> Recipe:
        """What is asked for."""
        return Recipe(query=() if self.keys else self.query, keys=self.keys, assignments=tuple(assignments))


def pairs_of(typed: str) -> list[tuple[str, str]]:
    """« ancienne ; nouvelle », one a line, or two columns pasted from a spreadsheet. Raises Refused with the line."""
    pairs: dict[str, str] = {}
    for number, line in enumerate(typed.splitlines(), start=1):
        if not line.strip():
            continue
        cells = _cells(line)
        if len(cells) != 2:  # An old value and a new one.
            raise Refused(
                f"Ligne {number} : écrivez l'ancienne valeur, un point-virgule, puis la nouvelle ; entre guillemets "
                "si elle contient elle-même un point-virgule."
            )
        old, new = cells
        if old in pairs:
            raise Refused(f"Ligne {number} : l'ancienne valeur « {old} » est donnée deux fois.")
        pairs[old] = new
    return list(pairs.items())


def _cells(line: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter="\t" if "\t" in line else ";", skipinitialspace=True))
    except csv.Error:
        # A cell longer than any value.
        return []
    return [cell.strip() for cell in cells]


def _change(form: Form, column: str) -> Change:
    return Change(
        column,
        act=form.get(ACT + column),
        value=form.get(VALUE + column),
        search=form.get(SEARCH + column),
        by=form.get(BY + column),
        copied=form.get(COPIED + column),
        pairs=form.get(PAIRS + column),
    )


def _filters(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What filters a list: not where one is in it, nor how it is sorted."""
    untold = filters.RESERVED - {filters.SEARCH}
    return tuple((name, value) for name, value in pairs if value.strip() and not is_own(name) and name not in untold)


def _keys(typed: Iterable[str]) -> tuple[int, ...]:
    found = dict.fromkeys(typed)
    if not all(one.isascii() and one.isdecimal() and len(one) < 20 and 0 < int(one) <= _LARGEST_KEY for one in found):
        raise Refused("Une des lignes cochées n'existe pas : reprenez depuis la liste.")
    return tuple(int(one) for one in found)
