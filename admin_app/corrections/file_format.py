"""What a file for a table may hold, said to who prepares one: its columns, their cells, an empty file to start from.

How cells are read is in `schema.tabular` and `enrolment.corrections.file_columns`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from enrolment.corrections.new_rows import is_asked
from enrolment.typography import number
from schema.base import Table
from schema.describe import FieldKind, FieldSpec, field, model_named
from schema.references import naming_of, natural_key
from schema.tabular import plain_csv

_MOST_CHOICES = 12
_HOLDS: Mapping[FieldKind, str] = MappingProxyType(
    {
        FieldKind.integer: "Nombre entier",
        FieldKind.boolean: "Oui ou Non",
        FieldKind.date: "Date, comme 31/12/2026",
        FieldKind.moment: "Date et heure de Paris, comme 31/12/2026 14:00",
        FieldKind.long_text: "Texte, sur plusieurs lignes si besoin",
    }
)


@dataclass(frozen=True)
class Column:
    """A column that a file may have. `asked`: a new row needs it."""

    label: str
    name: str
    asked: bool
    holds: str


def columns(model: type[Table], specs: Sequence[FieldSpec], *, creates: bool) -> list[Column]:
    """The columns of a file: those that tell its rows apart, then those that it fills. `creates`: also of new rows."""
    return [
        Column(spec.label, spec.name, is_asked(spec), _holds(spec, creates=creates)) for spec in _header(model, specs)
    ]


def empty_file(model: type[Table], specs: Sequence[FieldSpec]) -> bytes:
    """A CSV file with its header alone."""
    return plain_csv([spec.label for spec in _header(model, specs)], ())


def _header(model: type[Table], specs: Sequence[FieldSpec]) -> list[FieldSpec]:
    keys = [field(model, name) for name in natural_key(model) or ("id",)]
    return [*(spec for spec in keys if spec not in specs), *specs]


def _holds(spec: FieldSpec, *, creates: bool) -> str:
    if spec.references is not None:
        target = model_named(spec.references)
        return f"Ligne de « {target.label_plural} », donnée par sa colonne « {naming_of(target).label} »"
    if spec.choices:
        labels = [label for _, label in spec.choices]
        said = ", ".join(labels[:_MOST_CHOICES])
        return f"Un de ces choix : {said}, …" if len(labels) > _MOST_CHOICES else f"Un de ces choix : {said}"
    if spec.meta.duration:
        return "Durée, comme 3 j 4 h"
    if spec.primary_key:
        number_of_row = "Numéro de la ligne, comme l'export l'écrit"
        return f"{number_of_row} ; vide pour une nouvelle ligne" if creates else number_of_row
    return _HOLDS.get(spec.kind) or _text(spec)


def _text(spec: FieldSpec) -> str:
    length = f"Texte, {number(spec.max_length)} caractères au plus" if spec.max_length else "Texte"
    if not spec.example:
        return length
    spaced = " sans compter les espaces" if spec.max_length and _loses_spaces(spec, spec.example) else ""
    return f"{length}{spaced}, comme « {spec.example} »"


def _loses_spaces(spec: FieldSpec, example: str) -> bool:
    """Whether people put spaces in it that are not kept, as in a SIRET."""
    return " " in example and " " not in spec.clean(example)
