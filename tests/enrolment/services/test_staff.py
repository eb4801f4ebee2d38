"""The ASP's staff: added, given a password or a one-time link to choose it, signed in, closed at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.links import ExpiredLink, InvalidLink, Links, Purpose
from enrolment.services import passwords, sessions, staff, staff_links
from enrolment.services.accounts import PasswordRefused
from schema.database import Database
from schema.enums import StaffRole, WebAudience
from schema.history import Actor
from schema.tables import HistoryEntry, OutgoingMail, StaffUser

SYSTEM = Actor.system()
GOOD = "le petit chat dort sur un banc"
pytestmark = pytest.mark.usefixtures("cheap_hashing")


@dataclass(frozen=True)
class Added:
    """Somebody with a password that nobody chose."""

    user: StaffUser
    password: str


def _add(database: Database, email: str = "ines.moreau@asp.example") -> Added:
    with database.writing(SYSTEM) as session:
        user = staff.add(session, SYSTEM, email=email, first_name="Inès", last_name="Moreau", role=StaffRole.manager)
        assert user.password_hash is None
        return Added(user, staff.set_password(session, SYSTEM, user))


def _authenticate(database: Database, password: str, email: str = "Ines.Moreau@asp.example") -> bool:
    with database.reading() as session:
        return staff.authenticate(session, email, password) is not None


def test_added_person_signs_in_with_the_generated_password(database: Database) -> None:
    # std: SEC-5
    added = _add(database)
    assert passwords.check(added.password, staff.owner(added.user)) == []
    assert _authenticate(database, added.password)
    assert not _authenticate(database, added.password.lower())
    assert not _authenticate(database, added.password, "nobody@asp.example")


def test_known_address_and_wrong_values_are_refused(sqlite_database: Database) -> None:
    _add(sqlite_database)
    with pytest.raises(Conflict):
        _add(sqlite_database, "INES.moreau@asp.example")
    with pytest.raises(Refused):
        _add(sqlite_database, "no address")
    with sqlite_database.reading() as session, pytest.raises(NotFound):
        staff.get(session, "nobody@asp.example")


def test_new_password_ends_sessions_and_must_be_strong(database: Database) -> None:
    # std: SEC-4
    user = _add(database).user
    with database.writing(SYSTEM) as session:
        key = sessions.open(session, WebAudience.staff, user.id, None)
        with pytest.raises(PasswordRefused):
            staff.set_password(session, SYSTEM, staff.get(session, user.email), "gR7!kp2Vw;q9")
    with database.writing(SYSTEM) as session:
        assert staff.set_password(session, SYSTEM, staff.get(session, user.email), GOOD) == GOOD
    with database.reading() as session:
        assert sessions.find(session, WebAudience.staff, key) is None
    assert _authenticate(database, GOOD)


def test_closed_person_is_out_at_once(database: Database) -> None:
    # std: SEC-4
    added = _add(database)
    with database.reading() as session:
        known = staff.authenticate(session, added.user.email, added.password)
    assert known is not None
    with database.writing(SYSTEM) as session:
        current = staff.as_verified(session, known, added.password)
        assert current is not None
        key = sessions.open(session, WebAudience.staff, current.id, "Firefox")
    with database.reading() as session:
        found = sessions.find(session, WebAudience.staff, key)
    assert found is not None
    assert found.staff.id == known.id
    with database.writing(SYSTEM) as session:
        staff.disable(session, SYSTEM, staff.get(session, added.user.email))
    with database.reading() as session:
        assert sessions.find(session, WebAudience.staff, key) is None
    assert not _authenticate(database, added.password)


LINKS = Links("k" * 40)
ADDRESSES = Addresses(LINKS, "https://portail.example")


def _token(database: Database, user: StaffUser, *, mailed: bool = False) -> str:
    with database.writing(SYSTEM) as session:
        given = staff_links.give(session, SYSTEM, session.get_one(StaffUser, user.id), ADDRESSES, mailed=mailed)
    return given.url.removeprefix("https://portail.example/admin/mot-de-passe/")


def test_link_lets_its_owner_choose_a_password_once(database: Database) -> None:
    # std: SEC-5
    added = _add(database)
    token = _token(database, added.user, mailed=True)
    with database.writing(SYSTEM) as session:
        key = sessions.open(session, WebAudience.staff, added.user.id, None)
        (mail,) = session.exec(select(OutgoingMail)).all()
    assert (mail.template, mail.recipient) == ("staff_password_link", added.user.email)
    assert token in mail.text_body
    for weak in ("trop court", "x" * 40, "Inès Moreau dort sur un banc de bois"):
        with pytest.raises(PasswordRefused), database.writing(SYSTEM) as session:
            staff_links.choose(session, LINKS, token, weak)
    assert _authenticate(database, added.password), "the old password counts until the link is used"
    with database.writing(SYSTEM) as session:
        staff_links.choose(session, LINKS, token, GOOD)
    assert _authenticate(database, GOOD)
    with database.reading() as session:
        assert sessions.find(session, WebAudience.staff, key) is None
        changes = str([entry.changes for entry in session.exec(select(HistoryEntry))])
    assert token not in changes
    with pytest.raises(InvalidLink), database.writing(SYSTEM) as session:
        staff_links.choose(session, LINKS, token, GOOD)


def _other_password(session: Session, user: StaffUser) -> None:
    staff.set_password(session, SYSTEM, user)


def _other_address(session: Session, user: StaffUser) -> None:
    user.email = "autre@asp.example"
    session.add(user)


REVOCATIONS: dict[str, Callable[[Session, StaffUser], object]] = {
    "revoked": lambda session, user: staff_links.revoke(session, SYSTEM, user),
    "another link": lambda session, user: staff_links.give(session, SYSTEM, user, ADDRESSES, mailed=False),
    "another password": _other_password,
    "another address": _other_address,
    "disabled": lambda session, user: staff.disable(session, SYSTEM, user),
    "disabled, then enabled": lambda session, user: (
        staff.disable(session, SYSTEM, user),
        staff.enable(session, SYSTEM, user),
    ),
}


@pytest.mark.parametrize("what", REVOCATIONS)
def test_link_is_revoked_by_whatever_makes_it_wrong(sqlite_database: Database, what: str) -> None:
    # std: SEC-5
    added = _add(sqlite_database)
    token = _token(sqlite_database, added.user)
    with sqlite_database.writing(SYSTEM) as session:
        assert staff_links.owner_of(session, LINKS, token).id == added.user.id
        REVOCATIONS[what](session, session.get_one(StaffUser, added.user.id))
    with sqlite_database.writing(SYSTEM) as session, pytest.raises(InvalidLink):
        staff_links.choose(session, LINKS, token, GOOD)


def test_link_expires_and_serves_no_other_purpose(sqlite_database: Database) -> None:
    # std: SEC-5
    added = _add(sqlite_database)
    token = _token(sqlite_database, added.user)
    vendors = LINKS.sign(
        Purpose.CREATE_PASSWORD,
        str(added.user.id),
        stamp=LINKS.read(Purpose.STAFF_PASSWORD, token, timedelta(hours=1)).stamp,
    )
    with sqlite_database.reading() as session, pytest.raises(InvalidLink):
        staff_links.owner_of(session, LINKS, vendors)
    with time_machine.travel(clock.now() + timedelta(hours=73)), sqlite_database.reading() as session:
        assert staff_links.until(session, session.get_one(StaffUser, added.user.id)) is None
        with pytest.raises(ExpiredLink):
            staff_links.owner_of(session, LINKS, token)
