"""Makes the documents of the demonstration: files that open, in the three formats, marked « SPÉCIMEN » all over.

The same words give the same bytes. What each story deposits is decided by the rules, in `load`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from enrolment.typography import french

_FONTS = Path(reportlab.__file__).parent / "fonts"
_INK, _PALE = "#1f2a33", "#e4ebee"
_MARK = "SPÉCIMEN"
Lines = Sequence[tuple[str, str]]


def paper(title: str, issuer: str, text: str, lines: Lines) -> bytes:
    """A page in PDF: a certificate, a mandate, an extract."""
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))
    stream = io.BytesIO()
    width, height = A4
    page = Canvas(stream, pagesize=A4, invariant=1)
    page.setTitle(f"{title} ({_MARK.lower()})")
    page.saveState()
    page.translate(width / 2, height / 2)
    page.rotate(45)
    page.setFillColor(HexColor(_PALE))
    page.setFont("VeraBd", 76)
    page.drawCentredString(0, 0, _MARK)
    page.restoreState()
    page.setFillColor(HexColor(_INK))
    page.setFont("Vera", 9)
    page.drawString(64, height - 72, issuer)
    page.setFont("VeraBd", 17)
    page.drawString(64, height - 120, title)
    pen = page.beginText(64, height - 156)
    pen.setFont("Vera", 10, 15)
    for line in simpleSplit(french(text), "Vera", 10, width - 128):
        pen.textLine(line)
    pen.textLine("")
    for label, value in lines:
        pen.setFont("Vera", 9, 14)
        pen.textLine(french(f"{label} :"))
        pen.setFont("VeraBd", 10, 18)
        pen.textLine(value)
    page.drawText(pen)
    page.setFont("Vera", 8)
    page.drawString(64, 60, "Document fictif de démonstration, sans valeur.")
    page.save()
    return stream.getvalue()


def identity_card(last_name: str, first_name: str) -> bytes:
    """A fictitious identity card, as a JPEG photograph would show it."""
    image = Image.new("RGB", (600, 378), "#dfeaf0")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((12, 12, 588, 366), radius=17, fill="#f7fafb", outline="#9fb4bf", width=4)
    pen.text((36, 34), "CARTE D'IDENTITÉ", font=_font(bold=True, size=24), fill=_INK)
    pen.rectangle((36, 90, 198, 300), fill="#b9c8d0")
    pen.ellipse((84, 120, 150, 192), fill="#8fa3ad")
    pen.pieslice((62, 208, 172, 392), 180, 360, fill="#8fa3ad")
    rows = (("Nom", last_name.upper()), ("Prénom", first_name), ("Valable jusqu'au", "31/12/2034"))
    for place, (label, value) in enumerate(rows):
        pen.text((228, 96 + 63 * place), label, font=_font(bold=False, size=14), fill="#5d707b")
        pen.text((228, 116 + 63 * place), value, font=_font(bold=True, size=23), fill=_INK)
    pen.text((36, 327), "Document fictif, sans valeur", font=_font(bold=False, size=14), fill="#5d707b")
    return _encoded(_stamped(image), "JPEG")


def bank_details(holder: str, bank: str, iban: str, bic: str) -> bytes:
    """A fictitious RIB, as a PNG screen copy."""
    image = Image.new("RGB", (720, 384), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 719, 66), fill="#0b5563")
    pen.text((24, 19), "RELEVÉ D'IDENTITÉ BANCAIRE", font=_font(bold=True, size=25), fill="white")
    rows = (("Titulaire", holder), ("Domiciliation", bank), ("IBAN", iban), ("BIC", bic))
    for place, (label, value) in enumerate(rows):
        pen.text((24, 90 + 67 * place), label, font=_font(bold=False, size=14), fill="#5d707b")
        pen.text((24, 110 + 67 * place), value, font=_font(bold=True, size=20), fill=_INK)
    return _encoded(_stamped(image), "PNG")


def _stamped(image: Image.Image) -> Image.Image:
    mark = Image.new("L", image.size, 0)
    middle = (image.width / 2, image.height / 2)
    ImageDraw.Draw(mark).text(middle, _MARK, font=_font(bold=True, size=image.width // 7), fill=80, anchor="mm")
    image.paste((190, 40, 40), mask=mark.rotate(18))
    return image


def _encoded(image: Image.Image, form: str) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **({"quality": 80} if form == "JPEG" else {}))
    return stream.getvalue()


@cache
def _font(*, bold: bool, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / ("VeraBd.ttf" if bold else "Vera.ttf")), size)
