"""The lines of a financing file: each by itself, then against the header, the establishments and the other lines.

A line that breaks nothing takes the short way (`Lines.take`); one that stumbles is read again field by field, to say
what is wrong with each. Both ways use the same readers, those of `format`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import itemgetter
from typing import Any

from enrolment.financing import format as described
from enrolment.financing.format import SITES, Field
from enrolment.financing.problems import Wrong, said
from enrolment.financing.reading import RepeatedKey
from enrolment.financing.rules import Rules, Window
from enrolment.typography import euros

Found = list[tuple[str, str]]
"""What is wrong with an object: (name of the field or nothing, message)."""

_PICK = itemgetter(*(one.name for one in described.LINE_FIELDS))


class _Memo(dict[Any, Any]):
    """What a reader gave for each value seen: a file says the same dates and numbers thousands of times."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Any) -> Any:
        found = self._read(value)
        if type(value) is str:
            self[value] = found
        return found


@dataclass
class Lines:
    """The lines of prestations: each by itself, then against the header, the establishments and the other lines."""

    rules: Rules
    header: dict[str, Any]
    sites: dict[str, int]
    references: dict[str, int] = field(default_factory=dict)
    contents: dict[tuple[Any, ...], int] = field(default_factory=dict)
    count: int = 0
    sums: list[int] = field(default_factory=lambda: [0, 0, 0])
    unread: list[int] = field(default_factory=lambda: [0, 0, 0])

    def __post_init__(self) -> None:
        self._day = _Memo(described.day)
        self._rate = _Memo(self._allowed_rate)
        self._site = _Memo(described.siret)
        self._kind = _Memo(self._known_kind)
        self._wave = self.rules.waves.get(self.header.get("vague", ""))
        self.readers: dict[str, Callable[[Any], Any]] = {
            "siret_etablissement": self._site.__getitem__,
            "type": self._kind.__getitem__,
            "date_commande": self._day.__getitem__,
            "date_realisation": self._day.__getitem__,
            "date_facture": self._day.__getitem__,
            "taux_tva": self._rate.__getitem__,
        }

    def take(self, line: Any) -> Found | None:
        """What is wrong with the next line, as (field, message); None when nothing is."""
        index = self.count
        self.count += 1
        try:
            raw = _PICK(line)
            if len(line) == len(raw) and type(line) is dict:
                reference, site, kind, ordered, done, billed, net, rate, tax, gross = raw
                values = (
                    described.reference(reference),
                    self._site[site],
                    self._kind[kind],
                    self._day[ordered],
                    self._day[done],
                    self._day[billed],
                    described.cents(net),
                    self._rate[rate],
                    described.cents(tax),
                    described.cents(gross),
                )
                return self._related(index, values, raw) or None
        except (Wrong, KeyError, TypeError):
            pass
        return self._one_by_one(index, line)

    def _related(self, index: int, values: tuple[Any, ...], raw: tuple[Any, ...]) -> Found:
        """The rules that tie the fields of a line together, and the line to the rest of the file."""
        reference, site, kind, ordered, done, billed, net, rate, tax, gross = values
        sums = self.sums
        sums[0] += net
        sums[1] += tax
        sums[2] += gross
        found: Found = []
        if self.references.setdefault(reference, index) != index:
            found.append(("reference", self._already(reference)))
        # The same establishment, type, dates and net amount.
        content = raw[1:7]
        if self.contents.setdefault(content, index) != index:
            first = self.contents[content]
            found.append(
                ("", f"cette ligne répète prestations[{first}] sous une autre référence. Retirez l'une des deux.")
            )
        if site not in self.sites:
            found.append(("siret_etablissement", _unknown_site(site)))
        if net + tax != gross or not -10_000 <= tax * 10_000 - net * rate <= 10_000 or net == 0:
            found += _amounts(net, rate, tax, gross)
        ceiling = kind.ceiling_cents
        if ceiling is not None and gross > ceiling:
            found.append(
                (
                    "montant_ttc",
                    (
                        f"{amount(gross)} dépasse le plafond de ce type de prestation ({amount(ceiling)}). Vérifiez "
                        "le montant et le type."
                    ),
                )
            )
        found += self._dates(ordered, done, billed)
        return found

    def _dates(self, ordered: date, done: date, billed: date) -> Found:
        found = []
        if done < ordered:
            found.append(("date_realisation", "la réalisation précède la commande. Vérifiez les deux dates."))
        if billed < done:
            found.append(("date_facture", "la facture précède la réalisation. Vérifiez les deux dates."))
        latest = self.header.get("date", self.rules.today)
        for name, value in (("date_commande", ordered), ("date_realisation", done), ("date_facture", billed)):
            if value > latest:
                found.append((name, f"le {french_day(value)} est après la date du fichier ({french_day(latest)})."))
        start, end = self.header.get("periode_debut"), self.header.get("periode_fin")
        if start is not None and end is not None and not start <= billed <= end:
            found.append(
                (
                    "date_facture",
                    (
                        f"le {french_day(billed)} est hors de la période du fichier, du {french_day(start)} au "
                        f"{french_day(end)}. Corrigez la date, ou déclarez cette ligne dans un autre fichier."
                    ),
                )
            )
        problem = _outside(self._wave, ordered)
        return [*found, ("date_commande", problem)] if problem else found

    def _one_by_one(self, index: int, line: Any) -> Found:
        """The same, slowly, with everything that is wrong."""
        values, found = read_fields(line, described.LINE_FIELDS, self.readers)
        if not found:
            # The object repeats a field or has one too many: told by `read_fields`; nothing else brings us here.
            return [("", "cette ligne ne suit pas le format. Suivez le schéma publié.")]
        for place, name in enumerate(("montant_ht", "montant_tva", "montant_ttc")):
            self.sums[place] += values.get(name, 0)
            self.unread[place] += name not in values
        if "reference" in values and self.references.setdefault(values["reference"], index) != index:
            found.append(("reference", self._already(values["reference"])))
        if values.get("siret_etablissement", None) not in (None, *self.sites):
            found.append(("siret_etablissement", _unknown_site(values["siret_etablissement"])))
        amounts = [values.get(one) for one in ("montant_ht", "taux_tva", "montant_tva", "montant_ttc")]
        if None not in amounts:
            found += _amounts(*amounts)  # type: ignore[arg-type]  # None was just excluded.
        days = [values.get(one) for one in ("date_commande", "date_realisation", "date_facture")]
        if None not in days:
            found += self._dates(*days)  # type: ignore[arg-type]  # The same.
        return found

    def _already(self, reference: str) -> str:
        first = self.references[reference]
        return f"la référence {said(reference)} est déjà celle de prestations[{first}]. Chaque ligne a la sienne."

    def _known_kind(self, value: Any) -> Any:
        kind = self.rules.kinds.get(described.code(value))
        if kind is None:
            known = ", ".join(sorted(self.rules.kinds))
            raise Wrong(f"le type {said(value)} n'est pas dans la liste. Choisissez parmi : {known}.")
        return kind

    def _allowed_rate(self, value: Any) -> int:
        read = described.rate(value)
        if value not in self.rules.rates:
            allowed = ", ".join(sorted(self.rules.rates, key=float))
            raise Wrong(f"le taux {said(value)} n'est pas admis. Choisissez parmi : {allowed}.")
        return read


