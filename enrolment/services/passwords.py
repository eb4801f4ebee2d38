"""What a password must be, and how it is kept.

The three cases of the CNIL (délibération 2022-100), no forced renewal, Argon2id. Knows nothing of accounts: an owner
is a minimum length and the words that its password may not hold.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from schema.enums import WebAudience

LONGEST = 200
"""Characters. Nobody types more, and a bound keeps the checks cheap."""

MINIMUM = {WebAudience.vendor: 12, WebAudience.staff: 16}
_WITHOUT_FOURTH_CLASS = 14
_PHRASE_WORDS = 7
_SHORTEST_FORBIDDEN_WORD = 3
_FEWEST_DIFFERENT = 6
_KINDS = "minuscules, majuscules, chiffres, ponctuation"

_FRENCH_COMMON = frozenset(
    {
        "doudou",
        "loulou",
        "chouchou",
        "coucou",
        "nicolas",
        "chocolat",
        "bonjourbonjour",
        "motdepassesegur",
        "segur",
    }
    | {
        "segurnumerique",
        "enrolement",
        "fournisseur",
        "asp",
        "azertyuiopqsdfghjklm",
        "abcdefghijklmnopqrstuvwxyz",
    }
)
"""What the published list lacks: words of French users, and of this portal."""

_LEET = str.maketrans("013457@$!€", "oieastasie")


@dataclass(frozen=True)
class Cost:
    """How much work one Argon2id hash is. `memory` is in KiB."""

    rounds: int = 2
    memory: int = 47_104


COST = Cost()
"""Twice what OWASP asks for at this memory. Tests put a cheap one here; hashes of another cost stay valid."""

# Each hash takes COST.memory: a crowd of sign-ins waits here instead of exhausting the machine.
_AT_ONCE = threading.BoundedSemaphore(4)


@dataclass(frozen=True)
class Owner:
    """For whom a password is chosen: the audience sets its length; it may hold none of `words`."""

    audience: WebAudience
    words: tuple[str, ...] = ()

    @property
    def minimum(self) -> int:
        """Shortest password, in characters."""
        return MINIMUM[self.audience]


def rules(owner: Owner) -> tuple[str, ...]:
    """The rules as the pages show them, before anybody breaks one: sentences."""
    minimum = owner.minimum
    if minimum >= _WITHOUT_FOURTH_CLASS:
        length = f"Au moins {minimum} caractères, de trois de ces sortes : {_KINDS}."
    else:
        length = (
            f"Au moins {minimum} caractères, avec des minuscules, des majuscules, des chiffres et de la ponctuation. "
            f"À partir de {_WITHOUT_FOURTH_CLASS} caractères, trois de ces quatre sortes suffisent."
        )
    return (
        length,
        f"Ou bien une phrase d'au moins {_PHRASE_WORDS} mots différents, facile à retenir.",
        "Il ne contient ni votre identifiant, ni votre nom, ni votre prénom, ni votre adresse email.",
        "Ce n'est pas un mot de passe courant, même complété par des chiffres.",
    )


def check(password: str, owner: Owner) -> list[str]:
    """What is wrong with a password, in French; an empty list when it can be taken."""
    password = _composed(password)
    if not password:
        return ["Choisissez un mot de passe."]
    if len(password) > LONGEST:
        return [f"Ce mot de passe est trop long : {LONGEST} caractères au plus."]
    problems = _too_weak(password, owner.minimum)
    if _holds_a_word(password, owner.words):
        problems.append(
            "Ce mot de passe contient votre identifiant, votre nom, votre prénom ou votre adresse email : retirez-les."
        )
    if len(password) >= owner.minimum and _is_common(password):
        problems.append(
            "Ce mot de passe est trop courant, même complété par des chiffres ou de la ponctuation : "
            "choisissez-en un autre."
        )
    return problems


def hashed(password: str) -> str:
    """The hash to store."""
    with _AT_ONCE:
        return _hasher(COST).hash(_composed(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether the password is the right one.

    `None` (no such account, or no password yet) is always wrong, at the cost of a wrong password (SEC-5).
    """
    hasher = _hasher(COST)
    with _AT_ONCE:
        try:
            right = hasher.verify(stored or _nobody(COST), _composed(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def is_stale(stored: str) -> bool:
    """Whether a hash was made with another cost than today's, and should be made anew at the next sign-in."""
    return _hasher(COST).check_needs_rehash(stored)


@cache
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.rounds, memory_cost=cost.memory, parallelism=1)


@cache
def _nobody(cost: Cost) -> str:
    """A hash that stands in for the one that an unknown account does not have."""
    return _hasher(cost).hash("personne")


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.

    return frozenset(FREQUENCY_LISTS["passwords"]) | _FRENCH_COMMON


def _composed(password: str) -> str:
    """One form for what looks the same: another keyboard may send accents in two pieces."""
    return unicodedata.normalize("NFC", password)


def _folded(text: str) -> str:
    """Without case and accents, so that « Lefèvre » is found in « LEFEVRE »."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _too_weak(password: str, minimum: int) -> list[str]:
    """The three cases of the CNIL; any one is enough, none may be shorter than the owner's minimum."""
    if len(password) < minimum:
        plural = "s" if len(password) > 1 else ""
        said = f"{len(password)} caractère{plural}, il en faut au moins {minimum}"
        return [f"Ce mot de passe est trop court : {said}."]
    missing = [name for name, present in _classes(password).items() if not present]
    allowed_missing = 1 if len(password) >= _WITHOUT_FOURTH_CLASS else 0
    if len(missing) <= allowed_missing or _is_phrase(password):
        return []
    if allowed_missing:
        wanted = f"il faut trois de ces sortes de caractères : {_KINDS}. Ajoutez par exemple {missing[0]}"
        return [f"Ce mot de passe est trop simple : {wanted}, ou choisissez {_PHRASE_WORDS} mots différents."]
    longer = f", ou allongez-le à {_WITHOUT_FOURTH_CLASS} caractères" if len(missing) == 1 else ""
    return [f"Il manque à ce mot de passe {_listed(missing)} : ajoutez-en{longer}."]


def _classes(password: str) -> dict[str, bool]:
    return {
        "une minuscule": any(char.islower() for char in password),
        "une majuscule": any(char.isupper() for char in password),
        "un chiffre": any(char.isdecimal() for char in password),
        "un signe de ponctuation": any(not char.isalnum() and not char.isspace() for char in password),
    }


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}"


def _is_phrase(password: str) -> bool:
    words = {word for word in re.split(r"[\W\d_]+", _folded(password)) if len(word) > 1}
    return len(words) >= _PHRASE_WORDS


def _holds_a_word(password: str, words: Iterable[str]) -> bool:
    plain = _folded(password)
    forbidden = {_folded(part) for word in words for part in (word, word.partition("@")[0])}
    return any(word in plain for word in forbidden if len(word) >= _SHORTEST_FORBIDDEN_WORD)


def _is_common(password: str) -> bool:
    """Whether nothing but a common password is left once case, decoration and look-alikes are taken away."""
    plain = _folded(password)
    if len(set(plain)) < _FEWEST_DIFFERENT:
        return True
    forms = {plain, _core(plain), _core(plain.translate(_LEET)), _core(plain).translate(_LEET)}
    return not forms.isdisjoint(_common())


def _core(plain: str) -> str:
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
