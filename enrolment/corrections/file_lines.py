"""What the lines of a file come to: changes of rows, new rows, or why not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from enrolment.corrections.codecs import Changes, stored, written, written_pair
from enrolment.corrections.file_columns import NOTHING, FileColumn, Wrong
from enrolment.corrections.judging import Judge
from enrolment.corrections.lines import Line
from enrolment.corrections.new_rows import NewRows
from schema.base import Table
from schema.describe import fields
from schema.enums import CorrectionOutcome, Operation

_INVALID = CorrectionOutcome.invalid.value
_PLANNED = CorrectionOutcome.planned.value
_INSERT, _UPDATE = Operation.insert.value, Operation.update.value
_MOST_SHOWN = 200


class LineMaker:
    """Makes the lines of one file. `columns` are those that may change; `names` grows by those that do."""

    def __init__(self, session: Session, model: type[Table], columns: Sequence[FileColumn], key: Sequence[str]) -> None:
        self._specs = {spec.name: spec for spec in fields(model)}
        self._columns = columns
        self._key = frozenset(key)
        given = frozenset(column.spec.name for column in columns)
        self._judge = Judge(session, model, given)
        self._new = NewRows(model)
        self.reads = tuple(dict.fromkeys([*sorted(given), *self._judge.reads]))
        self.names: set[str] = set()

    def changed(
        self,
        session: Session,
        numbers: Sequence[int],
        ids: Sequence[int],
        cells: Sequence[list[str]],
        before: Sequence[list[Any]],
    ) -> Iterator[Line]:
        """A line for each row that differs from its line in the file. `before` follows `reads`."""
        held = dict(zip(self.reads, before, strict=True))
        texts: dict[int, str] = {}
        touched: set[str] = set()
        wrong: dict[int, list[str]] = {}
        for column in self._columns:
            name = column.spec.name
            if name in self._key:
                continue
            own, was = cells[column.place], held[name]
            column.learn(session, own)
            changed = column.changed(own, was)
            for at, (value, text) in changed:
                if type(value) is Wrong:
                    wrong.setdefault(at, []).append(_said(column, value))
                    text = written_pair(name, was[at], own[at][:_MOST_SHOWN])  # noqa: PLW2901  What the preview shows.
                texts[at] = f"{texts[at]},{text}" if at in texts else text
            if changed:
                touched.add(name)
        self.names |= touched
        lines = [
            Line(ids[at], f"{{{text}}}", _PLANNED, None, _UPDATE, numbers[at])
            for at, text in texts.items()
            if at not in wrong
        ]
        rule = self._judge.rule
        is_free = rule is None or rule.when.isdisjoint(touched)
        yield from lines if is_free else map(self._followed(held, numbers), lines)
        for at, reasons in wrong.items():
            yield Line(ids[at], f"{{{texts[at]}}}", _INVALID, " ".join(reasons), _UPDATE, numbers[at])

    def _followed(self, held: Mapping[str, Sequence[Any]], numbers: Sequence[int]) -> Callable[[Line], Line]:
        """What a table's rule makes of lines: it may refuse a row, or say what other columns then hold."""
        rule = self._judge.rule
        assert rule is not None  # noqa: S101  Only asked where there is one.
        places = {number: at for at, number in enumerate(numbers)}

        def follow(line: Line) -> Line:
            changes: Changes = json.loads(line.changes)
            if not rule.when & changes.keys():
                return line
            at = places[line.file_line or 0]
            row = {name: stored(self._specs[name], values[at]) for name, values in held.items()}
            return self._judged(line.row_id or 0, row, changes)._replace(file_line=line.file_line)

        return follow

    def created(self, session: Session, numbers: Sequence[int], cells: Sequence[Sequence[str]]) -> Iterator[Line]:
        """A line for each new row."""
        said: dict[str, Sequence[Any]] = {}
        for column in self._columns:
            column.learn(session, cells[column.place])
            said[column.spec.name] = column.values(cells[column.place])
        for at, number in enumerate(numbers):
            values = {name: column[at] for name, column in said.items() if column[at] is not NOTHING}
            yield self._new_row(values)._replace(operation=_INSERT, file_line=number)

    def _new_row(self, values: dict[str, Any]) -> Line:
        problems = [
            _said(column, value) for column in self._columns if isinstance(value := values.get(column.spec.name), Wrong)
        ]
        sound = {name: value for name, value in values.items() if not isinstance(value, Wrong)}
        lacking = self._new.missing(sound)
        if lacking and not problems:
            problems = [f"Il manque {', '.join(f'« {label} »' for label in lacking)} pour créer cette ligne."]
        if problems:
            shown: Changes = {name: [None, value] for name, value in sound.items() if value is not None}
            return Line(None, written(shown), _INVALID, " ".join(problems))
        changes = self._new.changes(sound)
        if self._judge.rule is not None:
            row = dict.fromkeys([*changes, *self._judge.reads])
            return self._judged(0, row, changes)._replace(row_id=None)
        self.names.update(changes)
        return Line(None, written(changes))

    def _judged(self, row_id: int, row: dict[str, Any], changes: Changes) -> Line:
        new = {name: stored(self._specs[name], after) for name, (_, after) in changes.items()}
        judged = self._judge.judged(row, new)
        assert judged is not None  # noqa: S101  Something changes.
        self.names.update(changes, self._judge.writes)
        return Line(row_id, *judged)


def _said(column: FileColumn, wrong: Wrong) -> str:
    return f"Colonne « {column.title} » : {wrong.message}"
