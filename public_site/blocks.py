"""The light markup of legal texts: paragraphs apart by an empty line, lists with dashes, short lines as headings.

Only the shape is read; the words stay plain text, which the template escapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

_LONGEST_HEADING = 80
_NOT_AT_END_OF_HEADING = ".;:,!?…"


@dataclass(frozen=True)
class Block:
    """`kind` is heading, paragraph or list. A list has several lines, a paragraph one for each line break."""

    kind: str
    lines: tuple[str, ...]


@lru_cache(maxsize=64)
def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text."""
    found: list[Block] = []
    for piece in text.strip().split("\n\n"):
        lines = tuple(line.strip() for line in piece.strip().splitlines() if line.strip())
        if lines:
            found += _blocks_of(lines)
    return tuple(found)


def _blocks_of(lines: tuple[str, ...]) -> list[Block]:
    """A piece may hold a sentence and its list without an empty line between them."""
    plain = tuple(line for line in lines if not line.startswith("- "))
    listed = tuple(line[2:].strip() for line in lines if line.startswith("- "))
    found: list[Block] = []
    if plain:
        found.append(Block("heading" if _is_heading(plain) and not listed else "paragraph", plain))
    if listed:
        found.append(Block("list", listed))
    return found


def _is_heading(lines: tuple[str, ...]) -> bool:
    alone = lines[0]
    return len(lines) == 1 and len(alone) <= _LONGEST_HEADING and alone[-1] not in _NOT_AT_END_OF_HEADING
