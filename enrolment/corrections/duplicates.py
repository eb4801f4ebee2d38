"""Lines of a file that have the key of an earlier one: the first stands, the others are told of it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.corrections import codecs
from enrolment.typography import number
from schema.describe import field, model_named
from schema.enums import CorrectionOutcome, Operation
from schema.staging import LINES
from schema.tables import Correction

_BITS = 6
_SIZE = 1 << _BITS


class Seen:
    """The line that first named each row: four bytes for a row where keys follow one another, as they mostly do.

    Lines in the order of their keys, as an export writes them, are noted as one run for as long as no other line may
    name the same rows.
    """

    def __init__(self) -> None:
        self._blocks: dict[int, array[int]] = {}
        self._runs: list[tuple[Sequence[int], Sequence[int]]] = []
        self._highest = 0

    def again(self, ids: Sequence[int | None], numbers: Sequence[int]) -> dict[int, int]:
        """Note some lines; the places of those whose row was named before, each with the line that did."""
        run = self._run(ids)
        if run is not None:
            self._runs.append((run, numbers))
            self._highest = run[-1]
            return {}
        for earlier, lines in self._runs:
            self._note(earlier, lines)
        self._runs.clear()
        self._highest = max(self._highest, max((key for key in ids if key is not None), default=0))
        return self._note(ids, numbers)

    def _run(self, ids: Sequence[int | None]) -> range | None:
        """Keys that follow one another beyond every key before them, as a range."""
        if not ids or ids[0] is None or ids[-1] is None or ids[0] <= self._highest:
            return None
        run = range(ids[0], ids[-1] + 1)
        return run if len(run) == len(ids) and tuple(run) == tuple(ids) else None

    def _note(self, ids: Sequence[int | None], numbers: Sequence[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        blocks = self._blocks
        for at, row_id in enumerate(ids):
            if row_id is None:
                continue
            block = blocks.get(row_id >> _BITS)
            if block is None:
                blocks[row_id >> _BITS] = block = array("I", bytes(_SIZE * array("I").itemsize))
            first = block[row_id % _SIZE]
            if first:
                found[at] = first
            else:
                block[row_id % _SIZE] = numbers[at]
        return found


def said(first: int) -> str:
    """Why a line goes no further."""
    return f"Cette ligne a la même clé que la ligne {number(first)} : gardez-en une seule."


def among_new_rows(session: Session, correction: Correction, key: Sequence[str]) -> dict[int, str]:
    """Places of the new rows that have the key of an earlier new row, and why they go no further."""
    model = model_named(correction.table_name)
    sqlite = session.get_bind().dialect.name == "sqlite"
    values: list[Any] = [codecs.after(field(model, name), LINES.c.changes, sqlite=sqlite) for name in key]
    own = sa.and_(
        LINES.c.correction_id == correction.id,
        LINES.c.operation == Operation.insert.value,
        LINES.c.outcome == CorrectionOutcome.planned.value,
    )
    first = sa.func.min(LINES.c.file_line).over(partition_by=values).label("first")
    ranked = sa.select(LINES.c.place, LINES.c.file_line, first).where(own).subquery()
    twice = sa.select(ranked.c.place, ranked.c.first).where(ranked.c.file_line > ranked.c.first)
    return {place: said(line) for place, line in session.execute(twice)}
