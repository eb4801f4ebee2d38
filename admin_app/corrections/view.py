"""What the pages of corrections show, from what the services read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select
from starlette.datastructures import QueryParams

from admin_app import strict
from admin_app.addresses import with_query
from admin_app.corrections import addresses, changes, stages, tables, words
from admin_app.edges import place
from admin_app.permissions import Right, may, may_open
from admin_app.staff import Staff
from admin_app.table_rules import ASKS_PASSWORD
from enrolment.corrections import reading, rules, standing, steering
from enrolment.corrections.lines import SET_ASIDE, last_place
from enrolment.errors import DomainError
from enrolment.records import codes, search
from enrolment.typography import number
from schema.describe import model_named
from schema.enums import CorrectionOutcome as Outcome
from schema.enums import CorrectionState as State
from schema.enums import StaffRole
from schema.tables import Correction, CorrectionRule, StaffUser

STAGE, BEFORE = "etat", "avant"
OUTCOME, SEARCH, AFTER, GROUPS = "resultat", "recherche", "apres", "groupes"
EVERY = "tous"
_MINUTE, _HOUR = 60, 3600
_MOST_NAMED = 6


@dataclass(frozen=True)
class Tab:
    """Lines of one outcome, or all of them."""

    label: str
    count: str
    url: str
    current: bool


@dataclass(frozen=True)
class Approval:
    """Why a second person is asked, and who that may be."""

    rules: Sequence[CorrectionRule]
    people: Sequence[str]
    may: bool


def listing(session: Session, staff: Staff, params: QueryParams) -> dict[str, Any]:
    """The list of corrections."""
    readable = tables.readable(staff)
    strict.require_known(params, STAGE, BEFORE)
    stage = stages.named(params.get(STAGE, ""))
    before = place(params.get(BEFORE, ""))
    counts = reading.state_counts(session, readable)
    listed, more = reading.listed(session, readable, stage.states if stage else (), before)
    here = {STAGE: stage.slug if stage else ""}
    may_make = any(True for _ in tables.correctables(staff))
    return {
        "path": addresses.LIST,
        "every": sum(counts.values()),
        "stage": stage,
        "stages": [
            (one, sum(counts.get(state, 0) for state in one.states), list_url(**{STAGE: one.slug}))
            for one in stages.STAGES
        ],
        "listed": [
            (one, addresses.show(one.public_id), stages.TONES.get(one.state, "neutral"), words.state(one))
            for one in listed
        ],
        "tables": {table: codes.table_label(table) for table in readable},
        "first_url": list_url(**here) if before is not None else None,
        "next_url": list_url(**here, **{BEFORE: more}) if more else None,
        "new_url": addresses.NEW if may_make else None,
        "rules_url": addresses.RULES if staff.may("correction_rule", Right.list) else None,
    }


def list_url(**values: object) -> str:
    """The list, narrowed."""
    return with_query(addresses.LIST, values)


def correction(session: Session, staff: Staff, row: Correction, params: QueryParams) -> dict[str, Any]:
    """The page of a correction."""
    model = model_named(row.table_name)
    outcome = _outcome(params)
    searched = "".join(letter for letter in params.get(SEARCH, "") if letter.isprintable()).strip()[: search.LONGEST]
    after = place(params.get(AFTER, "")) or 0
    every_group = params.get(GROUPS) == EVERY
    has_lines = row.state is not State.preparing and last_place(session, row.id) > 0
    found = reading.lines(session, row, outcome=outcome, searched=searched, after=after) if has_lines else None
    odd = reading.odd_counts(session, row) if has_lines else {}
    to_settle = standing.to_settle(row)
    left = to_settle - row.applied - row.conflicts
    may_act = tables.may_act(staff, row)
    may_undo = tables.may_act(staff, row, undoing=True)
    is_ready = row.state in steering.READY
    approval = _approval(session, staff, row) if row.state is State.frozen else None
    here = {OUTCOME: outcome.value if outcome else "", SEARCH: searched}
    undoings = reading.undoings(session, row)
    redoable = _redoable(undoings) if may_undo and row.state is State.undone else None
    return {
        "row": row,
        "State": State,
        "is_refused_file": stages.is_refused_file(row),
        "again_url": _again_url(staff, row),
        "tone": stages.TONES.get(row.state, "neutral"),
        "table": model.label_plural,
        "facts": words.facts(row),
        "words": words.of(row),
        "stands": words.state(row),
        "badges": words.BADGES,
        "is_whole": words.is_whole(row),
        "addresses": addresses,
        "names": {"outcome": OUTCOME, "search": SEARCH},
        "left": left,
        "to_settle": to_settle,
        "left_said": number(left),
        "time_left": lasting(round(left / reading.lines_a_second(session))) if is_ready or _works(row) else "",
        "prepared_in": lasting(row.seconds_to_prepare),
        "applied_in": lasting(row.seconds_to_apply),
        "reasons": reading.reasons(session, row) if row.set_aside and not row.applied else [],
        "aside_url": _aside_url(row, odd),
        "groups": changes.groups(session, row, every=every_group) if has_lines else [],
        "every_group_url": addresses.show(row.public_id, **{GROUPS: EVERY}) + "#groupes",
        "tabs": _tabs(row, odd, left, outcome, searched) if has_lines else [],
        "outcome": outcome,
        "searched": searched,
        "lines": changes.lines(session, row, found.rows, may_open=staff.may(row.table_name, Right.details))
        if found
        else [],
        "stopped": bool(found and found.stopped),
        "first_url": _address(row, None, **here) if after else None,
        "next_url": _address(row, found.after, **here) if found and found.after else None,
        "export_url": addresses.export(row.public_id)
        if has_lines and staff.may(row.table_name, Right.export)
        else None,
        "may_act": may_act,
        "approval": approval,
        "approver": _name(session, row.approved_by_id),
        "tells": [one for one in rules.matching(session, row) if one.tells_vendors] if is_ready else [],
        "large": is_ready and steering.is_large(session, row),
        "asks_password": is_ready and asks_password(session, row),
        "may_apply": may_act and is_ready and row.planned > 0 and approval is None,
        "may_undo": may_undo and row.state in steering.ACTS["undo"] and row.applied > 0,
        "is_undoing": steering.origin(session, row)[1],
        "first": session.get(Correction, row.undoes_id) if row.undoes_id is not None else None,
        "undoings": [(one, words.state(one)) for one in undoings],
        "redoable": redoable,
        "turned": words.turned(redoable or row),
        "live": row.state in {State.preparing, State.applying},
    }


def asks_password(session: Session, row: Correction) -> bool:
    """Whether applying a correction takes the password: a large one, or a table whose form asks for it too (SEC-18)."""
    return row.table_name in ASKS_PASSWORD or steering.is_large(session, row)


def _address(row: Correction, after: int | None, **narrowed: object) -> str:
    """A page of the lines."""
    return with_query(addresses.show(row.public_id), narrowed | {AFTER: after})


def _works(row: Correction) -> bool:
    return row.state in {State.applying, State.paused}


def _redoable(undoings: Sequence[Correction]) -> Correction | None:
    """The undoing that was applied last: undoing it does the correction again."""
    return next((one for one in undoings if one.state in steering.ACTS["undo"]), None)


def _tabs(row: Correction, odd: dict[Outcome, int], left: int, current: Outcome | None, searched: str) -> list[Tab]:
    counts = {Outcome.planned: left, Outcome.applied: row.applied, **odd}
    every = standing.to_settle(row) + row.set_aside
    tabs = [Tab("Toutes", number(every), addresses.show(row.public_id, **{SEARCH: searched}), current is None)]
    for outcome, count in counts.items():
        if count:
            url = addresses.show(row.public_id, **{OUTCOME: outcome.value, SEARCH: searched})
            capped = outcome in odd and count > reading.MOST_COUNTED
            said = f"plus de {number(reading.MOST_COUNTED)}" if capped else number(count)
            tabs.append(Tab(changes.short(row, outcome), said, url, outcome is current))
    return tabs


def _aside_url(row: Correction, odd: dict[Outcome, int]) -> str:
    """The lines of the first outcome that is set aside."""
    first = next((outcome for outcome in odd if outcome in SET_ASIDE), None)
    return addresses.show(row.public_id, **{OUTCOME: first.value if first else ""}) + "#lignes"


def _again_url(staff: Staff, row: Correction) -> str | None:
    """Where another file is given, with what was typed for this one."""
    may = stages.is_refused_file(row) and tables.modes(staff, model_named(row.table_name))
    return addresses.of_file(row.table_name, again=row.public_id) if may else None


def _approval(session: Session, staff: Staff, row: Correction) -> Approval | None:
    asking = [one for one in rules.matching(session, row) if one.asks_approval]
    if not asking:
        return None
    needed = tables.needed(row)
    roles = [
        role
        for role in StaffRole
        if may_open(role, "approve_corrections") and all(may(role, row.table_name, right) for right in needed)
    ]
    people = session.exec(
        select(StaffUser)
        .where(
            col(StaffUser.role).in_(roles),
            col(StaffUser.active).is_(True),
            col(StaffUser.id).is_distinct_from(row.author_id),
        )
        .order_by(col(StaffUser.last_name), col(StaffUser.first_name))
        .limit(_MOST_NAMED + 1)
    ).all()
    names = [f"{one.first_name} {one.last_name}" for one in people]
    if len(names) > _MOST_NAMED:
        names[_MOST_NAMED:] = ["d'autres"]
    allowed = staff.may_open("approve_corrections") and tables.may_act(staff, row)
    return Approval(asking, names, allowed and staff.id != row.author_id)


def _name(session: Session, staff_id: int | None) -> str:
    person = session.get(StaffUser, staff_id) if staff_id is not None else None
    return f"{person.first_name} {person.last_name}" if person is not None else ""


def _outcome(params: QueryParams) -> Outcome | None:
    raw = params.get(OUTCOME, "")
    if raw and raw not in {one.value for one in Outcome}:
        raise DomainError("Ce filtre n'existe pas : choisissez un résultat de la liste.")
    return Outcome(raw) if raw else None


def lasting(seconds: int) -> str:
    """About how long, in French."""
    if seconds < _MINUTE:
        return "moins d'une minute"
    minutes = -(-seconds // _MINUTE)
    if seconds < _HOUR:
        return f"environ {minutes} minutes"
    return f"environ {minutes // 60} h {minutes % 60:02d}"
