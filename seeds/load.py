"""Loads the reference data: one CSV file per table, in `reference/`.

Only rows that are missing are inserted, by their natural key: what the staff changed in the back office afterwards is
theirs and stays, and a newer version of the program adds its new rows. A row that must disappear is made inactive in
the back office. Nothing here knows what is in the files.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import Session

from enrolment.rules.needed import NEEDED
from schema.base import Table, table_of
from schema.references import References
from schema.tables import (
    BankOverride,
    CorrectionRule,
    Corridor,
    DocumentKind,
    DocumentRule,
    Dsr,
    LegalText,
    PrestationType,
    Profile,
    ReasonTemplate,
    StreetType,
    Wave,
)
from schema.tabular import Row, read
from seeds.missing import BadSeed, insert_missing

REFERENCE = Path(__file__).parent / "reference"

FROM_FILES: tuple[type[Table], ...] = (
    Wave,
    Corridor,
    Dsr,
    Profile,
    StreetType,
    DocumentKind,
    DocumentRule,
    PrestationType,
    ReasonTemplate,
    LegalText,
    BankOverride,
    CorrectionRule,
)
"""In the order in which they name each other."""


@dataclass(frozen=True)
class Loaded:
    """How many rows a table received; `present` were there already."""

    table: str
    inserted: int
    present: int


def load_reference(session: Session, progress: Callable[[str], None] | None = None) -> tuple[Loaded, ...]:
    """Insert the reference rows that are missing. Running it again changes nothing. Raises BadSeed."""
    done: list[Loaded] = []
    sources: list[tuple[type[Table], Iterable[Row]]] = [
        (model, csv_rows(session, model, REFERENCE)) for model in FROM_FILES
    ]
    for model, rows in (*sources, *from_code()):
        label = model.label_plural
        if progress is not None:
            progress(label)
        done.append(Loaded(table_of(model).name, *insert_missing(session, model, rows)))
    return tuple(done)


def csv_rows(session: Session, model: type[Table], folder: Path) -> Iterator[Row]:
    """The rows of a table's file. A cell such as `@legal/cgu.txt` stands for the text of that file."""
    content = (folder / f"{table_of(model).name}.csv").read_bytes()
    reading = read(model, io.BytesIO(content), References(session).resolve)
    if reading.errors:
        raise BadSeed(f"{table_of(model).name}: " + " ".join(str(error) for error in reading.errors))
    for row in reading.rows:
        values = {name: _with_text(folder, value) for name, value in row.values.items()}
        yield replace(row, values=values)


def _with_text(folder: Path, value: object) -> object:
    if isinstance(value, str) and value.startswith("@"):
        return (folder / value[1:]).read_text(encoding="utf-8").strip()
    return value


def from_code() -> tuple[tuple[type[Table], Iterable[Row]], ...]:
    """The tables whose first rows stand beside the code that reads them: parameters, texts of mails, delays."""
    return tuple(
        (one.model, (Row(line, dict(values)) for line, values in enumerate(one.rows(), start=1)))
        for one in NEEDED.values()
    )
