"""Remembers which one-use tokens were used: captchas, proofs of work.

Only a fingerprint is kept, until the token would be refused anyway.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from schema.base import table_of
from schema.tables import SpentToken


def spend(session: Session, key: str, expires_at: datetime) -> bool:
    """Note that a token is used; True the first time only.

    A second user of the same token at the same moment waits for the first one's transaction, then gets False.
    """
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = (
        insert(table_of(SpentToken))
        .values(key=hashlib.sha256(key.encode()).hexdigest(), expires_at=expires_at)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(table_of(SpentToken).c.id)
    )
    return session.execute(statement).first() is not None
