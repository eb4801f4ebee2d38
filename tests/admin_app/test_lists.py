"""Lists: strict filters, a search that forgives accents, an order without ties, pages that do not slow down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select
from starlette.datastructures import QueryParams

from admin_app import listing
from enrolment.portal import Portal
from enrolment.records import filters, presentation
from enrolment.records.filters import Operator
from schema.base import table_of
from schema.database import Database
from schema.describe import FieldKind
from schema.enums import RegistryOutcome, StaffRole
from schema.history import Actor
from schema.tables import ALL, EnrolmentRequest, Provider, RegistryEntry, StreetType, Wave
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import NOW, first

SAMPLES = {
    Operator.contains: "a",
    Operator.at_least: "0",
    Operator.at_most: "999999",
    Operator.from_day: "2020-01-01",
    Operator.to_day: "2199-12-31",
    Operator.empty: "non",
}


def _value(spec: Any, operator: Operator) -> str:
    if operator not in (Operator.equal, Operator.differs):
        return SAMPLES[operator]
    return {
        FieldKind.boolean: "oui",
        FieldKind.choice: spec.choices[0][0] if spec.choices else "",
        FieldKind.date: "2026-01-01",
        FieldKind.reference: "1",
        FieldKind.integer: "1",
    }.get(spec.kind, "x")


def test_every_filter_of_every_table_is_an_sql_that_runs(portal: Portal) -> None:
    with portal.database.reading() as session:
        for model in ALL:
            for spec in presentation.filtered(model):
                for operator in filters.operators_of(spec):
                    pairs = [(filters.name_of(spec, operator), _value(spec, operator))]
                    read = filters.read(session, model, pairs)
                    assert not read.problems, pairs
                    session.execute(sa.select(table_of(model).c.id).where(*read.conditions())).all()


def test_every_order_of_every_table_shows_each_row_once(portal: Portal) -> None:
    with portal.database.reading() as session:
        for model in ALL:
            expected = set(session.scalars(sa.select(table_of(model).c.id)))
            for spec in presentation.sortable(model):
                for direction in ("asc", "desc"):
                    query = f"tri={spec.name}&sens={direction}&taille=1"
                    seen = _walk(session, model, query, most=4)
                    assert len(seen) == len(set(seen)), (model, query)
                    assert len(seen) == min(len(expected), 4), (model, query)


def _walk(session: Any, model: Any, query: str, most: int) -> list[int]:
    """Keys met from page to page, forwards, then checked backwards."""
    seen, addresses = [], [f"/x?{query}"]
    while addresses[-1] and len(seen) < most:
        found = listing.page(session, model, sa.select(model), "/x", QueryParams(addresses[-1].partition("?")[2]))
        assert not found.filters.problems
        seen += [row.id for row in found.rows]
        addresses.append(found.links.next_url or "")
        if len(seen) > 1:
            assert found.links.previous_url
            params = QueryParams(found.links.previous_url.partition("?")[2])
            before = listing.page(session, model, sa.select(model), "/x", params)
            assert [row.id for row in before.rows] == seen[-2:-1]
    return seen


WRONG = [
    ("status", "zz"),
    ("status", "in_review;drop"),
    ("is_early", "peut-être"),
    ("submitted_at__du", "hier"),
    ("submitted_at__du", "2026-02-30"),
    ("submitted_at__au", "0001-01-01"),
    ("provider_id", "abc"),
    ("provider_id", "99999999999999999999"),
    ("decided_at__vide", "1"),
    ("number__contient", "x" * 500),
    ("unknown", "1"),
    ("status__contient", "a"),
    ("public_id__min", "1"),
    ("tri", "unknown"),
    ("tri", "provider_id"),
    ("sens", "sideways"),
    ("apres", "abc"),
    ("taille", "beaucoup"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_filter_shows_no_row_and_says_so(office: Portal, signed_in: SignIn, name: str, value: str) -> None:
    client = signed_in(office, StaffRole.administrator)
    page = client.get(f"/admin/request/list?{name}={value}", status=400)
    assert "ENR-2026" not in page
    assert page.error_messages
    if name not in filters.RESERVED:
        answer = client.http.get(f"/admin/request/export/csv?{name}={value}")
        assert answer.status_code == 400
        assert "ENR-2026" not in answer.text


def test_nul_in_a_filter_or_a_search_is_harmless(portal: Portal, signed_in: SignIn) -> None:
    client = signed_in(portal, StaffRole.reader)
    client.get("/admin/provider/list?city__contient=%00", status=400)
    client.get("/admin/provider/list?recherche=%00")


RIGHT = [
    ("city__contient=besancon", ["BESANÇON"]),
    ("city__contient=BESANÇON", ["BESANÇON"]),
    ("legal_name__contient=sante", ["BESANÇON"]),
    ("city=lyon", []),
    ("city=Lyon", ["Lyon"]),
    ("siret=732+829+320+00074", ["BESANÇON"]),
    ("registry_outcome=found", ["Lyon", "BESANÇON"]),
    ("registry_outcome=found&registry_outcome=unknown", ["Lyon", "BESANÇON"]),
    ("registry_outcome=unknown", []),
    ("registry_checked_at__vide=oui", ["Lyon", "BESANÇON"]),
    ("registry_checked_at__vide=non", []),
    ("city__contient=%25", []),
    ("city__contient=_", []),
    ("city__contient=*", []),
    ("city__contient=[a-z]", []),
    ("city__contient='", []),
    ("recherche=alize", ["BESANÇON"]),
    ("recherche=ALIZÉ+santé", ["BESANÇON"]),
    ("recherche=732829", ["BESANÇON"]),
    ("recherche=73282932000074", ["BESANÇON"]),
    ("recherche=356000000", ["Lyon"]),
    ("recherche=inconnu", []),
]


@pytest.mark.parametrize(("query", "cities"), RIGHT)
def test_filters_and_search_keep_the_right_rows(portal: Portal, query: str, cities: list[str]) -> None:
    with portal.database.reading() as session:
        found = listing.page(session, Provider, sa.select(Provider), "/x", QueryParams(query))
    assert not found.filters.problems
    assert [row.city for row in found.rows] == cities
    assert found.count.rows == len(cities)


def test_search_finds_ligatures_and_names_of_other_tables(portal: Portal) -> None:
    with portal.database.writing(Actor.system()) as session:
        first(session, Provider).trade_name = "Cœur & Sœurs"
    with portal.database.reading() as session:
        for typed in ("coeur", "cœur", "COEUR", "soeurs cœ"):
            found = listing.page(session, Provider, sa.select(Provider), "/x", QueryParams({"recherche": typed}))
            assert len(found.rows) == 1, typed
        for typed in ("Alizé Santé", "ENR-2026-000001", "ANS-V2-HOP-00412"):
            params = QueryParams({"recherche": typed})
            found = listing.page(session, EnrolmentRequest, sa.select(EnrolmentRequest), "/x", params)
            assert [row.number for row in found.rows] == ["ENR-2026-000001"], typed


def test_days_are_those_of_paris(portal: Portal) -> None:
    # std: REL-11
    with portal.database.writing(Actor.system()) as session:
        wave = first(session, Wave)
        wave.opens_at = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
        key = wave.id
    with portal.database.reading() as session:
        for query, is_there in (
            ("opens_at__du=2026-03-29&opens_at__au=2026-03-29", True),
            ("opens_at__du=28/03/2026&opens_at__au=28/03/2026", False),
        ):
            found = listing.page(session, Wave, sa.select(Wave), "/x", QueryParams(query))
            assert (key in [row.id for row in found.rows]) is is_there


def test_links_of_a_list_keep_its_filters(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.administrator)
    page = client.get("/admin/provider/list?registry_outcome=found&recherche=e&taille=1")
    assert "1 à 1 sur 2" in page
    following = client.click(page, "Page suivante")
    assert "2 à 2 sur 2" in following
    assert "Réponse du répertoire : Établissement trouvé" in following
    assert client.click(following, "Page précédente").text == page.text
    form = following.form_named("/admin/provider/list")
    submitted = client.submit(form)
    assert "1 à 1 sur 2" in submitted


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(database.engine, "before_cursor_execute", note)


def _entries(database: Database, start: int, rows: int) -> None:
    now = datetime.now(UTC)
    with database.writing(Actor.system()) as session:
        session.execute(
            sa.insert(RegistryEntry),
            [
                {"siret": f"{number:014d}", "siren": f"{number:09d}"[-9:], "legal_name": f"SOCIETE {number}",
                 "is_open": True, "is_diffusible": True, "row_version": 1, "created_at": now, "updated_at": now}
                for number in range(start, start + rows)
            ],
        )  # fmt: skip


def test_work_of_a_list_does_not_grow_with_the_table(office: Portal, signed_in: SignIn) -> None:
    """Nothing is counted beyond the cap, nothing is skipped over, and no page makes more queries than another."""
    client = signed_in(office, StaffRole.administrator)
    seen = []
    for start, rows in ((1, 60), (1000, 10_500)):
        _entries(office.database, start, rows)
        with _counted(office.database) as statements:
            page = client.get("/admin/registry_entry/list")
        seen.append(len(statements))
        counting = [one for one in statements if "count(" in one and "registry_entry" in one]
        assert all("LIMIT" in one and "ORDER BY" not in one for one in counting)
        assert not [
            one
            for one in statements
            if "OFFSET" in one
            and "count(" not in one
            and " OFFSET 0" not in one
            and "registry_entry" in one
            and "LIMIT ? OFFSET ?" not in one
        ]
    assert "plus de 10 000" in page
    assert seen[0] == seen[1] <= 12


def test_default_order_reads_only_one_page(office: Portal) -> None:
    """SQLite says that the list walks the primary key and sorts nothing."""
    with office.database.reading() as session:
        table = table_of(RegistryEntry)
        statement = sa.select(table.c.id, table.c.siret).where(table.c.id < 50).order_by(table.c.id.desc()).limit(51)
        compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = " ".join(row[3] for row in session.execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}")))
    assert "PRIMARY KEY" in plan
    assert "TEMP B-TREE" not in plan


def test_enum_sorts_in_the_order_of_the_process_and_empty_values_come_last(portal: Portal) -> None:
    with portal.database.writing(Actor.system()) as session:
        rows = session.exec(select(Provider).order_by(Provider.id)).all()  # type: ignore[arg-type]
        rows[0].registry_outcome = RegistryOutcome.unavailable
        rows[1].registry_outcome = RegistryOutcome.unknown
        rows[0].registry_checked_at = NOW
    with portal.database.reading() as session:
        for query, expected in (
            ("tri=registry_outcome&sens=asc", [2, 1]),
            ("tri=registry_outcome&sens=desc", [1, 2]),
            ("tri=registry_checked_at&sens=asc", [1, 2]),
            ("tri=registry_checked_at&sens=desc", [1, 2]),
        ):
            found = listing.page(session, Provider, sa.select(Provider), "/x", QueryParams(query))
            assert [row.id for row in found.rows] == expected, query


def test_row_deleted_at_the_edge_of_a_page_loses_nothing(portal: Portal) -> None:
    with portal.database.reading() as session:
        keys = [row.id for row in listing.page(session, StreetType, sa.select(StreetType), "/x", QueryParams()).rows]
    gone = keys[1]
    with portal.database.writing(Actor.system()) as session:
        session.execute(sa.delete(StreetType).where(table_of(StreetType).c.id == gone))
    with portal.database.reading() as session:
        params = QueryParams({"apres": str(gone), "taille": "2"})
        found = listing.page(session, StreetType, sa.select(StreetType), "/x", params)
    assert [row.id for row in found.rows] == keys[2:4]


def test_hostile_values_are_shown_as_texts(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-9
    client = signed_in(office, StaffRole.administrator)
    for path in ("provider/list", "provider/details/2", "provider/edit/2", "request/list", "provider/delete?pk=2",
                 "provider/details/2?onglet=historique", "provider/list?legal_name__contient=<script>"):  # fmt: skip
        page = client.get(f"/admin/{path}")
        assert "<script>alert" not in page.html
        assert "&lt;script&gt;" in page.html
