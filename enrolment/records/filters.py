"""Reads the filters of a list from its address, strictly: what cannot be understood is refused, never ignored.

A parameter is the name of a column, alone (equal to) or followed by `__` and an operator. The form of filters and the
links of other pages write the same parameters; the export and bulk work read them with the same function.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum, unique
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.clock import PARIS
from enrolment.errors import DomainError
from enrolment.records import presentation, search
from enrolment.records.order import filled
from schema import durations, text_index
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec
from schema.folding import contains
from schema.indexes import GROWING, is_led
from schema.types import InvalidValue

# What a list may carry beside its filters.
SEARCH = "recherche"
SORT = "tri"
DIRECTION = "sens"
AFTER = "apres"
BEFORE = "avant"
RANK = "rang"
SIZE = "taille"
COLUMNS = "colonnes"
SAID = "fait"
RESERVED = frozenset({SEARCH, SORT, DIRECTION, AFTER, BEFORE, RANK, SIZE, COLUMNS, SAID})
_MOST_VALUES = 200
_LARGEST = 2**63 - 1


def asked_columns(values: Iterable[str]) -> list[str]:
    """The columns that an address names, by commas or by repetition, each once."""
    return list(dict.fromkeys(name for value in values for name in value.split(",") if name))


def no_filter(name: str) -> str:
    """What is said of a filter that the list does not have."""
    return f"Le filtre « {ascii(name[:60])[1:-1]} » n'existe pas dans cette liste."


def no_column(name: str) -> str:
    """What is said of a column that the list does not have."""
    return f"La colonne « {ascii(name[:60])[1:-1]} » n'existe pas dans cette liste."


@unique
class Operator(StrEnum):
    """How a value is compared."""

    equal = ""
    differs = "sauf"
    contains = "contient"
    at_least = "min"
    at_most = "max"
    from_day = "du"
    to_day = "au"
    empty = "vide"


OPERATORS: dict[FieldKind, tuple[Operator, ...]] = {
    FieldKind.text: (Operator.contains, Operator.equal, Operator.differs),
    FieldKind.long_text: (Operator.contains,),
    FieldKind.integer: (Operator.at_least, Operator.at_most, Operator.equal),
    FieldKind.boolean: (Operator.equal,),
    FieldKind.choice: (Operator.equal, Operator.differs),
    FieldKind.date: (Operator.from_day, Operator.to_day, Operator.equal),
    FieldKind.moment: (Operator.from_day, Operator.to_day),
    FieldKind.reference: (Operator.contains, Operator.equal, Operator.differs),
}

RANGES = frozenset({Operator.at_least, Operator.at_most, Operator.from_day, Operator.to_day})

_SAID = {
    Operator.equal: "",
    Operator.differs: "sauf",
    Operator.contains: "contient",
    Operator.at_least: "à partir de",
    Operator.at_most: "jusqu'à",
    Operator.from_day: "du",
    Operator.to_day: "au",
    Operator.empty: "",
}


class WrongFilters(DomainError):
    """Some filters could not be understood; no row may be shown, exported or changed under them."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("Ces filtres ne peuvent pas être appliqués. " + " ".join(problems.values()))


@dataclass(frozen=True)
class Filter:
    """One filter that was understood. `said` tells it in French."""

    spec: FieldSpec
    operator: Operator
    parameter: str
    raw: tuple[str, ...]
    said: str
    condition: sa.ColumnElement[bool]


