"""Tells Alembic which tables there are and how to write their types.

The URL comes from the configuration (`enrolment migrate`) or, on a developer's command line, from
ENROLMENT_DATABASE_URL.
"""

from __future__ import annotations

import os
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel

from schema import tables  # noqa: F401  Importing the tables registers them.
from schema.moments import UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:  # noqa: ARG001  Fixed by Alembic.
    """Write our types as plain SQLAlchemy ones: a migration must not change when our code does."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.String):
        return f"sa.String({item.length})" if item.length else "sa.String()"
    return False


def run(connection: sa.Connection) -> None:
    """Run the revisions in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        compare_type=False,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = os.environ.get("ENROLMENT_DATABASE_URL") or "sqlite:///var/enrolment.sqlite3"
    with sa.create_engine(url).connect() as own:
        run(own)
        own.commit()
