"""The form of a row, from its description: what is shown, what was typed, what is wrong with it.

Nothing is written here. A value that was not touched is never read again: a row whose old value a newer rule refuses
can still be corrected elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from admin_app import addresses
from enrolment.clock import PARIS
from enrolment.records import codes, presentation, search
from enrolment.rules import checks
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named
from schema.folding import fold
from schema.types import InvalidValue
from web.fields import YES_NO, Choice, FieldView
from web.forms import Form
from web.typography import french

VERSION = "row_version"
REASON = "motif"
PASSWORD = "mot_de_passe"  # noqa: S105  The name of a field.
SAVE = "enregistrer"
EFFECTIVE = "prend_effet_le"
PREVIEW = "previsualiser"
EXAMPLE = "demande_exemple"
_OF_RULES = frozenset({EFFECTIVE, PREVIEW, EXAMPLE})
"""Fields of the forms of rules (`admin_app.rules.form`)."""

BASE_PREFIX = "lu."
_LONGEST_REASON = 255
_FEW = 100
_SUGGESTED = 20


@dataclass
class Typed:
    """What a submission holds: raw texts, values that were understood, and errors by field."""

    raw: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    base: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    version: int | None = None

    @property
    def is_right(self) -> bool:
        """Whether everything could be understood."""
        return not self.errors and not self.others


def raw_of(spec: FieldSpec, value: Any) -> str:
    """A stored value as its field shows it, ready to be sent back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return value.astimezone(PARIS).strftime("%Y-%m-%dT%H:%M")
    if spec.kind is FieldKind.date:
        return str(value.isoformat())
    return codes.text_in_french(spec, str(getattr(value, "value", value)))


def raw_row(model: type[Table], row: Table | None) -> dict[str, str]:
    """Every editable value of a row as its field shows it; the defaults of a new row."""
    specs = presentation.editable(model)
    if row is not None:
        return {spec.name: raw_of(spec, getattr(row, spec.name)) for spec in specs}
    columns = table_of(model).c
    defaults = {}
    for spec in specs:
        default = columns[spec.name].default
        known = isinstance(default, sa.ColumnDefault) and default.is_scalar
        defaults[spec.name] = raw_of(spec, getattr(default, "arg", None)) if known else ""
    return defaults


