"""What is typed after `enrolment correct new`, as a recipe. What a recipe may hold is in `corrections.recipes`.

Every option that changes a column is `COLUMN` or `COLUMN=…`; the name of a column is that of the exports.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from enrolment.corrections.recipes import MOST_MAPPED, Act, Assignment
from enrolment.errors import Refused
from enrolment.records import filters
from enrolment.typography import number

_LARGEST_MAP = 5_000_000
_WRONG_REPLACE = (
    "« --replace » s'écrit COLONNE=/ANCIEN/NOUVEAU/ : le signe qui suit « = » sépare les deux textes. "
    "Par exemple : --replace « city=/ST /Saint-/ »."
)


def query_of(conditions: Sequence[str], searched: str) -> tuple[tuple[str, str], ...]:
    """The filter of a list, as its address would have it. What it means is read by `records.filters`."""
    pairs = [_pair(one, "--where") for one in conditions]
    if reserved := [name for name, _ in pairs if name in filters.RESERVED]:
        raise Refused(f"« {reserved[0]} » n'est pas une colonne : « --where » attend COLONNE=VALEUR.")
    if searched.strip():
        pairs.append((filters.SEARCH, searched))
    return tuple(pairs)


def assignments_of(typed: Mapping[Act, Sequence[str]]) -> tuple[Assignment, ...]:
    """The changes that were asked for, in the order of the acts. Raises Refused."""
    return tuple(_READERS.get(act, _of_column(act))(one) for act, all_typed in typed.items() for one in all_typed)


def _pair(typed: str, option: str) -> tuple[str, str]:
    name, equal, value = typed.partition("=")
    if not equal or not name.strip():
        raise Refused(f"« {option} » attend COLONNE=VALEUR ; vous avez écrit « {typed[:80]} ».")
    return name.strip(), value


def _of_column(act: Act) -> Callable[[str], Assignment]:
    return lambda typed: Assignment(typed.strip(), act)


def _constant(typed: str) -> Assignment:
    name, value = _pair(typed, "--set")
    return Assignment(name, Act.constant, value)


def _copy(typed: str) -> Assignment:
    name, other = _pair(typed, "--copy")
    return Assignment(name, Act.copy, other=other.strip())


def _substitute(typed: str) -> Assignment:
    name, rest = _pair(typed, "--replace")
    parts = rest[1:].split(rest[0]) if rest else []
    if len(parts) == 3 and not parts[2]:
        parts.pop()
    if len(parts) != 2:
        raise Refused(_WRONG_REPLACE)
    return Assignment(name, Act.substitute, value=parts[1], search=parts[0])


def _mapping(typed: str) -> Assignment:
    name, file = _pair(typed, "--map")
    return Assignment(name, Act.mapping, pairs=tuple(_pairs_of(Path(file))))


def _pairs_of(path: Path) -> Iterator[tuple[str, str]]:
    """The lines « old value ; new value » of a file, in UTF-8 or in the encoding of older spreadsheets."""
    if path.stat().st_size > _LARGEST_MAP:
        raise Refused(f"« {path.name} » est trop gros pour une table de correspondance : importez-le.")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first else "\t" if "\t" in first else ","
    for line, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
        if not any(cells):
            continue
        if len(cells) != 2:
            raise Refused(
                f"« {path.name} », ligne {line} : une correspondance a deux cellules, l'ancienne valeur et la "
                f"nouvelle ; celle-ci en a {len(cells)}."
            )
        if line > MOST_MAPPED + 1:
            raise Refused(f"« {path.name} » a plus de {number(MOST_MAPPED)} lignes : importez-le.")
        yield cells[0], cells[1]


_READERS: Mapping[Act, Callable[[str], Assignment]] = {
    Act.constant: _constant,
    Act.copy: _copy,
    Act.mapping: _mapping,
    Act.substitute: _substitute,
}
