"""Brings a database up to date, and says whether it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Run every migration that is missing, in one transaction.

    Raises RuntimeError, and changes nothing, if a row would refer to one that does not exist.
    """
    from alembic import command  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.
    from alembic.config import Config  # noqa: PLC0415  The same.

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with engine.execution_options(write=True).connect() as connection, _rebuilding(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        _check_references(connection)
        connection.commit()


@contextmanager
def _rebuilding(connection: sa.Connection) -> Iterator[None]:
    """Let SQLite write tables anew: what refers to them is not looked at meanwhile, but before the end.

    The switch has no effect inside a transaction, hence the driver's own connection.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: sa.Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        message = f"A row of {broken[0]} refers to a row of {broken[2]} that does not exist: nothing was migrated."
        raise RuntimeError(message)


def is_current(engine: sa.Engine) -> bool:
    """Whether every migration was run. Read without Alembic, which takes longer to load than the rest to start."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    return found == [newest()]


def newest() -> str:
    """The revision of the last migration: the number that its file begins with."""
    return max(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*.py"))
