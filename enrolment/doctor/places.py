"""Communes that are not of their post code, and communes written otherwise than usual.

What is known comes from the extract of the company registry: the communes that each post code has there. How a commune
is best written comes from there too, or from providers that write it in several ways. A commune is recognised whatever
its case, accents, hyphens and abbreviations (« ST DENIS » is « Saint-Denis »).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.doctor.check import Check, Context, Key, Keys, Severity
from enrolment.doctor.proposing import PART, Proposer, Ready, Row, by_proposals, cleaned, one_by_one
from schema.base import table_of
from schema.describe import field
from schema.folding import fold
from schema.tables import Provider, RegistryEntry

_PROVIDER = table_of(Provider).c
_ENTRY = table_of(RegistryEntry).c
_ABBREVIATED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_WORD = re.compile(r"[^\W_]+")
# « Lyon 3e », « Lille Cedex 9 », « Le Mée (Le) »: their form is not that of a commune alone.
_NOT_A_COMMUNE_ALONE = re.compile(r"\d|[(/]|\bcedex\b", re.IGNORECASE)
# Words that keep a small letter inside the name of a commune: Neuilly-sur-Seine, Villeneuve-d'Ascq.
_SMALL = frozenset(
    {"à", "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "lès", "lez", "sous", "sur"}
)


def _known_as(city: str) -> str:
    """What two spellings of one commune have in common."""
    words = _WORD.findall(fold(city))
    return "".join(_ABBREVIATED.get(word, word) for word in words)


def _in_full(city: str) -> str:
    """A commune in French form: words in full and hyphened, capitals where they belong, accents as they are."""
    words = [_ABBREVIATED.get(fold(word), word) for word in _WORD.findall(city)]
    written = [word.lower() if index and word.lower() in _SMALL else _capital(word) for index, word in enumerate(words)]
    # « L'Isle-Adam », « Villeneuve-d'Ascq »: an elided article ends with an apostrophe; a first article stands apart.
    text = ""
    for index, word in enumerate(written):
        if word.lower() in {"l", "d"}:
            text += f"{word}'"
        elif index == 0 and word in {"Le", "La", "Les"}:
            text += f"{word} "
        else:
            text += f"{word}-"
    return text.rstrip("-' ")


def _capital(word: str) -> str:
    return word[0].upper() + word[1:].lower()


def _care(city: str) -> tuple[bool, bool, int, int]:
    """How well a spelling is written: not in one case, in full, its accents, its hyphens."""
    words = _WORD.findall(city)
    accents = sum(letter.lower() != fold(letter) for letter in city if letter.isalpha())
    mixed = not city.isupper() and not city.islower() and city[:1].isupper()
    return mixed, not any(fold(word) in _ABBREVIATED for word in words), accents, city.count("-")


class _Communes:
    """The communes of each post code as the extract of the registry has them, each in its best spelling."""

    def __init__(self, session: Session) -> None:
        known = _spellings(session, _ENTRY.post_code, _ENTRY.city)
        self._best = {key: _best(spellings) for key, spellings in known.items()}
        self._codes = {post_code for post_code, _ in self._best}

    def usual(self, post_code: str, city: str) -> str | None:
        """The usual spelling of a commune; None when it is not known under this post code."""
        return self._best.get((post_code, _known_as(city)))

    def knows(self, post_code: str) -> bool:
        """Whether anything is known of a post code."""
        return post_code in self._codes


def _spellings(session: Session, post_code: Any, city: Any) -> dict[tuple[str, str], Counter[str]]:
    """How often each spelling of a commune is met, by post code and what the spellings have in common."""
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    statement = (
        sa.select(post_code, city, sa.func.count())
        .where(post_code.is_not(None), city.is_not(None))
        .group_by(post_code, city)
    )
    for code, name, count in session.execute(statement):
        counted[code, _known_as(name)][name] += count
    return counted


def _best(spellings: Counter[str]) -> str:
    forms = Counter(spellings)
    for city, count in spellings.items():
        if not _NOT_A_COMMUNE_ALONE.search(city):
            forms[_in_full(city)] += count
    return max(forms, key=lambda city: (_care(city), forms[city], city))


def _right_spelling(session: Session) -> Ready:
    communes, spec = _Communes(session), field(Provider, "city")
    written = _spellings(session, _PROVIDER.post_code, _PROVIDER.city)
    # What the registry does not have is compared with what other providers write.
    own = {key: _best(spellings) for key, spellings in written.items() if len(spellings) > 1}
    proposed: dict[tuple[str, str], Mapping[str, Any]] = {}

    def propose(row: Row) -> Mapping[str, Any]:
        pair = (row["post_code"], row["city"])
        if pair not in proposed:
            proposed[pair] = of_pair(*pair)
        return proposed[pair]

    def of_pair(post_code: str, city: str) -> dict[str, Any]:
        usual = communes.usual(post_code, city) or own.get((post_code, _known_as(city)))
        # A spelling that is as well written is left alone: « Châlons » and « Chalons » may both be right.
        if usual is None or usual == city or _care(usual) <= _care(city):
            return {}
        value = cleaned(spec, usual)
        return {"city": value} if value else {}

    return Ready(one_by_one(propose))


def _elsewhere(context: Context, keys: Keys | None) -> Iterator[Key]:
    """Rows whose commune is none of those of its post code, of the post codes that the registry's extract has."""
    communes = _Communes(context.session)
    chosen = () if keys is None else (_PROVIDER.id.in_(list(keys)),)
    statement = sa.select(_PROVIDER.id, _PROVIDER.post_code, _PROVIDER.city).where(*chosen).order_by(_PROVIDER.id)
    for key, post_code, city in context.session.execute(statement.execution_options(yield_per=PART)):
        if communes.knows(post_code) and communes.usual(post_code, city) is None:
            yield key


_SPELLING = Proposer("provider", ("post_code", "city"), ("city",), _right_spelling)

CHECKS = (
    Check(
        "provider_city_spelling",
        Severity.note,
        "Fournisseurs dont la commune n'est pas écrite comme d'habitude",
        "Préparez une correction : le répertoire, ou d'autres fournisseurs de ce code postal, l'écrivent sous une "
        "forme plus complète.",
        by_proposals(_SPELLING),
        table="provider",
        every=timedelta(hours=24),
        proposer=_SPELLING,
    ),
    Check(
        "provider_city_elsewhere",
        Severity.note,
        "Fournisseurs dont la commune n'est aucune de celles que le répertoire connaît à ce code postal",
        "Vérifiez l'adresse : le code postal ou la commune est faux, ou l'extrait du répertoire est incomplet.",
        _elsewhere,
        table="provider",
        every=timedelta(hours=24),
    ),
)
