"""Changes that SQLite can only make by writing a table anew, said once for both engines.

The foreign keys of other tables into a rebuilt one are kept: `schema.migrate` looks away while SQLite rebuilds, and
checks them all at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from alembic import op
from alembic.operations import BatchOperations


@contextmanager
def rebuilt(table: str, checks: Mapping[str, str]) -> Iterator[BatchOperations]:
    """Change a table and replace the named CHECK constraints by new conditions; the others stay."""
    with op.batch_alter_table(table) as batch:
        for name in checks:
            batch.drop_constraint(op.f(name), type_="check")
        yield batch
        for name, condition in checks.items():
            batch.create_check_constraint(op.f(name), condition)