def read(session: Session, model: type[Table], form: Form, row: Table | None) -> Typed:
    """Understand a submission. `row` is the row as it stands, None for a new one."""
    specs = presentation.editable(model)
    typed = Typed(version=version_of(form), reason=form.get(REASON).strip()[:_LONGEST_REASON] or None)
    names = {spec.name for spec in specs}
    accepted = (
        names | {VERSION, REASON, PASSWORD, SAVE, "csrf_token"} | {BASE_PREFIX + name for name in names} | _OF_RULES
    )
    if form.unexpected(accepted) or form.uploads:
        typed.others.append("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    before = raw_row(model, row) if row is not None else {}
    for spec in specs:
        raw = form.get(spec.name).strip()
        typed.raw[spec.name] = raw
        typed.base[spec.name] = form.get(BASE_PREFIX + spec.name)
        if row is not None and raw == before[spec.name]:
            typed.values[spec.name] = getattr(row, spec.name)
            continue
        try:
            typed.values[spec.name] = _value(session, spec, raw)
        except InvalidValue as error:
            typed.errors[spec.name] = str(error)
    return typed


def version_of(form: Form) -> int | None:
    """The version of the row that was read; None for what cannot be one."""
    raw = form.get(VERSION)
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 18 else None


def _value(session: Session, spec: FieldSpec, raw: str) -> Any:
    if spec.references is None or not raw:
        return spec.clean(raw)
    return _reference(session, spec.references, raw)


def _reference(session: Session, table: str, raw: str) -> int:
    """The key of a row given by its key, or, without scripts, by words that only it answers."""
    columns = table_of(model_named(table)).c
    if raw.isascii() and raw.isdecimal() and len(raw) < 19:
        found = session.execute(sa.select(columns.id).where(columns.id == int(raw))).scalar()
        if found is not None:
            return int(found)
    answers = search.first_keys(session, table, raw, 2)
    if len(answers) == 1:
        return int(answers[0])
    if answers:
        raise InvalidValue("Plusieurs lignes correspondent : précisez, ou choisissez dans la liste.")
    raise InvalidValue("Aucune ligne ne correspond : choisissez dans la liste.")


def views(session: Session, model: type[Table], typed: Typed | None, row: Table | None) -> list[FieldView]:
    """The fields of the form, with what was typed, or else with what is stored."""
    raw = typed.raw if typed is not None else raw_row(model, row)
    errors: Mapping[str, str] = typed.errors if typed is not None else {}
    found = [_view(session, spec, raw[spec.name], errors.get(spec.name)) for spec in presentation.editable(model)]
    fixed = checks.FIXED.get(table_of(model).name) if row is not None else None
    return [view.with_(read_only=True) if view.name == fixed else view for view in found]


def _view(session: Session, spec: FieldSpec, raw: str, error: str | None) -> FieldView:
    help_text = french(spec.staff_help)
    view = FieldView.of(spec, raw, error, autocomplete="off", help=help_text, **_WIDGET.get(spec.kind, {}))
    offered = checks.OFFERED.get((spec.table, spec.name))
    if offered is not None:
        # A choice that a row already has stays, so that the rest of the row can be changed.
        view = view.with_(choices=tuple(choice for choice in view.choices if choice[0] in {*offered, raw}))
    if spec.kind is FieldKind.boolean and not spec.required:
        return view.with_(kind="select", choices=YES_NO)
    if spec.references is not None:
        return _reference_view(session, spec, view, raw)
    if known := codes.choices(spec):
        # A row may have been named by a former version of the program.
        kept = () if not raw or raw in dict(known) else ((raw, raw),)
        return view.with_(kind="select", choices=(*known, *kept), max_length=None, example=None)
    return view


_WIDGET: dict[FieldKind, dict[str, Any]] = {
    FieldKind.moment: {"kind": "datetime-local", "example": None},
    FieldKind.date: {"kind": "date", "example": None},
    FieldKind.integer: {"kind": "text", "width": "short"},
    FieldKind.boolean: {"kind": "yes_no", "inline": True},
    FieldKind.long_text: {"kind": "textarea", "rows": 8},
}


def _reference_view(session: Session, spec: FieldSpec, view: FieldView, raw: str) -> FieldView:
    """A list of choices when the other table is short; otherwise a text that finds, with suggestions by script."""
    assert spec.references is not None  # noqa: S101  Asked for references only.
    choices = few_choices(session, spec.references)
    if choices is not None:
        return view.with_(kind="select", choices=choices)
    said = ""
    if raw.isascii() and raw.isdecimal() and len(raw) < 19:
        said = presentation.titles(session, {spec.references: {int(raw)}}).get((spec.references, int(raw)), "")
    elif raw:
        answers = search.first_keys(session, spec.references, raw, _SUGGESTED)
        found = presentation.titles(session, {spec.references: set(answers)})
        if found:
            return view.with_(kind="select", choices=tuple((str(key), name) for (_, key), name in found.items()))
    attributes = {"data-lookup": addresses.lookup(spec.table, spec.name), "data-said": said}
    help_text = f"{view.help} Saisissez un numéro ou un nom.".strip()
    return view.with_(kind="text", attributes=attributes, help=help_text, max_length=None, input_mode=None)


def few_choices(session: Session, table: str) -> tuple[Choice, ...] | None:
    """Every row of a short table with its name; None when the table is long."""
    if table not in presentation.SHORT_TABLES:
        return None
    columns = table_of(model_named(table)).c
    keys = session.execute(sa.select(columns.id).order_by(columns.id).limit(_FEW + 1)).scalars().all()
    if len(keys) > _FEW:
        return None
    found = presentation.titles(session, {table: set(keys)})
    return tuple(sorted(((str(key), name) for (_, key), name in found.items()), key=lambda choice: fold(choice[1])))


def suggestions(session: Session, table: str, typed: str) -> list[Choice]:
    """Some rows of a table that answer what was typed, by name."""
    if search.searchable(model_named(table)):
        keys = search.first_keys(session, table, typed, _SUGGESTED)
    else:
        columns = table_of(model_named(table)).c
        wanted = int(typed) if typed.isdecimal() and len(typed) < 19 else -1
        keys = list(session.execute(sa.select(columns.id).where(columns.id == wanted)).scalars())
    found = presentation.titles(session, {table: set(keys)})
    return [(str(key), found[table, key]) for key in keys]


@dataclass(frozen=True)
class Difference:
    """A field of which two people made two values. `taken` says whether the other's value is now in the form."""

    label: str
    theirs: str
    mine: str
    taken: bool


def merge(session: Session, model: type[Table], typed: Typed, row: Table) -> list[Difference]:
    """Bring what was typed together with what was saved meanwhile; changes `typed` into the form to show again.

    A field that the person did not touch takes the saved value; one that they did keeps theirs. Both are told.
    """
    saved = raw_row(model, row)
    specs = {spec.name: spec for spec in presentation.editable(model)}
    differences = []
    known = presentation.titles(session, _keys_typed(specs.values(), typed.raw, saved))
    for name, spec in specs.items():
        mine, theirs = typed.raw[name], saved[name]
        if mine == theirs:
            continue
        untouched = typed.base[name] == mine
        differences.append(
            Difference(spec.label, _said(spec, theirs, known), _said(spec, mine, known), taken=untouched)
        )
        if untouched:
            typed.raw[name] = theirs
            typed.errors.pop(name, None)
    typed.base = saved
    typed.version = row.row_version
    return differences


def _keys_typed(specs: Any, *rows: Mapping[str, str]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = {}
    for spec in specs:
        for raw in rows:
            text = raw[spec.name]
            if spec.references is not None and text.isascii() and text.isdecimal() and len(text) < 19:
                wanted.setdefault(spec.references, set()).add(int(text))
    return wanted


def _said(spec: FieldSpec, raw: str, known: presentation.Titles) -> str:
    if not raw:
        return ""
    if spec.references is not None:
        return known.get((spec.references, int(raw)), raw) if raw.isdecimal() else raw
    try:
        return spec.show(spec.clean(raw))
    except InvalidValue:
        return raw


def wrong(views_: Sequence[FieldView]) -> list[FieldView]:
    """The fields that have an error."""
    return [view for view in views_ if view.error]
