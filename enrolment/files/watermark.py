"""Copies shown of identity documents and bank details, with who looked at them written across.

Only for showing: the stored file is never touched, and a marked copy is never stored. The font is the one
that reportlab ships, embedded, so that accents come out right on every machine.
"""

from __future__ import annotations

import io
import math
import unicodedata
from functools import lru_cache
from importlib import resources

import pikepdf
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from enrolment.errors import DomainError

MAX_SIDE = 2400
MAX_TEXT = 120
_FONT = "EnrolmentWatermark"
_ANGLE = 30
# A light copy under a dark one: on any background, one of the two shows.
_LIGHT, _DARK = (255, 255, 255), (60, 60, 60)
_ALPHA = 0.35


class CannotWatermark(DomainError):
    """The copy could not be marked, so it is not shown: an unmarked copy never leaves."""

    status = 500

    def __init__(self) -> None:
        super().__init__(
            "La copie de ce document n'a pas pu être préparée, il ne peut donc pas être affiché. "
            "Signalez-le à l'assistance."
        )


def watermark(content: bytes, content_type: str, text: str) -> bytes:
    """A marked copy of a PDF, JPEG or PNG, in the same format.

    Images are reduced to 2400 pixels a side at most.

    Raises `CannotWatermark` for content that cannot be opened or is of another type.
    """
    text = _printable(text)
    try:
        if content_type == "application/pdf":
            return _marked_pdf(content, text)
        return _marked_image(content, {"image/jpeg": "JPEG", "image/png": "PNG"}[content_type], text)
    except Exception as error:
        raise CannotWatermark from error


@lru_cache(maxsize=1)
def _font_bytes() -> bytes:
    return resources.files("reportlab").joinpath("fonts", "Vera.ttf").read_bytes()


@lru_cache(maxsize=1)
def _pdf_font() -> TTFont:
    font = TTFont(_FONT, io.BytesIO(_font_bytes()))
    pdfmetrics.registerFont(font)
    return font


def _printable(text: str) -> str:
    """One line that the font can draw: letters it lacks lose their accent, others become a question mark."""
    glyphs = _pdf_font().face.charToGlyph
    drawn: list[str] = []
    for character in " ".join(text.split())[:MAX_TEXT]:
        candidates = (character, unicodedata.normalize("NFKD", character)[0], "?")
        drawn.append(next(candidate for candidate in candidates if ord(candidate) in glyphs))
    return "".join(drawn)


def _marked_pdf(content: bytes, text: str) -> bytes:
    overlays: dict[tuple[float, float], pikepdf.Pdf] = {}
    output = io.BytesIO()
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        for page in document.pages:
            left, bottom, right, top = (float(edge) for edge in page.cropbox)
            shown = (abs(right - left), abs(top - bottom))
            if int(page.obj.get("/Rotate", 0)) % 180:
                shown = shown[::-1]
            size = (round(shown[0], 1), round(shown[1], 1))
            if size not in overlays:
                overlays[size] = pikepdf.Pdf.open(io.BytesIO(_overlay(*size, text)))
            page.add_overlay(overlays[size].pages[0], pikepdf.Rectangle(page.cropbox))
        document.save(output, encryption=False)
    for overlay in overlays.values():
        overlay.close()
    return output.getvalue()


def _overlay(width: float, height: float, text: str) -> bytes:
    """One transparent page with the text repeated in slanted lines."""
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=(width, height))
    font_size = max(6.0, min(width, height) / 38)
    canvas.setFont(_pdf_font().fontName, font_size)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(_ANGLE)
    places = _places(width, height, pdfmetrics.stringWidth(text, _FONT, font_size), font_size)
    for colour, shift in ((_LIGHT, font_size / 14), (_DARK, 0.0)):
        canvas.setFillColorRGB(*(level / 255 for level in colour), alpha=_ALPHA)
        for x, y in places:
            canvas.drawString(x + shift, y - shift, text)
    canvas.save()
    return output.getvalue()


def _places(width: float, height: float, text_width: float, font_size: float) -> list[tuple[float, float]]:
    """Where each repetition starts, around the centre, so that no corner of the page stays unmarked."""
    reach = math.hypot(width, height) / 2
    step_x, step_y = text_width + 3 * font_size, 7 * font_size
    columns, lines = math.ceil(reach / step_x), math.ceil(reach / step_y)
    return [
        # Every other line is shifted by half a step, so that gaps do not line up.
        ((column - (line % 2) / 2) * step_x, line * step_y)
        for line in range(-lines, lines + 1)
        for column in range(-columns, columns + 1)
    ]


def _marked_image(content: bytes, kind: str, text: str) -> bytes:
    with Image.open(io.BytesIO(content), formats=[kind]) as opened:
        opened.draft("RGB", (MAX_SIDE, MAX_SIDE))
        image = ImageOps.exif_transpose(opened)
        image.thumbnail((MAX_SIDE, MAX_SIDE))
        # Transparent parts are laid on white, as a viewer shows them.
        picture = Image.new("RGB", image.size, "white")
        picture.paste(image.convert("RGBA"), mask=image.convert("RGBA").getchannel("A"))
    mask = _mask(picture.width, picture.height, text)
    picture.paste(_LIGHT, (0, 0), ImageChops.offset(mask, 1, 1))
    picture.paste(_DARK, (0, 0), mask)
    output = io.BytesIO()
    picture.save(output, kind, **({"quality": 85} if kind == "JPEG" else {}))
    return output.getvalue()


def _mask(width: int, height: int, text: str) -> Image.Image:
    """How strongly each pixel takes the colour of the text."""
    font_size = max(8, min(width, height) // 34)
    font = ImageFont.truetype(io.BytesIO(_font_bytes()), font_size)
    side = math.ceil(math.hypot(width, height))
    layer = Image.new("L", (side, side), 0)
    drawing = ImageDraw.Draw(layer)
    for x, y in _places(width, height, font.getlength(text), font_size):
        drawing.text((side / 2 + x, side / 2 - y), text, font=font, fill=round(255 * _ALPHA))
    turned = layer.rotate(_ANGLE, resample=Image.Resampling.BILINEAR)
    left, top = (side - width) // 2, (side - height) // 2
    return turned.crop((left, top, left + width, top + height))
