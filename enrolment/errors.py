"""Errors that a service raises and that each face shows: one French sentence and one HTTP status.

No web framework here: the status is a number that a face understands, nothing more.
"""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """Something refused for a reason that the person in front of the screen can read and act on.

    `message` is French and says what happened, why, and what to do.
    """

    status: ClassVar[int] = 400

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = self.status if status is None else status


class Forbidden(DomainError):
    """The person is known and may not do this."""

    status = 403


class NotFound(DomainError):
    """There is no such thing, or it belongs to someone else: the two are told apart nowhere."""

    status = 404


class Conflict(DomainError):
    """Somebody else changed the same thing first, or the thing was already done."""

    status = 409


class Refused(DomainError):
    """A rule of the process forbids it in the present state."""

    status = 422


class Unavailable(DomainError):
    """Something we depend on does not answer; trying again later is the remedy."""

    status = 503


class Impossible(DomainError):
    """Values are refused, by the database or by a rule of their table: by field when the field is known."""

    status = 422

    def __init__(self, errors: Mapping[str, str], others: tuple[str, ...] = ()) -> None:
        self.errors = dict(errors)
        self.others = others
        super().__init__(" ".join([*others, *errors.values()]))
