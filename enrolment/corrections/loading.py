"""Freezes a file: a line of the correction for each line of the file that changes a row, creates one, or cannot be.

The file is read once, some thousands of lines at a time, column by column. Whoever dies on the way is followed by a
reader that skips what was already written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from operator import attrgetter
from typing import Any, BinaryIO

from sqlmodel import Session

from enrolment.corrections import duplicates, file_header, uploads
from enrolment.corrections.collector import no_collector
from enrolment.corrections.file_keys import Aside, FileKey, Found
from enrolment.corrections.file_lines import LineMaker
from enrolment.corrections.freezing import Part
from enrolment.corrections.lines import Line
from enrolment.corrections.matching import Matcher
from enrolment.corrections.recipes import Recipe
from enrolment.errors import Refused
from enrolment.files.storage import Storage
from schema.base import Table
from schema.describe import FieldSpec, model_named
from schema.enums import CorrectionOutcome, ImportMode
from schema.sheets import Block, Unreadable, lines_of
from schema.tables import Correction
from schema.tabular import first

PART = 8_000
"""Lines of a file worked out at a time, when they are not long ones."""

_MOST_BLOCKS = 8

_TAKEN = "Une ligne de la table a déjà cette clé : elle n'est pas modifiée."
_Cells = Sequence[Sequence[str]]


class Loader:
    """The preparation of one correction by file; kept by the worker from one turn to the next."""

    def __init__(self, session: Session, correction: Correction, storage: Storage) -> None:
        self.model: type[Table] = model_named(correction.table_name)
        self.recipe = Recipe.of(correction.recipe)
        self.upto = 0
        self._seen = duplicates.Seen()
        self._blocks: Generator[Block] | None = None
        self._held = Block((), [])
        self._stream: BinaryIO = uploads.opened(storage, self.recipe.pieces)
        try:
            with no_collector():
                self._open(session)
                self._skip(session, correction.done_upto)
        except Unreadable as error:
            self.close()
            raise Refused(error.message) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the file back."""
        if self._blocks is not None:
            # They hold the file: what they have to let go of must still be open.
            self._blocks.close()
        self._stream.close()

    @property
    def names(self) -> list[str]:
        """The columns that the lines change."""
        return sorted(self._maker.names)

    @property
    def selection(self) -> str:
        """What is read and how, in French, for those who look at the correction."""
        said = [
            f"{self.recipe.file_name} : {self.recipe.mode.label.lower()}, reconnues par {_labels(self._header.key)}"
        ]
        said.append(f"Colonnes lues : {_labels([column.spec for column in self._header.filled])}")
        if self._header.ignored:
            said.append(f"Colonnes ignorées : {_labels(self._header.ignored)}")
        return "\n".join(said)[:10_000]

    def twice(self, session: Session, correction: Correction) -> dict[int, str]:
        """After the last line: new rows that have the key of an earlier one, by place, and why they go no further."""
        if self.recipe.mode is ImportMode.update or self.recipe.key == ("id",):
            return {}
        return duplicates.among_new_rows(session, correction, self.recipe.key)

    def part(self, session: Session, after: int) -> Part:
        """Work out the lines that follow one. Raises Refused when the file cannot be read any further."""
        assert after == self.upto  # noqa: S101  The worker makes another reader when somebody else went on.
        try:
            lines, read = self._worked_out(session, self._next())
            self._hold()
        except Unreadable as error:
            raise Refused(error.message) from error
        return Part(lines, read, self.upto, not self._held.rows)

    def _next(self, until: int | None = None) -> Block:
        """The lines of the next part, none of them beyond a line if one is given."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        for _ in range(_MOST_BLOCKS):
            self._hold()
            held = self._held
            room = PART - len(rows)
            if until is not None:
                room = min(room, bisect_right(held.numbers, until))
            numbers += held.numbers[:room]
            rows += held.rows[:room]
            self._held = Block(held.numbers[room:], held.rows[room:])
            if self._held.rows or not held.rows:
                break
        if rows:
            self.upto = numbers[-1]
        return Block(numbers, rows)

    def _hold(self) -> None:
        """Have lines at hand, unless there are none any more."""
        if not self._held.rows and self._blocks is not None:
            self._held = next(self._blocks, self._held)

    def _open(self, session: Session) -> None:
        opened = lines_of(self._stream)
        self._blocks = opened.blocks
        self._hold()
        self._is_csv = opened.escaped
        line, titles = first(zip(self._held.numbers, self._held.rows, strict=True))
        self._held = Block(self._held.numbers[1:], self._held.rows[1:])
        self._header = file_header.read(self.model, self.recipe, titles, line, escaped=opened.escaped)
        self._maker = LineMaker(session, self.model, self._header.filled, self.recipe.key)
        matcher = Matcher(session, self.model, self.recipe.key, self._maker.reads)
        self._file_key = FileKey(
            [self._header.by_name[name] for name in self.recipe.key],
            matcher,
            # The technical key of a new row is given by the database.
            may_be_empty=self.recipe.mode is not ImportMode.update and self.recipe.key == ("id",),
        )

    def _skip(self, session: Session, upto: int) -> None:
        """Go to where another reader came, remembering which rows were named."""
        while self.upto < upto and (part := self._next(upto)).rows:
            self._worked_out(session, part)

    def _worked_out(self, session: Session, block: Block) -> tuple[list[Line], int]:
        """The lines of a part, and how many lines of the file were not empty."""
        lines: list[Line] = []
        numbers, columns = block.numbers, _columns(block.rows)
        if not self._is_sound(block.rows, columns):
            numbers, rows = self._sound(block, lines)
            columns = _columns(rows)
        read = len(numbers) + len(lines)
        if columns:
            lines += self._matched(session, numbers, columns)
        lines.sort(key=attrgetter("file_line"))
        return lines, read

    def _is_sound(self, rows: _Cells, columns: _Cells) -> bool:
        """Whether each line has as many cells as the header, none repeats it and none is empty: one with a key."""
        if len(columns) != len(self._header.titles):
            return False
        keys = [(self._header.titles[column.place], columns[column.place]) for column in self._file_key.columns]
        if all(title in cells for title, cells in keys) and self._header.titles in rows:
            return False
        return all("" not in cells for _, cells in keys) or all(map(any, rows))

    def _sound(self, block: Block, lines: list[Line]) -> tuple[list[int], list[list[str]]]:
        """The lines that can be read cell by cell; why others cannot is added to `lines`."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        width = len(self._header.titles)
        for number, cells in zip(block.numbers, block.rows, strict=True):
            if not any(map(str.strip, cells)):
                continue
            reason = self._shapeless(cells)
            if reason is not None:
                lines.append(_aside((CorrectionOutcome.invalid, reason), number))
                continue
            numbers.append(number)
            rows.append([*cells[:width], *[""] * (width - len(cells))])
        return numbers, rows

    def _shapeless(self, cells: Sequence[str]) -> str | None:
        """Why a line cannot be read cell by cell; None when it can."""
        width = len(self._header.titles)
        if any(map(str.strip, cells[width:])):
            extra = "un séparateur" if self._is_csv else "une cellule"
            return f"Cette ligne a {len(cells)} cellules, pour {width} dans l'en-tête : {extra} est de trop."
        if len(cells) < width and self._is_csv:
            return f"Cette ligne a {len(cells)} cellules, pour {width} dans l'en-tête : il manque un séparateur."
        if cells == self._header.titles:
            return "Cette ligne répète l'en-tête : supprimez-la."
        return None

    def _matched(self, session: Session, numbers: Sequence[int], cells: _Cells) -> Iterator[Line]:
        found = self._file_key.find(session, cells)
        for at, line in self._seen.again(found.ids, numbers).items():
            found.aside[at] = CorrectionOutcome.duplicate, duplicates.said(line)
        for at, aside in found.aside.items():
            yield _aside(aside, numbers[at], found.ids[at])
        if found.aside or None in found.ids:
            yield from self._of_no_row(session, numbers, cells, found)
            there = [at for at, key in enumerate(found.ids) if key is not None and at not in found.aside]
        else:
            there = list(range(len(numbers)))
        if self.recipe.mode is ImportMode.insert:
            for at in there:
                yield _aside((CorrectionOutcome.refused, _TAKEN), numbers[at], found.ids[at])
        elif there:
            ids: list[Any] = _picked(found.ids, there)
            before = [_picked(column, there) for column in found.before]
            own = [_picked(column, there) for column in cells]
            yield from self._maker.changed(session, _picked(numbers, there), ids, own, before)

    def _of_no_row(self, session: Session, numbers: Sequence[int], cells: _Cells, found: Found) -> Iterator[Line]:
        """New rows, or a word that there is none of that key."""
        absent = [at for at, key in enumerate(found.ids) if key is None and at not in found.aside]
        if self.recipe.mode is not ImportMode.update:
            known = [] if self.recipe.key != ("id",) else [at for at in absent if self._file_key.words(cells, at)]
            new = [at for at in absent if at not in set(known)]
            yield from self._maker.created(session, _picked(numbers, new), [_picked(column, new) for column in cells])
            absent = known
        for at in absent:
            reason = f"Aucune ligne de « {self.model.label_plural} » n'a cette clé : {self._file_key.words(cells, at)}."
            yield _aside((CorrectionOutcome.missing, reason), numbers[at])


def _columns(rows: Sequence[Sequence[str]]) -> _Cells:
    """The cells of lines column by column; nothing when lines have not the same number of cells."""
    try:
        return list(zip(*rows, strict=True))
    except ValueError:
        return ()


def _picked(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return list(values) if len(places) == len(values) else [values[at] for at in places]


def _aside(aside: Aside, number: int, row_id: int | None = None) -> Line:
    outcome, reason = aside
    return Line(row_id, "{}", outcome.value, reason, file_line=number)


def _labels(specs: Sequence[FieldSpec]) -> str:
    return ", ".join(f"« {spec.label} »" for spec in specs)
