"""The team as administrators manage it: who is in, who holds files, who leaves and where their files go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.errors import NotFound, Refused
from enrolment.services import sessions, staff, taking
from enrolment.workflow import FINAL
from schema.enums import StaffRole, WebAudience
from schema.history import Actor
from schema.tables import EnrolmentRequest, StaffUser, WebSession


@dataclass(frozen=True)
class Member:
    """Somebody of the team: how many browsers they are signed in with, how many unfinished files they hold."""

    user: StaffUser
    sessions: int
    files: int

    @property
    def name(self) -> str:
        """First name, then name."""
        return f"{self.user.first_name} {self.user.last_name}"


@dataclass(frozen=True)
class Live:
    """A signed-in browser and whose it is."""

    handle: int
    user_id: int
    name: str
    role: StaffRole
    browser: str
    opened_at: datetime
    last_seen_at: datetime


def members(session: Session) -> list[Member]:
    """Everybody, those who are in first, by name."""
    live, held = _live_counts(session), _held_counts(session)
    users = session.exec(
        select(StaffUser).order_by(
            col(StaffUser.active).desc(), col(StaffUser.last_name), col(StaffUser.first_name), col(StaffUser.id)
        )
    )
    return [Member(user, live.get(user.id, 0), held.get(user.id, 0)) for user in users]


def member(session: Session, user_id: int) -> Member:
    """One of them. Raises NotFound."""
    user = session.get(StaffUser, user_id)
    if user is None:
        raise NotFound("Cet agent n'existe pas ou n'existe plus.")
    return Member(user, _live_counts(session).get(user_id, 0), len(_held(session, user_id)))


def live(session: Session, user_id: int | None = None) -> list[Live]:
    """The signed-in browsers of the team, or of one member, the most recently used first."""
    statement = (
        sa.select(WebSession, StaffUser)
        .join(StaffUser, col(StaffUser.id) == col(WebSession.staff_user_id))
        .where(*_is_live(session))
        .order_by(col(WebSession.last_seen_at).desc(), col(WebSession.id).desc())
    )
    if user_id is not None:
        statement = statement.where(col(StaffUser.id) == user_id)
    return [
        Live(
            handle=row.id,
            user_id=user.id,
            name=f"{user.first_name} {user.last_name}",
            role=user.role,
            browser=row.user_agent or "",
            opened_at=row.created_at,
            last_seen_at=row.last_seen_at,
        )
        for row, user in session.execute(statement)
    ]


def end_session(session: Session, handle: int) -> int:
    """Sign one browser of the team out; whose it was. Raises NotFound for one that has ended, or is a vendor's."""
    owner = session.exec(select(WebSession.staff_user_id).where(WebSession.id == handle)).first()
    if owner is None or not sessions.end(session, WebAudience.staff, owner, handle):
        raise NotFound("Cette session est déjà fermée.")
    return owner


def disable(session: Session, actor: Actor, user_id: int, *, to_id: int | None) -> int:
    """Close somebody's access at once and give their files to a colleague, or back to the queue; how many files.

    Raises Refused for oneself, for the last administrator, for a colleague who cannot instruct.
    """
    user = _locked(session, user_id)
    if user.id == actor.id:
        raise Refused("Vous ne pouvez pas vous désactiver vous-même. Demandez à un autre administrateur.")
    if not user.active:
        raise Refused("Cet agent est déjà désactivé.")
    if user.role is StaffRole.administrator and not _other_administrators(session, user_id):
        raise Refused(
            "C'est le dernier administrateur actif du portail. Donnez d'abord ce rôle à un autre agent, puis "
            "recommencez."
        )
    if to_id is not None and (to_id == user_id or to_id not in {one.id for one in taking.managers(session)}):
        raise Refused("Choisissez un gestionnaire en activité : lui seul peut reprendre ces dossiers.")
    staff.disable(session, actor, user)
    held = _held(session, user_id)
    for request in held:
        request.assigned_to_id = to_id
        session.add(request)
    session.flush()
    return len(held)


def enable(session: Session, actor: Actor, user_id: int) -> StaffUser:
    """Open somebody's access again."""
    user = _locked(session, user_id)
    staff.enable(session, actor, user)
    return user


def _locked(session: Session, user_id: int) -> StaffUser:
    """The row, and those of all administrators: two who disable each other at once must not both succeed."""
    wanted = sa.or_(col(StaffUser.id) == user_id, col(StaffUser.role) == StaffRole.administrator)
    rows: Sequence[StaffUser] = session.exec(
        select(StaffUser)
        .where(wanted)
        .order_by(col(StaffUser.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    found = next((row for row in rows if row.id == user_id), None)
    if found is None:
        raise NotFound("Cet agent n'existe pas ou n'existe plus.")
    return found


def _other_administrators(session: Session, user_id: int) -> bool:
    return (
        session.exec(
            select(StaffUser.id).where(
                StaffUser.role == StaffRole.administrator, col(StaffUser.active).is_(True), StaffUser.id != user_id
            )
        ).first()
        is not None
    )


def _held(session: Session, user_id: int) -> Sequence[EnrolmentRequest]:
    return session.exec(
        select(EnrolmentRequest)
        .where(EnrolmentRequest.assigned_to_id == user_id, col(EnrolmentRequest.status).not_in(FINAL))
        .order_by(col(EnrolmentRequest.id))
    ).all()


def _held_counts(session: Session) -> dict[int, int]:
    holder = col(EnrolmentRequest.assigned_to_id)
    rows = session.execute(
        sa.select(holder, sa.func.count())
        .where(holder.is_not(None), col(EnrolmentRequest.status).not_in(FINAL))
        .group_by(holder)
    )
    return {int(key): int(count) for key, count in rows}


def _live_counts(session: Session) -> dict[int, int]:
    owner = col(WebSession.staff_user_id)
    rows = session.execute(sa.select(owner, sa.func.count()).where(*_is_live(session)).group_by(owner))
    return {int(key): int(count) for key, count in rows}


def _is_live(session: Session) -> tuple[sa.ColumnElement[bool], ...]:
    now = clock.now()
    idle = timedelta(minutes=parameters.number(session, "session_idle_minutes"))
    return (
        col(WebSession.audience) == WebAudience.staff,
        col(WebSession.expires_at) > now,
        col(WebSession.last_seen_at) > now - idle,
    )
