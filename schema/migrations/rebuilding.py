"""Changes that SQLite can only make by writing a table anew, said once for both engines.

Alembic's batch mode does not see CHECK constraints: without this, a rebuilt table would silently lose all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations


@contextmanager
def rebuilt(table: str, checks: Mapping[str, str]) -> Iterator[BatchOperations]:
    """Change a table and replace the named CHECK constraints by new conditions; the others stay.

    The foreign keys of other tables into this one are kept: `schema.migrate` looks away while SQLite rebuilds, and
    checks them all at the end.
    """
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        kept = {str(one["name"]): str(one["sqltext"]) for one in sa.inspect(connection).get_check_constraints(table)}
        arguments = tuple(sa.CheckConstraint(text, name=op.f(name)) for name, text in {**kept, **checks}.items())
        with op.batch_alter_table(table, recreate="always", table_args=arguments) as batch:
            yield batch
        return
    for name in checks:
        op.drop_constraint(op.f(name), table, type_="check")
    with op.batch_alter_table(table) as batch:
        yield batch
    for name, condition in checks.items():
        op.create_check_constraint(op.f(name), table, condition)
