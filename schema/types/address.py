"""The parts of a French postal address, within what NF Z10-011 allows: six lines of 38 characters.

Street types are rows of a reference table, not known here. What the lines of an envelope look like is not
decided here either: these are the parts that a person fills in.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Annotated

from schema.types.base import InvalidValue, text
from schema.types.cleaning import compact, plain_punctuation

LINE_LENGTH = 38
# The last line also holds the five digits of the postcode and a space.
CITY_LENGTH = LINE_LENGTH - 6

STREET_EXTENSIONS = MappingProxyType({"B": "bis", "T": "ter", "Q": "quater", "C": "quinquies"})
"""Code stored, and what is shown (NF Z10-011)."""

_POST_CODE = re.compile(r"(0[1-9]|[1-8][0-9]|9[0-578])[0-9]{3}")


def _street_number(typed: str) -> str:
    if not re.fullmatch(r"[0-9]{1,5}", typed):
        raise InvalidValue("Le numéro de voie est un nombre, par exemple 12. « bis » se choisit dans « Extension ».")
    number = typed.lstrip("0")
    if not number:
        raise InvalidValue("Le numéro de voie 0 n'existe pas : laissez ce champ vide si la voie n'a pas de numéro.")
    return number


def _street_extension(typed: str) -> str:
    wanted = typed.casefold()
    for code, label in STREET_EXTENSIONS.items():
        if wanted in {code.casefold(), label}:
            return code
    raise InvalidValue("Choisissez bis, ter, quater ou quinquies.")


def _show_street_extension(value: str) -> str:
    return STREET_EXTENSIONS[value]


def _post_code(typed: str) -> str:
    code = compact(typed)
    if re.fullmatch(r"2[ABab][0-9]{3}", code):
        raise InvalidValue(
            "En Corse, le code postal commence par 20 : par exemple 20000 pour Ajaccio, 20200 pour Bastia."
        )
    if not re.fullmatch(r"[0-9]{5}", code):
        raise InvalidValue("Un code postal a 5 chiffres, par exemple 87000 ; gardez le zéro du début.")
    if not _POST_CODE.fullmatch(code):
        raise InvalidValue("Ce code postal n'existe pas en France : vérifiez ses deux premiers chiffres.")
    return code


def _city(typed: str) -> str:
    city = plain_punctuation(typed)
    if re.search(r"[^\w\s'./()-]|_", city) or not any(map(str.isalpha, city)):
        raise InvalidValue(
            "Une commune s'écrit avec des lettres, espaces, traits d'union et apostrophes : vérifiez-la."
        )
    return city


AddressLine = Annotated[
    str,
    text(
        "address_line",
        plain_punctuation,
        max_length=LINE_LENGTH,
        too_long="C'est la limite d'une ligne d'adresse : abrégez, par exemple « St » pour « Saint ».",
    ),
]
StreetNumber = Annotated[str, text("street_number", _street_number, max_length=5, input_mode="numeric")]
StreetExtension = Annotated[
    str,
    text("street_extension", _street_extension, max_length=1, show=_show_street_extension, typed_length=12),
]
PostCode = Annotated[
    str,
    text(
        "post_code",
        _post_code,
        max_length=5,
        typed_length=12,
        input_mode="numeric",
        autocomplete="postal-code",
    ),
]
City = Annotated[
    str,
    text(
        "city",
        _city,
        max_length=CITY_LENGTH,
        autocomplete="address-level2",
        too_long="Abrégez comme sur une enveloppe, par exemple « St » pour « Saint ».",
    ),
]
