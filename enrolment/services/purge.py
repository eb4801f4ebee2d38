"""Removes what is kept no longer: expired drafts with their files, spent tokens, old sessions and attempts.

How long is a row of `retention`. Requests that were submitted are no business of this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.services.reference import MissingReference
from schema.base import table_of
from schema.tables import Attachment, Attempt, Draft, EmailChange, Retention, SpentToken, WebSession


@dataclass(frozen=True)
class Purged:
    """How many rows of each sort go. `files` are to be removed from the storage once the rows are committed."""

    drafts: int
    sessions: int
    tokens: int
    attempts: int
    files: tuple[str, ...] = ()


def purge(session: Session, *, dry_run: bool) -> Purged:
    """Remove what is past its time, or only count it. Raises MissingReference when a retention row is missing."""
    now = clock.now()
    drafts = session.exec(select(Draft).where(col(Draft.expires_at) < now)).all()
    keys = [draft.id for draft in drafts]
    attachments = session.exec(select(Attachment).where(col(Attachment.draft_id).in_(keys))).all()
    expired = (
        table_of(WebSession).c.expires_at < now - _kept(session, "web_session"),
        table_of(SpentToken).c.expires_at < now,
        table_of(Attempt).c.at < now - _kept(session, "attempt"),
    )
    sessions, tokens, attempts = (
        session.execute(sa.select(sa.func.count()).select_from(condition.left.table).where(condition)).scalar_one()
        for condition in expired
    )
    files = tuple(row.storage_key for row in attachments)
    found = Purged(drafts=len(drafts), sessions=sessions, tokens=tokens, attempts=attempts, files=files)
    if not dry_run:
        for attachment in attachments:
            session.delete(attachment)
        session.flush()
        for draft in drafts:
            session.delete(draft)
        session.execute(sa.delete(table_of(EmailChange)).where(table_of(EmailChange).c.expires_at < now))
        for condition in expired:
            session.execute(sa.delete(condition.left.table).where(condition))
        session.flush()
    return found


def _kept(session: Session, subject: str) -> timedelta:
    days = session.exec(select(Retention.days).where(Retention.subject == subject)).first()
    if days is None:
        raise MissingReference(f"La durée de conservation « {subject} » manque. Lancez « enrolment seed ».")
    return timedelta(days=days)
