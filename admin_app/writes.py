"""Writes one row in one transaction, with its history, and says in French why the database refuses.

The optimistic lock is the row's version: whoever read an older one is refused. Rules that bind one table stand in
`table_rules`; what a request may become is never decided here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from admin_app import table_rules
from admin_app.staff import Staff
from enrolment.errors import Conflict, Impossible, NotFound
from enrolment.records import presentation
from schema.base import Table, table_of
from schema.describe import field, model_named

_MOST_HELD = 1000


class Changed(Conflict):
    """The row is no longer the one that was read."""

    def __init__(self) -> None:
        super().__init__(
            "Quelqu'un d'autre a modifié cette ligne pendant que vous la regardiez. Comparez les deux versions, puis "
            "enregistrez à nouveau."
        )


@dataclass(frozen=True)
class Held:
    """Rows of a table that point to a row, and therefore keep it from being deleted."""

    label: str
    table: str
    column: str
    rows: int

    @property
    def said(self) -> str:
        """« 2 », « plus de 1000 »."""
        return f"plus de {_MOST_HELD}" if self.rows > _MOST_HELD else str(self.rows)


class StillHeld(Conflict):
    """The row cannot be deleted, since others point to it."""

    def __init__(self, held: list[Held]) -> None:
        self.held = held
        listed = ", ".join(f"{one.label} ({one.said})" for one in held)
        super().__init__(f"Cette ligne ne peut pas être supprimée, car d'autres s'y rapportent : {listed}.")


def locked(session: Session, statement: sa.Select[Any]) -> Table:
    """The row of a statement, kept from other writers until the end. Raises NotFound."""
    row = session.execute(statement.with_for_update(of=statement.column_descriptions[0]["entity"])).scalar()
    if row is None:
        raise NotFound("Cette ligne n'existe pas ou n'existe plus.")
    found: Table = row
    return found


def insert(session: Session, staff: Staff, model: type[Table], values: Mapping[str, Any]) -> Table:
    """Write a new row. Raises Impossible, or what the rules of the table refuse."""
    row = model(**values)
    table_rules.before_save(session, staff, row, None)
    session.add(row)
    _flush(session, model)
    table_rules.after_save(session, staff, row, {})
    return row


def update(session: Session, staff: Staff, row: Table, version: int | None, values: Mapping[str, Any]) -> list[str]:
    """Write what differs; the names of the columns that changed. Raises Changed, Impossible, or a table's rule."""
    if version != row.row_version:
        raise Changed
    before = {name: getattr(row, name) for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if not changed:
        return []
    for name, value in changed.items():
        setattr(row, name, value)
    table_rules.before_save(session, staff, row, before)
    _flush(session, type(row))
    table_rules.after_save(session, staff, row, {name: before[name] for name in changed})
    return list(changed)


def delete(session: Session, staff: Staff, row: Table) -> None:
    """Delete a row that nothing points to. Raises StillHeld, or a table's rule."""
    table_rules.before_delete(session, staff, row)
    held = held_by(session, type(row), row.id)
    if held:
        raise StillHeld(held)
    session.delete(row)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody pointed to the row in the meantime.
        raise StillHeld([]) from error


def held_by(session: Session, model: type[Table], key: int) -> list[Held]:
    """What points to a row, table by table; nothing is counted far."""
    found = []
    for spec in presentation.references_to(table_of(model).name):
        column = table_of(spec.model).c[spec.name]
        few = sa.select(sa.literal(1)).where(column == key).limit(_MOST_HELD + 1).subquery()
        rows = session.execute(sa.select(sa.func.count()).select_from(few)).scalar_one()
        if rows:
            found.append(Held(spec.model.label_plural, spec.table, spec.name, rows))
    return found


def _flush(session: Session, model: type[Table]) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise explained(model, error) from error


_USED = "Cette valeur est déjà utilisée par une autre ligne : elle doit être unique."
_TOGETHER = "Une autre ligne a déjà ces mêmes valeurs ensemble : {}."
_UNKNOWN = "La base de données refuse ces valeurs ensemble. Vérifiez-les, puis recommencez."
_RULES = {
    "quality_of_depositary": (
        "quality",
        "La qualité de tiers déclarant se remplit pour un dépositaire, et pour lui seul.",
    ),
    "reason_to_redo": ("review_reason", "Une pièce à refaire demande un motif."),
}


def explained(model: type[Table], error: IntegrityError) -> Impossible:
    """What the database refused, at the right field when its constraint tells which."""
    name, columns = _constraint(model, error)
    for rule, (column, message) in _RULES.items():
        if rule in name:
            return Impossible({column: message})
    shown = [column for column in columns if column in {spec.name for spec in presentation.editable(model)}]
    if columns:
        labels = " + ".join(field(model, column).label for column in columns)
        if len(columns) == 1 and shown:
            return Impossible({shown[0]: _USED})
        message = _TOGETHER.format(labels)
        return Impossible({shown[-1]: message}) if shown else Impossible({}, (message,))
    return Impossible({}, (_UNKNOWN,))


def _constraint(model: type[Table], error: IntegrityError) -> tuple[str, list[str]]:
    """Name of the constraint, and its columns when it is one of uniqueness."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        name = diagnosis.constraint_name or ""
        return name, _unique_columns(model, name)
    text = str(error.orig)
    unique = re.search(r"UNIQUE constraint failed: (.+)", text)
    if unique:
        return "uq_", [part.strip().split(".")[-1] for part in unique[1].split(",")]
    check = re.search(r"CHECK constraint failed: (\w+)", text)
    return (check[1], []) if check else ("", [])


def _unique_columns(model: type[Table], name: str) -> list[str]:
    table = table_of(model)
    found: list[Any] = [*table.indexes, *(c for c in table.constraints if isinstance(c, sa.UniqueConstraint))]
    for item in found:
        if item.name == name:
            return [column.name for column in item.columns]
    return next(([column.name] for column in table.columns if name.endswith(f"_{table.name}_{column.name}")), [])


def model_of(table: str) -> type[Table]:
    """The model of a table. Raises NotFound."""
    try:
        return model_named(table)
    except KeyError:
        raise NotFound("Cette liste n'existe pas.") from None
