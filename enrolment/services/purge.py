"""Removes what is kept no longer: expired drafts with their files, spent tokens, old sessions and attempts, bulk
actions that nobody confirmed, decisions that could not take effect and that nobody took up.

How long is a row of `retention`. Requests that were submitted are no business of this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.services.reference import MissingReference
from schema.base import Table, table_of
from schema.enums import BulkState
from schema.tables import (
    Attachment,
    Attempt,
    BulkAction,
    BulkLine,
    Draft,
    EmailChange,
    PendingDecision,
    Retention,
    SpentToken,
    WebSession,
)


@dataclass(frozen=True)
class Purged:
    """How many rows of each sort go, by their French name. `files` go from the storage once the rows are committed."""

    counts: Mapping[str, int]
    files: tuple[str, ...] = ()


def purge(session: Session, *, dry_run: bool) -> Purged:
    """Remove what is past its time, or only count it. Raises MissingReference when a retention row is missing."""
    now = clock.now()
    drafts = session.exec(select(Draft).where(col(Draft.expires_at) < now)).all()
    attachments = session.exec(
        select(Attachment).where(col(Attachment.draft_id).in_([draft.id for draft in drafts]))
    ).all()
    unconfirmed = session.exec(
        select(BulkAction)
        .where(
            BulkAction.state == BulkState.prepared,
            col(BulkAction.created_at) < now - kept_for(session, "bulk_action"),
        )
        # One that its author confirms at this moment stays.
        .with_for_update(skip_locked=True)
    ).all()
    abandoned = session.exec(
        select(PendingDecision)
        .where(
            col(PendingDecision.problem).is_not(None),
            col(PendingDecision.effective_at) < now - kept_for(session, "pending_decision"),
        )
        .with_for_update(skip_locked=True)
    ).all()
    expired = _expired(session, now)
    counts = {
        "brouillons": len(drafts),
        "fichiers": len(attachments),
        **{name: _count(session, *which) for name, which in expired.items()},
        "actions groupées jamais confirmées": len(unconfirmed),
        "décisions restées sans effet": len(abandoned),
    }
    if not dry_run:
        _delete(session, attachments)
        _delete(session, drafts)
        lines = table_of(BulkLine)
        session.execute(sa.delete(lines).where(lines.c.bulk_action_id.in_([action.id for action in unconfirmed])))
        _delete(session, unconfirmed)
        _delete(session, abandoned)
        session.execute(sa.delete(table_of(EmailChange)).where(table_of(EmailChange).c.expires_at < now))
        for table, condition in expired.values():
            session.execute(sa.delete(table).where(condition))
        session.flush()
    return Purged(counts, tuple(row.storage_key for row in attachments))


def _expired(session: Session, now: datetime) -> dict[str, tuple[sa.Table, sa.ColumnElement[bool]]]:
    """What the database removes by itself: rows that no history tells of."""
    sessions, tokens, attempts = table_of(WebSession), table_of(SpentToken), table_of(Attempt)
    return {
        "sessions": (sessions, sessions.c.expires_at < now - kept_for(session, "web_session")),
        "jetons": (tokens, tokens.c.expires_at < now),
        "tentatives de connexion": (attempts, attempts.c.at < now - kept_for(session, "attempt")),
    }


def _count(session: Session, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
    found: int = session.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar_one()
    return found


def _delete(session: Session, rows: Sequence[Table]) -> None:
    """One sort of rows before the next: those that are named go after those that name them."""
    for row in rows:
        session.delete(row)
    session.flush()


def kept_for(session: Session, subject: str) -> timedelta:
    """How long the rows of a subject are kept. Raises MissingReference."""
    days = session.exec(select(Retention.days).where(Retention.subject == subject)).first()
    if days is None:
        raise MissingReference(f"La durée de conservation « {subject} » manque. Lancez « enrolment seed ».")
    return timedelta(days=days)
