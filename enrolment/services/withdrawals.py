"""Rights that administrators took from roles (ADR 0018). What a role may have at most is the back office's to say.

Every page asks, so the answer is remembered until a row changes: it is in force at once in every process.
"""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType

from sqlmodel import Session, col, select

from enrolment.services.remembered import Remembered
from schema.enums import StaffRole
from schema.history import Actor
from schema.tables import RoleWithdrawal

Pairs = frozenset[tuple[str, str]]


def of_role(session: Session, role: StaffRole) -> Pairs:
    """What was taken from a role: pairs of a table or page, and a right."""
    return _all(session)[role]


def replace(session: Session, actor: Actor, role: StaffRole, wanted: Collection[tuple[str, str]]) -> int:  # noqa: ARG001  The history reads the actor from the session.
    """Take exactly these from a role, and give the others back; how many rights changed hands."""
    rows = session.exec(
        select(RoleWithdrawal).where(RoleWithdrawal.role == role).order_by(col(RoleWithdrawal.id)).with_for_update()
    ).all()
    held = {(row.subject, row.right_name): row for row in rows}
    for pair in held.keys() - set(wanted):
        session.delete(held[pair])
    new = sorted(set(wanted) - held.keys())
    session.add_all(RoleWithdrawal(role=role, subject=subject, right_name=right) for subject, right in new)
    session.flush()
    return len(new) + len(held.keys() - set(wanted))


def _read(session: Session) -> MappingProxyType[StaffRole, Pairs]:
    rows = session.exec(select(RoleWithdrawal)).all()
    return MappingProxyType(
        {role: frozenset((row.subject, row.right_name) for row in rows if row.role is role) for role in StaffRole}
    )


_all = Remembered(_read, RoleWithdrawal)
