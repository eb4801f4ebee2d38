"""Export, edit in a spreadsheet, import: exactly the edits come back, and nothing else. Every table, every column."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from enrolment.corrections.codecs import kept
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldKind, FieldSpec, model_named
from schema.enums import ReferencingStatus
from schema.references import naming_of, natural_key, stored_rows
from schema.staging import LINES
from schema.tables import ALL, Dsr, Referencing
from schema.tabular import shown, writable, write_csv
from schema.types import InvalidValue
from schema.workbook import write_xlsx
from tests.admin_app.rows import fill
from tests.enrolment.corrections.records import applied
from tests.enrolment.corrections.test_files import lines, read

SAMPLE = Path("seeds/demo/liste-ans-exemple.csv")
TABLES = [model for model in ALL if writable(model)]
COLUMNS = [spec for model in TABLES for spec in writable(model) if spec.name not in (natural_key(model) or ("id",))]
FORMS = ("csv", "xlsx")


def written(model: type[Table], rows: Sequence[tuple[Any, ...]], form: str) -> bytes:
    columns = shown(model)
    if form == "csv":
        return b"".join(write_csv(columns, rows))
    return b"".join(write_xlsx(columns, rows, model.label_plural))


def exported(database: Database, model: type[Table]) -> list[tuple[Any, ...]]:
    with database.reading() as session:
        return list(stored_rows(session, model, shown(model)))


def test_sample_of_the_ans_list_loads(database: Database) -> None:
    # rule: R3
    correction = applied(database, read(database, SAMPLE.read_bytes()))
    assert correction.applied == 7
    with database.reading() as session:
        found = session.exec(select(Referencing).where(Referencing.ans_number == "ANS-V2-IMG-00320")).one()
        assert found.software_name == 'Imagis "Cabinet" ; édition 2026'
        assert found.status is ReferencingStatus.pending


def test_an_export_read_back_changes_nothing(database: Database) -> None:
    fill(database)
    _make_odd(database)
    for model in TABLES:
        rows = exported(database, model)
        assert rows, model
        for form in FORMS:
            correction = read(database, written(model, rows, form), model)
            told = lines(database, correction)
            assert (correction.problem, told, correction.unchanged) == (None, [], len(rows)), (model, form)


def _make_odd(database: Database) -> None:
    """Values that an export does not show whole, or that are older than the rule of their type."""
    table, dsr = table_of(Referencing), table_of(Dsr)
    with database.engine.begin() as connection:
        key = connection.execute(sa.select(sa.func.min(table.c.id))).scalar_one()
        odd = {"software_name": "Deux  espaces\u200b ", "publisher_name": "'=ligne\nsuivante"}
        connection.execute(sa.update(table).where(table.c.id == key).values(odd))
        closing = datetime(2031, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
        connection.execute(sa.update(dsr).values(closes_at=closing))


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A row in every table. Nothing is applied: every example starts from the same rows."""
    path = tmp_path_factory.mktemp("round") / "portal.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    fill(database)
    yield database
    database.dispose()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
HOSTILE = st.sampled_from(
    ["=cmd|'/C calc'!A0", "+33", "-1", "@SUM(A1)", "'=x", "''+", 'a;"b"', "«\u00a0»", "01000", "1e5"]
)


_VALUES: dict[FieldKind, Callable[[FieldSpec], st.SearchStrategy[Any]]] = {
    FieldKind.boolean: lambda _: st.booleans(),
    FieldKind.integer: lambda spec: st.integers(
        -(10**9) if spec.meta.ge is None else spec.meta.ge, spec.meta.le or 10**9
    ),
    FieldKind.date: lambda _: st.dates(date(1901, 1, 1), date(2999, 12, 31)),
    FieldKind.moment: lambda _: st.integers(0, 10**6).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
}


@st.composite
def edited(draw: st.DrawFn, session: Session, spec: FieldSpec) -> Any:
    """Another value of a column, as stored; the name of its row for a reference."""
    if not spec.required and draw(st.integers(0, 4)) == 0:
        return None
    if spec.references is not None:
        naming = naming_of(model_named(spec.references))
        table = table_of(naming.model)
        return draw(st.sampled_from(session.execute(sa.select(table.c[naming.name])).scalars().all()))
    if spec.enum is not None:
        return draw(st.sampled_from(list(spec.enum)))
    if spec.kind in _VALUES:
        return draw(_VALUES[spec.kind](spec))
    return draw((TEXTS | HOSTILE | st.just(spec.example or "x")).map(lambda raw: _cleaned(spec, raw)))


def _cleaned(spec: FieldSpec, raw: str) -> Any:
    try:
        return spec.clean(raw)
    except InvalidValue:
        assume(spec.example is not None)
        return spec.clean(spec.example)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(data=st.data(), spec=st.sampled_from(COLUMNS), form=st.sampled_from(FORMS))
def test_one_edited_cell_is_one_change(filled: Database, data: st.DataObject, spec: FieldSpec, form: str) -> None:
    model = spec.model
    rows = exported(filled, model)
    at = data.draw(st.integers(0, len(rows) - 1))
    place = shown(model).index(spec)
    with filled.reading() as session:
        value = data.draw(edited(session, spec))
    before = rows[at][place]
    rows[at] = (*rows[at][:place], value, *rows[at][place + 1 :])
    correction = read(filled, written(model, rows, form), model)
    assert correction.problem is None
    with filled.reading() as session:
        found = session.execute(sa.select(LINES).where(LINES.c.correction_id == correction.id)).all()
        changes = [json.loads(row.changes) if isinstance(row.changes, str) else row.changes for row in found]
    assert correction.unchanged == len(rows) - len(found)
    if _same(spec, before, value):
        assert changes == []
        return
    (change,) = changes
    assert found[0].row_id == rows[at][shown(model).index(next(item for item in shown(model) if item.name == "id"))]
    assert spec.name in change
    if spec.references is None:
        assert change[spec.name] == [kept(before), kept(value)]


def _same(spec: FieldSpec, before: Any, value: Any) -> bool:
    """Whether the edit is none: a moment has no seconds in a file, and a row without a code is named by its key."""
    if spec.references is not None:
        return str(before) == str(value)
    if before is not None and value is not None:
        return before == value or spec.show(before) == spec.show(value)
    return bool(before == value)
