"""The header of a file: what each of its columns fills, which ones tell rows apart, and what is wrong in it.

Read twice by the same words: when the file is given, so that its giver is told at once, and by the worker (`loading`).
What lines hold is not looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

from enrolment.corrections.file_columns import FileColumn
from enrolment.corrections.recipes import Recipe, correctable
from enrolment.errors import Refused
from schema.base import Table
from schema.describe import FieldSpec, field
from schema.enums import ImportMode
from schema.sheets import Block, Unreadable, lines_of
from schema.tabular import first, understood, writable


class KeyMissing(Refused):
    """A column that tells rows apart is not in the file. `present` are the columns that are."""

    def __init__(self, label: str, present: frozenset[str]) -> None:
        self.present = present
        super().__init__(f"La colonne « {label} » manque : elle sert à reconnaître les lignes.")


@dataclass(frozen=True)
class Header:
    """A header understood. `titles` are its own words, `by_name` all the columns of the table that it names."""

    titles: Sequence[str]
    key: Sequence[FieldSpec]
    by_name: Mapping[str, FileColumn]
    filled: Sequence[FileColumn]
    ignored: Sequence[FieldSpec]


def check(model: type[Table], recipe: Recipe, stream: BinaryIO) -> None:
    """Read the first lines of a file, which must be seekable and is given back at its start.

    Raises Refused for a file of another kind, or with a header that cannot be followed; the worker reads the rest.
    """
    try:
        opened = lines_of(stream)
        with closing(opened.blocks) as blocks:
            block = next(blocks, Block((), []))
        line, titles = first(zip(block.numbers, block.rows, strict=True))
        read(model, recipe, titles, line, escaped=opened.escaped)
    except Unreadable as error:
        raise Refused(error.message) from error
    finally:
        stream.seek(0)


def read(model: type[Table], recipe: Recipe, titles: Sequence[str], line: int, *, escaped: bool) -> Header:
    """What a header says for a correction. `escaped` is that of `schema.sheets.Lines`. Raises Refused."""
    specs, unwritable, errors = understood(model, titles, line, recipe.key)
    if errors:
        raise Refused(" ".join(str(error) for error in errors)[:10_000])
    columns = [
        FileColumn(spec, titles[place].strip(), place, escaped=escaped)
        for place, spec in enumerate(specs)
        if spec is not None
    ]
    by_name = {column.spec.name: column for column in columns}
    key = [field(model, name) for name in recipe.key]
    for spec in key:
        if spec.name not in by_name:
            raise KeyMissing(spec.label, frozenset([*by_name, *unwritable]))
    allowed = writable(model) if recipe.every else correctable(model)
    creates = recipe.mode is not ImportMode.update
    filled = [column for column in columns if column.spec in allowed and (creates or column.spec not in key)]
    if not filled:
        raise Refused(f"Aucune colonne de ce fichier ne se modifie dans « {model.label_plural} ».")
    taken = {column.spec.name for column in filled} | set(recipe.key)
    ignored = [field(model, name) for name in (*unwritable, *by_name) if name not in taken]
    return Header(titles, key, by_name, filled, ignored)
