"""Files made on the spot: realistic good ones, and hostile ones with the reason each must be refused for.

Nothing is read from disk, so that what each file holds can be seen here. Any test may import this module.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from importlib import resources

import pikepdf
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from enrolment.files.refusals import RefusalCode

GPS_MARK = b"GPS-4807.038N"
# The font of reportlab knows the accents that Pillow's own lacks.
_FONT = str(resources.files("reportlab").joinpath("fonts", "Vera.ttf"))
COMMENT_MARK = b"prise chez Helene"
MARKER = b"PORTAL-INFECTED-MARKER"
LETTER = (
    "Attestation de vigilance",
    "Je soussignée Hélène Lefèvre, gérante de la société Cœur & Santé à Besançon,",
    "atteste sur l'honneur ne pas héberger de données de santé.",
)


def good_pdf(*lines: str, pages: int = 1) -> bytes:
    """A letter in A4, with accents; `pages` copies of the page."""
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=A4, invariant=1)
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 11)
        for index, line in enumerate(lines or LETTER):
            canvas.drawString(72, 760 - 20 * index, line)
        canvas.drawString(72, 60, f"Page {number} sur {pages}")
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def picture(width: int = 640, height: int = 420, text: str = "Carte d'identité – Hélène Lefèvre") -> Image.Image:
    """A card with text on a gradient: compresses like a photograph, not like a blank."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((20, 20, width // 3, height - 20), fill=(180, 140, 110))
    drawing.text((width // 3 + 20, 40), text, font=ImageFont.truetype(_FONT, 18), fill="black")
    return image


def good_jpeg(*, orientation: int | None = None, progressive: bool = False, gps: bool = False) -> bytes:
    """A photographed card; with `gps`, the EXIF, XMP and comment that a telephone leaves."""
    image, output = picture(), io.BytesIO()
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    options: dict[str, object] = {}
    if gps:
        exif[0x010F] = "Marque du téléphone".encode("latin-1").decode("latin-1")
        exif.get_ifd(0x8825)[0x001D] = GPS_MARK.decode()
        options = {"comment": COMMENT_MARK, "xmp": b"<x:xmpmeta>" + GPS_MARK + b"</x:xmpmeta>"}
    image.save(output, "JPEG", quality=85, progressive=progressive, exif=exif, **options)
    return output.getvalue()


def good_png(*, transparent: bool = False) -> bytes:
    """The same card as a screen capture."""
    image, output = picture(), io.BytesIO()
    if transparent:
        image.putalpha(200)
    image.save(output, "PNG")
    return output.getvalue()


def png_chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def after_png_header(chunk: bytes) -> bytes:
    """A good PNG with one more chunk right after its header."""
    content = good_png()
    return content[:33] + chunk + content[33:]


def saved(document: Pdf, **options: object) -> bytes:
    output = io.BytesIO()
    document.save(output, **options)
    return output.getvalue()


def altered_pdf(change: Callable[[Pdf], None], **options: object) -> bytes:
    """A good letter after `change`, saved by qpdf."""
    with Pdf.open(io.BytesIO(good_pdf())) as document:
        change(document)
        return saved(document, **options)


def with_later_revision(content: bytes, number: int, body: bytes) -> bytes:
    """`content` followed by an incremental update that replaces object `number`, as a PDF editor writes one."""
    with Pdf.open(io.BytesIO(content)) as document:
        size, root = int(document.trailer.Size), document.trailer.Root.objgen[0]
    previous = int(content[content.rindex(b"startxref") + 9 :].split()[0])
    start = len(content)
    update = b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, start)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (max(size, number + 1), root, previous)
    return content + update + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (start + len(update))


def written_pdf(objects: Mapping[int, bytes], streams: Mapping[int, tuple[bytes, bytes]] | None = None) -> bytes:
    """A PDF 1.7 byte by byte: `objects` by number over a one-page document, and object streams.

    Each entry of `streams` is the packed data of one stream and its filter; it must hold one object,
    numbered 10 more than the stream, at offset 0 after a header of 5 bytes.
    """
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 595 842]>>",
        **objects,
    }
    output = bytearray(b"%PDF-1.7\n")
    places: dict[int, bytes] = {}
    for number, (packed, filters) in (streams or {}).items():
        bodies[number] = b"<</Type/ObjStm/N 1/First 5/Filter %s/Length %d>>\nstream\n%s\nendstream" % (
            filters,
            len(packed),
            packed,
        )
        places[number + 10] = b"\x02" + struct.pack(">IH", number, 0)
    for number, body in bodies.items():
        places[number] = b"\x01" + struct.pack(">IH", len(output), 0)
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    own = max(places) + 1
    places[own] = b"\x01" + struct.pack(">IH", len(output), 0)
    table = zlib.compress(b"".join(places.get(number, b"\0\0\0\0\0\xff\xff") for number in range(own + 1)))
    start = len(output)
    output += b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n" % (
        own,
        own + 1,
        len(table),
    )
    return bytes(output + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)


def _script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert('bonjour')"))


