"""Which columns a file holds: those that its reader chose for the list, else all that the table may show."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from enrolment.records import filters, presentation
from schema.base import Table
from schema.describe import FieldSpec


def chosen(model: type[Table], params: QueryParams) -> tuple[FieldSpec, ...]:
    """The columns named in an address, in their order, by commas or by repetition.

    A name that the table does not have is refused with the filters (`listing.selection`). Without any, all columns are
    given.
    """
    known = {spec.name: spec for spec in presentation.exported(model)}
    found = tuple(known[name] for name in filters.asked_columns(params.getlist(filters.COLUMNS)) if name in known)
    return found or presentation.exported(model)
