"""The index of words knows every row that holds a word, whatever was added, changed and deleted since it was brought up
to date, and nothing else once it is.
"""

import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from schema import text_index
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import field
from schema.history import Actor
from schema.migrate import upgrade
from schema.tables import HistoryEntry, Person, Provider
from tests.rows import add_provider
from tests.schema.migrating import go

_WORDS = ("galien", "hygie", "pasteur")
_ROW = st.integers(0, 9)
_OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), _ROW, st.sampled_from(_WORDS)),
        st.tuples(st.just("change"), _ROW, st.sampled_from(_WORDS)),
        st.tuples(st.just("delete"), _ROW, st.just("")),
        st.tuples(st.just("refresh"), st.integers(1, 4), st.just("")),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('words')}/words.sqlite3")
    upgrade(opened.engine)
    return opened


@pytest.mark.parametrize(("model", "name"), [(HistoryEntry, "actor_label"), (Person, "last_name")])
@given(operations=_OPERATIONS)
@settings(max_examples=150)
def test_index_knows_every_row_that_holds_a_word(
    database: Database, model: type[Table], name: str, operations: list[tuple[str, int, str]]
) -> None:
    with Session(database.engine) as session:
        keys = _Keys(session, model, name)
        for operation, place, word in operations:
            getattr(keys, operation)(place, word)
            for asked in _WORDS:
                assert keys.holding(asked) <= keys.told(asked)
                for most, below in ((1, None), (2, None), (1, max(keys.holding(asked), default=0))):
                    keys.require_newest(asked, most, below)
        while text_index.is_behind(session):
            text_index.refresh(session, most=2)
        for asked in _WORDS:
            assert keys.holding(asked) == keys.told(asked)
        session.rollback()


class _Keys:
    """Rows of one table whose texts change without a model, as a correction changes them."""

    def __init__(self, session: Session, model: type[Table], name: str) -> None:
        self._session, self._model, self._name = session, model, name
        self._table: Any = table_of(model)
        self._owners = itertools.count(1)
        session.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")

    def add(self, place: int, word: str) -> None:
        at = sa.func.current_timestamp()
        of_all = {"row_version": 1, "created_at": at, "updated_at": at, self._name: word}
        own = (
            {"at": at, "table_name": "provider", "row_id": place, "operation": "update", "changes": {}}
            | {"actor_kind": "system"}
            if self._model is HistoryEntry
            else {
                "provider_id": next(self._owners),
                "role": "representative",
                "first_name": "A",
                "email": "a@b.fr",
                "phone": "+33478001234",
            }
        )
        self._session.execute(sa.insert(self._table).values({**of_all, **own}))

    def change(self, place: int, word: str) -> None:
        for key in self._one(place):
            self._session.execute(sa.update(self._table).where(self._table.c.id == key).values({self._name: word}))

    def delete(self, place: int, _: str) -> None:
        for key in self._one(place):
            self._session.execute(sa.delete(self._table).where(self._table.c.id == key))

    def refresh(self, most: int, _: str) -> None:
        text_index.refresh(self._session, most)

    def holding(self, word: str) -> set[int]:
        return set(self._session.scalars(sa.select(self._table.c.id).where(self._table.c[self._name] == word)))

    def told(self, word: str) -> set[int]:
        asked = text_index.candidates(self._session, self._model, (field(self._model, self._name),), [word])
        assert asked is not None
        there = sa.select(self._table.c.id).where(self._table.c.id.in_(asked))
        return set(self._session.scalars(there))

    def require_newest(self, word: str, most: int, below: int | None) -> None:
        newest = text_index.newest(self._session, self._model, (field(self._model, self._name),), [word], most, below)
        assert len(newest) >= most or not newest
        near = {key for key in self.holding(word) if newest and key >= min(newest) and (not below or key < below)}
        assert near <= set(newest)
        assert below is None or all(key < below for key in newest)

    def _one(self, place: int) -> list[int]:
        keys = list(self._session.scalars(sa.select(self._table.c.id).order_by(self._table.c.id.desc())))
        return keys[place : place + 1]


def test_rows_that_wait_for_the_index_are_not_forgotten_by_its_migration(sqlite_database: Database) -> None:
    # std: REL-9
    with sqlite_database.writing(Actor.system("Vésale")) as session:
        add_provider(session).legal_name = "Maison Vésale"
    for verb, revision in (("downgrade", "0021"), ("upgrade", "head")):
        go(sqlite_database, verb, revision)
        if revision == "head":
            _require_known(sqlite_database)
    with sqlite_database.writing(Actor.system()) as session:
        while text_index.is_behind(session):
            text_index.refresh(session)
    _require_known(sqlite_database)


def _require_known(database: Database) -> None:
    with database.reading() as session:
        for model, name in ((Provider, "legal_name"), (HistoryEntry, "actor_label")):
            asked = text_index.candidates(session, model, (field(model, name),), ["vésale"])
            held = sa.select(table_of(model).c.id).where(table_of(model).c[name].like("%Vésale%"))
            assert asked is not None
            found = set(session.scalars(held))
            assert found
            assert found <= set(session.scalars(asked))
