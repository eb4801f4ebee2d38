"""The saved views above a list: which ones there are, which is open, and what saving the present one would keep."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session
from starlette.datastructures import QueryParams

from admin_app.filter_form import printable
from admin_app.messages import DONE
from admin_app.staff import Staff
from enrolment.records import filters
from enrolment.services import saved_views
from schema.enums import StaffRole

# Where one is in a list is not what one looks at: it is never kept.
NOT_KEPT = frozenset({filters.AFTER, filters.BEFORE, filters.RANK, DONE})


@dataclass(frozen=True)
class ViewChip:
    """One saved view as the bar shows it."""

    id: int
    name: str
    url: str
    current: bool
    mine: bool
    shared: bool
    opens: bool
    deletable: bool


@dataclass(frozen=True)
class ViewBar:
    """Everything that `saved_views/bar.html` needs. `query` is what saving would keep; empty when nothing is set."""

    page: str
    query: str
    chips: tuple[ViewChip, ...]

    @property
    def current(self) -> ViewChip | None:
        """The view that is open as it was saved."""
        return next((chip for chip in self.chips if chip.current), None)


def kept_query(params: QueryParams, without: Collection[str] = ()) -> str:
    """The part of an address that a view keeps."""
    left = [pair for pair in params.multi_items() if pair[1].strip() and pair[0] not in {*NOT_KEPT, *without}]
    return str(QueryParams(left)) if left else ""


def carried(params: QueryParams) -> list[tuple[str, str]]:
    """What the form of the columns carries on: all that one looks at, but the columns."""
    return [
        (printable(name), printable(value))
        for name, value in params.multi_items()
        if value and name not in {*NOT_KEPT, filters.COLUMNS}
    ]


def build(session: Session, staff: Staff, page: str, path: str, params: QueryParams) -> ViewBar:
    """The bar of a page as it stands under an address."""
    query = kept_query(params)
    return ViewBar(
        page,
        query,
        tuple(
            ViewChip(
                view.id,
                view.name,
                f"{path}?{view.query}",
                view.query == query,
                view.owner_id == staff.id,
                view.shared,
                view.opens and view.owner_id == staff.id,
                view.owner_id == staff.id or staff.role is StaffRole.administrator,
            )
            for view in saved_views.of_page(session, staff.id, page)
        ),
    )
