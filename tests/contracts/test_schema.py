"""The schema keeps its promises: every column described, every public column asked once, code and database agree."""

import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from enrolment.application.questions import questions
from enrolment.documents import CONDITIONS
from schema import text_index
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import FieldSpec, fields, public_fields
from schema.enums import Step
from schema.tables import ALL, DocumentRule
from schema.types import InvalidValue

EVERY_COLUMN = [pytest.param(spec, id=f"{spec.table}.{spec.name}") for model in ALL for spec in fields(model)]
WITH_EXAMPLE = [param for param in EVERY_COLUMN if param.values[0].example]


@pytest.mark.parametrize("spec", EVERY_COLUMN)
def test_column_is_described_for_a_reader(spec: FieldSpec) -> None:
    assert spec.label[0].isupper()
    assert spec.help.endswith((".", "?", "…"))
    assert re.match(r"(guide p\. \d+|process|facts|standards|technique)", spec.source)


@pytest.mark.parametrize("spec", WITH_EXAMPLE)
def test_example_is_a_value_the_column_takes(spec: FieldSpec) -> None:
    value = spec.clean(spec.example)
    assert spec.clean(spec.show(value)) == value


@pytest.mark.parametrize("model", ALL, ids=lambda model: table_of(model).name)
def test_table_is_described_for_a_reader(model: type[Table]) -> None:
    assert model.label[0].isupper()
    assert model.label_plural
    assert model.about.endswith(".")
    assert all(name in table_of(model).columns for name in model.title_columns)


def test_public_column_appears_in_exactly_one_step() -> None:
    asked = [item.spec for item in questions()]
    for step in Step:
        for spec in public_fields(step):
            steps = {item.step for item in questions() if item.spec == spec}
            assert steps == {step}, spec.name
    assert {(spec.table, spec.name) for spec in asked} == {
        (spec.table, spec.name) for step in Step for spec in public_fields(step)
    }


def test_document_conditions_are_those_of_the_rule_table() -> None:
    columns = set(table_of(DocumentRule).columns.keys())
    own = {"id", "row_version", "created_at", "updated_at", "code", "document_kind_id", "reason", "required", "active"}
    assert set(CONDITIONS) == columns - own - {"note"}


def test_models_and_migrations_agree(database: Database) -> None:
    # std: REL-9
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = [item for item in compare_metadata(context, SQLModel.metadata) if not _is_noise(item)]
    assert differences == []


def test_words_are_indexed_by_the_migration(database: Database) -> None:
    if not database.is_sqlite:
        return
    with database.engine.connect() as connection:
        for model in ALL:
            wanted = [spec.name for spec in text_index.indexed(model)]
            name = text_index.name_of(table_of(model).name)
            assert [row.name for row in connection.exec_driver_sql(f"PRAGMA table_info({name})")] == wanted


def test_check_constraints_in_the_database_are_those_described(database: Database) -> None:
    # Alembic does not see an added CHECK on SQLite.
    inspector = sa.inspect(database.engine)
    for model in ALL:
        table = table_of(model)
        checks = [item for item in table.constraints if isinstance(item, sa.CheckConstraint) and item.name]
        found = inspector.get_check_constraints(table.name)
        assert sorted(_full(table, str(item.name)) for item in checks) == sorted(str(item["name"]) for item in found)
        if database.is_sqlite:
            # PostgreSQL writes a condition in words of its own.
            wanted = {_full(table, str(item.name)): _plain(str(item.sqltext)) for item in checks}
            assert wanted == {str(item["name"]): _plain(item["sqltext"]) for item in found}


@pytest.mark.parametrize("spec", EVERY_COLUMN)
def test_empty_answer_is_refused_exactly_when_required(spec: FieldSpec) -> None:
    if spec.required:
        with pytest.raises(InvalidValue):
            spec.clean("  ")
    else:
        assert spec.clean("  ") is None


def _plain(condition: str) -> str:
    return " ".join(condition.split())


def _full(table: sa.Table, name: str) -> str:
    return name if name.startswith("ck_") else f"ck_{table.name}_{name}"


def _is_noise(item: object) -> bool:
    # SQLite keeps no comment, and says of each comment that it must be added. Its indexes of words are tables to it.
    if isinstance(item, tuple) and item[0] in {"remove_table", "remove_index"}:
        table = item[1] if item[0] == "remove_table" else item[1].table
        return text_index.is_part(table.name)
    first = item[0] if isinstance(item, tuple) else item[0][0] if isinstance(item, list) else ""
    return first in {"modify_comment", "add_table_comment"}
