"""What every direct writing to a table must respect, by whatever face: a form of the back office or a file.

The rules themselves are in their own modules; what follows from a change is the business of the face that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from enrolment.errors import Refused
from enrolment.rules import active_rows, checks
from schema.base import Table
from schema.tables import StaffUser

TABLES = checks.TABLES | {"staff_user"}
"""The tables whose rows are judged one by one, each knowing those before it. They are small."""

Before = Mapping[str, Any] | None


def check(session: Session, row: Table, before: Before) -> None:
    """Refuse what a rule of the row's table forbids. `before` holds values before the change, None for a new row."""
    checks.check(session, row, before)
    active_rows.check(session, row, before)


def not_oneself(staff_id: int | None, row: Table, before: Before) -> None:
    """Nobody takes away their own way in: an administrator would lock the portal."""
    if not isinstance(row, StaffUser) or before is None or row.id != staff_id:
        return
    if before.get("role", row.role) is not row.role or not row.active:
        raise Refused(
            "Vous ne pouvez pas changer votre propre rôle ni vous désactiver. Demandez à un autre administrateur."
        )


def check_removal(session: Session, row: Table) -> None:
    """Refuse a deletion that a rule of the row's table forbids."""
    checks.check_removal(session, row)
