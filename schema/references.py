"""How people name a row in a file: by its code or its number, never by a technical key.

Turns such a name into a key when a file is read, and a key into its name when one is written. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from schema.base import Table, table_of
from schema.describe import FieldSpec, field, model_named
from schema.tabular import shown
from schema.types import InvalidValue

_BATCH = 1000


def natural_key(model: type[Table]) -> tuple[str, ...]:
    """The columns by which people name a row. Empty when only the technical key tells rows apart."""
    for spec in shown(model):
        if spec.unique and spec.meta.listed and not spec.primary_key and spec.references is None:
            return (spec.name,)
    visible = {spec.name for spec in shown(model)}
    for constraint in sorted(table_of(model).constraints, key=lambda item: str(item.name)):
        if isinstance(constraint, sa.UniqueConstraint):
            names = tuple(col.name for col in constraint.columns)
            if len(names) > 1 and visible.issuperset(names):
                return names
    return ()


class References:
    """The rows that references name, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keys: dict[tuple[str, str], int | None] = {}

    def resolve(self, spec: FieldSpec, text: str) -> int:
        """The key of the row that a cell names. Raises InvalidValue."""
        assert spec.references is not None  # noqa: S101  Only references are resolved.
        target = model_named(spec.references)
        naming = naming_of(target)
        value = naming.clean(text)
        cached = (spec.references, str(value))
        if cached not in self._keys:
            table = table_of(target)
            self._keys[cached] = self._session.execute(
                sa.select(table.c.id).where(table.c[naming.name] == value)
            ).scalar()
        key = self._keys[cached]
        if key is None:
            raise InvalidValue(_absent(target, text))
        return key

    def resolve_all(self, spec: FieldSpec, texts: Collection[str]) -> dict[str, int | str]:
        """The keys of the rows that very many cells name, in few queries; for others why not, in French."""
        assert spec.references is not None  # noqa: S101  Only references are resolved.
        target = model_named(spec.references)
        naming = naming_of(target)
        found: dict[str, int | str] = {}
        values: dict[str, Any] = {}
        for text in texts:
            try:
                values[text] = naming.clean(text)
            except InvalidValue as error:
                found[text] = error.message
        table = table_of(target)
        wanted = list(set(values.values()))
        keys: dict[Any, int] = {}
        for start in range(0, len(wanted), _BATCH):
            named = table.c[naming.name]
            statement = sa.select(named, table.c.id).where(named.in_(wanted[start : start + _BATCH]))
            keys.update((value, key) for value, key in self._session.execute(statement))
        return found | {text: keys.get(value, _absent(target, text)) for text, value in values.items()}

    def names(self, spec: FieldSpec, keys: Collection[int]) -> dict[int, str]:
        """The names of rows by their keys, in one query."""
        assert spec.references is not None  # noqa: S101  Only references are named.
        target = model_named(spec.references)
        naming = naming_of(target)
        table = table_of(target)
        found = self._session.execute(sa.select(table.c.id, table.c[naming.name]).where(table.c.id.in_(keys)))
        return {key: naming.show(value) for key, value in found}


def _absent(target: type[Table], text: str) -> str:
    where = f"« {text[:100]} » n'existe pas dans « {target.label_plural} »."
    return f"{where} Créez cette ligne d'abord, ou corrigez la cellule."


def stored_rows(session: Session, model: type[Table], columns: Sequence[FieldSpec]) -> Iterator[tuple[Any, ...]]:
    """Every row of a table, in the order of its keys, a few at a time; references are given by name."""
    table = table_of(model)
    references = References(session)
    last = 0
    while True:
        batch = session.execute(
            sa.select(table.c.id, *(table.c[spec.name] for spec in columns))
            .where(table.c.id > last)
            .order_by(table.c.id)
            .limit(_BATCH)
        ).all()
        if not batch:
            return
        last = batch[-1][0]
        rows = [tuple(row[1:]) for row in batch]
        named = {
            place: references.names(spec, {row[place] for row in rows if row[place] is not None})
            for place, spec in enumerate(columns)
            if spec.references is not None
        }
        for row in rows:
            yield tuple(named[place].get(value, value) if place in named else value for place, value in enumerate(row))


def naming_of(target: type[Table]) -> FieldSpec:
    """The one column that names a row of a table, else its technical key."""
    names = natural_key(target)
    return field(target, names[0] if len(names) == 1 else "id")
