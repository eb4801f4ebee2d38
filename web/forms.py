"""What a submitted form is: bounded in every direction, and never losing what was right.

A file over its limit is cut while it is read, marked, and its remaining bytes thrown away; the rest of the
form is still read, so that a vendor who picks one photograph too large loses nothing else. What a field
means, and what a file contains, is judged elsewhere (`schema`, `enrolment.files`). How a body is read is in
`web.form_reading`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

import anyio

from enrolment.errors import DomainError

KIB = 1024
MIB = 1024 * KIB


class FormError(DomainError):
    """The form could not be read as a whole."""


class FormTooLarge(FormError):
    """The whole submission is over its limit."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            "Votre envoi est trop volumineux et n'a pas été pris en compte. Envoyez vos fichiers un par un, "
            "après les avoir réduits si besoin."
        )


class FormTooSlow(FormError):
    """The sender stopped sending, or sends too slowly to wait for."""

    status = 408

    def __init__(self) -> None:
        super().__init__(
            "L'envoi s'est interrompu avant la fin. Vérifiez votre connexion, revenez à la page précédente, "
            "puis recommencez."
        )


class FormMalformed(FormError):
    """The body is not a form, or was cut on the way."""

    status = 400

    def __init__(self) -> None:
        super().__init__("L'envoi est arrivé incomplet ou illisible. Revenez à la page précédente, puis recommencez.")


class FormUnsupported(FormError):
    """The body announces something else than a form."""

    status = 415

    def __init__(self) -> None:
        super().__init__("Cette adresse n'accepte que l'envoi d'un formulaire.")


@dataclass(frozen=True)
class Limits:
    """Bounds of one submission, in bytes, counts and seconds.

    `file_bytes` cuts one file and keeps the rest; every other bound refuses the submission.
    """

    file_bytes: int = 4 * MIB
    total_bytes: int = 64 * MIB
    field_bytes: int = 64 * KIB
    fields: int = 400
    files: int = 30
    header_bytes: int = 4 * KIB
    headers: int = 8
    memory_bytes: int = 64 * KIB
    read_seconds: float = 20
    total_seconds: float = 900


DEFAULT_LIMITS = Limits()
SMALL_LIMITS = Limits(file_bytes=0, files=0, total_bytes=256 * KIB, total_seconds=60)


class Upload:
    """One received file. `name` and `declared_type` are the sender's word, and prove nothing."""

    def __init__(self, field_name: str, name: str, declared_type: str, limits: Limits) -> None:
        self.field_name = field_name
        self.name = name
        self.declared_type = declared_type
        self.size = 0
        self.too_large = False
        self._limit = limits.file_bytes
        self._pending = bytearray()
        self._memory = limits.memory_bytes
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=limits.memory_bytes)  # noqa: SIM115 -- closed by Form.close.

    def receive(self, data: bytes) -> None:
        """Take some more bytes; past the limit they are counted and thrown away."""
        self.size += len(data)
        if self.too_large:
            return
        if self.size > self._limit:
            self.too_large = True
            self._pending.clear()
            self._file.close()
            return
        self._pending += data

    async def settle(self, *, finished: bool = False) -> None:
        """Move what is pending to its file, in a thread as soon as that means a disk."""
        if not self._pending or (not finished and len(self._pending) < self._memory):
            return
        data = bytes(self._pending)
        self._pending.clear()
        if self.size <= self._memory:
            self._file.write(data)
        else:
            await anyio.to_thread.run_sync(self._file.write, data)

    def content(self) -> bytes:
        """The whole file; empty when it was too large."""
        if self.too_large:
            return b""
        self._file.seek(0)
        return self._file.read()

    def stream(self) -> BinaryIO:
        """The file from its start, to be read piece by piece before the form is closed; empty when too large."""
        if self.too_large:
            return BytesIO()
        self._file.seek(0)
        return cast("BinaryIO", self._file)

    def close(self) -> None:
        """Free the memory or the temporary file."""
        self._file.close()


@dataclass
class Form:
    """What was submitted: texts in the order of the page, and files.

    Texts come without NUL characters, with line feeds alone, composed (NFC). A file field left empty gives no
    upload.
    """

    texts: list[tuple[str, str]] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return next((value for key, value in self.texts if key == name), default)

    def getlist(self, name: str) -> list[str]:
        """Every value of a field, in the order sent."""
        return [value for key, value in self.texts if key == name]

    def file(self, name: str) -> Upload | None:
        """The first file given in a field."""
        return next((upload for upload in self.uploads if upload.field_name == name), None)

    def files(self, name: str) -> list[Upload]:
        """Every file given in a field."""
        return [upload for upload in self.uploads if upload.field_name == name]

    def unexpected(self, names: Collection[str]) -> list[str]:
        """Field names that the page does not have: the submission was not made with it (SEC-19)."""
        sent = dict.fromkeys([key for key, _ in self.texts] + [upload.field_name for upload in self.uploads])
        return [name for name in sent if name not in names]

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.texts)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for key, _ in self.texts))

    def close(self) -> None:
        """Free every file."""
        for upload in self.uploads:
            upload.close()
