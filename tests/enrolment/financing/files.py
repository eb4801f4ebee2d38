"""Financing files for the tests and the benchmark: valid ones of any size, and what a vendor may get wrong."""

from __future__ import annotations

import copy
import json
from datetime import date, timedelta
from typing import Any

from stdnum import luhn

from enrolment.financing.rules import Enrolled, Kind, Rules, Window

TODAY = date(2025, 10, 10)
NUMBER, VENDOR, WAVE = "ANS-V2-IMG-00302", "99992192700011", "V2"
RATES = ("0.00", "2.10", "5.50", "8.50", "10.00", "20.00")
KINDS = {
    "INSTALLATION": Kind("Installation"),
    "FORMATION": Kind("Formation", 5_000_00),
    "MAINTENANCE": Kind("Maintenance"),
}
RULES = Rules(
    today=TODAY,
    kinds=KINDS,
    waves={WAVE: Window(date(2024, 6, 20)), "V1": Window(date(2021, 10, 1), date(2023, 12, 31))},
    rates=frozenset(RATES),
    enrolments={NUMBER: Enrolled(VENDOR, WAVE, is_validated=True)},
)


def a_siret(place: int) -> str:
    """A valid SIRET, another for each place."""
    siren = f"{10_000_000 + place}"
    siren += luhn.calc_check_digit(siren)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


def a_finess(place: int) -> str:
    """A valid FINESS number, another for each place."""
    start = f"75{place:06d}"
    return start + str(luhn.calc_check_digit(start))


def money(cents: int) -> str:
    """An amount as the format writes it."""
    return f"{cents // 100}.{cents % 100:02d}"


def a_line(
    place: int, siret: str, *, net: int = 350_000, rate: str = "20.00", kind: str = "INSTALLATION"
) -> dict[str, Any]:
    """A valid line."""
    ordered = date(2025, 5, 3) + timedelta(days=place % 50)
    tax = (net * int(rate.replace(".", "")) + 5_000) // 10_000
    return {
        "reference": f"FAC-2025-{place:06d}",
        "siret_etablissement": siret,
        "type": kind,
        "date_commande": str(ordered),
        "date_realisation": str(ordered + timedelta(days=10)),
        "date_facture": str(date(2025, 7, 5) + timedelta(days=place % 80)),
        "montant_ht": money(net),
        "taux_tva": rate,
        "montant_tva": money(tax),
        "montant_ttc": money(net + tax),
    }


def a_file(lines: int = 3, sites: int = 2) -> dict[str, Any]:
    """A valid file."""
    sirets = [a_siret(place) for place in range(sites)]
    return totalled([a_line(place, sirets[place % sites], net=100_000 + place) for place in range(lines)], sirets)


def totalled(lines: list[dict[str, Any]], sirets: list[str]) -> dict[str, Any]:
    """The file of these lines, with the right header."""

    def total(name: str) -> str:
        return money(sum(int(line[name].replace(".", "")) for line in lines))

    return {
        "entete": {
            "version": "1.0",
            "date": "2025-10-03",
            "numero_ans": NUMBER,
            "siret_fournisseur": VENDOR,
            "vague": WAVE,
            "periode_debut": "2025-07-01",
            "periode_fin": "2025-09-30",
            "nombre_prestations": len(lines),
            "total_ht": total("montant_ht"),
            "total_tva": total("montant_tva"),
            "total_ttc": total("montant_ttc"),
        },
        "etablissements": [
            {"siret": siret, "denomination": f"Clinique n° {place}", "finess": a_finess(place)}
            for place, siret in enumerate(sirets)
        ],
        "prestations": lines,
    }


def written(content: Any, indent: int | None = 2) -> bytes:
    """As a vendor's software writes it."""
    return json.dumps(content, ensure_ascii=False, indent=indent).encode()


def changed(content: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    """A copy with one value changed."""
    copied = copy.deepcopy(content)
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copied


def of_size(size: int, indent: int | None = 2) -> bytes:
    """A valid file of about so many bytes."""
    sites = 200
    each = len(written(a_file(400, sites), indent)) - len(written(a_file(200, sites), indent))
    return written(a_file(max(1, (size - len(written(a_file(1, sites), indent))) * 200 // each), sites), indent)
