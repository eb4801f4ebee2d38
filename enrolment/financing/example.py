"""The documented example of a financing file, made of the examples of its fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from enrolment.financing.format import HEADER, HEADER_FIELDS, LINE_FIELDS, LINES, SITE_FIELDS, SITES, Field

_SECOND_LINE = {
    "reference": "FAC-2025-0002",
    "siret_etablissement": "99990137400028",
    "type": "FORMATION",
    "montant_ht": "800.00",
    "montant_tva": "160.00",
    "montant_ttc": "960.00",
}
_SECOND_SITE = {"siret": "99990137400028", "denomination": "Cabinet du docteur Exemple", "finess": None}


def example() -> dict[str, Any]:
    """A file that conforms: two prestations for two establishments, one of which has no FINESS number."""
    return {
        HEADER: _object(HEADER_FIELDS),
        SITES: [_object(SITE_FIELDS), _object(SITE_FIELDS) | _SECOND_SITE],
        LINES: [_object(LINE_FIELDS), _object(LINE_FIELDS) | _SECOND_LINE],
    }


def _object(fields: Iterable[Field]) -> dict[str, Any]:
    return {field.name: field.example for field in fields}
