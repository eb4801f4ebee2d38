"""Values that cannot be written, told by field."""

from __future__ import annotations

from collections.abc import Mapping

from enrolment.errors import DomainError


class Impossible(DomainError):
    """The values are refused, by the database or by a rule of the table: by field when the field is known."""

    status = 422

    def __init__(self, errors: Mapping[str, str], others: tuple[str, ...] = ()) -> None:
        self.errors = dict(errors)
        self.others = others
        super().__init__(" ".join([*others, *errors.values()]))
