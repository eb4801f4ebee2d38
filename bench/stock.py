"""SQLAdmin 0.32 as it comes, beside our back office: the same file, the same tables, the same visits in turn.

Plain `ModelView`s with the columns that our lists show. Only what it is slow at is promised to be faster.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import sqlalchemy as sa
from sqladmin import Admin, ModelView
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bench.figures import Figure
from bench.office import FOLDER, MANY, Office, opened
from enrolment.records import presentation, search
from schema.base import Table
from schema.tables import EnrolmentRequest, HistoryEntry, Person, Provider

_MODELS = (EnrolmentRequest, Provider, Person, HistoryEntry)
_SLOW = 100.0
_ROUNDS = 1
_VISITS = {
    "first page, requests": ("enrolment-request/list", "request/list"),
    "deep page, requests": ("enrolment-request/list?page=50000&pageSize=10", "request/list?apres=500000&rang=500001"),
    "deep page, history": ("history-entry/list?page=150000&pageSize=10", "history/list?apres=1500000&rang=1500001"),
    "order, requests": ("enrolment-request/list?sortBy=status&sort=asc", "request/list?tri=status&sens=asc"),
    "order, companies": ("provider/list?sortBy=legal_name&sort=asc", "provider/list?tri=legal_name&sens=asc"),
    "order, history": ("history-entry/list?sortBy=actor_label&sort=asc", "history/list?tri=actor_label&sens=asc"),
    "search, companies": ("provider/list?search=introuvable", "provider/list?recherche=introuvable"),
    "search, people": ("person/list?search=contact123456", "person/list?recherche=contact123456"),
    "page of a row, company": ("provider/details/100000", "provider/details/100000"),
    "form, person": ("person/edit/100000", "person/edit/100000"),
}


def run() -> Iterator[Figure]:
    """Each visit at both; those where the stock pages take more than a tenth of a second carry a promise."""
    with opened(MANY) as ours, TestClient(_stock()) as stock:
        for name, (theirs, mine) in _VISITS.items():
            pairs = [(_seconds(stock, theirs), _ours(ours, mine)) for _ in range(_ROUNDS)]
            slow, fast = (sorted(times)[_ROUNDS // 2] for times in zip(*pairs, strict=True))
            limit = 5.0 if slow > _SLOW else 0.0
            yield Figure(f"Stock SQLAdmin, {name}", slow, fast, "ms", limit, at_most=False, floor_name="our page")


def _stock() -> Starlette:
    app = Starlette()
    engine = sa.create_engine(f"sqlite:///{FOLDER / str(MANY) / 'enrolment.sqlite3'}")
    admin = Admin(app, engine)
    for model in _MODELS:
        admin.add_view(_plain_view(model))
    return app


def _plain_view(model: type[Table]) -> type[ModelView]:
    names = [spec.name for spec in presentation.listed(model)]
    attributes = {
        "column_list": names,
        "column_sortable_list": names,
        "column_searchable_list": [spec.name for spec in search.searchable(model)],
    }
    made: type[ModelView] = type(ModelView)(f"{model.__name__}Admin", (ModelView,), attributes, model=model)
    return made


def _seconds(client: TestClient, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(f"/admin/{path}")
    assert answer.status_code == 200, (answer.status_code, path)
    return 1000 * (time.perf_counter() - began)


def _ours(office: Office, path: str) -> float:
    began = time.perf_counter()
    office.open(f"/admin/{path}")
    return 1000 * (time.perf_counter() - began)
