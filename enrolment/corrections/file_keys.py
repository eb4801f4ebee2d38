"""Which row each line of a file is about, by the columns of its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from enrolment.corrections.file_columns import NOTHING, FileColumn, Wrong
from enrolment.corrections.matching import Matcher
from schema.enums import CorrectionOutcome

Aside = tuple[CorrectionOutcome, str]
"""What becomes of a line that goes no further, and why."""

_SEVERAL = "Plusieurs lignes de la table ont cette clé : choisissez une colonne qui les distingue."


@dataclass(frozen=True)
class Found:
    """For each line its row, or None; what the rows hold, column by column; the lines that go no further."""

    ids: Sequence[int | None]
    before: Sequence[Sequence[Any]]
    aside: dict[int, Aside]


class FileKey:
    """The key of one file. `may_be_empty`: a line without it asks for a new row."""

    def __init__(self, columns: Sequence[FileColumn], matcher: Matcher, *, may_be_empty: bool) -> None:
        self.columns = columns
        self._matcher = matcher
        self._may_be_empty = may_be_empty

    def find(self, session: Session, cells: Sequence[Sequence[str]]) -> Found:
        """The rows of some lines, given column by column."""
        said: list[Sequence[Any]] = []
        for column in self.columns:
            own = cells[column.place]
            column.learn(session, own)
            # A text is first looked for as it is written: it mostly is what an export wrote.
            said.append(own if column.is_plain else column.values(own))
        aside: dict[int, Aside] = {}
        if not self._are_all_sound(said):
            said = self._sound(cells, said, aside)
        matches = self._matcher.find(session, said)
        ids, before, several = matches.ids, matches.columns, matches.ambiguous
        lost = [at for at, key in enumerate(ids) if key is None and at not in aside and said[0][at] is not None]
        if lost and any(column.is_plain for column in self.columns):
            ids, before, more = self._looked_again(session, list(ids), before, lost, said, aside)
            several |= more
        aside.update((at, (CorrectionOutcome.refused, _SEVERAL)) for at in several)
        return Found(ids, before, aside)

    def _sound(
        self, cells: Sequence[Sequence[str]], said: Sequence[Sequence[Any]], aside: dict[int, Aside]
    ) -> list[Sequence[Any]]:
        """The same without the keys that cannot be, of which `aside` says why."""
        keys = list(zip(*said, strict=True))
        for at, key in enumerate(keys):
            is_blank = any(not cells[column.place][at].strip() for column in self.columns)
            problem = self._empty if is_blank else self.problem(key)
            if problem is not None:
                keys[at] = (None,) * len(key)
                if not (self._may_be_empty and problem == self._empty):
                    aside[at] = CorrectionOutcome.invalid, problem
        return list(zip(*keys, strict=True))

    def words(self, cells: Sequence[Sequence[str]], at: int) -> str:
        """The key of a line as it is written."""
        return ", ".join(cells[column.place][at].strip()[:60] for column in self.columns)

    def problem(self, key: Sequence[Any]) -> str | None:
        """What is wrong with a key, in French."""
        for column, value in zip(self.columns, key, strict=True):
            if isinstance(value, Wrong):
                return f"Colonne « {column.title} » : {value.message}"
            if value is None or value is NOTHING or value == "":
                return self._empty
        return None

    @property
    def _empty(self) -> str:
        titles = ", ".join(f"« {column.title} »" for column in self.columns)
        return f"La clé de cette ligne est vide ({titles}) : remplissez-la."

    def _are_all_sound(self, said: Sequence[Sequence[Any]]) -> bool:
        return all(
            None not in values and "" not in values and (column.is_plain or _ODD.isdisjoint(map(type, values)))
            for column, values in zip(self.columns, said, strict=True)
        )

    def _looked_again(
        self,
        session: Session,
        ids: list[int | None],
        before: Sequence[Sequence[Any]],
        lost: Sequence[int],
        said: Sequence[Sequence[Any]],
        aside: dict[int, Aside],
    ) -> tuple[list[int | None], Sequence[Sequence[Any]], frozenset[int]]:
        """Look again for keys that no row has as they are written, in the form in which a row would hold them."""
        written = [[values[at] for at in lost] for values in said]
        cleaned = [
            column.values(values) if column.is_plain else values
            for column, values in zip(self.columns, written, strict=True)
        ]
        again: list[tuple[int, tuple[Any, ...]]] = []
        for at, key, was in zip(lost, zip(*cleaned, strict=True), zip(*written, strict=True), strict=True):
            problem = self.problem(key)
            if problem is not None:
                aside[at] = CorrectionOutcome.invalid, problem
            elif key != was:
                again.append((at, key))
        if not again:
            return ids, before, frozenset()
        matches = self._matcher.find(session, list(zip(*(key for _, key in again), strict=True)))
        whole = [list(column) for column in before]
        for place, (at, _) in enumerate(again):
            ids[at] = matches.ids[place]
            for column, other in zip(whole, matches.columns, strict=True):
                column[at] = other[place]
        return ids, whole, frozenset(again[place][0] for place in matches.ambiguous)


_ODD = frozenset({Wrong, type(NOTHING)})
