"""The two public services of the Sirene registry, read into a `Company`.

« Recherche d'entreprises » needs no key and writes labels; Insee's own API needs one and writes codes.
Neither is trusted: an answer of an unexpected form is an Unavailable, never an exception (rule D6). How the
network behaves is the affair of `remote`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from enrolment.registries.addresses import StreetTypes
from enrolment.registries.company import Company, Found, Lookup, Unavailable, Unknown
from enrolment.registries.limits import RateLimiter
from enrolment.registries.remote import Missing, RemoteRegistry
from schema.types import InvalidValue, Line, Siret, parse_as, siren_of

USER_AGENT = "portail-enrolement/1.0"
# What stands in the place of a part that the company asked not to have published.
_NOT_PUBLIC = ("[NON-DIFFUSIBLE]", "[ND]")
_INCOMPLETE = Unavailable("La réponse du registre est incomplète.")

_Part = Mapping[str, object]


class SearchRegistry:
    """« Recherche d'entreprises »: `GET /search?q=<SIRET>`, open to all, 7 requests a second."""

    def __init__(self, base_url: str, street_types: Mapping[str, str], *, user_agent: str = USER_AGENT) -> None:
        """`street_types` is the reference table, code → label. `user_agent` should say whom to write to."""
        self.remote = RemoteRegistry(base_url, RateLimiter(7), user_agent)
        self._street_types = StreetTypes(street_types)

    def find(self, siret: str) -> Lookup:
        """The company of a SIRET. Never raises."""
        wanted = _valid(siret)
        if wanted is None:
            return Unknown()
        answer = self.remote.get("search", {"q": wanted, "page": "1", "per_page": "1"})
        if isinstance(answer, Unavailable):
            return answer
        if isinstance(answer, Missing) or not isinstance(answer.content.get("results"), list):
            return Unavailable("La réponse du registre n'a pas la forme attendue.")
        for unit in _parts(answer.content, "results"):
            establishment = _establishment(unit, wanted)
            if establishment is not None:
                return self._company(unit, establishment, wanted)
        return Unknown()

    def _company(self, unit: _Part, establishment: _Part, siret: str) -> Lookup:
        states = (_text(establishment, "etat_administratif"), _text(unit, "etat_administratif"))
        if states[0] not in {"A", "F"}:
            return _INCOMPLETE
        post_code, city = _text(establishment, "code_postal"), _text(establishment, "libelle_commune")
        address = _text(establishment, "adresse")
        if _text(establishment, "libelle_voie"):
            street = self._street_types.street(
                _text(establishment, "numero_voie"),
                _text(establishment, "indice_repetition"),
                _text(establishment, "type_voie"),
                _text(establishment, "libelle_voie"),
            )
        else:
            street = self._street_types.read(address or "", post_code, city)
        return Found(
            Company(
                siret=siret,
                siren=siren_of(siret),
                legal_name=_text(unit, "nom_raison_sociale") or _without_other_names(_text(unit, "nom_complet")),
                is_open=states[0] == "A" and states[1] != "C",
                is_diffusible=_is_public(unit, "statut_diffusion")
                and _is_public(establishment, "statut_diffusion_etablissement"),
                trade_name=_text(establishment, "nom_commercial") or _first_text(establishment, "liste_enseignes"),
                number=street.number,
                extension=street.extension,
                street_type=street.street_type,
                street_name=street.street_name,
                complement=_text(establishment, "complement_adresse") or street.complement,
                distribution=_text(establishment, "distribution_speciale") or street.distribution,
                post_code=post_code,
                city=city,
                address=address,
            )
        )