def _open_action(document: Pdf) -> None:
    document.Root.OpenAction = _script()


def _hidden_in_object_stream(document: Pdf) -> None:
    # No page, no catalogue entry leads to it; and it is compressed, so a search of the bytes finds nothing.
    document.Root.Unused = document.make_indirect(Array([_script()]))


def _page_action(document: Pdf) -> None:
    document.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.URI, URI=pikepdf.String("https://exemple.fr/vu")))


def _link(action: Dictionary) -> Callable[[Pdf], None]:
    def change(document: Pdf) -> None:
        annotation = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 99, 99], A=action)
        document.pages[0].obj.Annots = Array([document.make_indirect(annotation)])

    return change


def _attachment(document: Pdf) -> None:
    document.attachments["facture.xml"] = b"<facture/>"


def _annotation(kind: str) -> Callable[[Pdf], None]:
    def change(document: Pdf) -> None:
        document.pages[0].obj.Annots = Array(
            [document.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=[0, 0, 9, 9]))]
        )

    return change


def _xfa(document: Pdf) -> None:
    document.Root.AcroForm = Dictionary(Fields=[], XFA=document.make_stream(b"<xdp:xdp/>"))


def _packed_spaces(megabytes: int) -> bytes:
    return zlib.compress(b"30 0 <<>>" + b" " * (megabytes << 20), 9)


def active_pdfs() -> dict[str, bytes]:
    """PDFs that would do something by themselves, or carry something."""
    plain_revision = with_later_revision(written_pdf({5: b"<</S/JavaScript/JS(x)>>"}), 5, b"<</Rien true>>")
    return {
        "javascript at opening": altered_pdf(_open_action),
        "javascript in an object stream": altered_pdf(
            _hidden_in_object_stream, object_stream_mode=ObjectStreamMode.generate
        ),
        "javascript with an escaped name": written_pdf({5: b"<</S/J#61vaScript/J#53(x)>>"}),
        "javascript added by a later revision": with_later_revision(good_pdf(), 2, b"<</S/JavaScript/JS(x)>>"),
        "javascript replaced by a later revision": plain_revision,
        "javascript behind an owner password": altered_pdf(_open_action, encryption=pikepdf.Encryption(owner="x")),
        "javascript nested in a stream": written_pdf({5: b"<</A[<</JS(x)>>]/Length 0>>\nstream\n\nendstream"}),
        "javascript link": altered_pdf(_link(Dictionary(S=Name.URI, URI=pikepdf.String("javascript:x()")))),
        "launch": altered_pdf(_link(Dictionary(S=Name.Launch, F=pikepdf.String("cmd.exe")))),
        "submit": altered_pdf(_link(Dictionary(S=Name.SubmitForm, F=pikepdf.String("https://exemple.fr")))),
        "other file": altered_pdf(_link(Dictionary(S=Name.GoToR, F=pikepdf.String("\\\\serveur\\partage")))),
        "call when a page opens": altered_pdf(_page_action),
        "attachment": altered_pdf(_attachment),
        "file annotation": altered_pdf(_annotation("/FileAttachment")),
        "rich media": altered_pdf(_annotation("/RichMedia")),
        "xfa form": altered_pdf(_xfa),
    }


def heavy_pdfs() -> dict[str, bytes]:
    """Small PDFs that would cost seconds or gigabytes to a reader without limits."""
    double = zlib.compress(_packed_spaces(30), 9)
    return {
        "objects unpacking to 300 Mo": written_pdf({}, {20: (_packed_spaces(300), b"/FlateDecode")}),
        "many object streams": written_pdf(
            {}, {20 + 20 * index: (_packed_spaces(2), b"/FlateDecode") for index in range(12)}
        ),
        "chained filters": written_pdf(
            {}, {20 + 20 * index: (double, b"[/FlateDecode/FlateDecode]") for index in range(100)}
        ),
        "many objects": written_pdf(dict.fromkeys(range(5, 31000), b"<<>>")),
        "many values": written_pdf({5: b"[" + b"<</JS 1>>" * 60_000 + b"]"}),
        "many tables": written_pdf(dict.fromkeys(range(5, 40), b"<</Type/X#52ef>>")),
        "many revisions": good_pdf() + b"%%EOF\n" * 30 + good_pdf()[good_pdf().rindex(b"startxref") :],
    }


