"""The queue: what the ASP must act on, oldest first, and who acts on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from enrolment.errors import DomainError
from enrolment.portal import Portal, open_portal
from enrolment.services import queue, taking
from enrolment.services.queue import Place, Tab
from enrolment.services.taking import AlreadyTaken
from schema.database import Database
from schema.enums import ActorKind, RequestStatus, Verb
from schema.history import Actor
from schema.tables import EnrolmentRequest, StaffUser
from tests.admin_app.instruction import current, hire, office
from tests.conftest import settings_for
from tests.rows import add_request
from tests.stories import decide, enrol

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


def _fill(portal: Portal, count: int) -> list[int]:
    """Requests of which each has waited a day less than the one before; every third deposited at the same moment."""
    with portal.database.writing(Actor.system()) as session:
        return [
            add_request(session, status_since=NOW - timedelta(days=count - number // 3), submitted_at=NOW).id
            for number in range(count)
        ]


def test_pages_show_each_request_once_oldest_first(portal: Portal) -> None:
    wanted = _fill(portal, 8)
    for tab in (Tab.to_take, Tab.every):
        seen: list[int] = []
        place = None
        with portal.database.reading() as session:
            while True:
                page = queue.page(session, tab, 0, place, size=3)
                seen += [line.id for line in page.lines]
                place = page.next
                if place is None:
                    break
                place = Place.parse(str(place))
        assert seen == (wanted[::-1] if tab.newest_first else wanted)


def test_tabs_part_the_requests_by_status_and_holder(portal: Portal) -> None:
    people = hire(portal)
    free, mine, waiting, ended = _fill(portal, 4)
    me = Actor.system()
    with portal.database.writing(me) as session:
        session.get_one(EnrolmentRequest, mine).assigned_to_id = people["ines"]
        asked = session.get_one(EnrolmentRequest, waiting)
        asked.status, asked.asked_from = RequestStatus.awaiting_documents, RequestStatus.in_review
        session.get_one(EnrolmentRequest, ended).status = RequestStatus.validated
    with time_machine.travel(NOW), portal.database.reading() as session:
        found = {tab: [line.id for line in queue.page(session, tab, people["ines"]).lines] for tab in Tab}
        counts = queue.counts(session, people["ines"])
    assert found == {
        Tab.to_take: [free],
        Tab.mine: [mine],
        Tab.vendor: [waiting],
        Tab.late: [],
        Tab.ended: [ended],
        Tab.every: [ended, waiting, mine, free],
    }
    assert counts == {tab: str(len(lines)) for tab, lines in found.items()}


def test_no_page_of_the_queue_sorts_or_reads_the_whole_table(sqlite_portal: Portal) -> None:
    """The time of a page must not grow with the table: every statement follows an index from its own end."""
    statements: list[tuple[str, object]] = []
    engine = sqlite_portal.database.engine

    def note(*event: object) -> None:
        statements.append((str(event[2]), event[3]))

    with sqlite_portal.database.reading() as session:
        sa.event.listen(engine, "before_cursor_execute", note)
        for tab in Tab:
            for place in (None, Place(NOW, 1)):
                queue.page(session, tab, 1, place)
        queue.counts(session, 1)
        sa.event.remove(engine, "before_cursor_execute", note)
        plans = [
            (
                statement,
                [
                    str(step[3])
                    for step in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                ],
            )
            for statement, values in statements
            if "FROM request" in statement and "JOIN" not in statement
        ]
    assert len(plans) > 20
    for statement, steps in plans:
        assert not any("TEMP B-TREE" in step for step in steps), (statement, steps)
        assert not any(step == "SCAN request" for step in steps), (statement, steps)


def test_counts_stop_at_their_cap(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_COUNTED", 2)
    _fill(portal, 4)
    with portal.database.reading() as session:
        assert queue.counts(session, 0)[Tab.to_take] == "2+"


def test_lateness_follows_the_delay_of_the_status(portal: Portal) -> None:
    with portal.database.writing(Actor.system()) as session:
        add_request(session, status_since=NOW - timedelta(days=61))
        add_request(session, status_since=NOW - timedelta(days=60))
    with time_machine.travel(NOW), portal.database.reading() as session:
        lines = queue.page(session, Tab.to_take, 0).lines
        late = queue.page(session, Tab.late, 0).lines
    assert [(line.delay.days, line.delay.late) for line in lines] == [(61, 1), (60, 0)]
    assert [line.id for line in late] == [lines[0].id]


@given(st.text(max_size=30))
def test_place_of_any_text_is_one_of_ours_or_refused(text: str) -> None:
    try:
        place = Place.parse(text)
    except DomainError:
        return
    assert place is None or Place.parse(str(place)) == place


def test_two_managers_take_two_files_and_never_the_same(portal: Portal) -> None:
    people = hire(portal)
    wanted = set(_fill(portal, 2))

    def take(name: str) -> int:
        actor = _actor(portal, people[name])
        with portal.database.writing(actor) as session:
            taken = taking.take_next(session, actor)
        assert taken is not None
        return taken.id

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(take, ("ines", "karim"))) == wanted


def test_file_taken_meanwhile_stays_with_its_holder(portal: Portal) -> None:  # std: REL-3
    people = hire(portal)
    key = _fill(portal, 1)[0]
    ines, karim = (_actor(portal, people[name]) for name in ("ines", "karim"))
    with portal.database.writing(ines) as session:
        taking.take(session, ines, key, seen_holder=None)
    with pytest.raises(AlreadyTaken, match="Inès Moreau"), portal.database.writing(karim) as session:
        taking.take(session, karim, key, seen_holder=None)
    with pytest.raises(AlreadyTaken), portal.database.writing(karim) as session:
        taking.release(session, karim, key)
    with portal.database.writing(karim) as session:
        assert taking.take(session, karim, key, seen_holder=ines.id).assigned_to_id == karim.id
    with portal.database.writing(karim) as session:
        assert taking.release(session, karim, key).assigned_to_id is None


def test_manager_starts_at_the_queue_takes_a_file_and_gives_it_back(sqlite_portal: Portal) -> None:
    people = hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = client.get("/admin/")
        assert page.path == "/admin/file"
        assert request.number in page.links
        page = client.submit(page.form_named("Prendre le plus ancien"))
        assert page.path == f"/admin/demandes/{request.id}"
        assert current(sqlite_portal, request).assigned_to_id == people["ines"]
        with office(sqlite_portal, "karim") as other:
            assert request.number not in other.get("/admin/file").links
            assert "Inès Moreau" in other.get("/admin/file?onglet=toutes")
        page = client.submit(page.form_named("Rendre à la file"))
        assert "rendu à la file d'attente" in page.text
        assert current(sqlite_portal, request).assigned_to_id is None
        page = client.get("/admin/file")
        client.submit(page.form_named(f"Prendre {request.number}"))
        assert current(sqlite_portal, request).assigned_to_id == people["ines"]


def test_search_finds_by_number_siret_company_and_ans_number(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    with time_machine.travel(NOW, tick=True):
        request = enrol(sqlite_portal, legal_name="Cœur & Santé", registry_name="COEUR ET SANTE")
        other = enrol(sqlite_portal, siret="35600000049837", legal_name="La Poste", registry_name="LA POSTE")
    with sqlite_portal.database.reading() as session:
        ans_number = queue.lines(session, [request.id])[0].ans_number
    with office(sqlite_portal, "luc") as client:
        for typed in (
            request.number,
            "1",
            "732 829 320 00074",
            "732829320",
            "coeur",
            "CŒUR",
            ans_number,
            ans_number.lower(),
        ):
            page = client.get("/admin/file", params={"recherche": typed})
            assert request.number in page.links, typed
            assert other.number not in page.links, typed
        assert "Aucune demande ne répond" in client.get("/admin/file", params={"recherche": "<script>%_\\"}).text


def test_wrong_place_in_the_address_is_refused(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        client.get("/admin/file?apres=1-x", status=400)


def test_decided_file_leaves_the_queue(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    decide(sqlite_portal, request.id, Verb.reject, "Doublon")
    with office(sqlite_portal, "ines") as client:
        assert request.number not in client.get("/admin/file").links
        assert request.number in client.get("/admin/file?onglet=terminees").links


def _actor(portal: Portal, key: int) -> Actor:
    with portal.database.reading() as session:
        row = session.get_one(StaffUser, key)
        return Actor(ActorKind.staff, row.id, f"{row.first_name} {row.last_name}")
