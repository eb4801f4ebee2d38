"""The demonstration grown: as many requests as asked for, values as columns take them, and a portal that works."""

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from enrolment.corrections.recipes import correctable
from enrolment.doctor import report
from enrolment.errors import Refused
from enrolment.portal import Portal
from enrolment.services import numbers
from schema import text_index
from schema.base import Table, table_of
from schema.database import Database
from schema.describe import fields
from schema.history import Actor
from schema.tables import (
    Account,
    BankAccount,
    EnrolmentRequest,
    HistoryEntry,
    OutgoingMail,
    Person,
    Provider,
    Referencing,
    RegistryEntry,
)
from schema.types import InvalidValue
from seeds.demo.load import load_demo
from seeds.demo.volume import grow_demo
from seeds.demo.volume_rows import BANKS

_COUNT = 600
_MODELS: tuple[type[Table], ...] = (
    Provider,
    Person,
    BankAccount,
    Referencing,
    RegistryEntry,
    Account,
    EnrolmentRequest,
    OutgoingMail,
)
_KEYS = frozenset({"siret", "siren", "email", "recipient", "number"})
_ACTOR = Actor.system("Essai")


@pytest.fixture
def grown(sqlite_portal: Portal) -> Portal:
    load_demo(sqlite_portal.database, sqlite_portal.storage, sqlite_portal.settings)
    grow_demo(sqlite_portal.database, _COUNT, lambda done, total: None)
    return sqlite_portal


def test_demonstration_grows_to_the_number_asked_for_and_no_further(grown: Portal) -> None:
    told: list[tuple[int, int]] = []
    assert grow_demo(grown.database, _COUNT, lambda done, total: told.append((done, total))) == 0
    assert grow_demo(grown.database, _COUNT + 50, lambda done, total: told.append((done, total))) == 50
    assert told == sorted(told)
    with grown.database.reading() as session:
        assert session.exec(select(func.count()).select_from(EnrolmentRequest)).one() == _COUNT + 50
        assert session.execute(sa.text("PRAGMA foreign_key_check")).all() == []
        assert session.execute(sa.text("PRAGMA integrity_check")).scalar_one() == "ok"


def test_rows_are_as_their_columns_take_them_but_for_the_mistakes_of_people(grown: Portal) -> None:
    wrong: Counter[str] = Counter()
    with grown.database.reading() as session:
        for model in (
            Provider,
            Person,
            BankAccount,
            Referencing,
            RegistryEntry,
            Account,
            EnrolmentRequest,
            OutgoingMail,
        ):
            for row in session.execute(sa.select(table_of(model))).mappings():
                wrong.update(_wrong(model, row))
    assert set(wrong) <= {"person.phone"}
    assert 0 < wrong["person.phone"] < _COUNT / 20


def _wrong(model: type[Table], row: sa.RowMapping) -> list[str]:
    """Columns whose value is not what its type would write; what the services wrote themselves is trusted."""
    found = []
    for spec in fields(model):
        value = row[spec.name]
        if (
            spec.field_type is None
            or not isinstance(value, str)
            or not (spec in correctable(model) or spec.name in _KEYS)
        ):
            continue
        try:
            right = spec.clean(value) == value
        except InvalidValue:
            right = False
        if not right:
            found.append(f"{spec.table}.{spec.name}")
    return found


def test_checks_find_what_there_is_to_correct_and_nothing_that_is_broken(grown: Portal) -> None:
    report.run(grown)
    with grown.database.reading() as session:
        found = {finding.check.code: finding.found for finding in report.findings(session)}
    for code in ("provider_city_spelling", "person_not_normal", "bank_incoherent"):
        assert 0 < found[code] < _COUNT / 4, code
    mistakes = {"provider_closed", "provider_named_otherwise", "bank_check_stale", "mail_parked", "mail_waiting"}
    assert set(found) <= {"provider_city_spelling", "person_not_normal", "bank_incoherent", *mistakes}


def test_every_bank_of_the_demonstration_is_known_by_that_bic_and_name(grown: Portal) -> None:
    with grown.database.reading() as session:
        rows = session.execute(sa.select(table_of(BankAccount).c.domiciliation).distinct()).scalars().all()
    assert {name for _, _, name in BANKS} <= set(rows)
    with grown.database.reading() as session:
        assert not report.examine(grown, session, report.named("bank_named_otherwise"))


def test_portal_goes_on_where_the_growth_stopped(grown: Portal) -> None:
    with grown.database.reading() as session:
        numbers_given = set(session.exec(select(EnrolmentRequest.number)))
        assert not text_index.is_behind(session)
        assert session.exec(select(func.count()).select_from(HistoryEntry)).one() > 0
    with grown.database.writing(_ACTOR) as session:
        assert numbers.next_number(session, "ENR") not in numbers_given
        # Triggers are back: the index of words follows a change.
        session.execute(sa.update(table_of(Provider)).where(table_of(Provider).c.id == 1).values(city="Stains"))
    with grown.database.reading() as session:
        assert text_index.is_behind(session)


def test_what_stops_the_growth_leaves_the_database_as_it_was(grown: Portal) -> None:
    path = Path(str(grown.database.url.database))
    before = path.read_bytes()

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grow_demo(grown.database, _COUNT * 2, stop)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir() if "growing" in file.name] == []


def test_growth_is_refused_where_it_cannot_be(postgres_template: str, sqlite_database: Database) -> None:
    with pytest.raises(Refused, match="SQLite"):
        grow_demo(Database(postgres_template), 10, lambda done, total: None)
    with pytest.raises(Refused, match="de 1 à"):
        grow_demo(sqlite_database, 0, lambda done, total: None)
