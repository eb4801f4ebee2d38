"""The CSV: what the filters keep, streamed, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import sqlalchemy as sa

from admin_app import export
from admin_app.permissions import TABLES, Right, may
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.describe import field, model_named
from schema.enums import StaffRole
from schema.history import Actor
from schema.references import stored_rows
from schema.tables import ALL, BulkAction, Provider
from schema.tabular import write_csv
from schema.tabular_columns import write_csv_parts
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import FORMULA, first


def _read(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_export_holds_what_the_filters_keep(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.steward)
    for query, cities in (
        ("", {"BESANÇON", "Lyon"}),
        ("city__contient=besancon", {"BESANÇON"}),
        ("recherche=zzz", set()),
    ):
        answer = client.http.get(f"/admin/provider/export/csv?{query}&tri=city&taille=1&apres=2")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith('attachment; filename="fournisseurs_')
        head, *rows = _read(answer.content)
        assert head == [spec.label for spec in presentation.exported(Provider)]
        assert {row[head.index("Commune")] for row in rows} == cities


def test_formula_is_no_formula_in_a_spreadsheet(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-9
    client = signed_in(office, StaffRole.administrator)
    for table in TABLES:
        if may(StaffRole.administrator, table, Right.export):
            for row in _read(client.http.get(f"/admin/{table}/export/csv").content):
                assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row), table
    assert f"'{FORMULA}" in {
        cell for row in _read(client.http.get("/admin/provider/export/csv").content) for cell in row
    }


def test_no_secret_column_is_exported() -> None:
    for table in TABLES:
        assert not [spec.name for spec in presentation.exported(model_named(table)) if spec.meta.secret]


def test_export_is_the_file_that_the_imports_know(portal: Portal) -> None:
    """Written column by column for speed, and the same bytes as row by row; risky cells, dates of summer and winter."""
    with portal.database.writing(Actor.system()) as session:
        provider = first(session, Provider)
        provider.trade_name = "-1+2"
        provider.registry_checked_at = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)
        provider.created_at = datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
    with portal.database.reading() as session:
        for model in ALL:
            columns = presentation.exported(model)
            expected = b"".join(write_csv(columns, stored_rows(session, model, columns)))
            assert b"".join(export.csv_of(portal.database, model, sa.select(model))) == expected, model


def test_negative_numbers_are_texts_in_a_spreadsheet() -> None:
    spec = field(BulkAction, "total")
    row_by_row = b"".join(write_csv([spec], [[-3], [None], [4]]))
    assert b"".join(write_csv_parts([spec], [spec], [[(-3,), (None,), (4,)]])) == row_by_row


def test_export_comes_in_pieces(office: Portal) -> None:
    pieces = export.csv_of(office.database, Provider, sa.select(Provider))
    assert next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # A reader that leaves in the middle leaves no transaction open.
