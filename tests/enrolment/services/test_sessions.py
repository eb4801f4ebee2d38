"""Signed-in browsers: found while they live, ended for good (SEC-4)."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlmodel import Session, select

from enrolment import parameters
from enrolment.services import sessions
from schema.database import Database
from schema.enums import AccountState, StaffRole, WebAudience
from schema.history import Actor
from schema.tables import Account, Parameter, StaffUser, WebSession

SYSTEM = Actor.system()
VENDOR, STAFF = WebAudience.vendor, WebAudience.staff


@pytest.fixture
def account(database: Database) -> Account:
    with database.writing(SYSTEM) as session:
        account = Account(
            login="clefevre",
            email="claire@alize.fr",
            first_name="Claire",
            last_name="Lefèvre",
            state=AccountState.active,
        )
        session.add(account)
    return account


@pytest.fixture
def staff(database: Database) -> StaffUser:
    with database.writing(SYSTEM) as session:
        user = StaffUser(email="ines@asp.example", first_name="Inès", last_name="Moreau", role=StaffRole.manager)
        session.add(user)
    return user


def _open(database: Database, owner: Account | StaffUser, browser: str | None = "Firefox") -> str:
    audience = VENDOR if isinstance(owner, Account) else STAFF
    with database.writing(SYSTEM) as session:
        return sessions.open(session, audience, owner.id, browser)


def _find(database: Database, key: str, audience: WebAudience = VENDOR) -> sessions.SignedIn | None:
    with database.reading() as session:
        return sessions.find(session, audience, key)


def test_key_is_random_and_only_its_fingerprint_is_kept(database: Database, account: Account) -> None:
    # std: SEC-4
    keys = {_open(database, account) for _ in range(20)}
    assert len(keys) == 20
    assert all(len(key) >= 43 for key in keys), "256 bits"
    with database.reading() as session:
        stored = session.exec(select(WebSession.key_hash)).all()
    assert not keys & set(stored)
    found = _find(database, keys.pop())
    assert found is not None
    assert found.account.login == "clefevre"
    assert _find(database, stored[0]) is None, "what is stored opens nothing"


def test_session_of_one_face_opens_nothing_on_the_other(database: Database, account: Account, staff: StaffUser) -> None:
    # std: SEC-4
    vendor_key, staff_key = _open(database, account), _open(database, staff)
    assert _find(database, vendor_key, STAFF) is None
    assert _find(database, staff_key, VENDOR) is None
    found = _find(database, staff_key, STAFF)
    assert found is not None
    assert found.staff.email == "ines@asp.example"
    with pytest.raises(TypeError):
        _ = found.account


def test_idle_session_ends(database: Database, account: Account, clock: time_machine.Traveller) -> None:
    # std: SEC-4
    key = _open(database, account)
    clock.shift(timedelta(minutes=30, seconds=-1))
    assert _find(database, key) is not None
    clock.shift(1)
    assert _find(database, key) is None


def test_used_session_lives_on_until_its_absolute_end(
    database: Database, account: Account, clock: time_machine.Traveller
) -> None:
    # std: SEC-4
    key = _open(database, account)
    lived = timedelta()
    while lived < timedelta(hours=10):
        found = _find(database, key)
        assert found is not None
        with database.writing(SYSTEM) as session:
            sessions.touch(session, found.session.id)
        clock.shift(timedelta(minutes=20))
        lived += timedelta(minutes=20)
    assert _find(database, key) is None


def test_idle_limit_is_the_parameter(database: Database, account: Account, clock: time_machine.Traveller) -> None:
    # rule: R4
    key = _open(database, account)
    with database.writing(SYSTEM) as session:
        row = session.exec(select(Parameter).where(Parameter.code == "session_idle_minutes")).one()
        row.value = "5"
        session.add(row)
    clock.shift(timedelta(minutes=6))
    assert _find(database, key) is None


def test_last_activity_is_written_once_a_minute(
    database: Database, account: Account, clock: time_machine.Traveller
) -> None:
    key = _open(database, account)
    clock.shift(59)
    found = _find(database, key)
    assert found is not None
    assert not found.to_touch
    clock.shift(1)
    found = _find(database, key)
    assert found is not None
    assert found.to_touch
    with database.writing(SYSTEM) as session:
        sessions.touch(session, found.session.id)
    found = _find(database, key)
    assert found is not None
    assert not found.to_touch


def test_finding_takes_one_query(database: Database, account: Account) -> None:
    key = _open(database, account)
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert _find(database, key) is not None
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def test_signing_out_ends_one_and_revoking_all_spares_one(database: Database, account: Account) -> None:
    # std: SEC-4
    first, second, third = (_open(database, account) for _ in range(3))
    with database.writing(SYSTEM) as session:
        sessions.revoke(session, first)
        sessions.revoke(session, "unknown")
    assert _find(database, first) is None
    with database.writing(SYSTEM) as session:
        sessions.revoke_all(session, VENDOR, account.id, but=third)
    assert _find(database, second) is None
    assert _find(database, third) is not None


def test_revoking_a_vendor_leaves_the_staff_of_the_same_number(
    database: Database, account: Account, staff: StaffUser
) -> None:
    assert account.id == staff.id
    key = _open(database, staff)
    with database.writing(SYSTEM) as session:
        sessions.revoke_all(session, VENDOR, account.id)
    assert _find(database, key, STAFF) is not None


def test_closed_owner_is_out_at_once(database: Database, account: Account, staff: StaffUser) -> None:
    # std: SEC-4
    vendor_key, staff_key = _open(database, account), _open(database, staff)
    with database.writing(SYSTEM) as session:
        session.merge(account).state = AccountState.disabled
        session.merge(staff).active = False
    assert _find(database, vendor_key) is None
    assert _find(database, staff_key, STAFF) is None


@pytest.mark.parametrize("browser", [None, "", "\x00\r\n", "Firefox\r\nX: y" + "é" * 400])
def test_any_browser_name_is_taken(database: Database, account: Account, browser: str | None) -> None:
    key = _open(database, account, browser)
    found = _find(database, key)
    assert found is not None
    assert found.session.user_agent is None or found.session.user_agent.isprintable()


def test_parameter_that_is_no_number_or_is_unknown_is_an_error_that_names_it(sqlite_database: Database) -> None:
    # rule: R4
    with sqlite_database.writing(SYSTEM) as session:
        _set(session, "draft_days", "soixante")
        with pytest.raises(parameters.ParameterError, match="Jours pendant lesquels un brouillon est conservé"):
            parameters.number(session, "draft_days")
        with pytest.raises(parameters.ParameterError, match="no_such_code"):
            parameters.text(session, "no_such_code")


def _set(session: Session, code: str, value: str) -> None:
    row = session.exec(select(Parameter).where(Parameter.code == code)).one()
    row.value = value
    session.add(row)
    session.flush()
