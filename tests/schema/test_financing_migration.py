"""The files of a financing request of before keep their place when deposits get a table of their own."""

# std: REL-9
import sqlalchemy as sa

from schema.database import Database
from schema.history import Actor
from tests.rows import add_request
from tests.schema.migrating import go

_COLUMNS = "number, public_id, request_id, status, submitted_at, lines, total_cents, file_key, file_sha256, proofs_key"


def test_files_move_to_a_deposit_and_back(database: Database) -> None:
    with database.writing(Actor.system()) as session:
        key = add_request(session).id
    go(database, "downgrade", "0003")
    with database.engine.begin() as connection:
        connection.execute(
            sa.text(
                f"INSERT INTO financing_request ({_COLUMNS}, proofs_sha256, row_version, created_at, updated_at) "
                "VALUES ('FIN-2026-000001', 'x', :key, 'received', :at, 2, 300, 'f', :sha, 'p', :sha, 1, :at, :at)"
            ),
            {"key": key, "at": "2026-03-03 12:00:00+00:00", "sha": "0" * 64},
        )
    go(database, "upgrade", "head")
    with database.engine.connect() as connection:
        row = connection.execute(
            sa.text("SELECT file_key, proofs_key, place, total_cents, lines FROM financing_deposit")
        ).one()
        assert tuple(row) == ("f", "p", 1, 300, 2)
        assert connection.execute(sa.text("SELECT status_since FROM financing_request")).scalar_one()
    go(database, "downgrade", "0003")
    with database.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT file_key, proofs_key FROM financing_request")).one()
    assert tuple(found) == ("f", "p")
