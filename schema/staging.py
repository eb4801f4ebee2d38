"""The working sheet of corrections: one line for each row to change, with what it holds before and after.

Plain tables and no models: a correction may have a million lines, written and read by set-based SQL alone
(`enrolment.corrections`), never shown in a generated list. They bear no CHECK: only the program writes them, and SQLite
takes longer over a list of values than over the rest of the line. A line lives as long as its correction can be undone.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import SQLModel

from schema import base  # noqa: F401  Names of constraints follow its convention.

# What a reader looks for among very many lines: those that will not be, or were not, applied.
_ODD = sa.text("outcome NOT IN ('planned', 'applied')")

LINES = sa.Table(
    "correction_line",
    SQLModel.metadata,
    # No foreign key: nobody deletes a correction, and PostgreSQL takes as long to check the key as to write the line.
    sa.Column("correction_id", sa.Integer, nullable=False),
    # From 1, without gaps, in the order of preparation.
    sa.Column("place", sa.Integer, nullable=False),
    # Empty for a row that is still to be created, and for a line of a file that names no row.
    sa.Column("row_id", sa.Integer),
    # Line of the file, the header being 1.
    sa.Column("file_line", sa.Integer),
    sa.Column("operation", sa.String(20), nullable=False),
    # A planned line is applied once the progress of its correction (`done_upto`) has passed its place.
    sa.Column("outcome", sa.String(20), nullable=False),
    # {"column": [before, after]}, exactly as the history keeps it.
    sa.Column("changes", sa.JSON, nullable=False),
    # Why it is set aside, in French; the file's own words where they could not be read.
    sa.Column("detail", sa.String(400)),
    sa.PrimaryKeyConstraint("correction_id", "place", name="pk_correction_line"),
    sa.Index("ix_correction_line_odd", "correction_id", "outcome", "place", sqlite_where=_ODD, postgresql_where=_ODD),
    sqlite_with_rowid=False,
)
"""Lines of every correction, in the order of each correction's places."""

GROUPS = sa.Table(
    "correction_group",
    SQLModel.metadata,
    sa.Column("correction_id", sa.Integer, sa.ForeignKey("correction.id"), nullable=False),
    # From 1, the largest group first.
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("column_name", sa.String(60), nullable=False),
    # Values in the history's form.
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sa.Column("count", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("correction_id", "rank", name="pk_correction_group"),
)
"""« 1 204 × A → B »: the largest groups of equal changes of a correction, counted when it is frozen."""

LETTERS = sa.Table(
    "correction_letter",
    SQLModel.metadata,
    sa.Column("correction_id", sa.Integer, sa.ForeignKey("correction.id"), nullable=False),
    # In small letters: one mail for an address, however it was typed.
    sa.Column("address", sa.String(254), nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("correction_id", "address", "place", name="pk_correction_letter"),
    sqlite_with_rowid=False,
)
"""Which vendor is to be told of which line, where a rule says so: written when a correction is frozen, taken away as
the mails are queued."""

STAGING = frozenset({LINES.name, GROUPS.name, LETTERS.name})


def is_staging(name: str) -> bool:
    """Whether a table of the database is a working sheet, and no model."""
    return name in STAGING
