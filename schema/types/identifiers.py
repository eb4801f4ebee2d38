"""Numbers and codes that name things: companies, referencings, requests, reference rows, files, addresses of
pages.

Bank numbers are in `bank`. Whether the thing named exists is never decided here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from schema.types.base import InvalidValue, text
from schema.types.cleaning import compact, plain_punctuation

_SIREN_LENGTH = 9
_SIRET_LENGTH = 14


def _digits(typed: str, length: int, name: str) -> str:
    number = compact(typed)
    if not (number.isascii() and number.isdigit()):
        raise InvalidValue(f"Un {name} ne contient que des chiffres : {length} chiffres, espaces permis.")
    if len(number) != length:
        raise InvalidValue(f"Un {name} a {length} chiffres ; celui-ci en a {len(number)}.")
    if not int(number[:_SIREN_LENGTH]):
        # The check digits of an all-zero number are right, so the library takes it.
        raise InvalidValue(f"Ce {name} n'existe pas : saisissez celui de la société.")
    return number


def _siren(typed: str) -> str:
    number = _digits(typed, _SIREN_LENGTH, "SIREN")
    try:
        return str(stdnum_siren.validate(number))
    except ValidationError as error:
        raise InvalidValue("Ce SIREN contient une erreur de saisie : vérifiez ses chiffres un à un.") from error


def _siret(typed: str) -> str:
    if len(compact(typed)) == _SIREN_LENGTH and compact(typed).isdecimal():
        raise InvalidValue("Ceci est un SIREN (9 chiffres) : saisissez le SIRET de l'établissement, à 14 chiffres.")
    number = _digits(typed, _SIRET_LENGTH, "SIRET")
    try:
        return str(stdnum_siret.validate(number))
    except InvalidChecksum as error:
        raise InvalidValue("Ce SIRET contient une erreur de saisie : comparez ses chiffres à ceux du Kbis.") from error
    except ValidationError as error:
        raise InvalidValue("Ce SIRET n'est pas valable : vérifiez-le, par exemple sur le Kbis.") from error


def siren_of(siret: str) -> str:
    """The SIREN of a stored SIRET."""
    return siret[:_SIREN_LENGTH]


def _upper(typed: str) -> str:
    # Upper-casing may undo the composition of a letter: compose again.
    return unicodedata.normalize("NFC", typed.upper())


def _ans_number(typed: str) -> str:
    """Rule R3: an opaque key; only case, spaces and the hyphens that a paste changes are made alike."""
    return plain_punctuation(_upper(typed))


def _code(typed: str) -> str:
    code = typed.upper()
    if not re.fullmatch(r"[A-Z0-9_-]+", code):
        raise InvalidValue("Un code ne contient que des lettres sans accent, des chiffres, « - » et « _ ».")
    return code


def _printed_code(typed: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", typed):
        raise InvalidValue("Un code ne contient que des lettres sans accent, des chiffres, « - » et « _ ».")
    return typed


def _slug(typed: str) -> str:
    slug = typed.lower()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise InvalidValue("Ce nom court ne contient que des lettres sans accent et des chiffres, séparés par « - ».")
    return slug


def _request_number(typed: str) -> str:
    number = plain_punctuation(typed).upper().replace(" ", "")
    if not re.fullmatch(r"[A-Z]{3}-[0-9]{4}-[0-9]{6,9}", number):
        raise InvalidValue(
            "Un numéro de demande s'écrit comme ENR-2026-000123 : recopiez-le depuis l'accusé de réception."
        )
    return number


def _secret(typed: str) -> str:
    if not re.fullmatch(r"[!-~]+", typed):
        raise InvalidValue("Cette clé contient un caractère impossible : recopiez-la en entier.")
    return typed


def _login(typed: str) -> str:
    login = typed.lower().replace(" ", "")
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", login):
        raise InvalidValue(
            "Un identifiant ne contient que des lettres sans accent, des chiffres, « . », « - » et « _ »."
        )
    return login


def _field_name(typed: str) -> str:
    if not re.fullmatch(r"[a-z_]+\.[a-z_]+", typed):
        raise InvalidValue("Un nom de champ s'écrit comme provider.siret.")
    return typed


def _sha256(typed: str) -> str:
    digest = typed.lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise InvalidValue("Une empreinte SHA-256 a 64 chiffres hexadécimaux (0 à 9, a à f).")
    return digest


def _url(typed: str) -> str:
    """An http or https address of a host by name, without user name: nothing else may become a link."""
    message = "Cette adresse de page n'est pas valable : elle commence par https:// et ne contient pas d'espace."
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InvalidValue(message) from error
    hostname = re.fullmatch(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*", host)
    if parts.scheme not in {"http", "https"} or not hostname or not re.fullmatch(r"[!-~]+", typed):
        raise InvalidValue(message)
    if "@" in parts.netloc or re.search(r"[\"'<>\\^`{|}]", typed):
        raise InvalidValue(message)
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))


def _in_groups(value: str, *sizes: int) -> str:
    groups: list[str] = []
    start = 0
    for size in sizes:
        groups.append(value[start : start + size])
        start += size
    return " ".join(groups)


def _show_siren(value: str) -> str:
    return _in_groups(value, 3, 3, 3)


def _show_siret(value: str) -> str:
    return _in_groups(value, 3, 3, 3, 5)


Siren = Annotated[str, text("siren", _siren, max_length=9, show=_show_siren, typed_length=20, input_mode="numeric")]
Siret = Annotated[str, text("siret", _siret, max_length=14, show=_show_siret, typed_length=30, input_mode="numeric")]
AnsNumber = Annotated[str, text("ans_number", _ans_number, max_length=64, typed_length=100)]
Code = Annotated[str, text("code", _code, max_length=64)]
PrintedCode = Annotated[str, text("printed_code", _printed_code, max_length=64)]
Slug = Annotated[str, text("slug", _slug, max_length=80)]
RequestNumber = Annotated[str, text("request_number", _request_number, max_length=18, typed_length=30)]
Secret = Annotated[str, text("secret", _secret, max_length=255)]
Sha256 = Annotated[str, text("sha256", _sha256, max_length=64)]
Url = Annotated[str, text("url", _url, max_length=2000, input_mode="url", autocomplete="url")]
Login = Annotated[str, text("login", _login, max_length=64, autocomplete="username")]
FieldName = Annotated[str, text("field_name", _field_name, max_length=80)]
