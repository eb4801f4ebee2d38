"""From a table to the list of its fields: the only introspection in the project.

Forms, back office, imports, exports, constraints' messages and generated docs all read `FieldSpec`; none of them looks
at SQLModel or SQLAlchemy by itself.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from schema import durations
from schema.base import Table, table_of
from schema.columns import ColumnMeta, Personal, meta_of
from schema.complete import annotations_of, bare_type
from schema.enums import Labelled, Step
from schema.tables import ALL
from schema.types import FieldType, InvalidValue, field_type_of
from schema.types.cleaning import plain_punctuation

PARIS = ZoneInfo("Europe/Paris")
_YES = frozenset({"oui", "true", "vrai", "1", "on"})
_NO = frozenset({"non", "false", "faux", "0", "off"})


class FieldKind(StrEnum):
    """What sort of value a field holds, for those who must draw, read or write it."""

    text = "text"
    long_text = "long_text"
    integer = "integer"
    boolean = "boolean"
    date = "date"
    moment = "moment"
    choice = "choice"
    reference = "reference"
    structure = "structure"


@dataclass(frozen=True)
class FieldSpec:
    """All that is known of one column. `meta` holds what `column()` was told, the rest is read from type and table."""

    model: type[Table]
    name: str
    kind: FieldKind
    meta: ColumnMeta
    required: bool
    unique: bool
    primary_key: bool
    has_default: bool
    max_length: int | None
    field_type: FieldType | None
    choices: tuple[tuple[str, str], ...]
    enum: type[Labelled] | None
    references: str | None

    @property
    def table(self) -> str:
        """Name of the table."""
        return table_of(self.model).name

    @property
    def label(self) -> str:
        """French name."""
        return self.meta.label

    @property
    def help(self) -> str:
        """French explanation."""
        return self.meta.help

    @property
    def staff_help(self) -> str:
        """French explanation for the staff, whom a help for vendors does not address."""
        return self.meta.staff_help or self.meta.help

    @property
    def example(self) -> str | None:
        """A value as a user would type it."""
        return self.meta.example

    @property
    def unset(self) -> str | None:
        """What a list of choices offers for an empty value."""
        return self.meta.unset

    @property
    def source(self) -> str:
        """Where the column comes from: guide, rule or technique."""
        return self.meta.source

    @property
    def step(self) -> Step | None:
        """The step of the public form that asks for it."""
        return self.meta.step

    @property
    def vendor(self) -> bool:
        """Whether its vendor may see it."""
        return self.meta.vendor

    @property
    def personal(self) -> Personal | None:
        """Category of personal data."""
        return self.meta.personal

    @property
    def autocomplete(self) -> str | None:
        """HTML autocomplete token."""
        return self.meta.autocomplete or (self.field_type.autocomplete if self.field_type else None)

    @property
    def input_mode(self) -> str | None:
        """HTML input mode."""
        if self.kind is FieldKind.integer and not self.meta.duration:
            return "numeric"
        return self.meta.input_mode or (self.field_type.input_mode if self.field_type else None)

    @property
    def relation(self) -> str | None:
        """Name of the relationship beside a reference column."""
        return self.name.removesuffix("_id") if self.references else None

    def clean(self, raw: str | None) -> Any:
        """Turn what was typed into a value.

        Empty gives None when the column allows it. Raises InvalidValue with a French message otherwise. A reference is
        given by its key; whether the row exists is the caller's question.
        """
        text = (raw or "").strip()
        if not text:
            if self.required:
                raise InvalidValue("Renseignez ce champ.")
            return None
        return _READERS[self.kind](self, text)

    def show(self, value: Any) -> str:
        """A value as a French reader expects it. None gives an empty text."""
        if value is None:
            return ""
        if self.enum is not None:
            return self.enum(value).label
        if self.field_type is not None:
            return self.field_type.show(value)
        if self.meta.duration:
            return durations.show(value)
        return _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "Oui" if value else "Non"
    if isinstance(value, datetime):
        return value.astimezone(PARIS).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value)


def _read_text(spec: FieldSpec, text: str) -> str:
    return spec.field_type.parse(text) if spec.field_type else text


def _read_integer(spec: FieldSpec, text: str) -> int:
    number = durations.read(text) if spec.meta.duration else _read_digits(text)
    if spec.meta.ge is not None and number < spec.meta.ge:
        raise InvalidValue(f"Saisissez un nombre supérieur ou égal à {spec.meta.ge}.")
    if spec.meta.le is not None and number > spec.meta.le:
        raise InvalidValue(f"Saisissez un nombre inférieur ou égal à {spec.meta.le}.")
    return number


def _read_digits(text: str) -> int:
    digits = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    try:
        number = int(digits) if len(digits) <= 18 else None
    except ValueError:
        number = None
    if number is None:
        raise InvalidValue("Saisissez un nombre entier, en chiffres.")
    return number


def _read_boolean(spec: FieldSpec, text: str) -> bool:  # noqa: ARG001  All readers have one form.
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidValue("Répondez par Oui ou par Non.")


def _read_date(spec: FieldSpec, text: str) -> date:  # noqa: ARG001  All readers have one form.
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  A day has no time zone.
        except ValueError:
            continue
    raise InvalidValue("Saisissez une date comme 31/12/2026.")


def _read_moment(spec: FieldSpec, text: str) -> datetime:  # noqa: ARG001  All readers have one form.
    for form in ("%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=PARIS)
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidValue("Saisissez une date et une heure comme 31/12/2026 14:00 (heure de Paris).")
    return moment


def _read_choice(spec: FieldSpec, text: str) -> Any:
    assert spec.enum is not None  # noqa: S101  A choice always has its list.
    wanted = _compared(text)
    for member in spec.enum:
        if text == member.value or wanted == _compared(member.label):
            return member
    raise InvalidValue("Choisissez une valeur de la liste.")


def _compared(label: str) -> str:
    """A label without its case, its kind of apostrophe and its kind of spaces: a text editor changes them by itself."""
    return " ".join(plain_punctuation(label).casefold().split())


def _read_structure(spec: FieldSpec, text: str) -> Any:  # noqa: ARG001  All readers have one form.
    raise InvalidValue("Ce champ ne se saisit pas.")


_READERS: Mapping[FieldKind, Any] = {
    FieldKind.text: _read_text,
    FieldKind.long_text: _read_text,
    FieldKind.integer: _read_integer,
    FieldKind.reference: _read_integer,
    FieldKind.boolean: _read_boolean,
    FieldKind.date: _read_date,
    FieldKind.moment: _read_moment,
    FieldKind.choice: _read_choice,
    FieldKind.structure: _read_structure,
}

_KINDS: Mapping[Any, FieldKind] = {
    str: FieldKind.text,
    int: FieldKind.integer,
    bool: FieldKind.boolean,
    date: FieldKind.date,
    datetime: FieldKind.moment,
    dict: FieldKind.structure,
}


@cache
def fields(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Every column of a table, in the order of declaration."""
    annotations = annotations_of(model)
    own = [name for name in annotations if name in table_of(model).columns]
    technical = [name for name in ("id", "row_version", "created_at", "updated_at") if name in own]
    ordered = [*technical[:1], *(name for name in own if name not in technical), *technical[1:]]
    return tuple(_spec(model, table_of(model).columns[name], annotations[name]) for name in ordered)


