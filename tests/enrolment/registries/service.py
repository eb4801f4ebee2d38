"""A registry of this machine: a real HTTP server that answers in the form of the two APIs, or misbehaves."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from enrolment.registries.company import Company, Found

SIRET = "73282932000074"
OTHER = "35600000049837"
STREET_TYPES = {"AV": "Avenue", "RUE": "Rue", "GR": "Grande Rue", "PL": "Place", "RES": "Résidence"}

Answer = Callable[[BaseHTTPRequestHandler], None]


def head_office(**parts: Any) -> dict[str, Any]:
    """An establishment in the form of « recherche d'entreprises », address cut in parts."""
    return {
        "siret": SIRET,
        "adresse": "BATIMENT A 12 B AVENUE DES LILAS 75012 PARIS",
        "complement_adresse": "BATIMENT A",
        "numero_voie": "12",
        "indice_repetition": "B",
        "type_voie": "AVENUE",
        "libelle_voie": "DES LILAS",
        "distribution_speciale": None,
        "code_postal": "75012",
        "libelle_commune": "PARIS",
        "etat_administratif": "A",
        "statut_diffusion_etablissement": "O",
        "nom_commercial": None,
        "liste_enseignes": ["LOGICIELS DU SOIN"],
        **parts,
    }


def matching(adresse: str, **parts: Any) -> dict[str, Any]:
    """The same as it stands among the establishments that match: no part but postcode and city."""
    names = (
        "siret",
        "code_postal",
        "libelle_commune",
        "etat_administratif",
        "statut_diffusion_etablissement",
    )
    whole = head_office(**parts)
    return {name: whole[name] for name in names} | {"adresse": adresse}


def unit(siege: Any, *others: Any, **parts: Any) -> dict[str, Any]:
    return {
        "nom_complet": "EXEMPLE SANTE (EXSA) (LOGICIELS DU SOIN)",
        "nom_raison_sociale": "EXEMPLE SANTE",
        "etat_administratif": "A",
        "statut_diffusion": "O",
        "siege": siege,
        "matching_etablissements": list(others),
        **parts,
    }


def insee(**parts: Any) -> dict[str, Any]:
    """An answer in the form of Insee's API, with a past period first."""
    return {
        "etablissement": {
            "siret": SIRET,
            "statutDiffusionEtablissement": "O",
            "uniteLegale": {
                "statutDiffusionUniteLegale": "O",
                "denominationUniteLegale": "EXEMPLE SANTE",
                "etatAdministratifUniteLegale": "A",
            },
            "adresseEtablissement": {
                "complementAdresseEtablissement": None,
                "numeroVoieEtablissement": "3",
                "indiceRepetitionEtablissement": "TER",
                "typeVoieEtablissement": "AV",
                "libelleVoieEtablissement": "FOCH",
                "distributionSpecialeEtablissement": "BP 12",
                "codePostalEtablissement": "87000",
                "libelleCommuneEtablissement": "LIMOGES",
            },
            "periodesEtablissement": [
                {"dateFin": "2020-12-31", "etatAdministratifEtablissement": "F"},
                {"dateFin": None, "etatAdministratifEtablissement": "A", "enseigne1Etablissement": "EXSA"},
            ],
            **parts,
        }
    }


def says(body: object, status: int = 200, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)

    return answer


def results(*units: object) -> Answer:
    return says({"results": list(units), "total_results": len(units)})


def drops(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


@dataclass
class Service:
    """A local server that gives its answers in turn, the last one for ever, and keeps what it was asked."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def hangs(self, handler: BaseHTTPRequestHandler) -> None:
        self.released.wait(20)

    def drips(self, handler: BaseHTTPRequestHandler) -> None:
        """A long answer that comes one byte at a time, each within any time-out between two bytes."""
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(100):
            self.released.wait(0.02)
            handler.wfile.write(b" ")


@dataclass
class Naps:
    """The pauses that were asked for, none of them taken: the clock jumps instead."""

    taken: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)

    def now(self) -> float:
        return time.monotonic() + sum(self.taken)


def found(lookup: object) -> Company:
    assert isinstance(lookup, Found), lookup
    return lookup.company
