"""Files of what a list shows: workbooks, chosen columns, and archives of pieces that leave no trace out."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from zipfile import ZipFile

import openpyxl
import pytest
import sqlalchemy as sa
from sqlmodel import select

from admin_app.exports import pieces, sheets
from admin_app.permissions import PAGES, TABLES, Right, may
from enrolment.portal import Portal
from enrolment.records import presentation
from schema.describe import FieldKind, field, model_named
from schema.enums import ScanState, StaffRole
from schema.history import Actor
from schema.tables import Attachment, AttachmentAccess, DocumentKind, EnrolmentRequest, Parameter, Provider
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import FORMULA

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def _sheet(content: bytes) -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)]


def test_workbook_of_every_table_holds_typed_cells_and_no_formula(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-9
    client = signed_in(portal, StaffRole.administrator)
    for table in TABLES:
        if not may(StaffRole.administrator, table, Right.export):
            continue
        answer = client.http.get(f"/admin/{table}/export/xlsx")
        assert answer.status_code == 200, table
        assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        head, *rows = list(book.worksheets[0].iter_rows())
        columns = presentation.exported(model_named(table))
        assert [cell.value for cell in head] == [spec.label for spec in columns]
        assert rows
        for row in rows:
            for spec, cell in zip(columns, row, strict=True):
                assert cell.data_type != "f"
                if cell.value is not None and spec.kind is FieldKind.moment:
                    assert isinstance(cell.value, datetime), (table, spec.name)
                if cell.value is not None and spec.kind is FieldKind.date:
                    assert isinstance(cell.value, date), (table, spec.name)
                if cell.value is not None and spec.kind is FieldKind.integer:
                    assert isinstance(cell.value, int), (table, spec.name)
    cells = {cell for row in _sheet(client.http.get("/admin/provider/export/xlsx").content) for cell in row}
    assert FORMULA in cells


def test_both_forms_hold_what_filters_keep_and_the_columns_chosen(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.steward)
    labels = [field(Provider, name).label for name in ("city", "siret")]
    assert client.http.get("/admin/provider/export/xlsx?colonnes=city,unknown").status_code == 400
    for columns in ("colonnes=city&colonnes=siret", "colonnes=city,siret"):
        query = f"city__contient=besancon&{columns}&tri=city&apres=2"
        assert _sheet(client.http.get(f"/admin/provider/export/xlsx?{query}").content) == [
            labels,
            ["BESANÇON", "732 829 320 00074"],
        ]
        answer = client.http.get(f"/admin/provider/export/csv?{query}").content.decode("utf-8-sig")
        assert next(csv.reader(io.StringIO(answer, newline=""), delimiter=";")) == labels
    everything = client.http.get("/admin/provider/export/csv").content.decode("utf-8-sig")
    assert everything.splitlines()[0].count(";") == len(presentation.exported(Provider)) - 1


@pytest.mark.parametrize("form", ["csv", "xlsx", "pieces"])
def test_wrong_filter_exports_nothing(office: Portal, signed_in: SignIn, form: str) -> None:
    client = signed_in(office, StaffRole.manager)
    for query in ("status=zz", "submitted_at__du=hier", "unknown=1"):
        answer = client.http.get(f"/admin/request/export/{form}?{query}")
        assert answer.status_code == 400
        assert "ENR-2026" not in answer.text


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_written(
    office: Portal, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    client = signed_in(office, StaffRole.manager)
    page = client.get("/admin/provider/export/xlsx", status=422)
    assert "exportez en CSV" in page
    assert client.http.get("/admin/provider/export/xlsx?city=Lyon").status_code == 200


def _deposit(portal: Portal, *, sensitive: bool, names: tuple[str, ...] = ("kbis.pdf", FORMULA)) -> None:
    """Give both pieces of the test rows a content, as if they had been deposited and scanned."""
    with portal.database.writing(Actor.system()) as session:
        kind = session.exec(select(DocumentKind)).first()
        assert kind is not None
        kind.sensitive = sensitive
        rows = session.exec(select(Attachment).order_by(Attachment.id)).all()  # type: ignore[arg-type]
        for row, name in zip(rows, names, strict=True):
            stored = portal.storage.put(PDF, sensitive=sensitive)
            row.file_name, row.scan = name, ScanState.clean
            row.storage_key, row.sha256, row.size = stored.key, stored.sha256, stored.size
            row.encryption_key = stored.key_id


def _archive(content: bytes) -> tuple[dict[str, bytes], list[list[str]]]:
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    index = files.pop("index.csv").decode("utf-8-sig")
    return files, list(csv.reader(io.StringIO(index, newline=""), delimiter=";"))


def _seen(portal: Portal) -> int:
    with portal.database.reading() as session:
        return int(session.execute(sa.select(sa.func.count()).select_from(AttachmentAccess)).scalar_one())


@pytest.mark.parametrize("table", ["request", "attachment"])
def test_archive_holds_the_marked_pieces_of_the_list_and_records_each_look(  # rule: F4
    portal: Portal, signed_in: SignIn, table: str
) -> None:
    # std: SEC-14  # std: SEC-15
    _deposit(portal, sensitive=True)
    before = _seen(portal)
    client = signed_in(portal, StaffRole.manager)
    files, index = _archive(client.http.get(f"/admin/{table}/export/pieces").content)
    assert sorted({name.split("/")[0] for name in files}) == ["ENR-2026-000001", "ENR-2026-000002"]
    assert all(content.startswith(b"%PDF") and content != PDF for content in files.values())
    assert _seen(portal) - before == 2
    assert {line[5] for line in index[1:]} == set(files)
    assert {line[2] for line in index[1:]} == {"kbis.pdf", f"'{FORMULA}"}
    one, _ = _archive(client.http.get(f"/admin/{table}/export/pieces?recherche=ENR-2026-000001").content)
    assert [name.split("/")[0] for name in one] == ["ENR-2026-000001"]
    assert _seen(portal) - before == 3


def test_archive_gives_ordinary_pieces_as_they_are_and_records_nothing(office: Portal, signed_in: SignIn) -> None:
    _deposit(office, sensitive=False)
    before = _seen(office)
    files, _ = _archive(signed_in(office, StaffRole.administrator).http.get("/admin/request/export/pieces").content)
    assert list(files.values()) == [PDF, PDF]
    assert _seen(office) == before


@pytest.mark.parametrize("state", [ScanState.unscanned, ScanState.infected])
def test_piece_that_cannot_be_opened_is_told_in_the_index_and_stops_nothing(
    office: Portal, signed_in: SignIn, state: ScanState
) -> None:
    _deposit(office, sensitive=True)
    with office.database.writing(Actor.system()) as session:
        first, second = session.exec(select(Attachment).order_by(Attachment.id)).all()  # type: ignore[arg-type]
        first.scan, second.sha256 = state, "1" * 64
    before = _seen(office)
    files, index = _archive(signed_in(office, StaffRole.manager).http.get("/admin/request/export/pieces").content)
    assert not files
    assert "antivirus" in index[1][6]
    assert "retrouvé" in index[2][6]
    # The second was opened, and found damaged: the attempt stays on record.
    assert _seen(office) - before == 1


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\x.pdf", "/abs.pdf", "a\x07b.pdf", "..", "œuvre/é.PDF", "x" * 250]
)
def test_names_in_the_archive_are_safe_and_all_different(office: Portal, signed_in: SignIn, name: str) -> None:
    # std: SEC-9
    _deposit(office, sensitive=False, names=(name, name))
    with office.database.writing(Actor.system()) as session:
        for row in session.exec(select(Attachment)).all():
            row.request_id = 1
    files, _ = _archive(signed_in(office, StaffRole.manager).http.get("/admin/request/export/pieces").content)
    assert len(files) == 2
    for path in files:
        folder, _, rest = path.partition("/")
        assert folder == "ENR-2026-000001"
        assert rest.strip("._ ")
        assert "/" not in rest
        assert "\\" not in rest
        assert ".." not in rest
        assert rest.isascii()
        assert rest.isprintable()
        assert len(rest) < 120


def test_limit_of_an_archive_is_a_parameter_and_none_is_said(office: Portal, signed_in: SignIn) -> None:
    # rule: R4
    _deposit(office, sensitive=False)
    client = signed_in(office, StaffRole.manager)
    assert "Aucune pièce" in client.get("/admin/attachment/export/pieces?file_name=absent.pdf", status=422)
    with office.database.writing(Actor.system()) as session:
        session.exec(select(Parameter).where(Parameter.code == "export_pieces_most")).one().value = "1"
    page = client.get("/admin/request/export/pieces", status=422)
    assert "au plus 1 pièce, et" in page
    assert client.http.get("/admin/request/export/pieces?number=ENR-2026-000002").status_code == 200


def test_only_who_sees_pieces_and_exports_lists_is_offered_the_archive(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    assert PAGES["export_pieces"] <= PAGES["view_pieces"]
    for role in StaffRole:
        client = signed_in(office, role)
        offered = "Pièces (ZIP)" in client.get("/admin/request/list").links
        assert offered is (role in PAGES["export_pieces"])
        status = client.http.get("/admin/request/export/pieces?number=absent").status_code
        assert status == (422 if offered else 403), role
        for table in ("request", "attachment"):
            assert not offered or may(role, table, Right.export)


def test_archive_reads_one_piece_at_a_time(office: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    _deposit(office, sensitive=True)
    read: list[str] = []
    real = pieces.pieces.copy_of

    def noted(storage: object, piece: object, mark: str) -> bytes:
        read.append(mark)
        return real(storage, piece, mark)  # type: ignore[arg-type]

    monkeypatch.setattr(pieces.pieces, "copy_of", noted)
    with office.database.reading() as session:
        wanted = pieces.wanted(session, EnrolmentRequest, sa.select(EnrolmentRequest))
    stream = pieces.archive(office, Actor.system(), wanted)
    next(stream)
    assert len(read) == 1
    stream.close()  # type: ignore[attr-defined]  # A reader that leaves early has seen one piece: one look is recorded.
    assert len(read) == 1


def test_file_is_named_after_the_french_name_of_its_table(office: Portal, signed_in: SignIn) -> None:
    # std: UX-4
    client = signed_in(office, StaffRole.administrator)
    for table, said in (("request", "demandes-d-enrolement"), ("document_rule", "regles-de-pieces")):
        answer = client.http.get(f"/admin/{table}/export/csv")
        assert f'filename="{said}_' in answer.headers["content-disposition"]
