"""The ways from lists and records to corrections: the button of a list, the link of a change that a correction made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from admin_app.corrections import addresses, tables
from admin_app.staff import Staff
from enrolment.corrections import reading
from schema.base import Table, table_of


@dataclass(frozen=True)
class Offer:
    """Where the rows of a list are corrected: all of its filter, or those that are ticked."""

    whole_url: str
    ticked_url: str


@dataclass(frozen=True)
class Link:
    """A correction as the history names it."""

    title: str
    url: str


def of_list(staff: Staff, model: type[Table], query: str) -> Offer | None:
    """What a list offers to somebody, under the filter of a query string."""
    if not tables.may_correct(staff, model):
        return None
    table = table_of(model).name
    return Offer(addresses.new(table, query), addresses.new(table))


def of_file(staff: Staff, model: type[Table]) -> str | None:
    """Where somebody who may write a table gives it a file."""
    return addresses.of_file(table_of(model).name) if tables.modes(staff, model) else None


def of_batches(session: Session, staff: Staff, batches: Iterable[str]) -> Mapping[str, Link]:
    """The corrections behind batches of the history, those that this person may read."""
    found = reading.by_batches(session, {batch for batch in batches if batch})
    return {
        batch: Link(one.title, addresses.show(batch))
        for batch, one in found.items()
        if tables.may_read(staff, one.table_name)
    }
