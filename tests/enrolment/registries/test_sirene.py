"""What the two adapters of Sirene make of an answer: a company, an unknown SIRET, or nothing usable."""

from urllib.parse import parse_qs, urlsplit

import pytest

from enrolment.registries.company import Company, Unknown
from enrolment.registries.sirene import InseeRegistry, SearchRegistry
from tests.enrolment.registries.service import (
    OTHER,
    SIRET,
    Service,
    found,
    head_office,
    insee,
    matching,
    results,
    says,
    unit,
)


def test_a_head_office_is_found_with_its_address_in_parts(service: Service, search: SearchRegistry) -> None:
    service.answers = [results(unit(head_office(), matching("ailleurs")))]
    assert found(search.find("732 829 320 00074")) == Company(
        siret=SIRET,
        siren="732829320",
        legal_name="EXEMPLE SANTE",
        trade_name="LOGICIELS DU SOIN",
        is_open=True,
        number="12",
        extension="B",
        street_type="AV",
        street_name="DES LILAS",
        complement="BATIMENT A",
        post_code="75012",
        city="PARIS",
        address="BATIMENT A 12 B AVENUE DES LILAS 75012 PARIS",
    )
    path, headers = service.asked[0]
    assert (urlsplit(path).path, parse_qs(urlsplit(path).query)["q"]) == ("/search", [SIRET])
    assert headers["User-Agent"] == "portail-essai/1.0 (contact@exemple.fr)"


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("12 RUE DE LA PLACE 75012 PARIS", ("12", None, "RUE", "DE LA PLACE", None, None)),
        ("BAT 3 12BIS AVENUE FOCH BP 7 75012 PARIS", ("12", "B", "AV", "FOCH", "BAT 3", "BP 7")),
        ("5 GRANDE RUE 75012 PARIS", ("5", None, "GR", None, None, None)),
        ("PLACE DU MARCHE 75012 PARIS", (None, None, "PL", "DU MARCHE", None, None)),
        # Nothing is guessed: two streets, an extension or a type our form has not, another city.
        ("2 RESIDENCE DES PINS 4 RUE FOCH 75012 PARIS", (None,) * 6),
        ("RESIDENCE DES PINS RUE FOCH 75012 PARIS", (None,) * 6),
        ("2 AV FOCH 4 AV HOCHE 75012 PARIS", (None,) * 6),
        ("12 A RUE FOCH 75012 PARIS", (None,) * 6),
        ("12 VENELLE FOCH 75012 PARIS", (None,) * 6),
        ("12 RUE FOCH 92042 PARIS LA DEFENSE CEDEX", (None,) * 6),
        ("", (None,) * 6),
    ],
)
def test_an_address_on_one_line_is_cut_only_where_it_is_certain(
    service: Service, search: SearchRegistry, line: str, parts: tuple[str | None, ...]
) -> None:
    service.answers = [results(unit(head_office(siret=OTHER), matching(line)))]
    company = found(search.find(SIRET))
    assert parts == (
        company.number,
        company.extension,
        company.street_type,
        company.street_name,
        company.complement,
        company.distribution,
    )
    assert (company.post_code, company.city, company.address) == ("75012", "PARIS", line or None)


def test_a_part_our_form_has_no_place_for_is_not_bent_to_fit(service: Service, search: SearchRegistry) -> None:
    service.answers = [results(unit(head_office(indice_repetition="A", type_voie="VENELLE")))]
    company = found(search.find(SIRET))
    assert (company.number, company.extension, company.street_type) == (None, None, None)
    assert company.street_name == "VENELLE DES LILAS"


def test_what_a_company_keeps_from_the_public_is_none(service: Service, search: SearchRegistry) -> None:
    hidden = dict.fromkeys(
        ("adresse", "numero_voie", "indice_repetition", "type_voie", "libelle_voie", "complement_adresse"),
        "[NON-DIFFUSIBLE]",
    )
    siege = head_office(**hidden, statut_diffusion_etablissement="P", liste_enseignes=["[NON-DIFFUSIBLE]"])
    service.answers = [results(unit(siege, nom_raison_sociale="[NON-DIFFUSIBLE]", nom_complet="[NON-DIFFUSIBLE]"))]
    company = found(search.find(SIRET))
    assert not company.is_diffusible
    assert company == Company(
        SIRET, "732829320", None, is_open=True, is_diffusible=False, post_code="75012", city="PARIS"
    )


@pytest.mark.parametrize(("own", "of_unit"), [("F", "A"), ("F", "C"), ("A", "C")])
def test_a_closed_establishment_or_company_is_not_open(
    service: Service, search: SearchRegistry, own: str, of_unit: str
) -> None:
    # rule: D6
    service.answers = [results(unit(head_office(etat_administratif=own), etat_administratif=of_unit))]
    assert not found(search.find(SIRET)).is_open


def test_a_person_in_business_has_the_name_without_what_is_in_parentheses(
    service: Service, search: SearchRegistry
) -> None:
    service.answers = [results(unit(head_office(), nom_raison_sociale=None, nom_complet="JEANNE MARTIN (EXSA)"))]
    assert found(search.find(SIRET)).legal_name == "JEANNE MARTIN"


def test_an_answer_about_others_is_unknown(service: Service, search: SearchRegistry) -> None:
    service.answers = [results(), results(unit(head_office(siret=OTHER), matching("x", siret=OTHER)))]
    assert search.find(SIRET) == Unknown()
    assert search.find(SIRET) == Unknown()


def test_what_is_no_siret_is_never_asked(service: Service, search: SearchRegistry, by_key: InseeRegistry) -> None:
    for typed in ("", "../../x", "73282932000075", "0" * 14):
        assert search.find(typed) == by_key.find(typed) == Unknown()
    assert not service.asked


def test_insee_answers_by_codes_and_periods(service: Service, by_key: InseeRegistry) -> None:
    service.answers = [says(insee())]
    assert found(by_key.find(SIRET)) == Company(
        siret=SIRET,
        siren="732829320",
        legal_name="EXEMPLE SANTE",
        trade_name="EXSA",
        is_open=True,
        number="3",
        extension="T",
        street_type="AV",
        street_name="FOCH",
        distribution="BP 12",
        post_code="87000",
        city="LIMOGES",
        address="3 TER AV FOCH BP 12 87000 LIMOGES",
    )
    path, headers = service.asked[0]
    assert path == f"/api-sirene/3.11/siret/{SIRET}"
    assert headers["X-INSEE-Api-Key-Integration"] == "cle-d-essai"


def test_insee_says_unknown_by_404_and_hides_by_nd(service: Service, by_key: InseeRegistry) -> None:
    person = {"statutDiffusionUniteLegale": "P", "nomUniteLegale": "[ND]", "prenom1UniteLegale": "[ND]"}
    closed = [{"dateFin": None, "etatAdministratifEtablissement": "F"}]
    service.answers = [
        says({"header": {"statut": 404}}, 404),
        says(insee(uniteLegale=person, periodesEtablissement=closed)),
    ]
    assert by_key.find(SIRET) == Unknown()
    company = found(by_key.find(SIRET))
    assert (company.legal_name, company.is_diffusible, company.is_open) == (None, False, False)


def test_odd_parts_are_left_out_and_the_rest_is_kept(service: Service, search: SearchRegistry) -> None:
    odd = head_office(numero_voie=12, type_voie=["RUE"], liste_enseignes=[None, 3, "\x00", "EXSA"], adresse={})
    service.answers = [results(3, None, unit("siege", None, odd))]
    company = found(search.find(SIRET))
    assert (company.number, company.street_type, company.trade_name) == (None, None, "EXSA")