class InseeRegistry:
    """Insee's API Sirene: `GET /siret/<SIRET>` with a key; 30 requests a minute by default for one key."""

    def __init__(
        self, base_url: str, api_key: str, street_types: Mapping[str, str], *, user_agent: str = USER_AGENT
    ) -> None:
        """`base_url` ends with the version (`…/api-sirene/3.11`); `street_types` is code → label."""
        self.remote = RemoteRegistry(
            base_url, RateLimiter(30, 60.0), user_agent, {"X-INSEE-Api-Key-Integration": api_key}
        )
        self._street_types = StreetTypes(street_types)

    def find(self, siret: str) -> Lookup:
        """The company of a SIRET. Never raises."""
        wanted = _valid(siret)
        if wanted is None:
            return Unknown()
        answer = self.remote.get(f"siret/{wanted}")
        if isinstance(answer, Unavailable):
            return answer
        if isinstance(answer, Missing):
            return Unknown()
        establishment = _part(answer.content, "etablissement")
        if establishment.get("siret") != wanted:
            return _INCOMPLETE
        return self._company(establishment, wanted)

    def _company(self, establishment: _Part, siret: str) -> Lookup:
        unit, address = _part(establishment, "uniteLegale"), _part(establishment, "adresseEtablissement")
        periods = _parts(establishment, "periodesEtablissement")
        current = next((period for period in periods if period.get("dateFin") is None), {})
        state = _text(current, "etatAdministratifEtablissement")
        if state not in {"A", "F"}:
            return _INCOMPLETE
        street = self._street_types.street(
            _text(address, "numeroVoieEtablissement"),
            _text(address, "indiceRepetitionEtablissement"),
            _text(address, "typeVoieEtablissement"),
            _text(address, "libelleVoieEtablissement"),
        )
        return Found(
            Company(
                siret=siret,
                siren=siren_of(siret),
                legal_name=_text(unit, "denominationUniteLegale") or _insee_person(unit),
                is_open=state == "A" and _text(unit, "etatAdministratifUniteLegale") != "C",
                is_diffusible=_is_public(unit, "statutDiffusionUniteLegale")
                and _is_public(establishment, "statutDiffusionEtablissement"),
                trade_name=_text(current, "denominationUsuelleEtablissement")
                or _text(current, "enseigne1Etablissement"),
                number=street.number,
                extension=street.extension,
                street_type=street.street_type,
                street_name=street.street_name,
                complement=_text(address, "complementAdresseEtablissement"),
                distribution=_text(address, "distributionSpecialeEtablissement"),
                post_code=_text(address, "codePostalEtablissement"),
                city=_text(address, "libelleCommuneEtablissement"),
                address=_on_one_line(address),
            )
        )


def _valid(siret: str) -> str | None:
    """A SIRET that may stand in a URL; what is none is not worth a request."""
    try:
        return parse_as(Siret, siret)
    except InvalidValue:
        return None


def _establishment(unit: _Part, siret: str) -> _Part | None:
    """The establishment asked for, from the head office first: it alone has its address cut in parts."""
    candidates = (_part(unit, "siege"), *_parts(unit, "matching_etablissements"))
    return next((candidate for candidate in candidates if candidate.get("siret") == siret), None)


def _part(parent: _Part, name: str) -> _Part:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _parts(parent: _Part, name: str) -> Iterator[_Part]:
    values = parent.get(name)
    return (value for value in (values if isinstance(values, list) else []) if isinstance(value, dict))


def _text(parent: _Part, name: str) -> str | None:
    return _published(parent.get(name))


def _first_text(parent: _Part, name: str) -> str | None:
    values = parent.get(name)
    return next(filter(None, map(_published, values)), None) if isinstance(values, list) else None


def _published(value: object) -> str | None:
    """A text fit to be stored, or None: absent, of another kind, damaged, or kept from the public."""
    if not isinstance(value, str) or any(mask in value.upper() for mask in _NOT_PUBLIC):
        return None
    try:
        return parse_as(Line, value)
    except InvalidValue:
        return None


def _is_public(part: _Part, name: str) -> bool:
    return part.get(name, "O") in {"O", None}


def _without_other_names(name: str | None) -> str | None:
    """`nom_complet` without the acronym and other names that the service appends in parentheses."""
    return re.sub(r"( \([^()]*\))+$", "", name) or None if name else None


def _insee_person(unit: _Part) -> str | None:
    """The name of a person in business on their own, whose company has no name of its own."""
    first = _text(unit, "prenomUsuelUniteLegale") or _text(unit, "prenom1UniteLegale")
    last = _text(unit, "nomUsageUniteLegale") or _text(unit, "nomUniteLegale")
    return " ".join(filter(None, (first, last))) or None


def _on_one_line(address: _Part) -> str | None:
    names = (
        "complementAdresseEtablissement",
        "numeroVoieEtablissement",
        "indiceRepetitionEtablissement",
        "typeVoieEtablissement",
        "libelleVoieEtablissement",
        "distributionSpecialeEtablissement",
        "codePostalEtablissement",
        "libelleCommuneEtablissement",
    )
    return " ".join(filter(None, (_text(address, name) for name in names))) or None