@dataclass
class Filters:
    """All filters of an address, and what was wrong with it.

    `narrow` gives keys, each through an index, among which all the rows are, and `newest` ways to the newest of them:
    hints to whoever reads them.
    """

    applied: list[Filter] = field(default_factory=list)
    narrow: list[search.Keys] = field(default_factory=list)
    newest: list[search.Newest] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What to add to a query. Raises WrongFilters when anything was wrong."""
        if self.problems:
            raise WrongFilters(self.problems)
        return [item.condition for item in self.applied]


def name_of(spec: FieldSpec, operator: Operator) -> str:
    """The parameter that filters a column with an operator."""
    return f"{spec.name}__{operator.value}" if operator.value else spec.name


def operators_of(spec: FieldSpec) -> tuple[Operator, ...]:
    """How a column may be filtered. A code that nobody types in part, in a long list, only by its whole."""
    if spec.kind is FieldKind.text and spec.table in GROWING and spec not in text_index.indexed(spec.model):
        return (Operator.equal,)
    return OPERATORS[spec.kind] + (() if spec.required else (Operator.empty,))


def read(session: Session, model: type[Table], pairs: Iterable[tuple[str, str]]) -> Filters:
    """Understand every parameter of an address."""
    known = {
        name_of(spec, operator): (spec, operator)
        for spec in presentation.filtered(model)
        for operator in operators_of(spec)
    }
    given: dict[str, list[str]] = {}
    for name, raw in pairs:
        if name not in RESERVED and raw.strip():
            given.setdefault(name, []).append(raw.strip())
    filters = Filters()
    for name, values in given.items():
        if name not in known:
            filters.problems[name] = no_filter(name)
            continue
        spec, operator = known[name]
        try:
            filters.applied.append(_understood(session, name, spec, operator, values))
        except InvalidValue as error:
            filters.problems[name] = f"{spec.label} : {error}"
    filters.narrow = _narrow(session, model, filters.applied)
    filters.newest = [
        search.newest_holding(session, model, (item.spec,), item.raw)
        for item in filters.applied
        if item.operator is Operator.contains and item.spec.references is None
    ]
    return filters


def _narrow(session: Session, model: type[Table], applied: list[Filter]) -> list[sa.Select[tuple[int]]]:
    """By the index of each filtered column, then by the index of words."""
    columns = table_of(model).c
    exact: dict[str, list[sa.ColumnElement[bool]]] = {}
    words = []
    for item in applied:
        if item.operator is Operator.contains:
            words.append(search.keys_holding(session, item.spec, item.raw[0]))
        elif is_led(columns[item.spec.name]) or item.operator is Operator.empty:
            exact.setdefault(item.spec.name, []).append(_indexed(item, columns[item.spec.name]))
    found = [sa.select(columns.id).where(*conditions) for conditions in exact.values()]
    return [*found, *(keys for keys in words if keys is not None)]


def _indexed(item: Filter, column: Any) -> sa.ColumnElement[bool]:
    """A filter in a form that an index answers: « all but one value » is what lies before it and after it."""
    if item.operator is not Operator.differs or item.spec.enum is not None or len(item.raw) > 1:
        return item.condition
    value = _value(item.spec, item.raw[0])
    around = [column < value, column > value]
    return sa.or_(*around) if item.spec.required else sa.or_(column.is_(None), *around)


def _understood(session: Session, name: str, spec: FieldSpec, operator: Operator, values: list[str]) -> Filter:
    several = (FieldKind.choice, FieldKind.reference, FieldKind.text)
    many = operator in (Operator.equal, Operator.differs) and spec.kind in several
    if len(values) > (_MOST_VALUES if many else 1):
        raise InvalidValue("ce filtre ne prend qu'une valeur.")
    if any(len(value) > search.LONGEST for value in values):
        raise InvalidValue("cette valeur est trop longue.")
    if any("\x00" in value for value in values):
        raise InvalidValue("cette valeur contient un caractère impossible.")
    column = table_of(spec.model).c[spec.name]
    condition, said = _COMPARE[operator](session, spec, column, values)
    return Filter(
        spec, operator, name, tuple(values), f"{spec.label} {_SAID[operator]} : {said}".replace("  ", " "), condition
    )


def _equal(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    cleaned, said = _given(session, spec, values)
    return (column == cleaned[0] if len(cleaned) == 1 else column.in_(cleaned)), said


def _differs(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    """An empty value is none of those given: SQL alone would leave it out."""
    cleaned, said = _given(session, spec, values)
    # The other values of a closed list are looked up in its index.
    left = [value for value in spec.enum or () if value not in cleaned]
    others = column.in_(left) if left else column.not_in(cleaned)
    return others if spec.required else sa.or_(column.is_(None), others), said


def _given(session: Session, spec: FieldSpec, values: list[str]) -> tuple[list[Any], str]:
    """The values as the column holds them, and how they are said."""
    cleaned = [_value(spec, raw) for raw in values]
    known: presentation.Titles = {}
    if spec.references is not None:
        known = presentation.titles(session, {spec.references: set(cleaned)})
    return cleaned, ", ".join(presentation.shown(spec, value, known) for value in cleaned)


def _value(spec: FieldSpec, raw: str) -> Any:
    if spec.kind in (FieldKind.integer, FieldKind.reference):
        return _number(spec, raw)
    if spec.kind is FieldKind.text:
        try:
            return spec.clean(raw)
        except InvalidValue:
            # A stored value may be older than the rule of its type.
            return raw
    return spec.clean(raw)


def _number(spec: FieldSpec, raw: str) -> int:
    if spec.meta.duration:
        return durations.read(raw)
    digits = raw.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if not (digits.removeprefix("-").isascii() and digits.removeprefix("-").isdecimal() and len(digits) <= 20):
        raise InvalidValue("saisissez un nombre entier, en chiffres.")
    number = int(digits)
    if abs(number) > _LARGEST:
        raise InvalidValue("ce nombre est trop grand.")
    return number


def _contains(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    (typed,) = values
    if spec.references is None:
        return contains(session, column, typed), typed
    return search.names_answering(session, spec, typed), typed


def _at_least(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    del session
    return column >= _number(spec, values[0]), values[0]


def _at_most(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    del session
    return column <= _number(spec, values[0]), values[0]


def _from_day(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    del session
    day = day_of(values[0])
    bound = day if spec.kind is FieldKind.date else start_of(day)
    return column >= bound, day.strftime("%d/%m/%Y")


def _to_day(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    del session
    day = day_of(values[0])
    bound = column <= day if spec.kind is FieldKind.date else column < start_of(day + timedelta(days=1))
    return bound, day.strftime("%d/%m/%Y")


def day_of(raw: str) -> date:
    """A day as a form or a person writes it. Raises InvalidValue."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.strptime(raw, form).date()  # noqa: DTZ007  A day has no time zone.
        except ValueError:
            continue
        if 1900 <= day.year <= 2200:
            return day
    raise InvalidValue("saisissez une date comme 31/12/2026.")


def start_of(day: date) -> datetime:
    """The moment at which a day begins in Paris."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def _empty(session: Session, spec: FieldSpec, column: Any, values: list[str]) -> tuple[sa.ColumnElement[bool], str]:
    del session
    if values[0] == "oui":
        return column.is_(None), "vide"
    if values[0] == "non":
        # Said as a range, which an index answers on both engines.
        return filled(spec), "renseigné"
    raise InvalidValue("répondez par oui ou par non.")


_COMPARE: dict[Operator, Any] = {
    Operator.equal: _equal,
    Operator.differs: _differs,
    Operator.contains: _contains,
    Operator.at_least: _at_least,
    Operator.at_most: _at_most,
    Operator.from_day: _from_day,
    Operator.to_day: _to_day,
    Operator.empty: _empty,
}
