"""What the lines of a file come to: changes of rows, new rows, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
        found: dict[int, list[tuple[str, Any]]] = {}
        wrong: dict[int, list[str]] = {}
        for column in self._columns:
            name = column.spec.name
            if name in self._key:
                continue
            own, was = cells[column.place], held[name]
            column.learn(session, own)
            differing = column.changed(own, was)
            if differing:
                self.names.add(name)
            for at, value in differing:
                if type(value) is Wrong:
                    wrong.setdefault(at, []).append(_said(column, value))
                    value = own[at][:_MOST_SHOWN]  # noqa: PLW2901  What the preview shows of it.
                if at in found:
                    found[at].append((name, value))
                else:
                    found[at] = [(name, value)]
        judged = self._judge.rule.when if self._judge.rule is not None else frozenset()
        for at, new in found.items():
            if at in wrong:
                text = _written(new, held, at)
                yield Line(ids[at], text, _INVALID, " ".join(wrong[at]), _UPDATE, numbers[at])
            elif judged and not judged.isdisjoint(name for name, _ in new):
                changes: Changes = {name: [held[name][at], value] for name, value in new}
                row = {name: stored(self._specs[name], values[at]) for name, values in held.items()}
                yield self._judged(ids[at], row, changes)._replace(file_line=numbers[at])
            else:
                yield Line(ids[at], _written(new, held, at), _PLANNED, None, _UPDATE, numbers[at])

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


def _written(new: list[tuple[str, Any]], held: Mapping[str, Sequence[Any]], at: int) -> str:
    return "{" + ",".join([written_pair(name, held[name][at], value) for name, value in new]) + "}"


def _said(column: FileColumn, wrong: Wrong) -> str:
    return f"Colonne « {column.title} » : {wrong.message}"
