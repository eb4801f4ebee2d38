"""Gives the next number of a yearly series (rule R1)."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from enrolment import clock
from schema.base import table_of
from schema.tables import RequestCounter


def next_number(session: Session, series: str) -> str:
    """The next number of a series, `ENR-2026-000123`.

    The counter's row stays locked until the transaction ends: two submissions wait for each other, and a number whose
    transaction fails was never shown to anyone.
    """
    year = clock.now().astimezone(clock.PARIS).year
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    table = table_of(RequestCounter)
    statement = (
        insert(table)
        .values(series=series, year=year, last=1)
        .on_conflict_do_update(index_elements=["series", "year"], set_={"last": table.c.last + 1})
        .returning(table.c.last)
    )
    last: int = session.execute(statement).scalar_one()
    return f"{series}-{year}-{last:06d}"
