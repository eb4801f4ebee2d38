"""What binds one table beyond its description, when staff write to it directly.

Each rule is a plain function, found by the name of its table. The process itself is in `enrolment`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from admin_app import active_rows
from admin_app.refusals import Impossible
from admin_app.staff import Staff
from enrolment import clock, parameters
from enrolment.errors import Refused
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.mail.rendering import check_template
from enrolment.services import reference, sessions
from schema.base import Table, table_of
from schema.enums import BankCheck, WebAudience
from schema.tables import Account, BankAccount, Dsr, LegalText, MessageTemplate, Parameter, StaffUser, Wave
from schema.types import Level, bank_coherence

ASKS_PASSWORD = frozenset({"bank_account", "staff_user"})
"""Tables whose change asks for the password of the person who makes it (SEC-18)."""

Before = Mapping[str, Any] | None


def before_save(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """Refuse what a table's rule forbids. `before` is None for a new row."""
    rule = _BEFORE_SAVE.get(table_of(type(row)).name)
    if rule is not None:
        rule(session, staff, row, before)
    active_rows.check(session, row, before)


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
    """The program looks these rows up by their code."""
    del session, staff
    if before is not None and "code" in before and before["code"] != row.code:  # type: ignore[attr-defined]
        raise Impossible({"code": "Ce code ne change pas : le portail s'en sert pour retrouver la ligne."})


def _parameter_can_be_read(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """A number stays a number: every form of the public site reads some."""
    _code_stays(session, staff, row, before)
    assert isinstance(row, Parameter)  # noqa: S101  Found by the name of its table.
    problem = parameters.problem_with(row.code, row.value)
    if problem is not None:
        raise Impossible({"value": problem})


def _template_can_be_written(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """SEC-12: a template that cannot be rendered, or asks for what its mail does not have, is refused."""
    _code_stays(session, staff, row, before)
    assert isinstance(row, MessageTemplate)  # noqa: S101  Found by the name of its table.
    if row.code not in {str(kind.name) for kind in ALL_MESSAGES}:
        raise Impossible({"code": "Le portail n'envoie aucun courriel de ce code."})
    problems = check_template(row.code, row.subject, row.body)
    if problems:
        raise Impossible({"body": " ".join(str(problem) for problem in problems)})


def _opens_before_it_closes(session: Session, staff: Staff, row: Table, before: Before) -> None:
    """Rule R4: dates in the wrong order would close what they were to open."""
    if isinstance(row, Dsr):
        _code_stays(session, staff, row, before)
    assert isinstance(row, Wave | Dsr)  # noqa: S101  Found by the name of its table.
    opens_at = row.opens_at if isinstance(row, Wave) else row.enrolment_opens_at
    if row.closes_at is not None and row.closes_at <= opens_at:
        raise Impossible({"closes_at": "La fermeture doit venir après l'ouverture. Corrigez l'une des deux dates."})


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
    "legal_text": _new_or_future_text,
    "staff_user": _not_oneself,
    "parameter": _parameter_can_be_read,
    "message_template": _template_can_be_written,
    "document_kind": _code_stays,
    "wave": _opens_before_it_closes,
    "dsr": _opens_before_it_closes,
    "bank_account": _bank_is_coherent,
}
_AFTER_SAVE: Mapping[str, Callable[[Session, Staff, Table, Mapping[str, Any]], None]] = {
    "staff_user": _end_staff_sessions,
    "account": _end_vendor_sessions,
}
_BEFORE_DELETE: Mapping[str, Callable[[Session, Staff, Table, Before], None]] = {
    "legal_text": _keep_texts_in_force,
    "staff_user": _leave,
}
