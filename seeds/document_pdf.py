"""Draws the documents to download as PDF files that can be filled in, printed, and read by a screen reader.

`python -m seeds.document_pdf` writes them again in `documents/`; the same words give the same bytes, and a test
compares them. Their wording is `document_texts`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import reportlab
from pikepdf import Array, Dictionary, Name, Object, String
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from enrolment.typography import NO_BREAK, french
from seeds.document_texts import DOCUMENTS, Blank, Block, Document, Heading, Items, Signatures, Text

FOLDER = Path(__file__).parent / "documents"
_FONTS = Path(reportlab.__file__).parent / "fonts"
_REGULAR, _BOLD = "Vera", "VeraBd"
_MARGIN = 56
_WIDTH, _HEIGHT = A4
_INK, _ACCENT, _RULE = HexColor("#1f2a33"), HexColor("#0b5563"), HexColor("#7b8a95")


@dataclass(frozen=True)
class _Tag:
    """A piece of the page and its role; `mark` is its number on the page, None for a field to fill in."""

    page: int
    role: str
    mark: int | None


class _Sheet:
    """Writes from top to bottom, page after page, and notes what each piece is."""

    def __init__(self, document: Document, stream: io.BytesIO) -> None:
        for name in (_REGULAR, _BOLD):
            pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))
        self._canvas = Canvas(stream, pagesize=A4, invariant=1, pageCompression=1)
        self._canvas.setTitle(document.title)
        self._canvas.setAuthor("Portail d'enrôlement du Ségur du numérique en santé")
        self._document = document
        self._page = 0
        self._marks = 0
        self._fields = 0
        self._y = _HEIGHT - _MARGIN
        self.tags: list[_Tag] = []

    def write(self) -> None:
        """Draw the whole document."""
        self._words("H1", french(self._document.title), _BOLD, 16, colour=_ACCENT, after=10)
        for block in self._document.blocks:
            self._block(block)
        self._footer()
        self._canvas.save()

    def _block(self, block: Block) -> None:
        match block:
            case Heading(text):
                self._room(70)
                self._y -= 6
                self._words("H2", french(text), _BOLD, 11, colour=_ACCENT, after=4)
            case Text(text):
                self._words("P", french(text), _REGULAR, 9.5, after=7)
            case Items(texts):
                for text in texts:
                    self._words("P", f"–{NO_BREAK}{french(text)}", _REGULAR, 9.5, indent=14, after=3)
                self._y -= 4
            case Blank(label, lines):
                self._blank(label, lines)
            case Signatures(parties):
                self._signatures(parties)

    def _words(
        self,
        role: str,
        text: str,
        font: str,
        size: float,
        *,
        colour: HexColor = _INK,
        indent: float = 0,
        after: float,
    ) -> None:
        leading = size * 1.42
        lines = simpleSplit(text, font, size, _WIDTH - 2 * _MARGIN - indent)
        self._room(leading * len(lines))
        with self._tagged(role):
            pen = self._canvas.beginText(_MARGIN + indent, self._y - size)
            pen.setFont(font, size, leading)
            pen.setFillColor(colour)
            for line in lines:
                pen.textLine(line)
            self._canvas.drawText(pen)
        self._y -= leading * len(lines) + after

    def _blank(self, label: str, lines: int) -> None:
        height = 18 * lines
        self._room(height + 18)
        self._words("P", french(label), _REGULAR, 8.5, colour=_INK, after=1)
        self._field(label, _MARGIN, _WIDTH - 2 * _MARGIN, height, multiline=lines > 1)
        self._y -= height + 7

    def _signatures(self, parties: tuple[str, ...]) -> None:
        self._room(150)
        for party in parties:
            self._words("H2", french(f"Signature : {party.lower()}"), _BOLD, 10, colour=_ACCENT, after=2)
            self._room(75)
            for label in ("Fait à, le", "Nom et prénom"):
                self._words("P", french(label), _REGULAR, 8.5, after=1)
                self._field(f"{label} ({party.lower()})", _MARGIN, 240, 18)
                self._y -= 22
            self._words("P", french("Signature, et cachet s'il y a lieu :"), _REGULAR, 8.5, after=42)

    def _field(self, label: str, x: float, width: float, height: float, *, multiline: bool = False) -> None:
        """A field to type in; its tooltip is what a screen reader says."""
        self._fields += 1
        self._canvas.acroForm.textfield(
            name=f"champ{self._fields}",
            tooltip=label,
            x=x,
            y=self._y - height,
            width=width,
            height=height,
            fontName="Helvetica",
            fontSize=10,
            borderStyle="solid",
            borderWidth=0.5,
            borderColor=_RULE,
            fillColor=white,
            textColor=_INK,
            forceBorder=True,
            fieldFlags="multiline" if multiline else "",
        )
        self.tags.append(_Tag(self._page, "Form", None))

    def _room(self, height: float) -> None:
        if self._y - height < _MARGIN:
            self._footer()
            self._canvas.showPage()
            self._page += 1
            self._marks = 0
            self._y = _HEIGHT - _MARGIN

    def _footer(self) -> None:
        """The page number: decoration, which a screen reader skips."""
        self._canvas.addLiteral("/Artifact BMC")
        self._canvas.setFont(_REGULAR, 7.5)
        self._canvas.setFillColor(_RULE)
        self._canvas.drawString(_MARGIN, 32, self._document.title)
        self._canvas.drawRightString(_WIDTH - _MARGIN, 32, f"Page {self._page + 1}")
        self._canvas.addLiteral("EMC")

    @contextmanager
    def _tagged(self, role: str) -> Iterator[None]:
        self._canvas.addLiteral(f"/{role} <</MCID {self._marks}>> BDC")
        yield
        self._canvas.addLiteral("EMC")
        self.tags.append(_Tag(self._page, role, self._marks))
        self._marks += 1


def draw(document: Document) -> bytes:
    """The document as a tagged PDF. The same document always gives the same bytes."""
    plain = io.BytesIO()
    sheet = _Sheet(document, plain)
    sheet.write()
    plain.seek(0)
    with pikepdf.open(plain) as pdf:
        _add_structure(pdf, sheet.tags)
        pdf.Root.Lang = String("fr-FR")
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        pdf.docinfo["/ModDate"] = f"D:{document.updated:%Y%m%d}120000Z"
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as about:
            about["dc:title"] = document.title
            about["dc:language"] = ["fr-FR"]
        written = io.BytesIO()
        pdf.save(written, deterministic_id=True, linearize=False)
    return written.getvalue()


def _add_structure(pdf: pikepdf.Pdf, tags: list[_Tag]) -> None:
    """Give the file the tree of its headings, paragraphs and fields, in reading order."""
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    whole = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root, K=Array()))
    root.K = Array([whole])
    by_page: list[list[Object]] = [[] for _ in pdf.pages]
    numbers: list[Object | int] = []
    fields = [iter(page.get("/Annots", Array())) for page in pdf.pages]
    next_key = len(pdf.pages)
    for tag in tags:
        page = pdf.pages[tag.page].obj
        element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{tag.role}"), P=whole, Pg=page))
        whole.K.append(element)
        if tag.mark is not None:
            element.K = tag.mark
            by_page[tag.page].append(element)
            continue
        widget = next(fields[tag.page])
        widget.StructParent = next_key
        element.K = Dictionary(Type=Name.OBJR, Obj=widget, Pg=page)
        element.Alt = String(str(widget.get("/TU", "")))
        numbers += [next_key, element]
        next_key += 1
    pages: list[Object | int] = []
    for index, elements in enumerate(by_page):
        pdf.pages[index].obj.StructParents = index
        pdf.pages[index].obj.Tabs = Name.S
        pages += [index, pdf.make_indirect(Array(elements))]
    root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array([*pages, *numbers])))
    root.ParentTreeNextKey = next_key
    pdf.Root.StructTreeRoot = root


def main() -> None:
    """Write every document again."""
    FOLDER.mkdir(exist_ok=True)
    for document in DOCUMENTS:
        (FOLDER / document.file).write_bytes(draw(document))


if __name__ == "__main__":
    main()
