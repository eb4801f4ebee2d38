"""Which columns of a table the back office shows, lists, asks and filters, and the French of a row.

Read from `schema.describe` alone. A column marked secret appears nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.records import codes
from enrolment.typography import NO_BREAK
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, field, fields, model_named
from schema.indexes import GROWING, is_led, is_told

TECHNICAL = ("id", "row_version", "created_at", "updated_at")
SHORT_TABLES = frozenset(
    {"wave", "corridor", "dsr", "profile", "document_kind", "street_type", "legal_text", "staff_user"}
)
"""Tables whose rows may be offered as a list of choices."""

_IN_ONE_QUERY = 500
_NESTED = 2

Titles = Mapping[tuple[str, int], str]


@cache
def visible(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns that the page of a row shows."""
    return tuple(spec for spec in fields(model) if not spec.meta.secret)


@cache
def listed(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns of the list, what names a row to the program left out and what names it in French first.

    A table that names none shows when its rows were made.
    """
    chosen = [spec for spec in visible(model) if spec.meta.listed and not codes.is_name_for_program(spec)]
    if any(codes.is_name_for_program(spec) for spec in visible(model)):
        chosen.sort(key=lambda spec: spec.name not in model.title_columns)
    return tuple(chosen) or tuple(spec for spec in visible(model) if spec.kind is FieldKind.moment)


@cache
def editable(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns that staff may type: never the status of a request, a secret, or what the database computes."""
    return tuple(
        spec
        for spec in visible(model)
        if spec.meta.editable and not spec.primary_key and spec.kind is not FieldKind.structure
    )


@cache
def exported(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns of the CSV file."""
    return visible(model)


@cache
def filtered(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns that the list may be filtered by. A long list leaves out those that say what another one says."""
    return tuple(
        spec
        for spec in visible(model)
        if spec.kind is not FieldKind.structure and (not _is_long(model) or is_told(table_of(model).c[spec.name]))
    )


@cache
def sortable(model: type[Table]) -> tuple[FieldSpec, ...]:
    """Columns that the list may be sorted by; the key of another table would sort by nothing a reader knows.

    A list that grows is sorted by the columns that an index sorts, those of its page among them.
    """
    kinds = {FieldKind.structure, FieldKind.reference, FieldKind.long_text}
    return tuple(
        spec
        for spec in visible(model)
        if spec.kind not in kinds and (not _is_long(model) or is_led(table_of(model).c[spec.name]))
    )


def _is_long(model: type[Table]) -> bool:
    return table_of(model).name in GROWING


def references_to(table: str) -> tuple[FieldSpec, ...]:
    """Every column of any table that points to this one."""
    return _references().get(table, ())


@cache
def _references() -> dict[str, tuple[FieldSpec, ...]]:
    from schema.tables import ALL  # noqa: PLC0415  The list is complete only once every table is imported.

    found: dict[str, list[FieldSpec]] = {}
    for model in ALL:
        for spec in fields(model):
            if spec.references is not None:
                found.setdefault(spec.references, []).append(spec)
    return {table: tuple(specs) for table, specs in found.items()}


def keys_of(specs: Iterable[FieldSpec], rows: Iterable[Any]) -> dict[str, set[int]]:
    """The rows of other tables that these rows point to, by table."""
    wanted: dict[str, set[int]] = {}
    references = [(spec.name, spec.references) for spec in specs if spec.references is not None]
    for row in rows:
        for name, table in references:
            key = getattr(row, name)
            if key is not None:
                wanted.setdefault(table, set()).add(key)
    return wanted


def titles(session: Session, wanted: Mapping[str, set[int]], depth: int = _NESTED) -> dict[tuple[str, int], str]:
    """How people name these rows: one query per table, and those of the rows that they are named after."""
    found: dict[tuple[str, int], str] = {}
    for table, keys in wanted.items():
        model = model_named(table)
        specs = [field(model, name) for name in model.title_columns]
        columns = [table_of(model).c[name] for name in dict.fromkeys(["id", *model.title_columns])]
        ordered = sorted(keys)
        rows: list[Any] = []
        for start in range(0, len(ordered), _IN_ONE_QUERY):
            part = ordered[start : start + _IN_ONE_QUERY]
            rows += session.execute(sa.select(*columns).where(table_of(model).c.id.in_(part))).all()
        nested = titles(session, keys_of(specs, rows), depth - 1) if depth else {}
        found |= {(table, row.id): title(specs, row, nested) for row in rows}
    return found


def title(specs: Iterable[FieldSpec], row: Any, known: Titles) -> str:
    """The name of one row, from the values of its title columns: « Général (SONS DPI) » for one within another."""
    words: list[str] = []
    has_own = False
    for spec in specs:
        word = shown(spec, getattr(row, spec.name), known)
        if word:
            words.append(f"({word})" if has_own and spec.references is not None else word)
            has_own = has_own or spec.references is None
    return " ".join(words) or f"n° {row.id}"


def title_of(session: Session, row: Table) -> str:
    """The name of one row."""
    specs = [field(type(row), name) for name in type(row).title_columns]
    return title(specs, row, titles(session, keys_of(specs, [row])))


def shown(spec: FieldSpec, value: Any, known: Titles) -> str:
    """A value as a French reader expects it; a reference by the name of its row."""
    if value is None:
        return ""
    if spec.references is not None:
        # A text names no row: a file or a change that was refused wrote it.
        return value if isinstance(value, str) else known.get((spec.references, value), f"n° {value}")
    said = codes.in_french(spec, str(value))
    if said is not None:
        return said
    try:
        text = codes.text_in_french(spec, spec.show(value))
    except Exception:  # noqa: BLE001  A value older than the rule of its type must still be readable.
        return str(value)
    # The groups of digits of a SIRET stay together.
    return text.replace(" ", NO_BREAK) if spec.field_type is not None and spec.field_type.name == "siret" else text
