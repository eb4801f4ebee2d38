"""IBAN and BIC, and whether the two can belong together.

The account itself is never checked: no one but the bank can. The French part of the library's bank registry
has wrong names and missing banks, so whoever calls may hand over a table of corrections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated

from schwifty import BIC, IBAN, registry
from schwifty.exceptions import (
    InvalidBBANChecksum,
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    SchwiftyException,
)

from schema.types.base import InvalidValue, text
from schema.types.cleaning import compact

BankOverrides = Mapping[tuple[str, str], tuple[str, str]]
"""(country, bank code) → (bank name, BIC): rows that win over the library's registry."""

# Members of the SEPA zone since 2025 (European Payments Council, EPC409-09) that the library does not count
# in yet.
_RECENT_SEPA_MEMBERS = frozenset({"AL", "MD", "ME", "MK", "RS"})
# Countries whose BIC may stand beside an IBAN that starts otherwise: overseas France and the Crown
# dependencies (same source). The library's registry has such French rows for RE, NC, PF, MQ, GP and YT, and
# no other.
_SHARED_IBAN_COUNTRY = {
    **dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"), "FR"),
    **dict.fromkeys(("GG", "IM", "JE"), "GB"),
    "AX": "FI",
}
# The library has no algorithm for the national key of these and warns when asked to check it.
_NATIONAL_KEY_UNKNOWN = frozenset({"HU", "SE"})
_INSTITUTION = 4

_IBAN_REFUSALS: tuple[tuple[type[SchwiftyException], str], ...] = (
    (InvalidBBANChecksum, "La clé RIB de cet IBAN est fausse : recopiez-le depuis le RIB."),
    (
        InvalidChecksumDigits,
        "Cet IBAN contient une erreur de saisie : vérifiez-le chiffre à chiffre sur le RIB.",
    ),
    (
        InvalidCountryCode,
        "Un IBAN commence par les deux lettres d'un pays, par exemple FR : recopiez-le depuis le RIB.",
    ),
)


def _iban(typed: str) -> str:
    value = compact(typed).upper()
    if not (value.isascii() and value.isalnum()):
        raise InvalidValue("Un IBAN ne contient que des chiffres et des lettres sans accent, espaces permis.")
    if value[:2] in _SHARED_IBAN_COUNTRY:
        # The library takes these, key unchecked, though no bank has ever given one out.
        country = _SHARED_IBAN_COUNTRY[value[:2]]
        raise InvalidValue(
            f"Aucun IBAN ne commence par {value[:2]}, ceux de ce territoire commencent par {country} : "
            "recopiez-le depuis le RIB."
        )
    try:
        iban = IBAN(value)
        in_sepa = iban.in_sepa_zone
        if in_sepa and iban.country_code not in _NATIONAL_KEY_UNKNOWN:
            # Without this the RIB key of a French IBAN goes unchecked.
            iban.validate(validate_bban=True)
    except InvalidLength as error:
        raise InvalidValue(_wrong_length(value)) from error
    except SchwiftyException as error:
        default = "Cet IBAN n'a pas la forme de ceux de son pays : recopiez-le depuis le RIB."
        raise InvalidValue(next((text for kind, text in _IBAN_REFUSALS if isinstance(error, kind)), default)) from error
    if not in_sepa and iban.country_code not in _RECENT_SEPA_MEMBERS:
        raise InvalidValue(
            f"Ce compte est tenu hors de la zone SEPA (pays {iban.country_code}) et ne peut pas recevoir "
            "de virement de l'ASP : indiquez un compte tenu dans la zone SEPA."
        )
    return str(iban)


def _wrong_length(value: str) -> str:
    if value.startswith("FR"):
        return f"Un IBAN français a 27 caractères ; celui-ci en a {len(value)} : recopiez-le depuis le RIB."
    return f"Cet IBAN n'a pas la longueur de ceux de son pays ({len(value)} caractères) : recopiez-le depuis le RIB."


