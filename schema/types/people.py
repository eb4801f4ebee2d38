"""How people and companies are named and reached, and the plain texts that have no rule of their own."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from schema.types.base import InvalidValue, text
from schema.types.cleaning import plain_punctuation

# Where a number typed in French form may belong. The prefixes of the overseas departments are tried in their
# own region before France: the library holds some of them (0269…, 0596…) for valid numbers of the mainland.
_OVERSEAS = {
    "0262": "RE",
    "0263": "RE",
    "0692": "RE",
    "0693": "RE",
    "0269": "YT",
    "0639": "YT",
    "0590": "GP",
    "0690": "GP",
    "0691": "GP",
    "0594": "GF",
    "0694": "GF",
    "0596": "MQ",
    "0696": "MQ",
    "0697": "MQ",
}
_FRANCE = 33
_PHONE_CHARACTERS = re.compile(r"[+\d\s.()/-]+")
_PHONE_REFUSED = (
    "Ce numéro de téléphone n'est pas valable. Saisissez 10 chiffres, par exemple 01 23 45 67 89, "
    "ou le numéro complet avec l'indicatif du pays, par exemple +32 2 555 12 12."
)


def _read_number(typed: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, region)
    except NumberParseException:
        return None


def _overseas_number(number: PhoneNumber) -> PhoneNumber | None:
    """The number of an overseas department that was typed as a French one: 0690…, or +33 690… by mistake."""
    if number.country_code != _FRANCE:
        return None
    national = f"0{number.national_number}"
    region = _OVERSEAS.get(national[:4])
    overseas = _read_number(national, region) if region else None
    return overseas if overseas and phonenumbers.is_valid_number(overseas) else None


def _phone(typed: str) -> str:
    """E.164; a number of an overseas department gets the country code of that department."""
    number = _read_number(typed, "FR") if _PHONE_CHARACTERS.fullmatch(typed) else None
    if number is None:
        raise InvalidValue(_PHONE_REFUSED)
    number = _overseas_number(number) or number
    if not phonenumbers.is_valid_number(number):
        raise InvalidValue(_PHONE_REFUSED)
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _show_phone(value: str) -> str:
    """French form (01 23 45 67 89) where typing it leads back to the same number, else +32 2 555 12 12."""
    number = phonenumbers.parse(value)
    national = str(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    try:
        if _phone(national) == value:
            return national
    except InvalidValue:
        pass
    return str(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))


def _email(typed: str) -> str:
    """The address as mail servers take it: domain in lower case and ASCII, the rest as it was typed."""
    try:
        checked = validate_email(typed, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        raise InvalidValue(
            "Cette adresse mail n'est pas valable. Écrivez-la comme nom@domaine.fr, sans espace ni accent."
        ) from error
    return checked.ascii_email or checked.normalized


def _person_name(typed: str) -> str:
    name = plain_punctuation(typed)
    if not all(char in " '-." or _is_latin(char) for char in name):
        raise InvalidValue(
            "Un nom s'écrit en lettres latines, comme sur la pièce d'identité : "
            "lettres, espaces, traits d'union, apostrophes et points."
        )
    if not any(map(str.isalpha, name)):
        raise InvalidValue("Ce nom ne contient aucune lettre : écrivez-le comme sur la pièce d'identité.")
    return name


def _is_latin(char: str) -> bool:
    return char.isalpha() and unicodedata.name(char, "").startswith("LATIN ")


def _company_name(typed: str) -> str:
    name = plain_punctuation(typed)
    if not any(map(str.isalnum, name)):
        raise InvalidValue("Ce nom ne contient ni lettre ni chiffre : écrivez-le comme au registre du commerce.")
    return name


Phone = Annotated[
    str,
    text(
        "phone",
        _phone,
        max_length=16,
        show=_show_phone,
        typed_length=30,
        input_mode="tel",
        autocomplete="tel",
    ),
]
Email = Annotated[str, text("email", _email, max_length=254, input_mode="email", autocomplete="email")]
PersonName = Annotated[str, text("person_name", _person_name, max_length=80)]
# Sirene itself keeps 120 characters for the name of a company.
CompanyName = Annotated[str, text("company_name", _company_name, max_length=120, autocomplete="organization")]
Line = Annotated[str, text("line", str, max_length=255)]
LongText = Annotated[str, text("long_text", str, max_length=10_000, multiline=True)]
