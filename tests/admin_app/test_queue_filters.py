"""The filters of the queue: each keeps what it says, all together too; what cannot be read shows nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from enrolment import clock
from enrolment.portal import Portal
from schema.enums import RequestKind
from schema.history import Actor
from schema.tables import Dsr, EnrolmentRequest, Referencing
from tests.admin_app.instruction import hire, office
from tests.rows import add_request


def _filled(portal: Portal) -> tuple[dict[str, EnrolmentRequest], dict[str, int]]:
    people = hire(portal)
    with portal.database.writing(Actor.system()) as session:
        dsrs = session.exec(select(Dsr)).all()
        rows = {
            "plain": add_request(session),
            "early": add_request(session, is_early=True),
            "short": add_request(session, kind=RequestKind.complementary),
            "mine": add_request(session, assigned_to_id=people["ines"]),
            "old": add_request(session, submitted_at=clock.now() - timedelta(days=40)),
            "other": add_request(session),
        }
        for name, row in rows.items():
            session.get_one(Referencing, row.referencing_id).dsr_id = dsrs[name == "other"].id
        known = {"first": dsrs[0].id, "second": dsrs[1].id, "wave": dsrs[0].wave_id, "ines": people["ines"]}
    return rows, known


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", "plain early short mine old other"),
        ("statut=in_review", "plain early short mine old other"),
        ("statut=validated", ""),
        ("dsr={second}", "other"),
        ("vague={wave}", "plain early short mine old other"),
        ("type=initial-anticipe", "early"),
        ("type=complementary", "short"),
        ("gestionnaire={ines}", "mine"),
        ("gestionnaire=personne", "plain early short old other"),
        ("du={recent}", "plain early short mine other"),
        ("au={recent}", "old"),
        ("dsr={first}&type=initial&gestionnaire=personne&du={recent}", "plain"),
    ],
)
def test_each_filter_keeps_what_it_says(sqlite_portal: Portal, query: str, kept: str) -> None:
    rows, known = _filled(sqlite_portal)
    recent = (clock.today() - timedelta(days=10)).isoformat()
    with office(sqlite_portal, "ines") as client:
        page = client.get(f"/admin/file?onglet=toutes&{query.format(**known, recent=recent)}")
    found = {name for name, row in rows.items() if row.number in page.text}
    assert found == set(kept.split())


@pytest.mark.parametrize(
    "query", ["statut=ouverte", "dsr=999", "vague=un", "type=x", "gestionnaire=999999", "du=hier", "au=2026-02-30"]
)
def test_filter_that_cannot_be_read_is_an_error_and_shows_nothing(sqlite_portal: Portal, query: str) -> None:
    rows, _ = _filled(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = client.get(f"/admin/file?onglet=toutes&{query}", status=400)
    assert "n'est pas une valeur de ce filtre" in page
    assert not [row.number for row in rows.values() if row.number in page.text]


def test_filters_stay_from_tab_to_tab_and_page_to_page(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    with sqlite_portal.database.writing(Actor.system()) as session:
        numbers = [add_request(session, is_early=number % 2 == 0).number for number in range(90)]
    with office(sqlite_portal, "ines") as client:
        page = client.get("/admin/file?type=initial-anticipe")
        seen = [number for number in numbers if number in page.text]
        page = client.click(page, "Suite")
        seen += [number for number in numbers if number in page.text]
        assert seen == numbers[::2]
        assert "type=initial-anticipe" in next(url for text, url in page.links.items() if text.startswith("Toutes"))
