"""Known samples of each type, and the traps of the libraries behind them: each line failed once somewhere."""

from typing import Any

import pytest

from schema.types import (
    AddressLine,
    AnsNumber,
    Bic,
    City,
    Code,
    Email,
    Iban,
    InvalidValue,
    Phone,
    PostCode,
    PrintedCode,
    Sha256,
    Siren,
    Siret,
    Slug,
    StreetExtension,
    StreetNumber,
    Url,
    parse_as,
    show_as,
)


@pytest.mark.parametrize(
    ("kind", "raw", "stored"),
    [
        (Siret, "732 829 320 00074", "73282932000074"),
        (Siret, "35600000049837", "35600000049837"),  # La Poste: digit sum, not Luhn.
        (Siret, "35600000000048", "35600000000048"),  # La Poste's head office: Luhn.
        (Siren, "732.829.320", "732829320"),
        (AnsNumber, " ans  12-ab ", "ANS 12-AB"),  # rule: R3
        (Iban, "fr76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        (Iban, "FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
        (Iban, "MC5811222000010123456789030", "MC5811222000010123456789030"),
        (Iban, "GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"),
        (Iban, "AL47 2121 1009 0000 0002 3569 8741", "AL47212110090000000235698741"),
        (Bic, "agrifrpp 882", "AGRIFRPP882"),
        (Phone, "01.23.45.67.89", "+33123456789"),
        (Phone, "0033 1 23 45 67 89", "+33123456789"),
        (Phone, "+33 (0)1 23 45 67 89", "+33123456789"),
        (Phone, "0690 00 12 34", "+590690001234"),
        (Phone, "0692 12 34 56", "+262692123456"),
        (Phone, "+33 692 12 34 56", "+262692123456"),
        (Phone, "0596 59 12 34", "+596596591234"),  # Valid in FR too, for the library.
        (Phone, "0269 60 12 34", "+262269601234"),  # The same.
        (Phone, "09 76 12 34 56", "+33976123456"),  # Valid in Guadeloupe too, and not from there.
        (Phone, "+32 2 555 12 12", "+3225551212"),
        (Email, "Jean.Martin@Exemple.FR", "Jean.Martin@exemple.fr"),
        (Email, "jean@exémple.fr", "jean@xn--exmple-cva.fr"),
        (StreetNumber, "0012", "12"),
        (StreetExtension, "bis", "B"),
        (StreetExtension, "C", "C"),
        (PostCode, "20 090", "20090"),
        (PostCode, "97410", "97410"),
        (PostCode, "01000", "01000"),
        (City, "Saint-Rémy-l'Honoré", "Saint-Rémy-l'Honoré"),
        (City, "PARIS 13", "PARIS 13"),
        (AddressLine, "x" * 38, "x" * 38),
        (Code, "dsr_hop", "DSR_HOP"),
        (PrintedCode, "DSR-HOP-PFI-Va1", "DSR-HOP-PFI-Va1"),
        (Slug, "Vague-2", "vague-2"),
        (Sha256, "AB" * 32, "ab" * 32),
        (Url, "HTTPS://Exemple.FR/A", "https://exemple.fr/A"),
    ],
)
def test_a_known_good_value_is_stored_in_its_one_form(kind: Any, raw: str, stored: str) -> None:
    assert parse_as(kind, raw) == stored


@pytest.mark.parametrize(
    ("kind", "raw", "advice"),
    [
        (Siret, "00000000000000", "n'existe pas"),  # The library takes it.
        (Siret, "35600000012340", "erreur de saisie"),
        (Siret, "73282932000075", "erreur de saisie"),
        (Siret, "732829320", "SIREN"),
        (Siret, "٧٣٢٨٢٩٣٢٠٠٠٠٧٤", "chiffres"),
        (Siren, "000000000", "n'existe pas"),
        (Iban, "FR0630006000011234567890188", "clé RIB"),  # Passes without validate_bban.
        (Iban, "FR7630006000011234567890188", "erreur de saisie"),
        (Iban, "FR76 3000", "27 caractères"),
        (Iban, "TR330006100519786457841326", "zone SEPA"),
        (Iban, "ZZ330006100519786457841326", "pays"),
        (Bic, "AGRIFXPP", "pas valable"),
        (Bic, "AGRIFRP", "8 ou 11"),
        (Bic, "AGRIFRP0", "essais"),
        (Phone, "3639", "10 chiffres"),
        (Phone, "01 23 45 67 89 ext. 5", "10 chiffres"),
        (Phone, "1-800-FLOWERS", "10 chiffres"),
        (Email, "jean@exemple", "nom@domaine.fr"),
        (Email, "jéan@exemple.fr", "sans espace ni accent"),
        (Email, "jean@exemple.fr\r\nBcc: autre@exemple.fr", "pas valable"),
        (Email, "Jean <jean@exemple.fr>", "pas valable"),
        (StreetNumber, "12 bis", "Extension"),
        (StreetNumber, "0", "laissez ce champ vide"),
        (StreetExtension, "A", "bis, ter"),
        (PostCode, "2A004", "Corse"),
        (PostCode, "1000", "zéro du début"),
        (PostCode, "99123", "n'existe pas"),
        (City, "x" * 33, "Abrégez"),
        (City, "Paris; DROP", "lettres"),
        (AddressLine, "x" * 39, "38"),
        (Code, "é", "sans accent"),
        (Url, "javascript:alert(1)", "https://"),
        (Url, "https://exemple.fr@autre.fr/", "https://"),
        (Url, "https://[::1", "https://"),
        (Url, "//exemple.fr", "https://"),
    ],
)
def test_a_known_bad_value_is_refused_with_its_reason(kind: Any, raw: str, advice: str) -> None:
    # std: UX-5
    with pytest.raises(InvalidValue, match=advice):
        parse_as(kind, raw)


@pytest.mark.parametrize(
    ("kind", "stored", "shown"),
    [
        (Siret, "73282932000074", "732 829 320 00074"),
        (Siren, "732829320", "732 829 320"),
        (Iban, "FR7630006000011234567890189", "FR76 3000 6000 0112 3456 7890 189"),
        (Phone, "+33123456789", "01 23 45 67 89"),
        (Phone, "+590690001234", "0690 00 12 34"),
        (Phone, "+3225551212", "+32 2 555 12 12"),
        (StreetExtension, "T", "ter"),
    ],
)
def test_a_stored_value_is_shown_as_the_french_write_it(kind: Any, stored: str, shown: str) -> None:
    # std: UX-4
    assert show_as(kind, stored) == shown
