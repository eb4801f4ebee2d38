"""Takes a database back to an earlier revision, or on to a later one, as `enrolment migrate` does."""

from alembic import command
from alembic.config import Config

from schema.database import Database
from schema.migrate import _FOLDER, _rebuilding


def go(database: Database, verb: str, revision: str) -> None:
    """`verb` is Alembic's own: upgrade or downgrade."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    with database.engine.connect() as connection, _rebuilding(connection):
        config.attributes["connection"] = connection
        getattr(command, verb)(config, revision)
        connection.commit()
