"""What a PDF must be to be taken: whole, readable without a password, passive, and cheap to read.

A PDF is judged and never rewritten: many company extracts and certificates carry an electronic signature,
which any rewriting would break. For the same reason a file protected against changes only (no password to
open it) is taken as it is. Two facts of qpdf shape this module: a damaged part is replaced by nothing
with a mere warning, so any warning is a refusal; and a part larger than the limits below also disappears
with a warning, hence the same rule.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from enrolment.files.pdf_actions import Budget, TooMuchWork, dangers
from enrolment.files.refusals import FileRefused, RefusalCode, damaged, truncated

MAX_PAGES = 200
MAX_REVISIONS = 12
MAX_OBJECT_STREAM_BYTES = 16 * 1024 * 1024
MAX_STREAM_BYTES = 8 * 1024 * 1024

# The limits belong to the process, so they are set once, here, before any PDF is opened. They also bound what
# `watermark` may unpack of one page: enough for any page of text, and images are never unpacked.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MAX_STREAM_BYTES,
    run_length_max_memory=MAX_STREAM_BYTES,
    png_max_memory=MAX_STREAM_BYTES,
    tiff_max_memory=MAX_STREAM_BYTES,
    dct_max_memory=MAX_STREAM_BYTES,
    max_stream_filters=3,
    doc_max_warnings=20,
)

_PADDING = b"\0\t\n\f\r "
_END = re.compile(rb"%%EOF")
# The tables of a PDF 1.5 are compressed streams chained to each other, which qpdf unpacks when it opens the file.
# Their type is written in the clear, possibly with escapes; an ordinary file has one or two for each revision.
_TABLE = re.compile(rb"/(?:X|#58)(?:R|#52)(?:e|#65)(?:f|#66)")


def page_count(content: bytes) -> int:
    """Check the PDF and return its number of pages; raises `FileRefused`."""
    content = content.rstrip(_PADDING)
    if not _END.search(content, max(0, len(content) - 1024)):
        raise truncated()
    if len(_TABLE.findall(content)) > 2 * MAX_REVISIONS:
        raise _too_complex()
    # One budget for the document and its earlier revisions together: the work is bounded, not the work
    # per part.
    budget = Budget(stream_bytes=MAX_OBJECT_STREAM_BYTES)
    try:
        with _opened(content) as document:
            found = _walk(document, budget)
            pages = len(document.pages)
        for revision in _earlier_revisions(content):
            with revision:
                found |= _walk(revision, budget)
    except TooMuchWork as error:
        raise _too_complex() from error
    except pikepdf.PikepdfError as error:
        raise damaged("PDF") from error
    if found:
        raise _active(found)
    if pages == 0:
        raise damaged("PDF")
    if pages > MAX_PAGES:
        raise FileRefused(
            RefusalCode.too_many_pages,
            f"Ce PDF compte {pages} pages ; le maximum est de {MAX_PAGES}. "
            "Ne gardez que les pages utiles et déposez de nouveau le document.",
        )
    return pages


def _opened(content: bytes) -> pikepdf.Pdf:
    try:
        return _open(content)
    except pikepdf.PasswordError as error:
        raise _password() from error
    except pikepdf.PdfError as error:
        # A handler of encryption that is not the password one (certificates) comes as a plain error.
        if "encrypt" in str(error).lower():
            raise _password() from error
        raise damaged("PDF") from error


def _open(content: bytes) -> pikepdf.Pdf:
    """Open without repairing: what a repair shows may differ from what a vendor and a manager see."""
    return pikepdf.Pdf.open(io.BytesIO(content), attempt_recovery=False, inherit_page_attributes=False)


def _earlier_revisions(content: bytes) -> Iterator[pikepdf.Pdf]:
    """The document as it was before each later addition: content replaced on paper is still in the file."""
    ends = [match.end() for match in _END.finditer(content)][:-1]
    if len(ends) > MAX_REVISIONS:
        raise TooMuchWork
    for end in ends:
        try:
            yield _open(content[:end])
        except pikepdf.PikepdfError:
            # The marker was not the end of a revision: half of a linearized file, or bytes of an image.
            continue


def _walk(document: pikepdf.Pdf, budget: Budget) -> set[str]:
    """What the objects of the file would do, reachable from a page or not."""
    table = document.get_xref_table()
    budget.spend(objects=len(table))
    _check_object_streams(
        document, {entry.obj_stream_number or 0 for entry in table.values() if entry.type == 2}, budget
    )
    found: set[str] = set()
    for item in document.objects:
        # An object that is a bare number, boolean or null comes as a plain Python value and can do nothing.
        if isinstance(item, pikepdf.Object):
            found |= dangers(item, budget)
    if document.get_warnings():
        raise damaged("PDF")
    return found


def _check_object_streams(document: pikepdf.Pdf, numbers: set[int], budget: Budget) -> None:
    """Bound what the compressed objects weigh together before qpdf unpacks them one by one."""
    for number in sorted(numbers):
        stream: Any = document.get_object(number, 0)
        if not isinstance(stream, pikepdf.Stream):
            raise damaged("PDF")
        raw = stream.read_raw_bytes()
        filters = stream.get("/Filter")
        if isinstance(filters, pikepdf.Array) and len(filters) > 1:
            raise TooMuchWork
        if filters is not None:
            raw = zlib.decompressobj().decompress(raw, budget.stream_bytes + 1)
        budget.spend(stream_bytes=len(raw))


def _password() -> FileRefused:
    return FileRefused(
        RefusalCode.password,
        "Ce PDF est protégé par un mot de passe. Enregistrez-en une copie sans mot de passe "
        "(« Imprimer » puis « Enregistrer au format PDF ») et déposez cette copie.",
    )


def _active(found: set[str]) -> FileRefused:
    return FileRefused(
        RefusalCode.active_content,
        f"Ce PDF contient {', '.join(sorted(found))} : par sécurité, il ne peut pas être accepté. "
        "Ouvrez-le, choisissez « Imprimer » puis « Enregistrer au format PDF », et déposez la copie obtenue.",
    )


def _too_complex() -> FileRefused:
    return FileRefused(
        RefusalCode.too_complex,
        "Ce PDF est trop complexe pour être vérifié. Ouvrez-le, choisissez « Imprimer » puis "
        "« Enregistrer au format PDF », ou numérisez le document, et déposez la copie obtenue.",
    )
