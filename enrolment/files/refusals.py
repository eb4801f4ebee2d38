"""Why a file is refused: one code per reason, and the sentence a vendor reads.

Only the exception, its codes and the words that several checks share. How a file is judged is in the
other modules.
"""

from __future__ import annotations

from enum import StrEnum

from enrolment.errors import Refused

ACCEPTED_TYPES = "PDF, JPEG ou PNG"


class RefusalCode(StrEnum):
    """The reason in one word, for tests, metrics and pages; never shown alone."""

    too_large = "too_large"
    empty = "empty"
    wrong_type = "wrong_type"
    truncated = "truncated"
    damaged = "damaged"
    password = "password"  # noqa: S105 - the name of a reason, not a secret.
    active_content = "active_content"
    too_many_pixels = "too_many_pixels"
    too_many_pages = "too_many_pages"
    too_complex = "too_complex"


class FileRefused(Refused):
    """A file the portal does not take; `message` is French and says what is wrong and what to do."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def too_large(size: int, max_bytes: int) -> FileRefused:
    """Over the limit of its kind, both in bytes."""
    return FileRefused(
        RefusalCode.too_large,
        f"Ce fichier fait {megabytes(size)} ; la taille maximale est de {megabytes(max_bytes)}. "
        "Réduisez-le (numérisation moins fine, moins de pages) et déposez-le de nouveau.",
    )


def truncated() -> FileRefused:
    """The end is missing: the transfer or the copy stopped half-way."""
    return FileRefused(
        RefusalCode.truncated,
        "Ce fichier est incomplet : la fin manque. Ouvrez-le sur votre ordinateur pour le vérifier, "
        "puis déposez de nouveau le document d'origine.",
    )


def damaged(kind: str) -> FileRefused:
    """The content breaks the rules of its own format. `kind` is « PDF » or « image »."""
    remedy = {
        "PDF": "Ouvrez-le, choisissez « Imprimer » puis « Enregistrer au format PDF », et déposez la copie obtenue.",
        "image": "Ouvrez-la, enregistrez-la de nouveau au format JPEG ou PNG, et déposez la copie obtenue.",
    }[kind]
    subject = "Ce PDF est endommagé" if kind == "PDF" else "Cette image est endommagée"
    return FileRefused(RefusalCode.damaged, f"{subject} et ne peut pas être lu{'' if kind == 'PDF' else 'e'}. {remedy}")


def megabytes(size: int) -> str:
    """A size in « Mo » (1024 × 1024 bytes), rounded up to a tenth, so that 4,01 is never shown as 4."""
    tenths = -(-size * 10 // (1024 * 1024))
    whole, tenth = divmod(tenths, 10)
    return f"{whole},{tenth} Mo" if tenth else f"{whole} Mo"
