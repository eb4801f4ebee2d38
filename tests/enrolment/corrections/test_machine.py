"""Any sequence of corrections, files, other people's changes, deaths of the worker, undoings: data and history agree.

The invariant: what the history tells of a row, replayed from its creation, is what the row holds; its version counts
its changes; each correction counts its lines as they are; and an undoing gave back all that was not changed since.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import Session, select

from enrolment.corrections import codecs, files, lines, running, steering
from enrolment.corrections.recipes import Act, Assignment, Recipe
from enrolment.errors import DomainError
from schema.database import Database
from schema.enums import CorrectionOutcome, CorrectionState, ImportMode, Operation
from schema.staging import GROUPS, LINES
from schema.tables import Correction, HistoryEntry, Provider
from tests import postgres
from tests.enrolment.corrections.records import STEWARD, add_providers, asked, means, siret_of

CITIES = ("ST DENIS", "Saint-Denis", "Lyon", "LYON", "Nîmes")
COLUMNS = ("city", "trade_name", "building", "post_code", "street_extension")
VALUES: dict[str, tuple[str, ...]] = {
    "city": CITIES,
    "trade_name": ("Alizé", "ALIZE", "Nova"),
    "building": ("Bâtiment C", "Hall 2", ""),
    "post_code": ("93200", "69003", "9320"),
    "street_extension": ("bis", "ter", ""),
}
_TEXTS = ("city", "trade_name", "building")


def _assignments() -> st.SearchStrategy[tuple[Assignment, ...]]:
    constant = st.sampled_from(COLUMNS).flatmap(
        lambda name: st.sampled_from(VALUES[name]).map(lambda value: Assignment(name, Act.constant, value))
    )
    changed = st.builds(Assignment, st.sampled_from(_TEXTS), st.sampled_from((Act.capitals, Act.initials)))
    replaced = st.just(Assignment("city", Act.substitute, "Saint-", search="ST "))
    copied = st.just(Assignment("trade_name", Act.copy, other="legal_name"))
    emptied = st.just(Assignment("building", Act.clear))
    one = st.one_of(constant, changed, replaced, copied, emptied)
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda assignment: assignment.column).map(tuple)


class Corrections(RuleBasedStateMachine):
    """One database, a few providers, everything that can happen to them."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.database = self.opened()
        add_providers(self.database, (CITIES[number % len(CITIES)] for number in range(12)))
        self.known = {row.id for row in self._rows()}

    def opened(self) -> Database:
        """A database of its own."""
        raise NotImplementedError

    # What people and the worker do.

    @precondition(lambda self: self._waiting() < 3)
    @rule(city=st.sampled_from((None, *CITIES)), assignments=_assignments())
    def ask(self, city: str | None, assignments: tuple[Assignment, ...]) -> None:
        """A correction by filter; what it says of no row, or of no column, is refused in words."""
        recipe = Recipe(query=(("city", city),) if city else (), assignments=assignments)
        with self._refused(), self.database.writing(STEWARD) as session:
            asked(session, recipe)

    @precondition(lambda self: self._waiting() < 3)
    @rule(
        cells=st.lists(
            st.tuples(st.integers(0, 15), st.sampled_from(CITIES), st.sampled_from(VALUES["building"])), max_size=6
        ),
        mode=st.sampled_from((ImportMode.update, ImportMode.upsert)),
    )
    def bring_a_file(self, cells: list[tuple[int, str, str]], mode: ImportMode) -> None:
        """A file keyed by the number of the company: some lines twice, some of companies that nobody knows."""
        header = "siret;city;building;legal_name;trade_name;street_type_id;street_name;post_code"
        rows = [
            f"{siret_of(n + 1)};{city};{building};Éditeur {n};Nova;RUE;des Lilas;93200" for n, city, building in cells
        ]
        content = io.BytesIO("\r\n".join([header, *rows]).encode())
        with self._refused():
            files.ask(
                means(self.database),
                STEWARD,
                Provider,
                content,
                file_name="fournisseurs.csv",
                key=["siret"],
                mode=mode,
                title="Fichier",
                reason="Fusion",
                every=True,
            )

    @rule(place=st.integers(0, 11), name=st.sampled_from(_TEXTS), data=st.data())
    def somebody_changes_a_row(self, place: int, name: str, data: st.DataObject) -> None:
        """A manager at work."""
        value = data.draw(st.sampled_from(VALUES[name])) or None
        with self.database.writing(STEWARD) as session:
            rows = session.exec(select(Provider).order_by(Provider.id)).all()
            setattr(rows[place % len(rows)], name, value)

    @rule(place=st.integers(12, 20))
    def somebody_deletes_a_new_row(self, place: int) -> None:
        """Only what a file created: the first ones stay."""
        with self.database.writing(STEWARD) as session:
            rows = session.exec(select(Provider).order_by(Provider.id)).all()
            if place < len(rows):
                session.delete(rows[place])

    @rule()
    def the_worker_does_one_part_and_dies(self) -> None:
        """Nothing is kept from one turn to the next."""
        with self.database.reading() as session:
            active = session.exec(select(Correction.id).where(Correction.state.in_(_ACTIVE))).all()  # type: ignore[attr-defined]
        for number in active[:1]:
            unfinished: running.Unfinished = {}
            running.go_on(means(self.database), number, time.monotonic(), unfinished)
            for work in unfinished.values():
                work.close()

    @rule()
    def everything_that_is_ready_is_applied(self) -> None:
        """Somebody agrees to all that was prepared, whatever is set aside."""
        with self.database.writing(STEWARD) as session:
            ready = session.exec(select(Correction.public_id).where(Correction.state == CorrectionState.frozen)).all()
        for public_id in ready:
            with self._refused(), self.database.writing(STEWARD) as session:
                steering.apply(session, public_id, others=True)

    @rule(again=st.booleans())
    def the_worker_works_on(self, *, again: bool) -> None:
        """Until nothing is left to do. `again` only makes it come more often."""
        with self.database.reading() as session:
            active = session.exec(select(Correction.id).where(Correction.state.in_(_ACTIVE))).all()  # type: ignore[attr-defined]
        for number in active:
            running.finish(means(self.database), number)

    @rule(act=st.sampled_from(("apply", "pause", "resume", "cancel")), place=st.integers(0, 5), others=st.booleans())
    def steer(self, act: str, place: int, *, others: bool) -> None:
        """Somebody presses a button, at the right moment or not."""
        public_id = self._pick(place)
        if public_id is None:
            return
        with self._refused(), self.database.writing(STEWARD) as session:
            if act == "apply":
                steering.apply(session, public_id, others=others)
            else:
                getattr(steering, act)(session, public_id)

    @precondition(lambda self: self._pick(0) is not None)
    @rule(place=st.integers(0, 5), with_groups=st.booleans())
    def undo(self, place: int, *, with_groups: bool) -> None:
        """The whole, or the first group of changes."""
        public_id = self._pick(place)
        assert public_id is not None
        with self._refused(), self.database.writing(STEWARD) as session:
            found = steering.find(session, public_id)
            ranks = session.execute(sa.select(GROUPS.c.rank).where(GROUPS.c.correction_id == found.id)).scalars().all()
            groups = tuple(ranks[:1]) if with_groups else ()
            steering.undo(session, STEWARD, public_id, reason="Erreur", groups=groups)

    # What always holds.

    @invariant()
    def history_replayed_gives_the_rows(self) -> None:
        """Data and history explain each other."""
        with self.database.reading() as session:
            told, changes = _replayed(session)
            rows = {row.id: row for row in session.exec(select(Provider)).all()}
        assert told.keys() == rows.keys()
        for key, row in rows.items():
            held = {name: codecs.kept(getattr(row, name)) for name in COLUMNS}
            assert {name: told[key].get(name) for name in COLUMNS} == held, key
            assert row.row_version == 1 + changes[key], key

    @invariant()
    def corrections_count_their_lines(self) -> None:
        """What a correction says of itself is what its lines say, and what the history has of its batch."""
        with self.database.reading() as session:
            for correction in session.exec(select(Correction)).all():
                standing = lines.as_they_stand(correction).subquery()
                outcomes = session.execute(
                    sa.select(standing.c.outcome, sa.func.count()).group_by(standing.c.outcome)
                ).all()
                counted = {outcome: number for outcome, number in outcomes}  # noqa: C416  Rows are no pairs.
                assert counted.get(CorrectionOutcome.applied.value, 0) == correction.applied
                assert counted.get(CorrectionOutcome.conflict.value, 0) == correction.conflicts
                batch = sa.select(sa.func.count()).where(HistoryEntry.batch == correction.public_id)  # type: ignore[arg-type]
                assert session.execute(batch).scalar_one() == correction.applied

    @invariant()
    def a_whole_undoing_gave_back_what_was_not_changed_since(self) -> None:
        """An applied line of an undoing holds what the first correction found, until somebody changes it again."""
        with self.database.reading() as session:
            last: dict[int, str | None] = {}
            for entry in session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "provider")).all():
                last[entry.row_id] = entry.batch
            for undoing in session.exec(select(Correction).where(Correction.undoes_id.is_not(None))).all():  # type: ignore[union-attr]
                first = {line.row_id: line.changes for line in _lines(session, undoing.undoes_id)}
                for line in _lines(session, undoing.id):
                    if last[line.row_id] != undoing.public_id or line.operation != Operation.update.value:
                        continue
                    row = session.get_one(Provider, line.row_id)
                    for name in line.changes:
                        assert codecs.kept(getattr(row, name)) == first[line.row_id][name][0]

    @invariant()
    def nothing_of_an_undone_correction_stands(self) -> None:
        """No column was last written by it, nor by what did it again."""
        with self.database.reading() as session:
            corrections = session.exec(select(Correction)).all()
            last: dict[tuple[int, str], str | None] = {}
            for entry in session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "provider")).all():
                last.update(dict.fromkeys(((entry.row_id, name) for name in entry.changes), entry.batch))
            present = {row.id for row in session.exec(select(Provider)).all()}
            for correction in corrections:
                if correction.state is not CorrectionState.undone:
                    continue
                own = _family(corrections, correction)
                for line in _lines(session, correction.id):
                    if line.row_id in present:
                        assert not [name for name in line.changes if last[line.row_id, name] in own], correction.id

    # Means.

    def _waiting(self) -> int:
        with self.database.reading() as session:
            return len(session.exec(select(Correction.id).where(Correction.state.not_in(steering.ENDED))).all())  # type: ignore[attr-defined]

    def _rows(self) -> list[Provider]:
        with self.database.reading() as session:
            return list(session.exec(select(Provider)).all())

    def _pick(self, place: int) -> str | None:
        with self.database.reading() as session:
            found = list(session.exec(select(Correction.public_id).order_by(Correction.id.desc())).all())  # type: ignore[attr-defined]
        return found[place % len(found)] if found else None

    def _refused(self) -> Any:
        """Whatever is refused is refused in words."""
        return _InWords()


