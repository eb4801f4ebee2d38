"""Of which tables somebody may read, ask for or carry out corrections: the matrix, and what the schema says of columns.

A file may do what its sender could do by hand: rows are created by who may create one, and who creates them may also
fill the columns that are not corrected in bulk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from admin_app.permissions import TABLES, Right, Rights
from admin_app.staff import Staff
from enrolment.corrections.new_rows import is_creatable
from enrolment.corrections.recipes import correctable
from enrolment.errors import Forbidden, NotFound
from schema.base import Table, table_of
from schema.describe import FieldSpec, model_named
from schema.enums import CorrectionSource, ImportMode
from schema.tables import ALL, Correction
from schema.tabular import writable

_NEEDED: dict[ImportMode, Rights] = {
    ImportMode.update: frozenset({Right.edit}),
    ImportMode.insert: frozenset({Right.create}),
    ImportMode.upsert: frozenset({Right.create, Right.edit}),
}


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
    model = _known(table)
    if not correctable(model):
        raise NotFound("Aucune colonne de cette table ne se corrige en masse. Choisissez une autre table.")
    require_editable(staff, table)
    return model


def require_editable(staff: Staff, table: str) -> None:
    """Raise Forbidden for a table that this person may not edit: a correction is as much as many edits."""
    if not staff.may(table, Right.edit):
        raise _forbidden(staff)


def modes(staff: Staff, model: type[Table]) -> list[ImportMode]:
    """What a file of this person may do to a table; nothing for who may not write it."""
    table = table_of(model).name
    if not staff.may_open("corrections") or not writable(model):
        return []
    held = [mode for mode in ImportMode if all(staff.may(table, right) for right in _NEEDED[mode])]
    return held if is_creatable(model) else [mode for mode in held if mode is ImportMode.update]


def fills_every(staff: Staff, model: type[Table]) -> bool:
    """Whether a file of this person fills every column that people write, or only those corrected in bulk."""
    return not correctable(model) or staff.may(table_of(model).name, Right.create)


def filled(staff: Staff, model: type[Table]) -> Sequence[FieldSpec]:
    """The columns that a file of this person may fill."""
    return writable(model) if fills_every(staff, model) else correctable(model)


def to_import(staff: Staff, table: str) -> type[Table]:
    """A table to which this person is about to give a file. Raises NotFound or Forbidden."""
    model = _known(table)
    if not writable(model):
        raise NotFound("Le portail tient cette table seul : aucun fichier ne la remplit. Choisissez une autre table.")
    if not modes(staff, model):
        raise _forbidden(staff)
    return model


def needed(correction: Correction, *, undoing: bool = False) -> Rights:
    """What one must be able to do by hand to carry out a correction, or to undo it: taking back new rows deletes."""
    recipe = correction.recipe
    mode = ImportMode(recipe["mode"])
    found = set(_NEEDED[mode])
    if recipe.get("every") and correctable(model_named(correction.table_name)):
        found.add(Right.create)
    if Right.create in _NEEDED[mode] and (undoing or correction.source is CorrectionSource.undo):
        found.add(Right.delete)
    return frozenset(found)


def may_act(staff: Staff, correction: Correction, *, undoing: bool = False) -> bool:
    """Whether this person may carry out a correction, or undo it."""
    held = (staff.may(correction.table_name, right) for right in needed(correction, undoing=undoing))
    return staff.may_open("corrections") and all(held)


def require_act(staff: Staff, correction: Correction, *, undoing: bool = False) -> None:
    """Raise Forbidden for who may not do by hand what a correction does, or what its undoing would do."""
    if not all(staff.may(correction.table_name, right) for right in needed(correction, undoing=undoing)):
        raise _forbidden(staff)


def _known(table: str) -> type[Table]:
    try:
        return model_named(table)
    except KeyError:
        raise NotFound("Cette table n'existe pas. Choisissez-en une dans la liste.") from None


def _forbidden(staff: Staff) -> Forbidden:
    return Forbidden(
        f"Votre rôle ({staff.role.label}) ne permet pas de modifier cette table. Demandez à un administrateur."
    )
