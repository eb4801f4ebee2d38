"""Who may do what in the back office: one matrix, role × table × right, and one list of pages.

What is not written here is refused. Nothing else in the back office decides by role.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType

from enrolment.services import rights as judging
from schema.enums import StaffRole


@unique
class Right(StrEnum):
    """What one may do with a table. The words are those of SQLAdmin's own actions."""

    list = "list"
    details = "details"
    create = "create"
    edit = "edit"
    delete = "delete"
    export = "export"


Rights = frozenset[Right]

NOTHING: Rights = frozenset()
READ: Rights = frozenset({Right.list, Right.details})
TAKE: Rights = READ | {Right.export}
CORRECT: Rights = TAKE | {Right.edit}
MANAGE: Rights = CORRECT | {Right.create, Right.delete}


def _row(
    *,
    manager: Rights = NOTHING,
    steward: Rights = NOTHING,
    administrator: Rights = NOTHING,
    reader: Rights = NOTHING,
) -> Mapping[StaffRole, Rights]:
    return MappingProxyType(
        {
            StaffRole.manager: manager,
            StaffRole.steward: steward,
            StaffRole.administrator: administrator,
            StaffRole.reader: reader,
        }
    )


# Rows that only the process makes and ends, with some columns that staff may correct.
_FILE = _row(manager=CORRECT, steward=CORRECT, administrator=CORRECT, reader=READ)
# What a vendor declared of itself.
_RECORD = _row(manager=MANAGE, steward=CORRECT, administrator=MANAGE, reader=READ)
# What the portal wrote down and nobody changes.
_TRACE = _row(manager=TAKE, steward=TAKE, administrator=TAKE, reader=READ)
# What the ASP sets by itself, through its administrators.
_SETTING = _row(manager=READ, steward=TAKE, administrator=MANAGE, reader=READ)
# Lists that data stewards keep clean too.
_LIST = _row(manager=TAKE, steward=MANAGE, administrator=MANAGE, reader=READ)
# What protects the portal: seen by administrators alone, changed by nobody.
_TECHNICAL = _row(administrator=READ)

TABLES: Mapping[str, Mapping[StaffRole, Rights]] = MappingProxyType(
    {
        "request": _FILE,
        "provider": _RECORD,
        "person": _RECORD,
        "bank_account": _RECORD,
        "referencing": _RECORD,
        "attachment": _TRACE,
        "demand": _row(manager=CORRECT, steward=TAKE, administrator=CORRECT, reader=READ),
        "demand_item": _TRACE,
        "request_event": _TRACE,
        "terms_acceptance": _TRACE,
        # Flags and notes are the managers' own; the page of the file alone writes them.
        "field_flag": _row(manager=READ, administrator=READ, reader=READ),
        "request_note": _row(manager=READ, administrator=READ, reader=READ),
        "pending_decision": _row(manager=READ, administrator=READ, reader=READ),
        "bulk_action": _TRACE,
        "bulk_line": _TRACE,
        # The pages of corrections alone make, approve and apply them.
        "correction": _TRACE,
        # The page of financing requests alone changes them: each change there writes to the vendor.
        "financing_request": _TRACE,
        "financing_deposit": _TRACE,
        "ticket": _FILE,
        "outgoing_mail": _TRACE,
        "draft": _row(manager=READ, administrator=READ),
        "account": _FILE,
        # Both addresses agree by their own links: nobody of the staff does it in their place.
        "email_change": _TRACE,
        "account_provider": _row(manager=MANAGE, steward=TAKE, administrator=MANAGE, reader=READ),
        "staff_user": _row(manager=READ, steward=READ, administrator=MANAGE),
        # Written by the page of the roles alone.
        "role_withdrawal": _row(administrator=READ),
        "attachment_access": _row(manager=READ, administrator=TAKE),
        "financing_access": _row(manager=READ, administrator=TAKE),
        "history": _row(manager=READ, steward=READ, administrator=TAKE, reader=READ),
        "history_seal": _TECHNICAL,
        "wave": _SETTING,
        "corridor": _SETTING,
        "dsr": _SETTING,
        "profile": _SETTING,
        "document_kind": _SETTING,
        # Uploaded on a page of its own, which alone checks and stores the file.
        "document_model": _row(manager=READ, steward=TAKE, administrator=TAKE, reader=READ),
        "document_rule": _SETTING,
        "prestation_type": _SETTING,
        "deadline": _SETTING,
        "retention": _SETTING,
        "correction_rule": _SETTING,
        "parameter": _SETTING,
        "message_template": _SETTING,
        "reason_template": _SETTING,
        "legal_text": _SETTING,
        "planned_change": _row(manager=READ, steward=READ, administrator=TAKE, reader=READ),
        "saved_view": _row(administrator=READ),
        "figure": _TECHNICAL,
        "data_check": _TECHNICAL,
        "street_type": _LIST,
        "bank_override": _LIST,
        "registry_entry": _LIST,
        "request_counter": _TECHNICAL,
        "web_session": _TECHNICAL,
        "spent_token": _TECHNICAL,
        "attempt": _TECHNICAL,
    }
)