class _InWords:
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        assert not isinstance(error, DomainError) or error.message
        return isinstance(error, DomainError)


_ACTIVE = (CorrectionState.preparing, CorrectionState.applying)


def _family(corrections: Sequence[Correction], correction: Correction) -> set[str]:
    """A correction and all that did it again: those that undo what undoes it, and so on."""
    back = {one.id for one in corrections if one.undoes_id == correction.id}
    again = [one for one in corrections if one.undoes_id in back]
    return {correction.public_id}.union(*(_family(corrections, one) for one in again))


def _lines(session: Session, correction_id: int | None) -> list[Any]:
    applied = lines.applied(session.get_one(Correction, correction_id))
    return list(session.execute(sa.select(LINES).where(applied)).all())


def _replayed(session: Session) -> tuple[dict[int, dict[str, Any]], dict[int, int]]:
    """Each row as the history tells it, and how often it changed since its creation."""
    told: dict[int, dict[str, Any]] = {}
    changes: dict[int, int] = {}
    history = select(HistoryEntry).where(HistoryEntry.table_name == "provider").order_by(HistoryEntry.id)  # type: ignore[arg-type]
    for entry in session.exec(history).all():
        if entry.operation is Operation.delete:
            held = told.pop(entry.row_id)
            said = {name: before for name, (before, _) in entry.changes.items()}
            assert {name: said.get(name) for name in held} == held, entry.id
            continue
        if entry.operation is Operation.insert:
            told[entry.row_id], changes[entry.row_id] = {}, 0
        else:
            changes[entry.row_id] += 1
        for name, (before, after) in entry.changes.items():
            assert entry.operation is Operation.insert or told[entry.row_id].get(name) == before, (name, entry.id)
            told[entry.row_id][name] = after
    return told, changes


