"""What binds one table beyond its description, when staff write to it directly.

Each rule is a plain function, found by the name of its table. The process itself is in `enrolment`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from admin_app.staff import Staff
from enrolment import clock
from enrolment.errors import Refused
from enrolment.services import sessions
from schema.base import Table, table_of
from schema.enums import WebAudience
from schema.tables import Account, LegalText, Parameter, StaffUser

ASKS_PASSWORD = frozenset({"bank_account", "staff_user"})
"""Tables whose change asks for the password of the person who makes it (SEC-18)."""

Before = Mapping[str, Any] | None


def before_save(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """Refuse what a table's rule forbids. `before` is None for a new row."""
    rule = _BEFORE_SAVE.get(table_of(type(row)).name)
    if rule is not None:
        rule(session, staff, row, before)


def after_save(session: Session, staff: Staff, row: Table, changed: Mapping[str, Any]) -> None:
    """Do what follows from a change, in the same transaction. `changed` holds the values before."""
    rule = _AFTER_SAVE.get(table_of(type(row)).name)
    if rule is not None:
        rule(session, staff, row, changed)


def before_delete(session: Session, staff: Staff, row: Table) -> None:
    """Refuse a deletion that a table's rule forbids."""
    rule = _BEFORE_DELETE.get(table_of(type(row)).name)
    if rule is not None:
        rule(session, staff, row, None)


def _keep_texts_in_force(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """Rule S2: a text that may have been accepted is never changed; a new version is added."""
    del session, staff
    assert isinstance(row, LegalText)  # noqa: S101  Found by the name of its table.
    effective = before["effective_from"] if before is not None else row.effective_from
    if effective <= clock.now():
        raise Refused(
            "Ce texte est ou a été en vigueur : il ne change plus. Créez une nouvelle version avec une date à venir."
        )


def _new_or_future_text(session: Session, staff: Staff, row: Table, before: Before) -> None:
    if before is not None:
        _keep_texts_in_force(session, staff, row, before)


def _not_oneself(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """Nobody takes away their own way in: an administrator would lock the portal."""
    del session
    assert isinstance(row, StaffUser)  # noqa: S101  Found by the name of its table.
    if before is None or row.id != staff.id:
        return
    if before["role"] is not row.role or not row.active:
        raise Refused(
            "Vous ne pouvez pas changer votre propre rôle ni vous désactiver. Demandez à un autre administrateur."
        )


def _leave(session: Session, staff: Staff, row: Table, before: Before) -> None:
    del before
    if row.id == staff.id:
        raise Refused("Vous ne pouvez pas supprimer votre propre compte. Demandez à un autre administrateur.")
    sessions.revoke_all(session, WebAudience.staff, row.id)


def _code_stays(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """The program looks parameters up by their code."""
    del session, staff
    assert isinstance(row, Parameter)  # noqa: S101  Found by the name of its table.
    if before is not None and before["code"] != row.code:
        raise Refused("Le code d'un paramètre ne change pas : le portail s'en sert pour le retrouver.")


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
    "legal_text": _new_or_future_text,
    "staff_user": _not_oneself,
    "parameter": _code_stays,
}
_AFTER_SAVE: Mapping[str, Callable[[Session, Staff, Table, Mapping[str, Any]], None]] = {
    "staff_user": _end_staff_sessions,
    "account": _end_vendor_sessions,
}
_BEFORE_DELETE: Mapping[str, Callable[[Session, Staff, Table, Before], None]] = {
    "legal_text": _keep_texts_in_force,
    "staff_user": _leave,
}