def harmless_pdfs() -> dict[str, bytes]:
    """PDFs that look suspicious and are ordinary: each must be taken."""

    def destination(document: Pdf) -> None:
        document.Root.OpenAction = Array([document.pages[0].obj, Name.XYZ, 0, 842, 0])

    def empty_trees(document: Pdf) -> None:
        document.Root.Names = Dictionary(JavaScript=Dictionary(Names=[]), EmbeddedFiles=Dictionary(Names=[]))

    def title(document: Pdf) -> None:
        document.docinfo["/Title"] = "Le /JavaScript et le /Launch expliqués"

    return {
        "letter": good_pdf(),
        "several pages": good_pdf(pages=12),
        "word processor opening at the first page": altered_pdf(destination),
        "link to a web site": altered_pdf(_link(Dictionary(S=Name.URI, URI=pikepdf.String("https://esante.gouv.fr")))),
        "empty trees of names": altered_pdf(empty_trees),
        "words in a title": altered_pdf(title),
        "protected against changes only": altered_pdf(
            lambda document: None, encryption=pikepdf.Encryption(owner="secret")
        ),
        "compressed objects": altered_pdf(lambda document: None, object_stream_mode=ObjectStreamMode.generate),
        "linearized": altered_pdf(lambda document: None, linearize=True),
        "signed, hence with a later revision": with_later_revision(good_pdf(), 90, b"<</Type/Sig>>"),
        "padded by a scanner": good_pdf() + b"\0" * 4096,
    }


def _png_of(width: int, height: int) -> bytes:
    """A valid PNG of any size, one bit per pixel, all black: a few kilobytes whatever the size."""
    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height, 9) if width * height < 10**9 else zlib.compress(b"")
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def _jpeg_of_many_passes() -> bytes:
    """A progressive photograph whose last pass is repeated: each repetition costs a full drawing."""
    image, output = picture(4000, 3000), io.BytesIO()
    image.save(output, "JPEG", quality=20, progressive=True)
    content = output.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + (content[last:-2][:14] + b"\0") * 300 + content[last:]


def _declared(content: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header lies about its size."""
    frame = content.index(b"\xff\xc0")
    return content[: frame + 5] + struct.pack(">HH", height, width) + content[frame + 9 :]


def hostile() -> dict[str, tuple[bytes, RefusalCode]]:
    """Every hostile file by name, with the reason it must be refused for."""
    pdf, jpeg, png = good_pdf(), good_jpeg(), good_png()
    code = RefusalCode
    files: dict[str, tuple[bytes, RefusalCode]] = {
        "empty": (b"", code.empty),
        "too large": (pdf + b"\n" * (4 * 1024 * 1024), code.too_large),
        "text": (b"Attestation\n" * 20, code.wrong_type),
        "html": (b"<!doctype html><script>alert(1)</script>", code.wrong_type),
        "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", code.wrong_type),
        "program": (b"MZ" + b"\0" * 500, code.wrong_type),
        "zip": (b"PK\x03\x04" + b"\0" * 500, code.wrong_type),
        "gif": (b"GIF89a" + b"\0" * 500, code.wrong_type),
        "html before a pdf": (b"<script>alert(1)</script>" + pdf, code.wrong_type),
        "pdf cut in half": (pdf[: len(pdf) // 2], code.truncated),
        "pdf cut by ten bytes": (pdf[:-10], code.truncated),
        "pdf of its first line": (b"%PDF-1.7\n", code.truncated),
        "pdf with a hole": (pdf[:200] + pdf[400:], code.damaged),
        "pdf of noise": (b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF", code.damaged),
        "pdf with a key twice": (written_pdf({5: b"<</A 1/A 2>>"}), code.damaged),
        "pdf whose pages turn in circles": (
            written_pdf({2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}),
            code.damaged,
        ),
        "pdf without a page": (saved(Pdf.new()), code.damaged),
        "pdf of nested arrays": (written_pdf({5: b"[" * 5000 + b"]" * 5000}), code.damaged),
        "pdf with a password": (
            altered_pdf(lambda document: None, encryption=pikepdf.Encryption(user="a", owner="b")),
            code.password,
        ),
        "pdf of 300 pages": (good_pdf(pages=300), code.too_many_pages),
        "jpeg cut in half": (jpeg[: len(jpeg) // 2], code.truncated),
        "jpeg without its end": (jpeg[:-2], code.truncated),
        "jpeg of its first bytes": (jpeg[:3], code.truncated),
        "jpeg of noise": (b"\xff\xd8\xff" + bytes(range(256)) * 20, code.damaged),
        "jpeg that declares 65000 by 65000": (_declared(jpeg, 65000, 65000), code.too_many_pixels),
        "jpeg without height": (_declared(jpeg, 640, 0), code.damaged),
        "jpeg of many passes": (_jpeg_of_many_passes(), code.too_many_pixels),
        "png cut in half": (png[: len(png) // 2], code.truncated),
        "png without its end": (png[:-12], code.truncated),
        "png with a wrong sum": (png[:60] + bytes([png[60] ^ 1]) + png[61:], code.damaged),
        "png with an unknown vital part": (after_png_header(png_chunk(b"ABCD", b"x")), code.damaged),
        "png of 40000 by 40000": (_png_of(40_000, 40_000), code.too_many_pixels),
        "png with half its rows": (
            _png_of(64, 64)[:33] + png_chunk(b"IDAT", zlib.compress(b"\0" * 100)) + png_chunk(b"IEND", b""),
            code.truncated,
        ),
    }
    files |= {f"pdf, {name}": (content, code.active_content) for name, content in active_pdfs().items()}
    files |= {f"pdf, {name}": (content, code.too_complex) for name, content in heavy_pdfs().items()}
    return files