def test_data_and_history_agree_on_sqlite(sqlite_template: Path) -> None:
    class OnSqlite(Corrections):
        def opened(self) -> Database:
            self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
            shutil.copy(sqlite_template, self.folder / "portal.sqlite3")
            return Database(f"sqlite:///{self.folder / 'portal.sqlite3'}")

        def teardown(self) -> None:
            self.database.dispose()
            shutil.rmtree(self.folder)

    run_state_machine_as_test(OnSqlite, settings=_settings(examples=15))


@pytest.mark.slow
def test_data_and_history_agree_on_sqlite_at_length(sqlite_template: Path) -> None:
    class OnSqlite(Corrections):
        def opened(self) -> Database:
            self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
            shutil.copy(sqlite_template, self.folder / "portal.sqlite3")
            return Database(f"sqlite:///{self.folder / 'portal.sqlite3'}")

        def teardown(self) -> None:
            self.database.dispose()
            shutil.rmtree(self.folder)

    run_state_machine_as_test(OnSqlite, settings=_settings(examples=150))


def test_data_and_history_agree_on_postgresql(postgres_template: str) -> None:
    class OnPostgres(Corrections):
        def opened(self) -> Database:
            self.url = postgres.shared().create_database(postgres_template)
            return Database(self.url)

        def teardown(self) -> None:
            self.database.dispose()
            postgres.shared().drop(self.url)

    run_state_machine_as_test(OnPostgres, settings=_settings(examples=5))


def _settings(examples: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
