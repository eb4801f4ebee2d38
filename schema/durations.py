"""How long something lasted: stored in seconds, shown and typed as « 3 j 4 h 5 min 6 s »."""

from __future__ import annotations

import re

from schema.types import InvalidValue

_UNITS = (("j", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_NO_BREAK = "\u00a0"
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_TYPED = re.compile("".join(rf"(?:([0-9]{{1,9}}){unit})?" for unit, _ in _UNITS))
_REFUSED = "Saisissez une durée comme 3 j 4 h, ou un nombre de secondes."


def show(seconds: int) -> str:
    """Every unit that counts, the largest first: nothing is rounded, so that `read` gives it back."""
    parts = []
    left = seconds
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{_NO_BREAK}{unit}")
    return " ".join(parts) or f"0{_NO_BREAK}s"


def read(text: str) -> int:
    """The seconds of a duration as it is shown, or of a bare number. Raises InvalidValue."""
    typed = _SPACES.sub("", text).lower()
    if typed.isascii() and typed.isdecimal() and len(typed) <= 18:
        return int(typed)
    found = _TYPED.fullmatch(typed)
    if not typed or found is None:
        raise InvalidValue(_REFUSED)
    return sum(int(count or 0) * size for count, (_, size) in zip(found.groups(), _UNITS, strict=True))
