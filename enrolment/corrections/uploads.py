"""The file behind a correction: kept in pieces in the storage, put together again when the worker reads it.

In pieces, since the storage takes and checks whole contents: a file of hundreds of megabytes never is in memory at
once. Every piece is encrypted, whatever the table: a file may hold more than the columns that are read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.corrections.recipes import Recipe
from enrolment.corrections.steering import ENDED
from enrolment.errors import Refused
from enrolment.files.storage import Storage, StoredFile
from enrolment.typography import number
from schema.enums import CorrectionSource
from schema.tables import Correction

MOST_BYTES = 1024 * 1024 * 1024
_PIECE = 8 * 1024 * 1024


def keep(storage: Storage, stream: BinaryIO) -> tuple[StoredFile, ...]:
    """Store a file. Raises Refused for one that is empty or too large, StorageUnavailable."""
    pieces: list[StoredFile] = []
    size = 0
    while content := stream.read(_PIECE):
        size += len(content)
        if size > MOST_BYTES:
            for piece in pieces:
                storage.delete(piece.key)
            raise Refused(f"Ce fichier dépasse {number(MOST_BYTES // 1024**2)} Mo : coupez-le en plusieurs fichiers.")
        pieces.append(storage.put(content, sensitive=True))
    if not pieces:
        raise Refused("Ce fichier est vide : la première ligne doit nommer les colonnes.")
    return tuple(pieces)


def opened(storage: Storage, pieces: Sequence[StoredFile]) -> BinaryIO:
    """The file again, on the disk of this machine, without a name: it goes when it is closed, or with the process.

    Raises FileDamaged, StorageUnavailable.
    """
    stream = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  Whoever reads it closes it.
    for piece in pieces:
        stream.write(storage.get(piece))
    stream.seek(0)
    return stream


def in_use(session: Session) -> Iterator[str]:
    """The keys of every piece that a correction may still need: none of those that have ended."""
    recipes = session.execute(
        select(Correction.recipe).where(
            col(Correction.source) == CorrectionSource.file, sa.not_(col(Correction.state).in_(ENDED))
        )
    )
    for (recipe,) in recipes:
        yield from (piece.key for piece in Recipe.of(recipe).pieces)
