"""The JSON format of a financing file: its fields, described once. The published schema and the checker read them here.

The format is ours: no public schema of the ASP's own is known. Changing what a file may hold is a new `VERSION`. What
needs the other lines, the header or a table is not here: see `checking`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum import luhn

from enrolment.financing.problems import Wrong, said
from schema.types import InvalidValue, Siret, parse_as

VERSION = "1.0"
HEADER, SITES, LINES = "entete", "etablissements", "prestations"
PARTS = (HEADER, SITES, LINES)
"""The parts of a file, in the order that reading in one pass asks for."""

Reader = Callable[[Any], Any]
"""Gives the value of a field as the checker uses it. Raises Wrong with what to mend."""

_AMOUNT = r"(?:0|[1-9][0-9]{0,9})\.[0-9]{2}"
_RATE = r"(?:0|[1-9][0-9]?)\.[0-9]{2}"
_REFERENCE = r"[A-Za-z0-9](?:[A-Za-z0-9 ._/-]{0,48}[A-Za-z0-9])?"
_FINESS = r"(?:[0-9]{9}|2[AB][0-9]{7})"
_CODE = r"[A-Z0-9][A-Z0-9_-]{0,63}"
_is_amount = re.compile(_AMOUNT, re.ASCII).fullmatch
_is_rate = re.compile(_RATE, re.ASCII).fullmatch
_is_reference = re.compile(_REFERENCE, re.ASCII).fullmatch
_is_finess = re.compile(_FINESS, re.ASCII).fullmatch
_is_code = re.compile(_CODE, re.ASCII).fullmatch
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ud800-\udfff]")
_IN_QUOTES = "entre guillemets"


@dataclass(frozen=True)
class Field:
    """A field: how it is read, and how the schema describes it."""

    name: str
    about: str
    read: Reader
    described: Mapping[str, Any]
    example: Any
    required: bool = True

    @property
    def schema(self) -> dict[str, Any]:
        """Its part of the JSON Schema."""
        return {**self.described, "description": self.about, "examples": [self.example]}


def words(value: Any, expected: str) -> str:
    """A text that is not empty. Raises Wrong."""
    if type(value) is not str:
        raise Wrong(f"un texte {_IN_QUOTES} est attendu, pas {said(value)}. {expected}")
    if not value:
        raise Wrong(f"ce champ est vide. {expected}")
    return value


def version(value: Any) -> str:
    """The version of the format."""
    if value != VERSION:
        raise Wrong(f"la version {said(value)} n'est pas connue. Indiquez « {VERSION} » et suivez le schéma publié.")
    return VERSION


def siret(value: Any) -> str:
    """A SIRET whose keys are right."""
    expected = "Indiquez les 14 chiffres du SIRET, sans espace."
    text = words(value, expected)
    if len(text) != 14 or not (text.isascii() and text.isdecimal()):
        raise Wrong(f"{said(value)} n'est pas un SIRET. {expected}")
    try:
        return parse_as(Siret, text)
    except InvalidValue as error:
        raise Wrong(
            f"{said(value)} n'est pas un SIRET valide : sa clé de contrôle est fausse. Recopiez-le depuis l'avis de "
            "situation de l'établissement."
        ) from error


def finess(value: Any) -> str | None:
    """A FINESS number: 9 characters, the last one a Luhn key (annuaire FINESS, structure du numéro).

    Corsican numbers begin with 2A or 2B; how their letter enters the key is not published, so their form alone is
    checked.
    """
    expected = "Indiquez les 9 caractères du numéro FINESS, ou null si l'établissement n'en a pas."
    if value is None:
        return None
    text = words(value, expected)
    if _is_finess(text) is None:
        raise Wrong(f"{said(value)} n'est pas un numéro FINESS. {expected}")
    if text.isdecimal() and (not luhn.is_valid(text) or text == "000000000"):
        raise Wrong(
            f"{said(value)} n'est pas un numéro FINESS valide : sa clé de contrôle est fausse. Recopiez-le depuis "
            "l'annuaire FINESS."
        )
    return text


def day(value: Any) -> date:
    """A date written « 2025-03-10 »."""
    expected = "Écrivez la date sous la forme AAAA-MM-JJ, par exemple « 2025-03-10 »."
    text = words(value, expected)
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        raise Wrong(f"{said(value)} n'est pas une date. {expected}")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Wrong(f"{said(value)} n'est pas une date du calendrier. {expected}") from error


def cents(value: Any) -> int:
    """An amount « 1234.50 », in cents."""
    if type(value) is not str or _is_amount(value) is None:
        raise Wrong(
            f"{said(value)} n'est pas un montant. Écrivez-le {_IN_QUOTES}, en euros, avec un point et deux décimales, "
            "sans espace ni signe, par exemple « 1234.50 »."
        )
    return int(value[:-3] + value[-2:])


def rate(value: Any) -> int:
    """A rate « 20.00 », in hundredths of a percent."""
    if type(value) is not str or _is_rate(value) is None:
        raise Wrong(
            f"{said(value)} n'est pas un taux. Écrivez-le {_IN_QUOTES}, en pourcentage, avec un point et deux "
            "décimales, par exemple « 20.00 »."
        )
    return int(value[:-3] + value[-2:])


def count(value: Any) -> int:
    """A whole number."""
    if type(value) is not int or value < 0:
        raise Wrong(f"un nombre entier sans guillemets est attendu, pas {said(value)}. Par exemple : 12.")
    return value


def reference(value: Any) -> str:
    """What the vendor calls a line: printable on one line of a table."""
    if type(value) is not str or _is_reference(value) is None:
        raise Wrong(
            f"{said(value)} n'est pas une référence. Indiquez 1 à 50 lettres sans accent, chiffres, espaces, points, "
            "tirets ou barres, en commençant et en finissant par une lettre ou un chiffre."
        )
    return value


def code(value: Any) -> str:
    """A code of a closed list."""
    if type(value) is not str or _is_code(value) is None:
        raise Wrong(
            f"{said(value)} n'est pas un code. Indiquez un code de la liste, en majuscules sans accent ni espace."
        )
    return value


def ans_number(value: Any) -> str:
    """A referencing number, an opaque key (rule R3)."""
    expected = "Indiquez le numéro unique de référencement reçu de l'ANS, tel qu'il est écrit sur le certificat."
    return _line(words(value, expected), 64, expected)


def name(value: Any) -> str:
    """The name of an establishment."""
    expected = "Indiquez la dénomination de l'établissement, en 150 caractères au plus."
    return _line(words(value, expected), 150, expected)


def _line(text: str, most: int, expected: str) -> str:
    if len(text) > most:
        raise Wrong(f"ce texte compte {len(text)} caractères. {expected}")
    if text != text.strip() or _UNREADABLE.search(text):
        raise Wrong(f"ce texte contient des espaces aux bords ou des caractères invisibles. {expected}")
    return text


def _pattern(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


_DAY = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_SIRET = _pattern("[0-9]{14}")
_CODED = _pattern(_CODE)


def _amount(field_name: str, about: str, example: str) -> Field:
    return Field(field_name, f"{about} En euros, avec deux décimales.", cents, _pattern(_AMOUNT), example)


HEADER_FIELDS: tuple[Field, ...] = (
    Field("version", "Version de ce format.", version, {"const": VERSION}, VERSION),
    Field(
        "date",
        "Date à laquelle le fichier est établi ; ni future, ni antérieure à la période.",
        day,
        _DAY,
        "2025-10-03",
    ),
    Field(
        "numero_ans",
        "Numéro unique de référencement ANS du logiciel, enrôlé par votre compte.",
        ans_number,
        {"type": "string", "minLength": 1, "maxLength": 64},
        "ANS-V2-IMG-00302",
    ),
    Field("siret_fournisseur", "SIRET du fournisseur enrôlé.", siret, _SIRET, "99992192700011"),
    Field("vague", "Code de la vague du programme.", code, _CODED, "V2"),
    Field("periode_debut", "Premier jour de la période couverte.", day, _DAY, "2025-07-01"),
    Field("periode_fin", "Dernier jour de la période couverte.", day, _DAY, "2025-09-30"),
    Field("nombre_prestations", "Nombre de prestations du fichier.", count, {"type": "integer", "minimum": 0}, 2),
    _amount("total_ht", "Somme des montants hors taxes.", "4300.00"),
    _amount("total_tva", "Somme des montants de TVA.", "860.00"),
    _amount("total_ttc", "Somme des montants toutes taxes comprises.", "5160.00"),
)

SITE_FIELDS: tuple[Field, ...] = (
    Field("siret", "SIRET de l'établissement client ; chacun n'apparaît qu'une fois.", siret, _SIRET, "26750045200011"),
    Field(
        "denomination", "Dénomination.", name, {"type": "string", "minLength": 1, "maxLength": 150}, "Clinique Exemple"
    ),
    Field(
        "finess",
        "Numéro FINESS ; null ou absent si l'établissement n'en a pas.",
        finess,
        {"type": ["string", "null"], "pattern": f"^{_FINESS}$"},
        "750712184",
        required=False,
    ),
)

LINE_FIELDS: tuple[Field, ...] = (
    Field(
        "reference",
        "Votre référence de la prestation ; unique dans le fichier.",
        reference,
        _pattern(_REFERENCE),
        "FAC-2025-0001",
    ),
    Field("siret_etablissement", "SIRET d'un des établissements du fichier.", siret, _SIRET, "26750045200011"),
    Field("type", "Code du type de prestation.", code, _CODED, "INSTALLATION"),
    Field("date_commande", "Date de la commande, pendant l'ouverture de la vague.", day, _DAY, "2025-07-07"),
    Field("date_realisation", "Date de réalisation ; pas avant la commande.", day, _DAY, "2025-08-18"),
    Field(
        "date_facture", "Date de la facture ; pas avant la réalisation, et dans la période.", day, _DAY, "2025-08-25"
    ),
    _amount("montant_ht", "Montant hors taxes, supérieur à zéro.", "3500.00"),
    Field("taux_tva", "Taux de TVA, en pourcentage avec deux décimales.", rate, _pattern(_RATE), "20.00"),
    _amount(
        "montant_tva", "Montant de la TVA : le montant hors taxes multiplié par le taux, à un centime près.", "700.00"
    ),
    _amount("montant_ttc", "Montant toutes taxes comprises : la somme des deux autres.", "4200.00"),
)


def json_schema(address: str, kinds: Iterable[str] = (), rates: Iterable[str] = ()) -> dict[str, Any]:
    """The format as JSON Schema 2020-12; `kinds` and `rates` are those taken today, left open when none are given."""
    line = _object(LINE_FIELDS)
    for field_name, allowed in (("type", sorted(kinds)), ("taux_tva", sorted(rates, key=float))):
        if allowed:
            line["properties"][field_name]["enum"] = allowed
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": f"Fichier de financement, version {VERSION}",
        "description": (
            "Format propre à ce portail : ce n'est pas le format JSON de l'ASP. Les trois parties se suivent dans "
            f"l'ordre {', '.join(PARTS)}. Le simulateur vérifie en plus les totaux, les doublons, les dates entre "
            "elles, les clés SIRET et FINESS et l'enrôlement."
        ),
        "type": "object",
        "properties": {
            HEADER: _object(HEADER_FIELDS),
            SITES: {"type": "array", "minItems": 1, "items": _object(SITE_FIELDS)},
            LINES: {"type": "array", "minItems": 1, "items": line},
        },
        "required": list(PARTS),
        "additionalProperties": False,
    }


def _object(fields: Iterable[Field]) -> dict[str, Any]:
    fields = tuple(fields)
    return {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }
