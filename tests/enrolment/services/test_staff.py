"""The ASP's staff: added with a password shown once, signed in, closed at once."""

import pytest

from enrolment.errors import Conflict, NotFound, Refused
from enrolment.services import passwords, sessions, staff
from enrolment.services.accounts import PasswordRefused
from schema.database import Database
from schema.enums import StaffRole, WebAudience
from schema.history import Actor

SYSTEM = Actor.system()
GOOD = "le petit chat dort sur un banc"
pytestmark = pytest.mark.usefixtures("cheap_hashing")


def _add(database: Database, email: str = "ines.moreau@asp.example") -> staff.Added:
    with database.writing(SYSTEM) as session:
        return staff.add(session, SYSTEM, email=email, first_name="Inès", last_name="Moreau", role=StaffRole.manager)


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
