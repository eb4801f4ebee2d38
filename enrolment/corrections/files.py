"""A file as the source of a correction: what may be asked of which table, and by which key.

The file is only kept here; the worker reads it (`loading`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import BinaryIO, Protocol

from enrolment.corrections import checking, file_header, steering, uploads
from enrolment.corrections.new_rows import is_creatable
from enrolment.corrections.recipes import Recipe, correctable
from enrolment.errors import Refused
from enrolment.files.storage import Storage
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldSpec, fields
from schema.enums import CorrectionSource, ImportMode
from schema.history import Actor
from schema.references import natural_key
from schema.tables import Correction
from schema.tabular import writable


class Means(Protocol):
    """What files need of a portal: where rows and where files are kept."""

    @property
    def database(self) -> Database:
        """The rows."""

    @property
    def storage(self) -> Storage:
        """The files."""


def ask(
    portal: Means,
    actor: Actor,
    model: type[Table],
    stream: BinaryIO,
    *,
    file_name: str,
    key: Sequence[str] = (),
    mode: ImportMode = ImportMode.update,
    title: str,
    reason: str,
    every: bool = False,
    rehearsal: bool = False,
) -> Correction:
    """Keep a file and ask for the correction that it holds, in a transaction of its own; the worker prepares it.

    `key` names the columns that tell rows apart (default: how people name a row of the table, else its technical key).
    `every` is for those who may write the table: the file then fills every column that people write, and may create
    rows; others change only the columns that are corrected in bulk. A file whose first lines cannot be followed is
    refused at once, and nothing is kept of it. `rehearsal` says that nobody means to apply it. Raises DomainError.
    """
    names = require_importable(model, key, mode, every=every)
    name = PurePath(file_name.replace("\\", "/")).name[:120] or "fichier"
    recipe = Recipe(file_name=name, key=names, mode=mode, every=every, rehearsal=rehearsal)
    file_header.check(model, recipe, stream)
    recipe = replace(recipe, pieces=uploads.keep(portal.storage, stream))
    with portal.database.writing(actor) as session:
        return steering.new(
            session,
            actor,
            model,
            title=title,
            reason=reason,
            source=CorrectionSource.file,
            recipe=recipe,
            file_key=recipe.pieces[0].key,
        )


def require_importable(model: type[Table], key: Sequence[str], mode: ImportMode, *, every: bool) -> tuple[str, ...]:
    """The columns by which rows are recognised. Raises Refused when a file may not do this to the table."""
    columns = writable(model) if every else correctable(model)
    if not columns:
        what = "s'écrit" if every else "se corrige"
        raise Refused(f"Aucune colonne de « {model.label_plural} » ne {what} par fichier : le portail la tient seul.")
    if mode is not ImportMode.update and not every:
        raise Refused("Une correction modifie des lignes qui existent. Pour en ajouter, importez le fichier.")
    if mode is ImportMode.insert and not is_creatable(model):
        raise Refused(f"Les lignes de « {model.label_plural} » ne se créent pas par fichier : le portail les crée.")
    known = {spec.name: spec for spec in keys_of(model)}
    for name in key:
        if name not in known:
            raise Refused(f"La colonne « {name} » n'existe pas dans « {model.label_plural} », ou ne sert pas de clé.")
    return tuple(dict.fromkeys(key)) or natural_key(model) or ("id",)


def keys_of(model: type[Table]) -> tuple[FieldSpec, ...]:
    """The columns by which rows may be recognised."""
    return tuple(spec for spec in fields(model) if not spec.meta.secret)


def usual_keys(model: type[Table]) -> list[tuple[str, ...]]:
    """The sets of columns by which people recognise the rows of a file, the usual one first.

    Among them the codes that people look rows up by, though two rows may share one: the preview sets such lines aside.
    """
    specs = keys_of(model)
    known = {spec.name for spec in specs}
    unique = (names for names in checking.unique_keys(model) if known.issuperset(names))
    looked_up = ((spec.name,) for spec in specs if spec.meta.searchable and table_of(model).c[spec.name].index)
    found = [natural_key(model), *unique, *looked_up, ("id",)]
    return list(dict.fromkeys(names for names in found if names))
