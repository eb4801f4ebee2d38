"""Brings a database up to date, and says whether it is."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Run every migration that is missing, in one transaction."""
    from alembic import command  # noqa: PLC0415  Slow to load: nobody waits for it at start-up.
    from alembic.config import Config  # noqa: PLC0415  The same.

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with engine.execution_options(write=True).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


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
