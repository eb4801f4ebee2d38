"""The controls by which a list is searched and filtered, and the sentences that say what is applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session
from starlette.datastructures import QueryParams

from admin_app import forms
from enrolment.records import filters, presentation
from enrolment.records.filters import Operator, name_of
from schema.base import Table
from schema.describe import FieldKind, FieldSpec
from web.fields import YES_NO, Choice

_RARE = (f"__{Operator.empty.value}", f"__{Operator.differs.value}")
_NOT_PLACE = frozenset({filters.AFTER, filters.BEFORE, filters.RANK})


@dataclass(frozen=True)
class Control:
    """One control of the form. `kind` is text, select, date, or several: boxes of which any number is ticked."""

    name: str
    label: str
    kind: str
    value: str
    choices: Sequence[Choice] = ()
    error: str | None = None
    values: frozenset[str] = frozenset()

    @property
    def chosen(self) -> str:
        """What is ticked, shortly: « Tous », the label of the only one, or how many."""
        labels = [label for value, label in self.choices if value in self.values]
        if not labels:
            return "Aucun" if self.name.endswith(Operator.differs.value) else "Tous"
        return labels[0] if len(labels) == 1 else f"{len(labels)} choix"

    @property
    def id(self) -> str:
        """The id of the control."""
        return f"filter-{self.name}"


@dataclass(frozen=True)
class Chip:
    """One applied filter, and the address of the same list without it."""

    said: str
    url: str


@dataclass(frozen=True)
class FilterForm:
    """Everything about the filters of a list page."""

    main: list[Control]
    others: list[Control]
    kept: list[tuple[str, str]]
    chips: list[Chip]
    problems: dict[str, str]
    others_open: bool


def build(
    session: Session, model: type[Table], path: str, params: QueryParams, applied: filters.Filters, searched: str
) -> FilterForm:
    """The form as it stands under an address."""
    main, others = [], []
    listed = set(presentation.listed(model))
    for spec in presentation.filtered(model):
        if spec.name in ("id", "row_version"):
            continue
        controls = _controls(session, spec, params, applied.problems)
        if spec in listed:
            main += [control for control in controls if not control.name.endswith(_RARE)]
            others += [control for control in controls if control.name.endswith(_RARE)]
        else:
            others += controls
    names = {control.name for control in [*main, *others]} | {filters.SEARCH} | _NOT_PLACE
    kept = [(printable(name), printable(value)) for name, value in params.multi_items() if value and name not in names]
    return FilterForm(
        main,
        others,
        kept,
        _chips(path, params, applied, searched),
        applied.problems,
        others_open=any(control.value for control in others),
    )


def _controls(session: Session, spec: FieldSpec, params: QueryParams, problems: dict[str, str]) -> list[Control]:
    made = []
    few = forms.few_choices(session, spec.references) if spec.references else None
    for operator in filters.operators_of(spec):
        if not _is_offered(spec, operator, few=few is not None):
            continue
        name = name_of(spec, operator)
        kind, choices = _kind(spec, operator, few)
        label = f"{spec.label}{_SUFFIX[operator]}"
        values = frozenset(params.getlist(name))
        value = printable(params.get(name, ""))
        made.append(Control(name, label, kind, value, choices, problems.get(name), values))
    return made


def _is_offered(spec: FieldSpec, operator: Operator, *, few: bool) -> bool:
    """Links may use every operator; the form offers one way for each need."""
    if operator is Operator.differs:
        return spec.kind is FieldKind.choice or few
    if operator is Operator.equal:
        return spec.kind in (FieldKind.choice, FieldKind.boolean) or few
    return not (few and operator is Operator.contains)


def _kind(spec: FieldSpec, operator: Operator, few: Any) -> tuple[str, Sequence[Choice]]:
    if operator is Operator.empty:
        return "select", (("oui", "Vide"), ("non", "Renseigné"))
    if operator in (Operator.from_day, Operator.to_day):
        return "date", ()
    if operator is Operator.equal and spec.kind is FieldKind.boolean:
        return "select", YES_NO
    if operator in (Operator.equal, Operator.differs) and spec.kind is FieldKind.choice:
        return "several", spec.choices
    if operator in (Operator.equal, Operator.differs) and few is not None:
        return "several", few
    return "text", ()


_SUFFIX = {
    Operator.equal: "",
    Operator.differs: ", sauf",
    Operator.contains: " contient",
    Operator.at_least: ", au moins",
    Operator.at_most: ", au plus",
    Operator.from_day: ", du",
    Operator.to_day: ", au",
    Operator.empty: " : vide ?",
}


def printable(text: str) -> str:
    """What may stand in a page: an address can hold characters that no page may."""
    return "".join(letter for letter in text if letter.isprintable())


def _chips(path: str, params: QueryParams, applied: filters.Filters, searched: str) -> list[Chip]:
    chips = [Chip(item.said, without(path, params, item.parameter)) for item in applied.applied]
    if searched:
        chips.insert(0, Chip(f"Recherche : {searched}", without(path, params, filters.SEARCH)))
    return chips


def without(path: str, params: QueryParams, *names: str) -> str:
    """The address of the list without some parameters, back on its first page."""
    left = [(name, value) for name, value in params.multi_items() if value and name not in {*names, *_NOT_PLACE}]
    query = QueryParams(left)
    return f"{path}?{query}" if left else path
