"""What binds one table beyond its description, when staff write to it directly.

Each rule is a plain function, found by the name of its table. Rules of the process are checked by
`enrolment.rules.checks`, and the process itself is in `enrolment`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from admin_app.staff import Staff
from enrolment.errors import Impossible, Refused
from enrolment.rules import table_writing
from enrolment.services import reference, sessions
from schema.base import Table, table_of
from schema.enums import BankCheck, WebAudience
from schema.tables import Account, BankAccount, StaffUser
from schema.types import Level, bank_coherence

ASKS_PASSWORD = frozenset({"bank_account", "staff_user"})
"""Tables whose change asks for the password of the person who makes it (SEC-18)."""

Before = Mapping[str, Any] | None


def before_save(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """Refuse what a table's rule forbids. `before` is None for a new row."""
    # First what the person can understand best: being the last administrator comes of the same change.
    table_writing.not_oneself(staff.id, row, before)
    table_writing.check(session, row, before)
    rule = _BEFORE_SAVE.get(table_of(type(row)).name)
    if rule is not None:
        rule(session, staff, row, before)


def after_save(session: Session, staff: Staff, row: Table, changed: Mapping[str, Any]) -> None:
    """Do what follows from a change, in the same transaction. `changed` holds the values before."""
    rule = _AFTER_SAVE.get(table_of(type(row)).name)
    if rule is not None:
        rule(session, staff, row, changed)


def before_delete(session: Session, staff: Staff, row: Table) -> None:
    """Refuse a deletion that a table's rule forbids, then do what it asks for."""
    check_delete(session, staff, row)
    if isinstance(row, StaffUser):
        sessions.revoke_all(session, WebAudience.staff, row.id)


def check_delete(session: Session, staff: Staff, row: Table) -> None:
    """Refuse a deletion that a table's rule forbids: asked too before the deletion is offered."""
    table_writing.check_removal(session, row)
    if isinstance(row, StaffUser) and row.id == staff.id:
        raise Refused("Vous ne pouvez pas supprimer votre propre compte. Demandez à un autre administrateur.")


def _bank_is_coherent(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """What the public form refuses (step 3) is refused here too; what was found is kept with the account."""
    del staff
    assert isinstance(row, BankAccount)  # noqa: S101  Found by the name of its table.
    if before is not None and (before.get("iban"), before.get("bic")) == (row.iban, row.bic):
        return
    overrides = reference.bank_overrides(session)
    found = bank_coherence(row.iban, row.bic, overrides)
    if found.level is Level.error:
        raise Impossible({"bic": str(found.message)})
    row.bank_check = BankCheck.coherent if found.level is Level.ok else BankCheck.unknown_bank
    if found.domiciliation and (before is None or before.get("domiciliation") == row.domiciliation):
        row.domiciliation = found.domiciliation


def _end_staff_sessions(session: Session, staff: Staff, row: Table, changed: Mapping[str, Any]) -> None:
    """SEC-4: whoever loses a role or an address is signed out at once."""
    del staff
    if changed.keys() & {"role", "active", "email"}:
        sessions.revoke_all(session, WebAudience.staff, row.id)


def _end_vendor_sessions(session: Session, staff: Staff, row: Table, changed: Mapping[str, Any]) -> None:
    del staff
    assert isinstance(row, Account)  # noqa: S101  Found by the name of its table.
    if changed.keys() & {"state", "email"}:
        sessions.revoke_all(session, WebAudience.vendor, row.id)


_BEFORE_SAVE: Mapping[str, Callable[[Session, Staff, Table, Before], None]] = {
    "bank_account": _bank_is_coherent,
}
_AFTER_SAVE: Mapping[str, Callable[[Session, Staff, Table, Mapping[str, Any]], None]] = {
    "staff_user": _end_staff_sessions,
    "account": _end_vendor_sessions,
}
