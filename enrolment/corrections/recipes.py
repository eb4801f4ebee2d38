"""What a correction asks for, as data: a filter and what is assigned to which column, or a file and its key.

Kept in the row of the correction and read again by the worker. What a value becomes is in `transforms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import unique
from typing import Any, Self

from enrolment.errors import Refused
from enrolment.files.storage import StoredFile
from enrolment.typography import number
from schema.base import Table
from schema.describe import FieldKind, FieldSpec, fields
from schema.describe import field as field_of
from schema.enums import ImportMode, Labelled
from schema.tabular import writable
from schema.types import InvalidValue

MOST_MAPPED = 10_000
"""Pairs that a mapping table may hold; more belong in a file."""

LONGEST = 10_000


@unique
class Act(Labelled):
    """What is done to a column."""

    constant = "constant", "Mettre une même valeur partout"
    copy = "copy", "Recopier une autre colonne"
    mapping = "mapping", "Remplacer d'après une table de correspondance"
    substitute = "substitute", "Chercher et remplacer dans le texte"
    normalise = "normalise", "Remettre en forme selon le type de la colonne"
    capitals = "capitals", "Mettre en majuscules"
    small_letters = "small_letters", "Mettre en minuscules"
    initials = "initials", "Mettre une majuscule à chaque mot"
    clear = "clear", "Vider"


_OF_TEXTS = frozenset({Act.substitute, Act.normalise, Act.capitals, Act.small_letters, Act.initials})


@dataclass(frozen=True)
class Assignment:
    """One column and what becomes of it. `value` is a constant, or what replaces `search`; `other` a column's name."""

    column: str
    act: Act
    value: str = ""
    search: str = ""
    other: str = ""
    pairs: tuple[tuple[str, str], ...] = ()

    def as_data(self) -> dict[str, Any]:
        """As the recipe keeps it."""
        data = {"column": self.column, "act": self.act.value, "value": self.value, "search": self.search}
        return {**data, "other": self.other, "pairs": [list(pair) for pair in self.pairs]}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a recipe."""
        pairs = tuple((str(one), str(other)) for one, other in data.get("pairs", ()))
        return cls(data["column"], Act(data["act"]), data["value"], data["search"], data["other"], pairs)


@dataclass(frozen=True)
class Recipe:
    """All that the worker needs to freeze a correction.

    `query` is a list's filter, as parameter and value pairs (`enrolment.records.filters`), with a search if there is
    one; `keys` are ticked rows. `values` gives rows their own new values, `{row id: {column: value as kept}}`, when a
    check of the data proposed them; `check` names one that is asked for them while the lines are frozen. For a file:
    its name, where its pieces are stored, the columns that tell rows apart, what may be done, and whether it may fill
    `every` column that people write or only those that may be corrected in bulk. A `rehearsal` was asked for its
    preview alone: once it is given up, lists leave it out.
    """

    query: tuple[tuple[str, str], ...] = ()
    keys: tuple[int, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    values: tuple[tuple[int, tuple[tuple[str, Any], ...]], ...] = ()
    file_name: str = ""
    key: tuple[str, ...] = ()
    mode: ImportMode = ImportMode.update
    columns: tuple[str, ...] = field(default=())
    pieces: tuple[StoredFile, ...] = ()
    every: bool = False
    check: str = ""
    rehearsal: bool = False

    def as_data(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "query": [list(pair) for pair in self.query],
            "keys": list(self.keys),
            "assignments": [one.as_data() for one in self.assignments],
            "values": [[key, [list(pair) for pair in values]] for key, values in self.values],
            "file_name": self.file_name,
            "key": list(self.key),
            "mode": self.mode.value,
            "columns": list(self.columns),
            "pieces": [[piece.key, piece.sha256, piece.size, piece.key_id] for piece in self.pieces],
            "every": self.every,
            "check": self.check,
            "rehearsal": self.rehearsal,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """From a correction."""
        return cls(
            query=tuple((str(name), str(value)) for name, value in data["query"]),
            keys=tuple(data["keys"]),
            assignments=tuple(Assignment.of(one) for one in data["assignments"]),
            values=tuple((key, tuple((name, value) for name, value in values)) for key, values in data["values"]),
            file_name=data["file_name"],
            key=tuple(data["key"]),
            mode=ImportMode(data["mode"]),
            columns=tuple(data["columns"]),
            pieces=tuple(StoredFile(*piece) for piece in data.get("pieces", ())),
            every=bool(data.get("every")),
            check=data.get("check", ""),
            rehearsal=bool(data.get("rehearsal")),
        )


def correctable(model: type[Table]) -> tuple[FieldSpec, ...]:
    """The columns of a table that may be corrected in bulk: the schema says so, column by column."""
    return tuple(spec for spec in writable(model) if spec.meta.correctable)


def acts_for(spec: FieldSpec) -> tuple[Act, ...]:
    """What may be done to a column."""
    is_text = spec.kind in (FieldKind.text, FieldKind.long_text)
    return tuple(act for act in Act if (is_text or act not in _OF_TEXTS) and not (act is Act.clear and spec.required))


def checked(model: type[Table], assignments: Sequence[Assignment]) -> None:
    """Raise Refused when an assignment says nothing, or something that its column never takes."""
    if not assignments:
        raise Refused("Choisissez au moins une colonne à corriger et ce qu'elle devient.")
    names = [one.column for one in assignments]
    if len(set(names)) < len(names):
        raise Refused("Une colonne ne peut être corrigée qu'une fois par correction : gardez un seul changement.")
    allowed = {spec.name: spec for spec in correctable(model)}
    for one in assignments:
        spec = allowed.get(one.column)
        if spec is None:
            raise Refused(f"La colonne « {_label(model, one.column)} » ne se corrige pas en masse.")
        if one.act not in acts_for(spec):
            raise Refused(f"{spec.label} : « {one.act.label.lower()} » ne s'applique pas à cette colonne.")
        _check(spec, one)


def _check(spec: FieldSpec, one: Assignment) -> None:
    if any("\x00" in text or len(text) > LONGEST for text in (one.value, one.search)):
        raise Refused(f"{spec.label} : cette valeur est trop longue ou contient un caractère impossible.")
    if one.act is Act.constant and spec.references is None:
        try:
            spec.clean(one.value)
        except InvalidValue as error:
            raise Refused(f"{spec.label} : {error.message}") from error
    if one.act is Act.substitute and not one.search:
        raise Refused(f"{spec.label} : indiquez le texte à chercher.")
    if one.act is Act.copy and one.other not in {other.name for other in sources_of(spec)}:
        raise Refused(f"{spec.label} : choisissez la colonne à recopier.")
    if one.act is Act.mapping and not one.pairs:
        raise Refused(f"{spec.label} : donnez au moins une ligne « ancienne valeur ; nouvelle valeur ».")
    if len(one.pairs) > MOST_MAPPED:
        raise Refused(f"{spec.label} : au plus {number(MOST_MAPPED)} correspondances ; au-delà, importez un fichier.")


def sources_of(spec: FieldSpec) -> tuple[FieldSpec, ...]:
    """The columns of the same table that may be copied into one."""
    same = {FieldKind.text, FieldKind.long_text} if spec.kind in (FieldKind.text, FieldKind.long_text) else {spec.kind}
    return tuple(
        other
        for other in fields(spec.model)
        if other.name != spec.name
        and other.kind in same
        and other.references == spec.references
        and other.enum is spec.enum
        and not other.meta.secret
        and not other.primary_key
    )


def said(model: type[Table], assignments: Sequence[Assignment]) -> str:
    """The changes in French, one a line."""
    return "\n".join(f"{_label(model, one.column)} : {_said(model, one)}" for one in assignments)


def _said(model: type[Table], one: Assignment) -> str:
    match one.act:
        case Act.constant:
            return f"mettre « {one.value} »"
        case Act.copy:
            return f"recopier « {_label(model, one.other)} »"
        case Act.mapping:
            return f"table de correspondance ({number(len(one.pairs))} valeurs)"
        case Act.substitute:
            return f"remplacer « {one.search} » par « {one.value} »"
        case _:
            return one.act.label.lower()


def _label(model: type[Table], name: str) -> str:
    try:
        return field_of(model, name).label
    except KeyError:
        return ascii(name[:60])[1:-1]