def field(model: type[Table], name: str) -> FieldSpec:
    """One column by its name. Raises KeyError."""
    for spec in fields(model):
        if spec.name == name:
            return spec
    raise KeyError(name)


@cache
def model_named(table: str) -> type[Table]:
    """The model of a table by the table's name. Raises KeyError."""
    for model in ALL:
        if table_of(model).name == table:
            return model
    raise KeyError(table)


def public_fields(step: Step) -> tuple[FieldSpec, ...]:
    """Every column that a step of the public form asks for, table by table."""
    return tuple(spec for model in ALL for spec in fields(model) if spec.step is step)


def _spec(model: type[Table], col: sa.Column[Any], annotation: Any) -> FieldSpec:
    meta = meta_of(col)
    kind = bare_type(annotation)
    enum = kind if isinstance(kind, type) and issubclass(kind, Labelled) else None
    target = next((key.column.table.name for key in col.foreign_keys), None)
    optional = isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union
    return FieldSpec(
        model=model,
        name=col.name,
        kind=_kind(kind, enum, meta, target),
        meta=meta,
        required=not optional,
        unique=bool(col.unique),
        primary_key=col.primary_key,
        has_default=col.default is not None,
        max_length=getattr(col.type, "length", None),
        field_type=field_type_of(annotation),
        choices=tuple((member.value, member.label) for member in enum) if enum else (),
        enum=enum,
        references=target,
    )


def _kind(bare: Any, enum: Any, meta: ColumnMeta, target: str | None) -> FieldKind:
    if target is not None:
        return FieldKind.reference
    if enum is not None:
        return FieldKind.choice
    if bare is str and meta.long:
        return FieldKind.long_text
    return _KINDS[bare]