EVERYONE = frozenset(StaffRole)

PAGES: Mapping[str, frozenset[StaffRole]] = MappingProxyType(
    {
        "home": EVERYONE,
        "account": EVERYONE,
        "queue": EVERYONE,
        "dossier": EVERYONE,
        judging.INSTRUCT: judging.JUDGES,
        judging.DECIDE: judging.JUDGES,
        # Each decision can be taken from a role by itself; all of them need « decide » beside.
        **dict.fromkeys(judging.BY_VERB.values(), judging.JUDGES),
        judging.FINANCING: judging.JUDGES,
        "write_notes": frozenset({StaffRole.manager, StaffRole.steward, StaffRole.administrator}),
        # A bulk action decides and writes in its author's name; what it did may be read by those who follow the work.
        judging.BULK: judging.JUDGES,
        "bulk_results": frozenset({StaffRole.manager, StaffRole.administrator, StaffRole.reader}),
        # Whoever reads the history reads what a correction did; each page also asks for the right on its table.
        "corrections_read": EVERYONE,
        # Preparing, applying and undoing; each page also asks for the right to edit its table.
        "corrections": frozenset({StaffRole.steward, StaffRole.administrator}),
        # Never the author of the correction: its service says so.
        "approve_corrections": frozenset({StaffRole.steward, StaffRole.administrator}),
        # Data stewards correct rows and need no identity document for that.
        "financing": EVERYONE,
        # A view is an address: each list checks by itself who may open it.
        "saved_views": EVERYONE,
        "mail_log": EVERYONE,
        "mail_act": frozenset({StaffRole.manager, StaffRole.administrator}),
        # Its numbers name nobody.
        "dashboard": EVERYONE,
        # Managers read what is wrong with their files; who keeps the data clean repairs it.
        "data_checks": frozenset({StaffRole.manager, StaffRole.steward, StaffRole.administrator}),
        "data_repairs": frozenset({StaffRole.steward, StaffRole.administrator}),
        "rules": EVERYONE,
        "change_rules": frozenset({StaffRole.administrator}),
        "document_models": frozenset({StaffRole.administrator}),
        # Who is signed in, and who may be: the administrators' alone.
        "team": frozenset({StaffRole.administrator}),
        # Like the table behind it: case managers may see, administrators take away.
        "consultations": frozenset({StaffRole.manager, StaffRole.administrator}),
        "consultations_export": frozenset({StaffRole.administrator}),
        "roles": frozenset({StaffRole.administrator}),
        "view_pieces": frozenset({StaffRole.manager, StaffRole.administrator, StaffRole.reader}),
        # Who may both see pieces and export lists.
        "export_pieces": frozenset({StaffRole.manager, StaffRole.administrator}),
    }
)
"""Permission of each page that is not generated, and the roles that hold it."""


def rights(role: StaffRole, table: str) -> Rights:
    """What a role may do with a table; nothing with one that is not in the matrix."""
    row = TABLES.get(table)
    return row.get(role, NOTHING) if row is not None else NOTHING


def may(role: StaffRole, table: str, right: Right) -> bool:
    """Whether a role has a right on a table."""
    return right in rights(role, table)


def may_open(role: StaffRole, permission: str) -> bool:
    """Whether a role holds the permission of a page; nobody holds one that is not listed."""
    return role in PAGES.get(permission, frozenset())


OPEN = judging.OPEN
"""The right of a page, where tables have those of `Right`."""

Withdrawn = frozenset[tuple[str, str]]
"""Pairs (table or page, right) that administrators took from a role. They only take away: the matrix is the ceiling."""

KEPT: frozenset[tuple[StaffRole, str, str]] = frozenset(
    {
        *((role, permission, OPEN) for role in StaffRole for permission in ("home", "account")),
        *((StaffRole.administrator, permission, OPEN) for permission in ("team", "roles")),
        *(
            (StaffRole.administrator, "staff_user", right.value)
            for right in (Right.list, Right.details, Right.create, Right.edit)
        ),
    }
)
"""What nobody can take away: the way in of each role, and the last way to manage staff."""


def ceiling(role: StaffRole) -> set[tuple[str, str]]:
    """Every pair (table or page, right) that the matrix grants a role."""
    tables = {(table, right.value) for table in TABLES for right in rights(role, table)}
    return tables | {(permission, OPEN) for permission in PAGES if may_open(role, permission)}


def grants(role: StaffRole, withdrawn: Withdrawn = frozenset()) -> set[tuple[str, str]]:
    """Every pair (view, action) of a role, as SQLAdmin's authorization backend takes them."""
    held = ceiling(role) - withdrawn
    return {(subject, Right.list.value if right == OPEN else right) for subject, right in held}
