"""Workbooks written as a stream: what spreadsheets cannot hold is kept as well as can be, and nothing waits."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema import workbook
from schema.describe import FieldSpec, field
from schema.tables import Corridor, Deadline, Dsr, Referencing
from schema.workbook import write_xlsx

NAME, DAYS = field(Corridor, "name"), field(Deadline, "days")
CLOSES, VALIDATED = field(Dsr, "closes_at"), field(Referencing, "validated_on")


def _cell(spec: FieldSpec, value: Any, *, title: str = "Essai") -> Any:
    content = b"".join(write_xlsx([spec], [(value,)], title))
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"]


@given(st.text())
def test_any_text_is_a_text_and_the_file_stays_readable(text: str) -> None:
    # std: SEC-9
    cell = _cell(NAME, text)
    assert cell.data_type in {"s", "n"}
    read = "" if cell.value is None else str(cell.value)
    assert read == workbook._ILLEGAL.sub("", text)[:32_767]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "<c><f>1</f></c>", "]]>", "&amp;", '"', "a\r\nb"])
def test_text_that_looks_like_a_formula_or_like_markup_is_shown_as_it_is(text: str) -> None:
    # std: SEC-9
    cell = _cell(NAME, text)
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize(
    ("spec", "value", "shown"),
    [
        (DAYS, 0, 0),
        (DAYS, -3, -3),
        (DAYS, 10**15 - 1, 10**15 - 1),
        (DAYS, 10**18 + 1, str(10**18 + 1)),
        (DAYS, None, None),
        (VALIDATED, date(2026, 2, 28), datetime(2026, 2, 28)),  # noqa: DTZ001  As a spreadsheet has it.
        (VALIDATED, date(1850, 1, 1), "01/01/1850"),
        (CLOSES, datetime(2026, 7, 1, 12, 30, 59, tzinfo=UTC), datetime(2026, 7, 1, 14, 30, 59)),  # noqa: DTZ001  Paris.
        (CLOSES, datetime(2026, 1, 1, 12, 30, tzinfo=UTC), datetime(2026, 1, 1, 13, 30)),  # noqa: DTZ001  Paris.
        (CLOSES, None, None),
        (NAME, "x" * 40_000, "x" * 32_767),
    ],
)
def test_numbers_and_dates_are_numbers_and_dates_as_far_as_a_sheet_can(spec: FieldSpec, value: Any, shown: Any) -> None:
    assert _cell(spec, value).value == shown


@pytest.mark.parametrize("title", ["", "[]:*?/\\'", "x" * 60, 'a"b&<c>', "Règles de pièces"])
def test_any_title_names_a_sheet(title: str) -> None:
    assert _cell(NAME, "a", title=title).value == "a"


def test_first_rows_leave_before_the_last_are_read() -> None:
    asked = 0

    def rows() -> Iterator[tuple[str]]:
        nonlocal asked
        for number in range(1_000_000):
            asked += 1
            yield (f"{number * 7919 % 1_000_003} {number}",)

    pieces = write_xlsx([NAME], rows(), "Essai")
    assert len(next(pieces)) >= 64 * 1024
    assert asked < 100_000
    pieces.close()  # type: ignore[attr-defined]  # A reader that leaves early.


def test_file_that_may_be_very_large_is_still_a_file() -> None:
    content = b"".join(write_xlsx([NAME], [("a",)], "Essai", expected=10**9))
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
    assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A2"].value == "a"
