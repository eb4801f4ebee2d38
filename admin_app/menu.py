"""The menu of the back office: tables in French categories, then what a person's role lets them open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from types import MappingProxyType

from admin_app import addresses
from admin_app.permissions import Right
from admin_app.saved_views.addresses import start_of
from admin_app.staff import Staff
from schema.describe import model_named

CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Dossiers": ("request", "provider", "person", "bank_account", "attachment", "draft"),
        "Instruction": (
            "demand",
            "demand_item",
            "request_event",
            "field_flag",
            "request_note",
            "pending_decision",
            "bulk_action",
            "bulk_line",
            "terms_acceptance",
        ),
        "Échanges": ("outgoing_mail", "ticket", "financing_request", "financing_deposit"),
        "Référencement": ("referencing", "wave", "corridor", "dsr", "profile"),
        "Règles et textes": (
            "document_kind",
            "document_model",
            "document_rule",
            "prestation_type",
            "deadline",
            "retention",
            "correction_rule",
            "parameter",
            "message_template",
            "reason_template",
            "legal_text",
            "planned_change",
        ),
        "Répertoires": ("registry_entry", "street_type", "bank_override"),
        "Accès": ("account", "account_provider", "email_change", "staff_user", "role_withdrawal"),
        "Traces": ("history", "history_seal", "attachment_access", "financing_access", "correction"),
        "Technique": ("web_session", "saved_view", "figure", "data_check", "request_counter", "spent_token", "attempt"),
    }
)
OPEN_AT_FIRST = "Dossiers"


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Group:
    """A category, open when it holds the page one is on."""

    label: str
    entries: tuple[Entry, ...]
    open: bool


@unique
class Section(StrEnum):
    """What the pages that are not generated are for, in the order of the menu."""

    work = "Travail"
    insight = "Pilotage"
    rules = "Réglages"
    team = "Équipe"


@dataclass(frozen=True)
class PageEntry:
    """A page that is not generated: `permission` decides who sees it."""

    label: str
    path: str
    permission: str
    section: Section = Section.work


@dataclass(frozen=True)
class Menu:
    """What one person sees."""

    pages: tuple[Group, ...]
    groups: tuple[Group, ...]


def category_of(table: str) -> str:
    """The category of a table. Raises KeyError: every table has one."""
    for label, tables in CATEGORIES.items():
        if table in tables:
            return label
    raise KeyError(table)


def menu(staff: Staff, pages: Iterable[PageEntry], path: str) -> Menu:
    """The menu of a person on a page."""
    parts = path.removeprefix(addresses.BASE).split("/")
    table = parts[1] if len(parts) > 2 else ""
    groups = []
    own = tuple(pages)
    # A list that is a page of the work stands there, and not twice.
    told = {page.path for page in own if staff.may_open(page.permission)}
    for label, tables in CATEGORIES.items():
        entries = tuple(
            Entry(model_named(name).label_plural, start_of(staff, addresses.list_of(name)), current=name == table)
            for name in tables
            if staff.may(name, Right.list) and addresses.list_of(name) not in told
        )
        if entries:
            groups.append(Group(label, entries, open=any(entry.current for entry in entries) or label == OPEN_AT_FIRST))
    return Menu(tuple(_sections(staff, own, path)), tuple(groups))


def _sections(staff: Staff, pages: tuple[PageEntry, ...], path: str) -> Iterator[Group]:
    for section in Section:
        entries = tuple(
            Entry(page.label, start_of(staff, page.path), current=_is_current(page.path, path))
            for page in pages
            if page.section is section and staff.may_open(page.permission)
        )
        if entries:
            yield Group(section.value, entries, open=True)


def _is_current(page: str, path: str) -> bool:
    return path in {page, page.rstrip("/")} if page == addresses.HOME else path == page or path.startswith(f"{page}/")
