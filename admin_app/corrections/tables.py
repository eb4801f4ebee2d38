"""Of which tables somebody may read corrections, or ask for them: the matrix, and what the schema says of columns."""

from __future__ import annotations

from collections.abc import Iterable

from admin_app.permissions import TABLES, Right
from admin_app.staff import Staff
from enrolment.corrections.recipes import correctable
from enrolment.errors import Forbidden, NotFound
from schema.base import Table, table_of
from schema.describe import model_named
from schema.tables import ALL


def readable(staff: Staff) -> list[str]:
    """Tables whose corrections this person may read."""
    return [table for table in TABLES if may_read(staff, table)]


def may_read(staff: Staff, table: str) -> bool:
    """Whether this person may read what a correction of a table changes: whoever opens its rows."""
    return staff.may_open("corrections_read") and staff.may(table, Right.details)


def require_readable(staff: Staff, table: str) -> None:
    """Raise Forbidden for a table whose rows this person may not open."""
    if not may_read(staff, table):
        raise Forbidden(
            f"Votre rôle ({staff.role.label}) ne permet pas d'ouvrir les lignes de cette table, donc ses corrections. "
            "Demandez à un administrateur."
        )


def may_correct(staff: Staff, model: type[Table]) -> bool:
    """Whether this person may ask for a correction of a table."""
    may_edit = staff.may_open("corrections") and staff.may(table_of(model).name, Right.edit)
    return may_edit and bool(correctable(model))


def correctables(staff: Staff) -> Iterable[type[Table]]:
    """The tables that this person may correct, in the order of the schema."""
    return (model for model in ALL if may_correct(staff, model))


def to_correct(staff: Staff, table: str) -> type[Table]:
    """A table that this person is about to correct. Raises NotFound or Forbidden."""
    try:
        model = model_named(table)
    except KeyError:
        raise NotFound("Cette table n'existe pas. Choisissez-en une dans la liste.") from None
    if not correctable(model):
        raise NotFound("Aucune colonne de cette table ne se corrige en masse. Choisissez une autre table.")
    require_editable(staff, table)
    return model


def require_editable(staff: Staff, table: str) -> None:
    """Raise Forbidden for a table that this person may not edit: a correction is as much as many edits."""
    if not staff.may(table, Right.edit):
        raise Forbidden(
            f"Votre rôle ({staff.role.label}) ne permet pas de modifier cette table. Demandez à un administrateur."
        )
