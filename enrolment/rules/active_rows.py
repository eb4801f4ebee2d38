"""Rows that are put out of use instead of being deleted, and what forbids it.

A table that has a column `active` keeps its old rows: files, decisions and history name them. What still depends on a
row being in use refuses, and says what to change first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from enrolment.errors import Impossible, Refused
from schema.base import Table, table_of
from schema.enums import DemandState, StaffRole
from schema.tables import Demand, DemandItem, DocumentKind, DocumentRule, EnrolmentRequest, StaffUser

ACTIVE = "active"

_MOST_NAMED = 3


def has_active(model: type[Table]) -> bool:
    """Whether rows of a table can be put out of use."""
    return ACTIVE in table_of(model).c


def is_active(row: Any) -> bool:
    """Whether a row is in use; one of a table that knows no other state is."""
    return bool(getattr(row, ACTIVE, True))


def check(session: Session, row: Table, before: Mapping[str, Any] | None) -> None:
    """Refuse a change that would leave the process without a row that it needs."""
    rule = _RULES.get(table_of(type(row)).name)
    if rule is not None:
        rule(session, row, before)


def _administrator_remains(session: Session, row: Table, before: Mapping[str, Any] | None) -> None:
    """Without an active administrator nobody could let anybody in again."""
    assert isinstance(row, StaffUser)  # noqa: S101  Found by the name of its table.
    if before is None or (row.active and row.role is StaffRole.administrator):
        return
    was = before.get(ACTIVE, row.active) and before.get("role", row.role) is StaffRole.administrator
    if was and _other_administrator(session, row) is None:
        raise Refused(
            "C'est le dernier administrateur actif du portail. Donnez d'abord ce rôle à un autre agent, puis "
            "recommencez."
        )


def _other_administrator(session: Session, row: StaffUser) -> int | None:
    with session.no_autoflush:
        return session.exec(
            select(StaffUser.id).where(
                StaffUser.role == StaffRole.administrator, col(StaffUser.active).is_(True), StaffUser.id != row.id
            )
        ).first()


def _nobody_waits_for_it(session: Session, row: Table, before: Mapping[str, Any] | None) -> None:
    """A rule in force, or a vendor who was asked for it, would need a piece that no form offers any more."""
    assert isinstance(row, DocumentKind)  # noqa: S101  Found by the name of its table.
    if row.active or before is None or not before.get(ACTIVE, False):
        return
    with session.no_autoflush:
        rules = session.exec(
            select(DocumentRule.reason)
            .where(DocumentRule.document_kind_id == row.id, col(DocumentRule.active).is_(True))
            .limit(_MOST_NAMED + 1)
        ).all()
        asked = session.exec(
            select(EnrolmentRequest.number)
            .join(Demand, col(Demand.request_id) == EnrolmentRequest.id)
            .join(DemandItem, col(DemandItem.demand_id) == Demand.id)
            .where(Demand.state == DemandState.open, DemandItem.document_kind_id == row.id)
            .limit(_MOST_NAMED + 1)
        ).all()
    said = []
    if rules:
        quoted = [f"« {reason} »" for reason in rules]
        said.append(f"Des règles actives demandent cette pièce : {_some(quoted)}. Désactivez-les d'abord.")
    if asked:
        said.append(f"Des fournisseurs doivent encore la déposer : {_some(asked)}. Attendez leur réponse.")
    if said:
        raise Impossible({ACTIVE: " ".join(said)})


def _some(names: Sequence[str]) -> str:
    """The first names of a list, and a sign that there are more."""
    return ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")


_RULES: Mapping[str, Callable[[Session, Table, Mapping[str, Any] | None], None]] = {
    "staff_user": _administrator_remains,
    "document_kind": _nobody_waits_for_it,
}
