"""The links of the steps of « Ouvrir une vague », and the way back to them from the form that a step led to."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from admin_app.addresses import create, details, edit, list_of, with_query
from admin_app.permissions import Right
from admin_app.rules import addresses
from admin_app.staff import Staff
from enrolment.rules.opening import Step
from schema.base import Table
from schema.tables import Wave

_LONGEST_KEY = 10


@dataclass(frozen=True)
class Line:
    """A step as this person sees it. An address is None for what they may not do, or what there is not to do."""

    step: Step
    add_url: str | None
    edit_url: str | None
    list_url: str


def line(staff: Staff, step: Step, wave: Wave | None) -> Line:
    """The links of a step."""
    here = {addresses.STEPS: addresses.NEW_WAVE if wave is None else wave.id}
    adds = step.row is None or step.repeated
    edits = step.row is not None and staff.may(step.table, Right.edit)
    shown = details(step.table, step.row) if step.row is not None and not step.repeated else None
    narrowed = f"?{urlencode(step.narrowed)}" if step.narrowed else ""
    return Line(
        step,
        with_query(create(step.table), {**dict(step.prefilled), **here})
        if adds and staff.may(step.table, Right.create)
        else None,
        with_query(edit(step.table, step.row), here) if edits and step.row is not None else None,
        shown or f"{list_of(step.table)}{narrowed}",
    )


def origin(request: Request, made: Table | None = None) -> dict[str, str]:
    """What of an address says that a step led to it. `made` is the row that was just added: a new wave has steps."""
    typed = request.query_params.get(addresses.STEPS, "")
    if typed == addresses.NEW_WAVE:
        return {addresses.STEPS: str(made.id) if isinstance(made, Wave) else typed}
    return {addresses.STEPS: typed} if typed.isascii() and typed.isdecimal() and len(typed) < _LONGEST_KEY else {}


def back(request: Request) -> str | None:
    """The way back to the steps, when one of them led here."""
    typed = origin(request).get(addresses.STEPS)
    if typed is None:
        return None
    return addresses.OPENING if typed == addresses.NEW_WAVE else addresses.opening(typed)
