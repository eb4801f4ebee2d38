"""What a PDF must be to be taken: whole, readable without a password, passive, and cheap to read.

A PDF is judged and never rewritten: many company extracts and certificates carry an electronic signature, which any
rewriting would break. For the same reason a file protected against changes only (no password to open it) is taken
as it is. Two facts of qpdf shape this module: a damaged part is replaced by nothing with a mere warning, so any
warning is a refusal; and a part larger than the limits below also disappears with a warning, hence the same rule.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from enrolment.files.pdf_actions import dangers
from enrolment.files.refusals import FileRefused, RefusalCode, damaged, truncated

MAX_PAGES = 200
MAX_OBJECTS = 30_000
MAX_REVISIONS = 20
MAX_OBJECT_STREAM_BYTES = 16 * 1024 * 1024

# The limits belong to the process, so they are set once, here, before any PDF is opened. One filter is enough for
# the streams that qpdf must decode to know a document; chained filters there are only seen in decompression bombs.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MAX_OBJECT_STREAM_BYTES,
    run_length_max_memory=MAX_OBJECT_STREAM_BYTES,
    png_max_memory=MAX_OBJECT_STREAM_BYTES,
    tiff_max_memory=MAX_OBJECT_STREAM_BYTES,
    dct_max_memory=MAX_OBJECT_STREAM_BYTES,
    max_stream_filters=1,
    doc_max_warnings=20,
)

_PADDING = b"\0\t\n\f\r "
_END = re.compile(rb"%%EOF")


def page_count(content: bytes) -> int:
    """Check the PDF and return its number of pages; raises `FileRefused`."""
    content = content.rstrip(_PADDING)
    if not _END.search(content, max(0, len(content) - 1024)):
        raise truncated()
    found: set[str] = set()
    left = MAX_OBJECTS
    with _opened(content) as document:
        left = _walk(document, left, found)
        pages = len(document.pages)
    for revision in _earlier_revisions(content):
        with revision:
            left = _walk(revision, left, found)
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
        raise _too_complex()
    for end in ends:
        try:
            yield _open(content[:end])
        except pikepdf.PikepdfError:
            # The marker was not the end of a revision: half of a linearized file, or bytes of an image.
            continue


def _walk(document: pikepdf.Pdf, budget: int, found: set[str]) -> int:
    """Look at every object of the file, reachable or not; return what is left of the budget of objects."""
    table = document.get_xref_table()
    if len(table) > budget:
        raise _too_complex()
    _check_object_streams(document, {entry.obj_stream_number for entry in table.values() if entry.type == 2})
    try:
        for item in document.objects:
            if isinstance(item, pikepdf.Object):
                found |= dangers(item)
    except pikepdf.PikepdfError as error:
        raise damaged("PDF") from error
    if document.get_warnings():
        raise damaged("PDF")
    return budget - len(table)


def _check_object_streams(document: pikepdf.Pdf, numbers: set[int]) -> None:
    """Bound what the compressed objects weigh together before qpdf unpacks them one by one."""
    budget = MAX_OBJECT_STREAM_BYTES
    for number in sorted(numbers):
        stream: Any = document.get_object(number, 0)
        if not isinstance(stream, pikepdf.Stream):
            raise damaged("PDF")
        raw = stream.read_raw_bytes()
        if "/Filter" in stream:
            raw = zlib.decompressobj().decompress(raw, budget + 1)
        budget -= len(raw)
        if budget < 0:
            raise _too_complex()


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
