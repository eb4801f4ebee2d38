"""A page reads the same in each of the ways that it may be read, and says so when it takes too long."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select
from starlette.datastructures import QueryParams

from admin_app import lessons, listing, reading
from enrolment.portal import Portal
from enrolment.records import presentation
from schema import limits, text_index
from schema.base import table_of
from schema.enums import RegistryOutcome, StaffRole
from schema.history import Actor
from schema.tables import Provider, StreetType
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import NOW, first

_NAMES = ("Éole Santé", "Nova Cœur", "éole", "Alizé", "Œuvre", "ZZ")
_FILTERS = (
    "",
    "city=Lyon",
    "city__sauf=Lyon",
    "legal_name__contient=eole",
    "recherche=coeur",
    "registry_checked_at__vide=non",
)
_WAYS = {
    "few rows, sorted": {},
    "some rows, sorted": {"_FEW": -1, "_STEPS_OF_WALK": 0, "_STEPS_AS_IT_IS": 0},
    "along the index, through the keys": {"_FEW": -1, "_STEPS_AS_IT_IS": 0},
    "the newest that hold a word": {"_FEW": -1, "_MOST_AT_ONCE": 8},
    "along the index": {"_FEW": -1, "_SOME": -1},
    "as it is": {"_FEW": -1, "_SOME": -1, "_STEPS_OF_WALK": 0, "_STEPS_AS_IT_IS": 0},
}


@pytest.fixture(autouse=True)
def _unlearned() -> None:
    lessons._KEPT.clear()


@pytest.fixture
def companies(portal: Portal) -> Portal:
    """Some companies with equal names, empty dates and every answer of the register."""
    with portal.database.writing(Actor.system()) as session:
        street = first(session, StreetType).id
        for number, (name, outcome) in enumerate(itertools.product(_NAMES, RegistryOutcome)):
            session.add(
                Provider(
                    siret=f"{90000000000000 + number}",
                    legal_name=name,
                    trade_name="Soins",
                    street_type_id=street,
                    street_name="des Lilas",
                    post_code="69001",
                    city="Lyon" if number % 3 else "Nîmes",
                    registry_outcome=outcome,
                    registry_checked_at=NOW if number % 2 else None,
                )
            )
    return portal


def test_every_way_gives_the_same_pages(companies: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, list[list[int]]] = {}
    with companies.database.writing(Actor.system()) as session:
        if companies.database.is_sqlite:
            text_index.refresh(session, most=10_000)
        renamed = session.exec(select(Provider).where(Provider.legal_name == "Éole Santé")).first()
        assert renamed is not None
        renamed.legal_name = "Éole Santé Lyon"
    with companies.database.reading() as session:
        for (way, settings), seconds in itertools.product(_WAYS.items(), (-1.0, 600.0)):
            lessons._KEPT.clear()
            with monkeypatch.context() as patch:
                patch.setattr(lessons, "_SECONDS", seconds)
                patch.setattr(limits, "_LOOK_EVERY", 1)
                # Only the steps decide here, never how busy the machine is.
                patch.setattr(reading, "MOST_SECONDS", 600.0)
                for name, value in settings.items():
                    patch.setattr(reading, name, value)
                found[f"{way}, {seconds}"] = [
                    _walk(session, f"{kept}&tri={spec.name}&sens={direction}")
                    for kept in _FILTERS
                    for spec in presentation.sortable(Provider)
                    for direction in ("asc", "desc")
                ]
    ways = list(found.values())
    assert any(len(keys) > 7 for keys in ways[0])
    assert all(way == ways[0] for way in ways)


def _walk(session: Session, query: str) -> list[int]:
    """The keys of every page, in steps of seven."""
    seen: list[int] = []
    address = f"/x?{query}&taille=7"
    while address:
        params = QueryParams(address.partition("?")[2])
        page = listing.page(session, Provider, sa.select(Provider), "/x", params)
        assert not page.filters.problems
        seen += [row.id for row in page.rows]
        address = page.links.next_url or ""
    assert len(seen) == len(set(seen))
    return seen


def test_what_was_tried_in_vain_is_not_tried_on_the_next_page(
    companies: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not companies.database.is_sqlite:
        return
    monkeypatch.setattr(limits, "_LOOK_EVERY", 1)
    tried: list[int] = []
    bounded = limits.at_most_steps
    monkeypatch.setattr(reading, "at_most_steps", lambda session, steps: tried.append(steps) or bounded(session, steps))
    # A count that is stopped says nothing, and is tried again: here none is.
    settings = _WAYS["as it is"] | {"_FEW": 5, "_FEW_COUNTED": 3, "MOST_COUNTED": 8}
    for name, value in settings.items():
        monkeypatch.setattr(reading, name, value)
    query = "/x?city=Lyon&legal_name__contient=eole&tri=trade_name&taille=2"
    with companies.database.reading() as session:
        for turn in range(2):
            tried.clear()
            page = listing.page(session, Provider, sa.select(Provider), "/x", QueryParams(query.partition("?")[2]))
            assert len(page.rows) == 2
            assert page.count == reading.Count(3, capped=True)
            assert bool(tried) is (turn == 0)
            assert page.links.next_url
            query = page.links.next_url


def test_only_a_count_that_says_more_than_is_remembered(companies: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_FEW", -1)
    for most, said in ((1_000, ["8", "7"]), (3, ["plus de 3", "plus de 3"])):
        monkeypatch.setattr(reading, "_FEW_COUNTED", most)
        monkeypatch.setattr(reading, "MOST_COUNTED", most)
        lessons._KEPT.clear()
        with companies.database.writing(Actor.system()) as session:
            assert _count(session) == said[0]
            session.delete(session.exec(select(Provider).where(Provider.city == "Nîmes")).first())
            session.flush()
            assert _count(session) == said[1]


def _count(session: Session) -> str:
    page = listing.page(session, Provider, sa.select(Provider), "/x", QueryParams("city=N%C3%AEmes"))
    return page.count.said


def test_a_filter_that_takes_too_long_says_so(
    office: Portal, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_LOOK_EVERY", 1)
    for name, value in {**_WAYS["as it is"], "MOST_SECONDS": -1.0}.items():
        monkeypatch.setattr(reading, name, value)
    page = signed_in(office, StaffRole.administrator).get("/admin/provider/list?city=Lyon", status=400)
    assert "demande de lire trop de lignes" in page
    assert "73282932000074" not in page.html


def test_index_of_words_knows_every_row_that_holds_a_word(companies: Portal) -> None:
    """Before and after it is brought up to date, after a change and after a deletion; it may know more, never less."""
    if not companies.database.is_sqlite:
        return
    (name,) = (spec for spec in text_index.indexed(Provider) if spec.name == "legal_name")
    with companies.database.writing(Actor.system()) as session:
        for _ in range(2):
            for word in ("eole", "ÉOLE", "cœur", "oeuvre", "santé"):
                held = _keys(session, f"legal_name__contient={word}")
                asked = text_index.candidates(session, Provider, (name,), [word])
                assert asked is not None
                assert held
                assert held <= set(session.scalars(asked))
            text_index.refresh(session, most=10_000)
        assert not text_index.is_behind(session)
        gone, changed = (
            session.exec(select(Provider).where(Provider.legal_name == kept)).first() for kept in ("Nova Cœur", "ZZ")
        )
        assert gone is not None
        assert changed is not None
        session.delete(gone)
        changed.legal_name = "Galien"
        session.flush()
        assert text_index.is_behind(session)
        text_index.refresh(session)
        asked = text_index.candidates(session, Provider, (name,), ["galien"])
        assert asked is not None
        assert set(session.scalars(asked)) == {changed.id}
        assert text_index.candidates(session, Provider, (name,), ["ga"]) is None


def _keys(session: Session, query: str) -> set[int]:
    page = listing.page(session, Provider, sa.select(table_of(Provider)), "/x", QueryParams(f"{query}&taille=100"))
    return {row.id for row in page.rows}
