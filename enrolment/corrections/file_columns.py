"""One column of a file: what its cells say, and which of them differ from what the rows hold.

A cell that is written as an export writes the row's value changes nothing, whatever else it could mean: an export
shows moments without their seconds, and a stored value may be older than the rule of its type. Each distinct text is
understood once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from enrolment.corrections.codecs import kept, stored, written_pair
from schema.describe import FieldKind, FieldSpec
from schema.references import References
from schema.tabular import cell_text, unescape
from schema.types import InvalidValue

_MOST_REMEMBERED = 20_000
_SECOND = timedelta(seconds=1)
_TEXTS = frozenset({FieldKind.text, FieldKind.long_text})


class Wrong:
    """What stands for the value of a cell that cannot be understood. `message` is French."""

    __slots__ = ("message",)

    def __init__(self, message: str) -> None:
        self.message = message


class _Nothing:
    """What stands for an empty cell of a column that may not be empty and fills itself: it says nothing."""


NOTHING = _Nothing()


Change = tuple[Any, str]
"""What a cell makes of the row's value: Wrong or another value, and how the changes of a line say it."""


class FileColumn:
    """A column of a file. `title` is the header's own word; `escaped` says that cells are as exports escape them."""

    def __init__(self, spec: FieldSpec, title: str, place: int, *, escaped: bool) -> None:
        self.spec = spec
        self.title = title
        self.place = place
        self._escaped = escaped
        self._fills_itself = spec.required and spec.has_default
        self._known = _Known(self._understood)
        self.is_plain = spec.kind in _TEXTS and (spec.field_type is None or spec.field_type.show is str)

    def learn(self, session: Session, cells: Sequence[str]) -> None:
        """Look up the rows that the cells of a reference name."""
        if self.spec.references is None:
            return
        unknown = {cell for cell in set(cells) if cell not in self._known and cell.strip()}
        if not unknown:
            return
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
            unknown = {cell for cell in set(cells) if cell.strip()}
        named = {cell: self._text(cell).strip() for cell in unknown}
        found = References(session).resolve_all(self.spec, set(named.values()))
        for cell, text in named.items():
            key = found[text]
            self._known[cell] = key if isinstance(key, int) else Wrong(key)

    def values(self, cells: Sequence[str]) -> list[Any]:
        """What cells say, in the history's form: a value, Wrong or NOTHING. References must be learnt first."""
        return list(map(self._known.__getitem__, cells))

    def changed(self, cells: list[str], before: list[Any]) -> list[tuple[int, Change]]:
        """The places whose cell does not say what the row holds, with what becomes of it."""
        if self.is_plain:
            # Most cells of most files are what the export wrote: they need not be understood.
            if cells == before:
                return []
            differing = [at for at, (cell, was) in enumerate(zip(cells, before, strict=True)) if cell != (was or "")]
            pairs = [(cells[at], before[at]) for at in differing]
            # Equal changes are worked out once.
            becomes = {pair: self._changed_text(*pair) for pair in set(pairs)}
            return [
                (at, change) for at, pair in zip(differing, pairs, strict=True) if (change := becomes[pair]) is not None
            ]
        known = self.values(cells)
        if known == before:
            return []
        differing = [at for at, (value, was) in enumerate(zip(known, before, strict=True)) if value != was]
        return [
            (at, self._change(before[at], known[at]))
            for at in differing
            if known[at] is not NOTHING and not self._is_shown_so(cells[at], known[at], before[at])
        ]

    def _changed_text(self, cell: str, before: str | None) -> Change | None:
        """What becomes of a text by its cell."""
        if self._text(cell).strip() == (before or "").strip():
            return None
        value = self._understood(cell)
        return None if value is NOTHING or value == before else self._change(before, value)

    def _change(self, before: Any, value: Any) -> Change:
        return value, "" if type(value) is Wrong else written_pair(self.spec.name, before, value)

    def _is_shown_so(self, cell: str, value: Any, before: Any) -> bool:
        """Whether a cell is what an export makes of the row's value. A workbook has seconds, and no part of one."""
        if self.spec.references is not None or before is None:
            return False
        held = stored(self.spec, before)
        if self.spec.kind is FieldKind.moment and isinstance(value, str):
            return abs(datetime.fromisoformat(value) - held) < _SECOND or self._text(cell) == cell_text(self.spec, held)
        return self._text(cell).strip() == cell_text(self.spec, held).strip()

    def _text(self, cell: str) -> str:
        return unescape(cell) if self._escaped and cell.startswith("'") else cell

    def _understood(self, cell: str) -> Any:
        text = self._text(cell)
        if self._fills_itself and not text.strip():
            return NOTHING
        try:
            return kept(self.spec.clean(text))
        except InvalidValue as error:
            return Wrong(error.message)


class _Known(dict[str, Any]):
    """What texts say, each worked out once; forgotten when they are too many."""

    def __init__(self, understood: Callable[[str], Any]) -> None:
        super().__init__()
        self._understood = understood

    def __missing__(self, cell: str) -> Any:
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        self[cell] = value = self._understood(cell)
        return value
