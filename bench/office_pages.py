"""Which pages of the back office are measured: made from the descriptions of the columns and the rows that there are.

The pages of the two sizes are as alike as their rows allow. How they are timed is in `office`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session

from enrolment.portal import Portal
from enrolment.records import filters, presentation, search
from enrolment.records.filters import Operator
from schema.base import Table, table_of
from schema.describe import FieldKind, FieldSpec, model_named

TABLES = (
    "request",
    "provider",
    "person",
    "bank_account",
    "referencing",
    "attachment",
    "request_event",
    "outgoing_mail",
    "history",
    "account",
    "attachment_access",
)
_TABS = ("a-prendre", "les-miennes", "en-attente", "terminees", "toutes")
_SEARCHES = {
    "hit": "Alizé",
    "miss": "introuvable",
    "middle of a word": "assiop",
    "two words": "cassiopée pharma",
    "frequent letters": "e",
    "a prefix": "ENR-2025-000",
}
_NASTY = {
    "rare status, other order": ("request", {"status": "certificates_to_review", "tri": "submitted_at"}),
    "frequent status, other order": ("request", {"status": "validated", "tri": "submitted_at", "sens": "desc"}),
    "status of a twentieth, by date": ("request", {"status": "in_review", "tri": "submitted_at"}),
    "rare answer, other order": ("request", {"legal_name_changed": "oui", "tri": "decided_at", "sens": "desc"}),
    "name of a company": ("request", {"provider_id__contient": "cassiopée clinique 1"}),
    "name of many companies": ("request", {"provider_id__contient": "santé", "tri": "number"}),
    "two filters": ("request", {"status": "rejected", "kind": "complementary", "tri": "status_since"}),
    "three filters": ("request", {"status": "withdrawn", "is_early": "oui", "is_distributor": "oui"}),
    "town, by name": ("provider", {"city": "Besançon", "tri": "legal_name"}),
    "part of a town, by check": ("provider", {"city__contient": "étienne", "tri": "registry_checked_at"}),
    "author, by operation": ("history", {"actor_label": "Lefèvre", "tri": "operation"}),
    "reason, by author": ("history", {"reason__contient": "correction", "tri": "actor_label"}),
    "infected, by size": ("attachment", {"scan": "infected", "tri": "size", "sens": "desc"}),
    "parked, by recipient": ("outgoing_mail", {"state": "parked", "tri": "recipient"}),
}


@dataclass(frozen=True)
class Visit:
    """One page at both sizes."""

    group: str
    name: str
    small: str
    large: str


def visits(small: Portal, large: Portal) -> Iterator[Visit]:
    """All of them."""
    with small.database.reading() as few, large.database.reading() as many:
        for table in TABLES:
            model = model_named(table)
            path = f"/admin/{table}/list"
            yield Visit("First page of a list", table, path, path)
            yield from _deep(few, many, model, path)
            yield from _sorted(few, many, model, path)
            yield from _filtered(few, many, model, path)
            if search.is_searchable(model):
                for name, typed in _SEARCHES.items():
                    address = f"{path}?{urlencode({'recherche': typed})}"
                    yield Visit("Search in a list", f"{table}, {name}", address, address)
            yield from _details(few, many, model)
        for name, (table, query) in _NASTY.items():
            address = f"/admin/{table}/list?{urlencode(query)}"
            yield Visit("Filters and an order together", name, address, address)
        for tab in _TABS:
            yield Visit("Queue", tab, f"/admin/file?onglet={tab}", f"/admin/file?onglet={tab}")
        for name, typed in {**_SEARCHES, "number": "123"}.items():
            address = f"/admin/file?{urlencode({'recherche': typed})}"
            yield Visit("Queue", f"search, {name}", address, address)
        keys = [_middle(session, model_named("request")) for session in (few, many)]
        yield Visit("File of a request", "in the middle", *(f"/admin/demandes/{key}" for key in keys))


def _deep(few: Session, many: Session, model: type[Table], path: str) -> Iterator[Visit]:
    name = table_of(model).name
    for word, parameter in (("next", "apres"), ("previous", "avant")):
        addresses = [f"{path}?{parameter}={_middle(session, model)}&rang=5001" for session in (few, many)]
        yield Visit("Deep page of a list", f"{name}, {word}", *addresses)


def _sorted(few: Session, many: Session, model: type[Table], path: str) -> Iterator[Visit]:
    for spec in presentation.sortable(model):
        for direction in ("asc", "desc"):
            address = f"{path}?tri={spec.name}&sens={direction}"
            yield Visit("Sorted list", f"{spec.table}.{spec.name} {direction}", address, address)
        deep = [f"{path}?tri={spec.name}&sens=desc&apres={_middle(session, model)}" for session in (few, many)]
        yield Visit("Deep page of a sorted list", f"{spec.table}.{spec.name}", *deep)


def _filtered(few: Session, many: Session, model: type[Table], path: str) -> Iterator[Visit]:
    for spec in presentation.filtered(model):
        for operator in filters.operators_of(spec):
            pairs = [_values(session, spec, operator) for session in (few, many)]
            for less, more in zip(*pairs, strict=False):
                name = filters.name_of(spec, operator)
                addresses = [f"{path}?{urlencode({name: value})}" for value in (less, more)]
                said = more if operator in {Operator.empty, Operator.equal} and len(more) < 20 else ""
                yield Visit("Filtered list", f"{spec.table}.{name} {said}".strip(), *addresses)


def _details(few: Session, many: Session, model: type[Table]) -> Iterator[Visit]:
    name = table_of(model).name
    for tab in ("", "?onglet=lignes-liees", "?onglet=historique"):
        addresses = [f"/admin/{name}/details/{_middle(session, model)}{tab}" for session in (few, many)]
        yield Visit("Page of a row", f"{name} {tab.partition('=')[2]}".strip(), *addresses)


def _values(session: Session, spec: FieldSpec, operator: Operator) -> list[str]:
    """What to compare with: every value of a short list, else that of a row in the middle."""
    if operator is Operator.empty or spec.kind is FieldKind.boolean:
        return ["oui", "non"]
    if spec.kind is FieldKind.choice:
        return [value for value, _ in spec.choices]
    value = _some_value(session, spec)
    if value is None:
        return []
    if operator is Operator.contains:
        return [_part(session, spec, value)]
    if isinstance(value, datetime | date):
        near = value + timedelta(days=20 if operator is Operator.from_day else -20)
        return [f"{value:%Y-%m-%d}", f"{near:%Y-%m-%d}"]
    return [str(value)]


def _part(session: Session, spec: FieldSpec, value: Any) -> str:
    if spec.references is None:
        text = str(value)
    else:
        text = next(iter(presentation.titles(session, {spec.references: {value}}).values()))
    return text.split()[0][:12]


def _some_value(session: Session, spec: FieldSpec) -> Any:
    column = table_of(spec.model).c[spec.name]
    key = table_of(spec.model).c.id
    statement = sa.select(column).where(column.is_not(None), key >= _middle(session, spec.model)).order_by(key).limit(1)
    return session.execute(statement).scalar()


def _middle(session: Session, model: type[Table]) -> int:
    key = table_of(model).c.id
    last = session.execute(sa.select(sa.func.max(key))).scalar_one()
    return int(session.execute(sa.select(key).where(key >= last // 2).order_by(key).limit(1)).scalar_one())
