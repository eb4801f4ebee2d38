"""Seals the history, so that nobody can alter or remove a line of it unseen (SEC-17).

Each seal is the digest of a run of history rows and of the seal before it: whoever changes an old row must rewrite
every later seal too. Noting the last digest elsewhere, as `enrolment check` prints it, makes even that visible. The
history itself is written by `schema.history`; nothing here updates or deletes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from schema.base import table_of
from schema.tables import HistoryEntry, HistorySeal

_BATCH = 2_000
# Written out, and in this order: a column added later must not change the digest of what is sealed already.
_SEALED = (
    "id",
    "at",
    "table_name",
    "row_id",
    "operation",
    "changes",
    "actor_kind",
    "actor_id",
    "actor_label",
    "reason",
    "batch",
)


def seal(session: Session) -> int:
    """Seal every history row that no seal covers yet; the number of rows sealed."""
    total = 0
    while sealed := seal_some(session):
        total += sealed
    return total


def seal_some(session: Session) -> int:
    """Seal the oldest rows that no seal covers yet, so few that nobody waits long for the lock; how many."""
    if session.get_bind().dialect.name == "postgresql":
        # Waits for those who are writing, so that no row with a smaller key shows up after the seal. SQLite has one
        # writer at a time.
        session.connection().execute(sa.text("LOCK TABLE history IN SHARE MODE"))
    last = session.exec(select(HistorySeal).order_by(col(HistorySeal.last_id).desc()).limit(1)).first()
    after, digest = (last.last_id, last.digest) if last else (0, "")
    rows = session.execute(_rows(after).limit(_BATCH)).all()
    if rows:
        first, after = rows[0].id, rows[-1].id
        session.add(HistorySeal(first_id=first, last_id=after, rows=len(rows), digest=_digest(digest, rows)[1]))
        session.flush()
    return len(rows)


def verify(session: Session) -> list[str]:
    """What is wrong with the sealed history, in French; an empty list when every seal holds."""
    problems: list[str] = []
    after, digest = 0, ""
    for found in session.exec(select(HistorySeal).order_by(col(HistorySeal.last_id))).all():
        # Read as it comes: a seal may cover millions of lines.
        rows = session.execute(_rows(after, upto=found.last_id).execution_options(yield_per=_BATCH))
        present, right = _digest(digest, rows)
        place = f"Historique, lignes {found.first_id} à {found.last_id}"
        if present != found.rows:
            problems.append(f"{place} : {found.rows} lignes scellées, {present} présentes.")
        elif right != found.digest:
            problems.append(f"{place} : le contenu, ou un scellé précédent, n'est plus celui qui a été scellé.")
        after, digest = found.last_id, found.digest
    return problems


def last_digest(session: Session) -> str | None:
    """The digest of the newest seal: noted outside, it proves that the chain was not rewritten."""
    return session.exec(select(HistorySeal.digest).order_by(col(HistorySeal.last_id).desc()).limit(1)).first()


def _rows(after: int, *, upto: int | None = None) -> Any:
    columns = table_of(HistoryEntry).c
    statement = sa.select(*(columns[name] for name in _SEALED)).where(columns.id > after).order_by(columns.id)
    if upto is not None:
        statement = statement.where(columns.id <= upto)
    return statement


def _digest(previous: str, rows: Iterable[Any]) -> tuple[int, str]:
    """How many rows there are, and the digest of all of them after the one before."""
    count = 0
    digest = hashlib.sha256(previous.encode())
    for row in rows:
        line = json.dumps([_plain(value) for value in row], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
        count += 1
    return count, digest.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, str) else value
