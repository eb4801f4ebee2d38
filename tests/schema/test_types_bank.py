"""Coherence of IBAN and BIC, against the library's registry and the corrections of ours."""

import warnings
from collections.abc import Iterator
from itertools import product
from string import ascii_uppercase

import pytest
from schwifty import IBAN, registry
from schwifty.exceptions import SchwiftyException

from schema.types import Iban, InvalidValue, Level, bank_coherence, bank_of, parse_as
from schema.types.bank import _RECENT_SEPA_MEMBERS, _SHARED_IBAN_COUNTRY

AGRICOLE = "FR7630006000011234567890189"
POSTALE = "FR1420041010050500013M02606"
SOCIETE_GENERALE = str(IBAN.generate("FR", "30003", "01234567890", "00001"))
NO_BANK = str(IBAN.generate("FR", "99999", "01234567890", "00001"))


def sepa_countries() -> Iterator[str]:
    """Every country code under which the library knows an IBAN, and which may be taken."""
    for letters in product(ascii_uppercase, repeat=2):
        country = "".join(letters)
        try:
            in_sepa = registry.get_iban_spec(country).in_sepa_zone
        except SchwiftyException:
            continue
        if country not in _SHARED_IBAN_COUNTRY and (in_sepa or country in _RECENT_SEPA_MEMBERS):
            yield country


@pytest.mark.parametrize("bic", ["AGRIFRPPXXX", "AGRIFRPP", "AGRIFRPP882"])
def test_any_bic_of_the_same_institution_and_country_goes_with_the_iban(bic: str) -> None:
    found = bank_coherence(AGRICOLE, bic)
    assert (found.level, found.message, found.domiciliation) == (Level.ok, None, "CREDIT AGRICOLE SA")


@pytest.mark.parametrize("bic", ["PSSTFRPP", "AGRIBEBB", "AGRIMCM1"])
def test_the_bic_of_another_bank_or_country_is_an_error(bic: str) -> None:
    found = bank_coherence(AGRICOLE, bic)
    assert found.level is Level.error
    assert "CREDIT AGRICOLE SA" in (found.message or "")


def test_an_overseas_bic_goes_with_a_french_iban() -> None:
    reunion = next(bank for bank in registry.get_banks_by_country("FR") if bank.bic[4:6] == "RE")
    iban = str(IBAN.generate("FR", reunion.bank_code, "01234567890", "00001"))
    assert bank_coherence(iban, reunion.bic).level is Level.ok
    assert bank_coherence(iban, f"{reunion.bic[:4]}FRPP").level is Level.ok


def test_an_unknown_bank_is_a_warning_unless_the_bic_is_foreign() -> None:
    assert bank_of(NO_BANK) is None
    unknown = bank_coherence(NO_BANK, "ABCDFRPP")
    assert (unknown.level, unknown.domiciliation) == (Level.warning, None)
    assert bank_coherence(NO_BANK, "COBADEFF").level is Level.error
    assert bank_coherence("MC5811222000010123456789030", "ABCDMCM1").level is Level.warning
    assert bank_coherence("MC5811222000010123456789030", "ABCDFRPP").level is Level.warning


def test_corrections_win_over_the_registry_of_the_library() -> None:
    overrides = {
        ("FR", "30003"): ("Société Générale", "SOGEFRPP"),
        ("FR", "99999"): ("Banque d'Exemple", "ABCDFRPP"),
    }
    assert bank_coherence(SOCIETE_GENERALE, "SOGEFRPPXXX", overrides).domiciliation == "Société Générale"
    assert bank_coherence(NO_BANK, "ABCDFRPP123", overrides).level is Level.ok
    assert bank_coherence(NO_BANK, "AGRIFRPP", overrides).level is Level.error


def test_no_country_of_the_sepa_zone_makes_the_library_warn() -> None:
    """The library warns where it cannot check the national key; a warning turned error would be a crash."""
    countries = list(sepa_countries())
    assert len(countries) > 40
    for country in countries:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            iban = str(IBAN.random(country_code=country))
        assert parse_as(Iban, iban) == iban


@pytest.mark.parametrize("territory", ["RE", "GP", "NC", "JE", "AX"])
def test_an_iban_that_starts_with_a_territory_is_refused_though_the_library_takes_it(territory: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        iban = str(IBAN.random(country_code=territory))
    with pytest.raises(InvalidValue, match="Aucun IBAN ne commence"):
        parse_as(Iban, iban)