def _show_iban(value: str) -> str:
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def _bic(typed: str) -> str:
    value = compact(typed).upper()
    if not (value.isascii() and value.isalnum()) or len(value) not in {8, 11}:
        raise InvalidValue("Un BIC a 8 ou 11 caractères, lettres et chiffres : recopiez-le depuis le RIB.")
    try:
        bic = BIC(value)
    except SchwiftyException as error:
        raise InvalidValue(
            "Ce BIC n'est pas valable : quatre caractères pour la banque, deux lettres pour le pays, puis le "
            "lieu. Recopiez-le depuis le RIB."
        ) from error
    if bic.type == "testing":
        raise InvalidValue("Ce BIC est réservé aux essais entre banques : recopiez celui du RIB.")
    return str(bic)


class Level(StrEnum):
    """How far an IBAN and a BIC agree."""

    ok = "ok"
    warning = "warning"
    error = "error"


@dataclass(frozen=True)
class BankCoherence:
    """`message` is None when all is well; `domiciliation`, the bank's name, when the bank is unknown."""

    level: Level
    message: str | None
    domiciliation: str | None


@dataclass(frozen=True)
class KnownBank:
    """The bank that an IBAN names; `bics` are all those it may have, empty when none is known."""

    name: str
    bics: tuple[str, ...]


def bank_of(iban: str, overrides: BankOverrides | None = None) -> KnownBank | None:
    """The bank of a stored IBAN, corrections first; None when nobody knows it."""
    parsed = IBAN(iban)
    key = (parsed.country_code, parsed.bank_code)
    if overrides and key in overrides:
        name, bic = overrides[key]
        return KnownBank(name, (bic,))
    banks = registry.get_banks_by_code(*key)
    if not banks:
        return None
    name = parsed.bank_name or banks[0].name
    return KnownBank(name, tuple(bank.bic for bank in banks if bank.bic))


@cache
def bank_names() -> frozenset[str]:
    """The names of all the banks of the library's registry."""
    return frozenset(name for bank in registry.get_all_banks() for name in (bank.name, bank.short_name) if name)


def bank_coherence(iban: str, bic: str, overrides: BankOverrides | None = None) -> BankCoherence:
    """Whether a stored IBAN and a stored BIC can go together.

    One bank has many BICs, so only the institution (4 letters) and the country are compared. A known bank
    that differs is an error; a bank nobody knows is a warning, for the manager to look at.
    """
    bank = bank_of(iban, overrides)
    name = bank.name if bank else None
    if bank and bank.bics:
        if _who(bic) in map(_who, bank.bics):
            return BankCoherence(Level.ok, None, name)
        return BankCoherence(
            Level.error,
            f"Ce BIC n'est pas celui de la banque de cet IBAN ({name}) : recopiez l'IBAN et le BIC du même RIB.",
            name,
        )
    if _iban_country(bic) != iban[:2]:
        message = f"Le BIC est d'un pays ({bic[4:6]}) et l'IBAN d'un autre ({iban[:2]})"
        if iban.startswith("FR"):
            return BankCoherence(Level.error, f"{message} : recopiez l'IBAN et le BIC du même RIB.", name)
        return BankCoherence(Level.warning, f"{message} : vérifiez qu'ils viennent du même RIB.", name)
    return BankCoherence(
        Level.warning,
        "La banque de cet IBAN nous est inconnue : vérifiez le BIC et indiquez vous-même la domiciliation.",
        name,
    )


def _who(bic: str) -> tuple[str, str]:
    """Institution and IBAN country: a bank of La Réunion has BICs in RE and in FR for the same accounts."""
    return bic[:_INSTITUTION], _iban_country(bic)


def _iban_country(bic: str) -> str:
    country = bic[4:6]
    return _SHARED_IBAN_COUNTRY.get(country, country)


Iban = Annotated[str, text("iban", _iban, max_length=34, show=_show_iban, typed_length=50)]
Bic = Annotated[str, text("bic", _bic, max_length=11, typed_length=20)]
