"""A referencing has a profile of its own DSR or none: asked by forms, by corrections and imports, and by the doctor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from schema.base import table_of
from schema.tables import Dsr, Profile, Referencing

Problem = Callable[[int | None, int | None], str | None]


def judge(session: Session) -> Problem:
    """What forbids a DSR and a profile together, in French; None when nothing does."""
    dsrs = {row.id: row.name for row in session.exec(select(Dsr))}
    profiles = {row.id: row for row in session.exec(select(Profile))}

    def problem(dsr_id: int | None, profile_id: int | None) -> str | None:
        profile = profiles.get(profile_id) if profile_id is not None else None
        if profile is None or profile.dsr_id == dsr_id:
            return None
        own = [f"« {one.name} »" for one in profiles.values() if one.dsr_id == dsr_id]
        known = (
            f" Profils de ce DSR : {', '.join(sorted(own))}." if own else " Ce DSR n'a pas de profil : laissez vide."
        )
        return (
            f"Le profil « {profile.name} » est du DSR « {dsrs[profile.dsr_id]} », "
            f"pas du DSR « {dsrs.get(dsr_id or 0, '?')} ».{known}"
        )

    return problem


def at_odds() -> sa.Select[Any]:
    """The referencings whose profile is of another DSR."""
    table = table_of(Referencing)
    return (
        sa.select(table.c.id)
        .join(table_of(Profile), table.c.profile_id == col(Profile.id))
        .where(col(Profile.dsr_id) != table.c.dsr_id)
    )
