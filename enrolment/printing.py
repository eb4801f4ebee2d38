"""Prints the whole file of a request as one PDF for its vendor to keep: data, history, list of pieces, the pieces.

No query and no page here: everything comes in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib import resources

import pikepdf
from PIL import Image
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Table, TableStyle

from enrolment import clock
from enrolment.files.storage import FileDamaged, Storage
from enrolment.files.watermark import CannotWatermark
from enrolment.services import pieces
from enrolment.services.following import Following
from enrolment.services.pieces import Piece
from enrolment.services.vendor_file import VendorFile
from enrolment.typography import day, french, moment

_INK, _ACCENT, _SOFT, _RULE = HexColor("#1f2a33"), HexColor("#0b5563"), HexColor("#55636e"), HexColor("#c9d2d8")
_MARGIN = 18 * mm
_LONGEST_SIDE = 2000
"""Pixels: a photograph of a document stays readable, and the file stays light."""


_MOST_BYTES = 16 * 1024 * 1024
"""Pieces beyond this weight are named and not reproduced, so that nobody waits longer than a page may take."""

_UNREADABLE = (FileDamaged, CannotWatermark, pikepdf.PdfError, OSError)


def print_file(
    storage: Storage, found: Following, file: VendorFile, given: Sequence[tuple[str, Piece]], mark: str
) -> bytes:
    """The PDF. `given` are the pieces with the name of their kind; `mark` is written across the sensitive ones."""
    parts, left_out = _pieces(storage, given, mark)
    front = _front(found, file, given, left_out)
    output = io.BytesIO()
    with pikepdf.Pdf.open(io.BytesIO(front)) as document:
        for content in parts:
            with pikepdf.Pdf.open(io.BytesIO(content)) as part:
                document.pages.extend(part.pages)
        document.Root.Lang = pikepdf.String("fr-FR")
        document.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        document.save(output)
    return output.getvalue()


def _pieces(storage: Storage, given: Sequence[tuple[str, Piece]], mark: str) -> tuple[list[bytes], set[int]]:
    """The pieces as PDF files, and the keys of those that cannot be opened."""
    found: list[bytes] = []
    left_out: set[int] = set()
    room = _MOST_BYTES
    for _, piece in given:
        if not pieces.is_open(piece) or piece.stored.size > room:
            left_out.add(piece.attachment_id)
            continue
        room -= piece.stored.size
        try:
            content = pieces.copy_of(storage, piece, mark)
            found.append(content if piece.content_type == "application/pdf" else _picture(content))
        except _UNREADABLE:
            # One piece that cannot be read must not cost the vendor all the others.
            left_out.add(piece.attachment_id)
    return found, left_out


_COLOURS = {"RGB": pikepdf.Name.DeviceRGB, "L": pikepdf.Name.DeviceGray}


def _picture(content: bytes) -> bytes:
    """A picture on a page of its own. A JPEG goes in as it is: writing it anew would take most of the time."""
    with Image.open(io.BytesIO(content)) as opened:
        size, mode, packed = opened.size, opened.mode, content
        if opened.format != "JPEG" or mode not in _COLOURS:
            image = opened.convert("RGB")
            image.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            smaller = io.BytesIO()
            image.save(smaller, "JPEG", quality=85)
            size, mode, packed = image.size, image.mode, smaller.getvalue()
    scale = min((A4[0] - 2 * _MARGIN) / size[0], (A4[1] - 2 * _MARGIN) / size[1])
    width, height = size[0] * scale, size[1] * scale
    output = io.BytesIO()
    with pikepdf.Pdf.new() as document:
        page = document.add_blank_page(page_size=A4)
        picture = pikepdf.Stream(
            document,
            packed,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=size[0],
            Height=size[1],
            ColorSpace=_COLOURS[mode],
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Picture=picture))
        place = f"q {width:.2f} 0 0 {height:.2f} {(A4[0] - width) / 2:.2f} {(A4[1] - height) / 2:.2f} cm /Picture Do Q"
        page.Contents = document.make_stream(place.encode())
        document.save(output)
    return output.getvalue()


def _front(found: Following, file: VendorFile, given: Sequence[tuple[str, Piece]], left_out: set[int]) -> bytes:
    """The pages before the pieces."""
    _fonts()
    output = io.BytesIO()
    document = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=f"Demande d'enrôlement {found.number}",
        author="Portail d'enrôlement du Ségur du numérique en santé",
        lang="fr-FR",
    )
    footer = french(f"Demande {found.number} – imprimée le {moment(clock.now())}")

    def foot(canvas: Canvas, template: SimpleDocTemplate) -> None:
        canvas.setFont("Vera", 7.5)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_MARGIN, 10 * mm, footer)
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, f"page {template.page}")

    document.build(list(_story(found, file, given, left_out)), onFirstPage=foot, onLaterPages=foot)
    return output.getvalue()


def _story(
    found: Following, file: VendorFile, given: Sequence[tuple[str, Piece]], left_out: set[int]
) -> Iterator[Flowable]:
    yield _text(f"Demande d'enrôlement {found.number}", "title")
    yield _rows(
        [
            ("Statut", found.status.label),
            ("Date de dépôt", moment(found.submitted_at)),
            ("Type d'enrôlement", found.enrolment_type),
            ("Fournisseur", f"{file.company}, SIRET {file.siret}"),
        ]
    )
    for part in file.parts:
        for section in part.sections:
            heading = part.title if section.title == part.title else f"{part.title} – {section.title}"
            yield KeepTogether([_text(heading, "heading"), _rows(section.lines)])
    yield _text("Pièces jointes", "heading")
    yield _rows([(kind, _said(piece, left_out)) for kind, piece in given] or [("Aucune pièce", "")])
    for exchange in file.exchanges:
        yield _text(f"{exchange.kind.label} : demande de l'ASP du {day(exchange.asked_at)}", "heading")
        lines = [("Message", exchange.message)] if exchange.message else []
        lines += [(one.label, f"{one.old} → {one.new}" if one.old else one.new) for one in exchange.given]
        yield _rows(lines or [("Réponse", exchange.state.label)])
    yield _text("Suivi", "heading")
    yield _rows([(moment(event.at), f"{event.title} ({event.by})\n{event.message}".strip()) for event in found.events])


def _said(piece: Piece, left_out: set[int]) -> str:
    reason = "\nNon reproduite ici : ouvrez-la depuis la page de la demande." if piece.attachment_id in left_out else ""
    return f"{piece.file_name}\nSHA-256 : {piece.stored.sha256}{reason}"


def _rows(lines: Sequence[tuple[str, str]]) -> Flowable:
    table = Table(
        [[_text(label, "label"), _text(value or "Non renseigné", "value", typed=True)] for label, value in lines],
        colWidths=[58 * mm, A4[0] - 2 * _MARGIN - 58 * mm],
    )
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table


def _text(words: str, style: str, *, typed: bool = False) -> Flowable:
    """A paragraph; what a person typed keeps its lines and gets no typography."""
    shown = words if typed else french(words)
    # The font has no narrow no-break space.
    shown = escape(shown.replace("\u202f", "\u00a0")).replace("\n", "<br/>")
    return Paragraph(shown, _styles()[style])


@cache
def _styles() -> dict[str, ParagraphStyle]:
    base = ParagraphStyle(
        "base", fontName="Vera", fontSize=9, leading=12.5, textColor=_INK, wordWrap="LTR", splitLongWords=1
    )
    return {
        "title": ParagraphStyle(
            "title", base, fontName="VeraBd", fontSize=16, leading=21, textColor=_ACCENT, spaceAfter=8
        ),
        "heading": ParagraphStyle(
            "heading", base, fontName="VeraBd", fontSize=11, leading=15, textColor=_ACCENT, spaceBefore=12, spaceAfter=4
        ),
        "label": ParagraphStyle("label", base, textColor=_SOFT),
        "value": base,
    }


@cache
def _fonts() -> None:
    for name in ("Vera", "VeraBd"):
        content = resources.files("reportlab").joinpath("fonts", f"{name}.ttf").read_bytes()
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(content)))
