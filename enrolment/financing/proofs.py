"""The archive of proofs: opened with care, each document through the door of every upload, and written anew.

What is kept is an archive of our own making: it holds the documents that were checked, images without EXIF, under names
made harmless, and nothing else of what came. No database and no storage here.
"""

from __future__ import annotations

import io
import logging
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from enrolment.errors import Refused
from enrolment.files import checks
from enrolment.files.refusals import ACCEPTED_TYPES, FileRefused, megabytes
from enrolment.financing.problems import cut

_SHOWN = 20
_ENCRYPTED = 0x1
_LINK, _KIND = 0o120000, 0o170000
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LEFT_OUT = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What systems add to an archive by themselves: left out, since no vendor chose it."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bounds:
    """The most that an archive may hold: bytes as sent and unpacked together, and documents."""

    total_bytes: int
    documents: int


@dataclass(frozen=True)
class Proofs:
    """A checked archive, as it is kept."""

    content: bytes
    names: tuple[str, ...]


class ProofsRefused(Refused):
    """The archive is not taken; `problems` says why, a sentence for each document concerned."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems[:1]))
        self.problems = problems


def inspect(stream: BinaryIO, size: int, bounds: Bounds) -> Proofs:
    """Judge an archive. Raises ProofsRefused and nothing else, whatever the bytes."""
    if size == 0:
        raise _refused("L'archive est vide. Créez-la de nouveau avec vos preuves.")
    if size > bounds.total_bytes:
        raise _refused(
            f"L'archive fait {megabytes(size)} ; la taille maximale est de {megabytes(bounds.total_bytes)}. Réduisez "
            "les documents (numérisation moins fine), puis créez-la de nouveau."
        )
    try:
        with zipfile.ZipFile(stream) as archive:
            return _inspected(archive, bounds)
    except ProofsRefused:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        _logger.info("an archive of proofs cannot be read: %s", type(error).__name__)
        raise _refused(
            "Ce fichier n'est pas une archive ZIP, ou elle est abîmée. Créez-la de nouveau (clic droit, « Compresser » "
            "ou « Envoyer vers un dossier compressé »), puis déposez-la."
        ) from error


def _inspected(archive: zipfile.ZipFile, bounds: Bounds) -> Proofs:
    entries = [one for one in archive.infolist() if not one.is_dir() and not _is_left_out(one.filename)]
    if not entries:
        raise _refused("L'archive ne contient aucun document. Créez-la de nouveau avec vos preuves.")
    if len(entries) > bounds.documents:
        raise _refused(
            f"L'archive contient {len(entries)} documents ; le maximum est de {bounds.documents}. Regroupez-les en "
            "moins de fichiers PDF."
        )
    if sum(one.file_size for one in entries) > bounds.total_bytes:
        raise _too_much(bounds)
    kept = io.BytesIO()
    names: list[str] = []
    problems: list[str] = []
    room = bounds.total_bytes
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as clean:
        for entry in entries:
            problem = _strange(entry)
            if problem is None:
                content = _content(archive, entry, room)
                room -= len(content)
                if room < 0:
                    raise _too_much(bounds)
                problem = _add(clean, names, entry.filename, content)
            if problem is not None:
                problems.append(f"« {cut(entry.filename)} » : {problem}")
    if problems:
        raise ProofsRefused(tuple(_first(problems)))
    return Proofs(kept.getvalue(), tuple(names))


def _strange(entry: zipfile.ZipInfo) -> str | None:
    """What an honest archive of documents never has."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename or not path.name:
        return "le chemin de ce document sort de l'archive. Créez l'archive de nouveau depuis un dossier simple."
    if entry.flag_bits & _ENCRYPTED:
        return "ce document est protégé par un mot de passe. Créez l'archive sans mot de passe."
    if (entry.external_attr >> 16) & _KIND == _LINK:
        return "c'est un raccourci et non un document. Mettez le document lui-même dans l'archive."
    if entry.compress_type not in _METHODS:
        return "ce document est compressé d'une manière inhabituelle. Créez une archive ZIP ordinaire."
    return None


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes:
    """The bytes of an entry, never more than there is room for and one: what it declares proves nothing."""
    with archive.open(entry) as stream:
        return stream.read(room + 1)


def _add(clean: zipfile.ZipFile, names: list[str], name: str, content: bytes) -> str | None:
    if content.startswith(b"PK\x03\x04") and name.lower().endswith((".zip", ".7z", ".rar")):
        return "c'est une archive dans l'archive. Mettez les documents eux-mêmes dans une seule archive."
    try:
        document = checks.inspect(content, name)
    except FileRefused as error:
        return error.message[:1].lower() + error.message[1:]
    unique = _unique(document.safe_name, names)
    names.append(unique)
    # A date of its own would tell when we wrote it and nothing of the document.
    clean.writestr(zipfile.ZipInfo(unique, (1980, 1, 1, 0, 0, 0)), document.content)
    return None


def _unique(name: str, names: list[str]) -> str:
    """The name, numbered when the archive has it already in another folder."""
    taken = {one.lower() for one in names}
    stem, _, extension = name.rpartition(".")
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{stem} ({number}).{extension}"
    return found


def _is_left_out(name: str) -> bool:
    return name.startswith(_LEFT_OUT[0]) or name.rpartition("/")[2] in _LEFT_OUT


def _first(problems: list[str]) -> Iterator[str]:
    yield from problems[:_SHOWN]
    if len(problems) > _SHOWN:
        yield f"Et {len(problems) - _SHOWN} autres documents sont refusés."


def _too_much(bounds: Bounds) -> ProofsRefused:
    return _refused(
        f"Les documents de l'archive, une fois décompressés, dépassent {megabytes(bounds.total_bytes)}. Réduisez-les "
        f"(numérisation moins fine, formats {ACCEPTED_TYPES}), puis créez l'archive de nouveau."
    )


def _refused(message: str) -> ProofsRefused:
    return ProofsRefused((message,))