def read_fields(
    value: Any, fields: tuple[Field, ...], readers: Mapping[str, Callable[[Any], Any]]
) -> tuple[dict[str, Any], Found]:
    """The fields of an object that can be read, and what is wrong with the others."""
    if not isinstance(value, dict):
        return {}, [("", f"un objet entre accolades est attendu, pas {said(value)}.")]
    values: dict[str, Any] = {}
    found: Found = []
    if isinstance(value, RepeatedKey):
        found.append((value.key, "ce champ est écrit deux fois. N'en gardez qu'un."))
    for one in fields:
        if one.name not in value:
            if one.required:
                found.append((one.name, f"ce champ manque. Ajoutez-le ({_small(one.about)})"))
            continue
        raw = value[one.name]
        try:
            values[one.name] = readers.get(one.name, one.read)(raw)
        except Wrong as error:
            found.append((one.name, error.message))
        except TypeError:
            found.append((one.name, f"une valeur simple est attendue, pas {said(raw)}."))
    names = {one.name for one in fields}
    found += [(key, "ce champ n'est pas de ce format. Retirez-le.") for key in value if key not in names]
    return values, found


def _amounts(net: int, rate: int, tax: int, gross: int) -> Found:
    found = []
    if net == 0:
        found.append(("montant_ht", "le montant hors taxes est nul. Indiquez le montant facturé, ou retirez la ligne."))
    if not -10_000 <= tax * 10_000 - net * rate <= 10_000:
        expected = (net * rate + 5_000) // 10_000
        found.append(
            (
                "montant_tva",
                (
                    f"{amount(net)} à {rate // 100},{rate % 100:02d} % font {amount(expected)} de TVA, "
                    f"pas {amount(tax)}. Corrigez le taux ou le montant."
                ),
            )
        )
    if net + tax != gross:
        found.append(
            (
                "montant_ttc",
                f"la somme du montant hors taxes et de la TVA est de {amount(net + tax)}, pas de {amount(gross)}.",
            )
        )
    return found


def _unknown_site(siret: str) -> str:
    return f"l'établissement {siret} n'est pas dans la partie « {SITES} ». Ajoutez-le, ou corrigez le SIRET."


def _outside(wave: Window | None, ordered: date) -> str:
    if wave is None:
        return ""
    if ordered < wave.opens:
        return f"la commande précède l'ouverture de la vague, le {french_day(wave.opens)}."
    if wave.closes is not None and ordered > wave.closes:
        return f"la commande suit la fermeture de la vague, le {french_day(wave.closes)}."
    return ""


def amount(cents: int) -> str:
    """An amount, as one reads it in French."""
    return euros(Decimal(cents) / 100)


def french_day(value: date) -> str:
    """A date in figures."""
    return f"{value:%d/%m/%Y}"


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".") + "."
