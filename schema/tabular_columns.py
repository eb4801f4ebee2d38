"""The same CSV as `schema.tabular.write_csv`, for very many rows: column by column, from the values of the driver.

A file of a million rows is some thirty million cells: no function of ours is called for a cell unless it must be. What
a cell looks like is decided in `schema.tabular`; a test compares the two, byte by byte.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import repeat
from operator import itemgetter
from typing import Any

from schema.describe import FieldKind, FieldSpec
from schema.tabular import BYTE_ORDER_MARK, cell_text, escape, new_writer

Convert = Callable[[Sequence[Any]], Iterable[Any]]
# How a cell begins that a spreadsheet would run, or that seems to be escaped already.
_RISKY = frozenset("=+-@\t\r'")
_first_letter = itemgetter(0)
_MOST_REMEMBERED = 100_000


def write_csv_parts(
    columns: Sequence[FieldSpec], named_by: Sequence[FieldSpec], parts: Iterable[Sequence[Sequence[Any]]]
) -> Iterator[bytes]:
    """A CSV file, one piece for each part of the rows.

    `named_by` gives for each column the one that its values come from: itself, or the column that names the row that a
    reference points to. Values are those of SQLite's driver, or of SQLAlchemy.
    """
    buffer = io.StringIO()
    writer = new_writer(buffer)
    writer.writerow([spec.label for spec in columns])
    converts = [_convert(spec) for spec in named_by]
    yield BYTE_ORDER_MARK + _drain(buffer)
    for rows in parts:
        cells = [convert(values) for convert, values in zip(converts, zip(*rows, strict=True), strict=False)]
        writer.writerows(zip(*cells, strict=True))
        yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _convert(spec: FieldSpec) -> Convert:
    """How the values of a column become cells. An empty one stays None, which is written as nothing."""
    if spec.kind is FieldKind.integer:
        return _numbers
    if spec.kind is FieldKind.moment:
        return _moments(spec)
    if spec.kind in (FieldKind.text, FieldKind.long_text) and _is_shown_as_it_is(spec):
        return _texts
    if spec.kind is FieldKind.structure:
        return lambda values: [None if value is None else _structure(spec, value) for value in values]
    known = _Known(spec)
    return lambda values: list(map(known.__getitem__, values))


def _is_shown_as_it_is(spec: FieldSpec) -> bool:
    return spec.field_type is None or spec.field_type.show is str


def _structure(spec: FieldSpec, value: Any) -> str:
    return escape(cell_text(spec, json.loads(value) if isinstance(value, str) else value))


def _numbers(values: Sequence[Any]) -> Iterable[Any]:
    if any(map((0).__gt__, filter(None, values))):
        return [None if value is None else escape(str(value)) for value in values]
    return values


def _texts(values: Sequence[Any]) -> Iterable[Any]:
    if not _RISKY.isdisjoint(map(_first_letter, filter(None, values))):
        return [None if value is None else escape(value) for value in values]
    return values


class _Known(dict[Any, Any]):
    """Cells by value, each made once; forgotten when they are too many."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__({None: None})
        self._spec = spec

    def __missing__(self, value: Any) -> Any:
        if len(self) > _MOST_REMEMBERED:
            self.clear()
            self[None] = None
        spec = self._spec
        typed = value
        if spec.kind is FieldKind.boolean:
            typed = bool(value)
        elif spec.kind is FieldKind.date and isinstance(value, str):
            typed = datetime.fromisoformat(value).date()
        cell = escape(cell_text(spec, typed))
        self[value] = cell
        return cell


class _Hours(dict[str, str]):
    """« 31/12/2026 14: » by the first letters of a moment in UTC: what France differs by is whole hours."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self._spec = spec

    def __missing__(self, hour: str) -> str:
        at = datetime.fromisoformat(f"{hour}:00:00").replace(tzinfo=UTC)
        self[hour] = said = cell_text(self._spec, at)[:-2]
        return said


def _moments(spec: FieldSpec) -> Convert:
    hours = _Hours(spec)

    def convert(values: Sequence[Any]) -> Iterable[Any]:
        # SQLite's driver gives texts.
        if not any(map(isinstance, values, repeat(str))):
            return [None if value is None else cell_text(spec, value) for value in values]
        return [None if value is None else hours[value[:13]] + value[14:16] for value in values]

    return convert
