"""Freezes a file: a line of the correction for each line of the file that changes a row, creates one, or cannot be.

The file is read once, some thousands of lines at a time, column by column. Whoever dies on the way is followed by a
reader that skips what was already written.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import Any, BinaryIO

from sqlmodel import Session

from enrolment.corrections import duplicates, uploads
from enrolment.corrections.file_columns import FileColumn
from enrolment.corrections.file_keys import Aside, FileKey, Found
from enrolment.corrections.file_lines import LineMaker
from enrolment.corrections.freezing import Part
from enrolment.corrections.lines import Line
from enrolment.corrections.matching import Matcher
from enrolment.corrections.recipes import Recipe, correctable
from enrolment.errors import Refused
from enrolment.files.storage import Storage
from schema.base import Table
from schema.describe import FieldSpec, field, model_named
from schema.enums import CorrectionOutcome, ImportMode
from schema.sheets import Row, Unreadable, lines_of
from schema.tables import Correction
from schema.tabular import first, understood, writable

PART = 8_000
"""Lines of a file read at a time."""

_MOST_CHARACTERS = 8_000_000

_TAKEN = "Une ligne de la table a déjà cette clé : elle n'est pas modifiée."
_Cells = Sequence[Sequence[str]]


class Loader:
    """The preparation of one correction by file; kept by the worker from one turn to the next."""

    def __init__(self, session: Session, correction: Correction, storage: Storage) -> None:
        self.model: type[Table] = model_named(correction.table_name)
        self.recipe = Recipe.of(correction.recipe)
        self.upto = 0
        self._is_over = False
        self._seen = duplicates.Seen()
        self._source: Generator[Row] | None = None
        self._stream: BinaryIO = uploads.opened(storage, self.recipe.pieces)
        try:
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
        if self._source is not None:
            # It holds the file: what it has to let go of must still be open.
            self._source.close()
        self._stream.close()

    @property
    def names(self) -> list[str]:
        """The columns that the lines change."""
        return sorted(self._maker.names)

    @property
    def selection(self) -> str:
        """What is read and how, in French, for those who look at the correction."""
        said = [f"{self.recipe.file_name} : {self.recipe.mode.label.lower()}, reconnues par {_labels(self._key)}"]
        said.append(f"Colonnes lues : {_labels([column.spec for column in self._columns])}")
        if self._ignored:
            said.append(f"Colonnes ignorées : {_labels(self._ignored)}")
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
            rows = self._next()
        except Unreadable as error:
            raise Refused(error.message) from error
        filled = self._filled(rows)
        self.upto = rows[-1][0] if rows else after
        return Part(self._worked_out(session, filled), len(filled), self.upto, self._is_over)

    def _next(self) -> list[Row]:
        """Some lines, fewer where they are long; none at the end."""
        rows: list[Row] = []
        end = self._measure.characters + _MOST_CHARACTERS
        for row in self._rows:
            rows.append(row)
            if len(rows) == PART or self._measure.characters > end:
                return rows
        self._is_over = True
        return rows

    def _filled(self, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if any(row[1]) and any(map(str.strip, row[1]))]

    def _open(self, session: Session) -> None:
        opened = lines_of(self._stream)
        self._source = opened.rows
        self._rows: Iterator[Row] = opened.rows
        self._measure = opened.measure
        self._is_ragged_wrong = opened.escaped
        line, self._header = first(opened.rows)
        specs, ignored, errors = understood(self.model, self._header, line, self.recipe.key)
        if errors:
            raise Refused(" ".join(str(error) for error in errors)[:10_000])
        columns = [
            FileColumn(spec, self._header[place].strip(), place, escaped=opened.escaped)
            for place, spec in enumerate(specs)
            if spec is not None
        ]
        self._key = [field(self.model, name) for name in self.recipe.key]
        allowed = writable(self.model) if self.recipe.every else correctable(self.model)
        creates = self.recipe.mode is not ImportMode.update
        by_name = {column.spec.name: column for column in columns}
        for spec in self._key:
            if spec.name not in by_name:
                raise Refused(f"La colonne « {spec.label} » manque : elle sert à reconnaître les lignes.")
        self._columns = [
            column for column in columns if column.spec in allowed and (creates or column.spec not in self._key)
        ]
        taken = {column.spec.name for column in self._columns} | set(self.recipe.key)
        self._ignored = [field(self.model, name) for name in (*ignored, *by_name) if name not in taken]
        if not self._columns:
            raise Refused(f"Aucune colonne de ce fichier ne se modifie dans « {self.model.label_plural} ».")
        self._maker = LineMaker(session, self.model, self._columns, self.recipe.key)
        matcher = Matcher(session, self.model, self.recipe.key, self._maker.reads)
        self._file_key = FileKey(
            [by_name[name] for name in self.recipe.key],
            matcher,
            # The technical key of a new row is given by the database.
            may_be_empty=creates and self.recipe.key == ("id",),
        )

    def _skip(self, session: Session, upto: int) -> None:
        """Go to where another reader came, over the same parts, remembering which rows were named."""
        while self.upto < upto:
            rows = self._next()
            rest = [row for row in rows if row[0] > upto]
            self._rows = chain(rest, self._rows)
            done = [row for row in rows if row[0] <= upto]
            self.upto = rows[-1][0] if rows and not rest else upto
            for _ in self._worked_out(session, self._filled(done)):
                pass

    def _worked_out(self, session: Session, rows: Sequence[Row]) -> list[Line]:
        lines: list[Line] = []
        sound: list[Row] = []
        width = len(self._header)
        for row in rows:
            if len(row[1]) == width and row[1] != self._header:
                sound.append(row)
            elif (reason := self._shapeless(row[1])) is not None:
                lines.append(_aside((CorrectionOutcome.invalid, reason), row[0]))
            else:
                sound.append((row[0], [*row[1][:width], *[""] * (width - len(row[1]))]))
        if sound:
            numbers = [row[0] for row in sound]
            lines += self._matched(session, numbers, list(zip(*(row[1] for row in sound), strict=True)))
        lines.sort(key=_file_line)
        return lines

    def _shapeless(self, cells: Sequence[str]) -> str | None:
        """Why a line cannot be read cell by cell; None when it can."""
        width = len(self._header)
        if any(map(str.strip, cells[width:])):
            return f"Cette ligne a {len(cells)} cellules, pour {width} dans l'en-tête : un séparateur est de trop."
        if len(cells) < width and self._is_ragged_wrong:
            return f"Cette ligne a {len(cells)} cellules, pour {width} dans l'en-tête : il manque un séparateur."
        if cells == self._header:
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


def _picked(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return list(values) if len(places) == len(values) else [values[at] for at in places]


def _aside(aside: Aside, number: int, row_id: int | None = None) -> Line:
    outcome, reason = aside
    return Line(row_id, "{}", outcome.value, reason, file_line=number)


def _file_line(line: Line) -> int:
    return line.file_line or 0


def _labels(specs: Sequence[FieldSpec]) -> str:
    return ", ".join(f"« {spec.label} »" for spec in specs)
