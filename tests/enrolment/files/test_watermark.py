"""Copies shown: every page and every corner is marked, in readable French, in the same format."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from PIL import Image, ImageChops

from enrolment.files.checks import inspect
from enrolment.files.watermark import MAX_SIDE, CannotWatermark, watermark
from tests.enrolment.files import corpus

TEXT = "Consulté par Zoé Lefèvre « gestionnaire » le 3 août 2026 à 14 h 05 – Œuvre"


def _rotated_pages(document: pikepdf.Pdf) -> None:
    for angle in (90, 180, 270):
        document.pages.append(document.pages[0])
        document.pages[-1].obj["/Rotate"] = angle
    document.pages[1].obj["/CropBox"] = pikepdf.Array([100, 100, 400, 500])


def _shown_text(page: pikepdf.Page) -> str:
    """The text of the overlay: its glyph codes read back through the font's own table."""
    found = ""
    for form in page.resources["/XObject"].values():
        font = next((font for font in form.Resources.Font.values() if "/ToUnicode" in font), None)
        if font is None:
            continue
        table = dict(_pairs(font.ToUnicode.read_bytes().decode("latin-1")))
        for operands, operator in pikepdf.parse_content_stream(form):
            if str(operator) == "Tj":
                found += "".join(table.get(code, "") for code in bytes(operands[0]))
    return found


def _pairs(table: str) -> list[tuple[int, str]]:
    """The lines « <code> <character> » of a /ToUnicode table."""
    found = re.findall(r"^<(\w\w)> <(\w{4})>$", table, re.MULTILINE)
    return [(int(code, 16), chr(int(character, 16))) for code, character in found]


@pytest.mark.parametrize("encrypted", [False, True])
def test_sec15_every_page_of_a_pdf_is_marked(encrypted: bool) -> None:
    # std: SEC-15
    options = {"encryption": pikepdf.Encryption(owner="secret")} if encrypted else {}
    given_file = corpus.altered_pdf(_rotated_pages, **options)
    marked = watermark(given_file, "application/pdf", TEXT)
    assert inspect(marked, "copie.pdf").pages == 4
    with pikepdf.Pdf.open(io.BytesIO(marked)) as document:
        assert not document.is_encrypted
        for page in document.pages:
            assert TEXT in _shown_text(page)


@pytest.mark.parametrize(
    ("content", "content_type", "kind"),
    [
        (corpus.good_jpeg(), "image/jpeg", "JPEG"),
        (corpus.good_jpeg(orientation=6), "image/jpeg", "JPEG"),
        (corpus.good_png(), "image/png", "PNG"),
        (corpus.good_png(transparent=True), "image/png", "PNG"),
    ],
)
def test_sec15_every_part_of_an_image_is_marked(content: bytes, content_type: str, kind: str) -> None:
    # std: SEC-15
    inspected = inspect(content, "piece")
    with (
        Image.open(io.BytesIO(watermark(content, content_type, TEXT))) as marked,
        Image.open(io.BytesIO(watermark(content, content_type, ""))) as plain,
    ):
        assert marked.format == kind
        assert marked.size == (inspected.width, inspected.height)
        change = ImageChops.difference(marked.convert("L"), plain.convert("L")).point(lambda level: 255 * (level > 8))
        width, height = change.size
        for row in range(3):
            for column in range(3):
                box = (
                    column * width // 3,
                    row * height // 3,
                    (column + 1) * width // 3,
                    (row + 1) * height // 3,
                )
                assert change.crop(box).getbbox() is not None


def test_large_photograph_is_reduced() -> None:
    output = io.BytesIO()
    corpus.picture(5000, 3000).save(output, "JPEG")
    with Image.open(io.BytesIO(watermark(output.getvalue(), "image/jpeg", TEXT))) as marked:
        assert marked.size == (MAX_SIDE, MAX_SIDE * 3 // 5)


def test_letters_the_font_lacks_stay_readable() -> None:
    marked = watermark(corpus.good_pdf(), "application/pdf", "Vũ Ngọc \n\u202e漢 Łódź")
    with pikepdf.Pdf.open(io.BytesIO(marked)) as document:
        shown = _shown_text(document.pages[0])
    assert "Vu Ngoc" in shown
    assert "?" in shown


@pytest.mark.parametrize("content_type", ["application/pdf", "image/jpeg", "image/png", "text/html"])
def test_sec19_what_cannot_be_marked_is_not_shown(content_type: str) -> None:
    # std: SEC-19
    with pytest.raises(CannotWatermark):
        watermark(b"neither a PDF nor a picture", content_type, TEXT)
