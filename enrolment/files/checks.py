"""The one door for uploaded bytes: what they are, whether they are taken, and in which form they are kept.

Content decides, never the name nor what the browser says. Fails closed: a parser that stumbles is a
refusal. Rights, quotas, which document is due, and the antivirus are the business of others.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass

import filetype

from enrolment.files.names import safe_name
from enrolment.files.refusals import ACCEPTED_TYPES, FileRefused, RefusalCode, damaged, too_large

MAX_BYTES = 4 * 1024 * 1024

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
_EXTENSIONS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}

_PRINT_AS_PDF = "Ouvrez-le, choisissez « Enregistrer sous » ou « Imprimer », puis le format PDF, et déposez ce PDF."
_HEIC = (
    "une photo au format HEIC",
    "Envoyez-la vous par courriel ou exportez-la au format JPEG, puis déposez cette copie.",
)
_FAMILIAR = {
    "image/heic": _HEIC,
    "image/heif": _HEIC,
    "image/tiff": ("une image TIFF", "Enregistrez-la au format PDF, JPEG ou PNG et déposez cette copie."),
    "image/gif": ("une image GIF", "Enregistrez-la au format JPEG ou PNG et déposez cette copie."),
    "image/webp": ("une image WebP", "Enregistrez-la au format JPEG ou PNG et déposez cette copie."),
    "image/bmp": ("une image BMP", "Enregistrez-la au format JPEG ou PNG et déposez cette copie."),
    "application/msword": ("un document Word", _PRINT_AS_PDF),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        "un document Word",
        _PRINT_AS_PDF,
    ),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("un classeur Excel", _PRINT_AS_PDF),
    "application/vnd.oasis.opendocument.text": ("un document OpenDocument", _PRINT_AS_PDF),
    "application/zip": (
        "une archive ZIP ou un document bureautique",
        "Déposez le document lui-même, enregistré au format PDF.",
    ),
}

_NAMES = {PDF: "PDF", JPEG: "image JPEG", PNG: "image PNG"}

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Inspected:
    """A file that is taken.

    `content` is what to store: images come without their EXIF, PDFs as they were given.
    `pages` is for PDFs only, `width` and `height` (pixels, as shown) for images only; `extension` has no dot;
    `sha256` (hexadecimal) and `size` (bytes) are those of `content`; `safe_name` is for display and download.
    """

    content_type: str
    extension: str
    pages: int | None
    width: int | None
    height: int | None
    content: bytes
    sha256: str
    size: int
    safe_name: str


def inspect(content: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> Inspected:
    """Judge one uploaded file; raises `FileRefused` and nothing else, whatever the bytes."""
    if not content:
        raise FileRefused(
            RefusalCode.empty,
            "Ce fichier est vide. Vérifiez-le sur votre ordinateur, puis déposez-le de nouveau.",
        )
    if len(content) > max_bytes:
        raise too_large(len(content), max_bytes)
    content_type = _content_type(content)
    try:
        return _inspected(content, content_type, name)
    except FileRefused:
        raise
    except Exception as error:
        # Hostile bytes may make a parser fail in any way; the class alone is logged, since a text may
        # quote content.
        _logger.warning("file check failed: %s", type(error).__name__)
        raise damaged("PDF" if content_type == PDF else "image") from error


def recognised(content: bytes) -> str:
    """What the content is, in French, whether it is taken or not; empty when it is nothing known."""
    found = _guess(content)
    return _NAMES.get(found) or _FAMILIAR.get(found, ("", ""))[0]


def _guess(content: bytes) -> str:
    guess = filetype.guess(content[:8192])
    return str(guess.mime) if guess else ""


def _content_type(content: bytes) -> str:
    found = _guess(content)
    if found in _EXTENSIONS:
        return found
    what, remedy = _FAMILIAR.get(
        found, ("d'un autre type", "Enregistrez-le dans l'un de ces formats et déposez cette copie.")
    )
    raise FileRefused(
        RefusalCode.wrong_type,
        f"Seuls les fichiers {ACCEPTED_TYPES} sont acceptés ; celui-ci est {what}. {remedy}",
    )


def _inspected(content: bytes, content_type: str, name: str) -> Inspected:
    pages = width = height = None
    if content_type == PDF:
        from enrolment.files.pdf import page_count  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.

        pages = page_count(content)
    else:
        from enrolment.files.images import clean_jpeg, clean_png  # noqa: PLC0415  The same.

        picture = clean_jpeg(content) if content_type == JPEG else clean_png(content)
        content, width, height = picture.content, picture.width, picture.height
    extension = _EXTENSIONS[content_type]
    return Inspected(
        content_type=content_type,
        extension=extension,
        pages=pages,
        width=width,
        height=height,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        safe_name=safe_name(name, extension),
    )
