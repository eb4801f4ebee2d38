"""Accounts: opened at validation, given a password by a one-time link, signed in."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from hypothesis import example, given
from hypothesis import strategies as st
from sqlmodel import Session, select

from enrolment.addresses import Addresses
from enrolment.errors import Forbidden
from enrolment.links import ExpiredLink, InvalidLink, Links, Purpose
from enrolment.services import accounts, passwords, sessions
from schema.database import Database
from schema.enums import AccountState, DepositaryQuality, PersonRole, WebAudience
from schema.history import Actor
from schema.tables import Account, AccountProvider, EnrolmentRequest, HistoryEntry, OutgoingMail, Person
from schema.types import Login, parse_as
from tests.rows import add_request

SYSTEM = Actor.system()
LINKS = Links("a secret of the tests")
ADDRESSES = Addresses(LINKS, "https://portail.example")
GOOD = "gR7!kp2Vw;q9"
pytestmark = pytest.mark.usefixtures("cheap_hashing")


def _request(session: Session, **person: str) -> EnrolmentRequest:
    request = add_request(session)
    row = session.exec(select(Person).where(Person.provider_id == request.provider_id)).one()
    for name, value in person.items():
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return request


def _open(database: Database, **person: str) -> accounts.Opening:
    with database.writing(SYSTEM) as session:
        return accounts.open_account(session, SYSTEM, _request(session, **person), ADDRESSES)


def _mails(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.template for row in session.exec(select(OutgoingMail).order_by(OutgoingMail.id))]


def _token(database: Database, account: Account) -> str:
    with database.reading() as session:
        link, _ = accounts.password_link(session, session.get_one(Account, account.id), ADDRESSES)
    return link.rsplit("/", 1)[1]


def _create(database: Database, token: str, password: str = GOOD) -> Account:
    with database.writing(SYSTEM) as session:
        return accounts.create_password(session, LINKS, token, password)


def _authenticate(database: Database, login: str, password: str = GOOD) -> Account | None:
    with database.reading() as session:
        return accounts.authenticate(session, login, password)


def test_first_validation_opens_an_account_for_the_representative(database: Database) -> None:
    # rule: D5
    opening = _open(database, email="claire@alize.fr")
    account = opening.account
    assert opening.is_new
    assert (account.login, account.email, account.state) == ("clefevre", "claire@alize.fr", AccountState.invited)
    assert _mails(database) == ["login_issued", "password_link"]
    with database.reading() as session:
        request = session.exec(select(EnrolmentRequest)).one()
        assert request.account_id == account.id
        pair = session.exec(select(AccountProvider)).one()
        assert (pair.account_id, pair.provider_id) == (account.id, request.provider_id)
        mails = session.exec(select(OutgoingMail).order_by(OutgoingMail.id)).all()
        assert {mail.recipient for mail in mails} == {"claire@alize.fr"}
        assert "clefevre" in mails[0].text_body
        assert "clefevre" not in mails[1].text_body
        assert "https://portail.example/mot-de-passe/" in mails[1].text_body


def test_account_is_the_depositarys_when_it_files(database: Database) -> None:
    # rule: D5
    with database.writing(SYSTEM) as session:
        request = add_request(session, is_representative=False)
        session.add(
            Person(
                provider_id=request.provider_id,
                role=PersonRole.depositary,
                quality=DepositaryQuality.management_centre,
                last_name="Dupond-Œuf",
                first_name="Émile",
                email="emile@cabinet.fr",
                phone="+33478001234",
            )
        )
        session.flush()
        account = accounts.open_account(session, SYSTEM, request, ADDRESSES).account
    assert (account.login, account.email) == ("edupondoeuf", "emile@cabinet.fr")


def test_known_mail_gets_the_provider_and_no_second_account(database: Database) -> None:
    # rule: M1
    first = _open(database, email="Claire@alize.fr").account
    _create(database, _token(database, first))
    second = _open(database, email="claire@alize.fr", last_name="Autre")
    assert not second.is_new
    assert second.account.id == first.id
    assert _mails(database) == ["login_issued", "password_link", "known_account"]
    with database.reading() as session:
        assert len(session.exec(select(Account)).all()) == 1
        assert len(session.exec(select(AccountProvider)).all()) == 2
        assert {row.account_id for row in session.exec(select(EnrolmentRequest))} == {first.id}
        last = session.exec(select(OutgoingMail).where(OutgoingMail.template == "known_account")).one()
        assert "mot de passe que vous avez déjà" in " ".join(last.text_body.split())
        assert "/mot-de-passe/" not in last.text_body


def test_known_mail_whose_password_was_never_created_gets_its_link_again(database: Database) -> None:
    # rule: M1
    _open(database, email="claire@alize.fr")
    assert not _open(database, email="claire@alize.fr").is_new
    assert _mails(database) == ["login_issued", "password_link"] * 2


def test_same_provider_is_linked_once(database: Database) -> None:
    with database.writing(SYSTEM) as session:
        request = _request(session)
        for _ in range(2):
            accounts.open_account(session, SYSTEM, request, ADDRESSES)
        assert len(session.exec(select(AccountProvider)).all()) == 1
    assert _mails(database) == ["login_issued", "password_link"], "one event, one mail"


def test_login_is_unique_with_a_number(database: Database) -> None:
    logins = [_open(database, email=f"claire{number}@alize.fr").account.login for number in range(4)]
    assert logins == ["clefevre", "clefevre2", "clefevre3", "clefevre4"]


def test_concurrent_validations_share_neither_login_nor_account(database: Database) -> None:
    # rule: M1
    with database.writing(SYSTEM) as session:
        ids = [_request(session, email=f"p{number // 2}@alize.fr").id for number in range(8)]
    barrier, found = threading.Barrier(len(ids)), []

    def validate(request_id: int) -> None:
        barrier.wait()
        with database.writing(SYSTEM) as session:
            request = session.get_one(EnrolmentRequest, request_id)
            found.append(accounts.open_account(session, SYSTEM, request, ADDRESSES).account)

    threads = [threading.Thread(target=validate, args=(request_id,)) for request_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({account.login for account in found}) == len({account.email for account in found}) == 4


@given(st.text(max_size=90), st.text(max_size=90))
@example("", "\U0001d468")
def test_any_name_makes_a_valid_login(first_name: str, last_name: str) -> None:
    login = accounts.login_base(first_name, last_name)
    assert parse_as(Login, login) == login


def test_link_creates_the_password_once(database: Database) -> None:
    # std: SEC-7
    account = _open(database, email="claire@alize.fr").account
    token = _token(database, account)
    assert _authenticate(database, "clefevre") is None
    created = _create(database, token)
    assert created.state is AccountState.active
    assert _authenticate(database, " CLefevre ") is not None
    assert _authenticate(database, "clefevre", GOOD + "x") is None
    with pytest.raises(InvalidLink):
        _create(database, token, "Une!autre7phrase")
    assert _authenticate(database, "clefevre") is not None


def test_password_is_in_neither_history_nor_mail(database: Database) -> None:
    # std: SEC-14
    _create(database, _token(database, _open(database).account))
    with database.reading() as session:
        written = [str(row.changes) for row in session.exec(select(HistoryEntry))]
        written += [row.text_body + row.html_body for row in session.exec(select(OutgoingMail))]
    assert any("password_hash" in line for line in written)
    assert not any("argon2" in line or GOOD in line for line in written)


def test_link_ends_with_its_hours(database: Database, clock: time_machine.Traveller) -> None:
    # std: SEC-7
    token = _token(database, _open(database).account)
    clock.shift(timedelta(hours=72))
    with database.reading() as session:
        assert accounts.account_of_link(session, LINKS, token).login == "clefevre"
    clock.shift(timedelta(seconds=1))
    with pytest.raises(ExpiredLink):
        _create(database, token)


def _other_purpose(account: Account) -> str:
    return LINKS.sign(Purpose.FOLLOW_REQUEST, str(account.id))


def _other_key(account: Account) -> str:
    return Links("another secret").sign(Purpose.CREATE_PASSWORD, str(account.id), stamp=accounts._stamp(account))


def _other_account(account: Account) -> str:
    return LINKS.sign(Purpose.CREATE_PASSWORD, str(account.id + 1), stamp=accounts._stamp(account))


def _no_account(account: Account) -> str:
    return LINKS.sign(Purpose.CREATE_PASSWORD, "nobody", stamp=accounts._stamp(account))


@pytest.mark.parametrize("forge", [_other_purpose, _other_key, _other_account, _no_account])
def test_forged_link_opens_nothing(sqlite_database: Database, forge: Callable[[Account], str]) -> None:
    # std: SEC-7
    account = _open(sqlite_database, email="one@alize.fr").account
    _open(sqlite_database, email="two@alize.fr")
    with pytest.raises(InvalidLink):
        _create(sqlite_database, forge(account))


def test_changed_address_or_closed_account_revokes_the_link(sqlite_database: Database) -> None:
    # std: SEC-7
    account = _open(sqlite_database).account
    token = _token(sqlite_database, account)
    with sqlite_database.writing(SYSTEM) as session:
        session.get_one(Account, account.id).email = "elsewhere@alize.fr"
    with pytest.raises(InvalidLink):
        _create(sqlite_database, token)
    token = _token(sqlite_database, account)
    with sqlite_database.writing(SYSTEM) as session:
        accounts.disable(session, SYSTEM, session.get_one(Account, account.id))
    with pytest.raises(InvalidLink):
        _create(sqlite_database, token)


def test_weak_password_is_refused_and_the_link_stays_good(sqlite_database: Database) -> None:
    # std: SEC-5
    token = _token(sqlite_database, _open(sqlite_database).account)
    with pytest.raises(accounts.PasswordRefused) as caught:
        _create(sqlite_database, token, "Clefevre2026!!")
    assert caught.value.problems
    assert _create(sqlite_database, token).password_hash


def test_new_password_and_closing_end_every_session(database: Database) -> None:
    # std: SEC-4
    account = _create(database, _token(database, _open(database).account))
    keys = []
    for end in ("password", "closing"):
        with database.writing(SYSTEM) as session:
            keys = [sessions.open(session, WebAudience.vendor, account.id, None) for _ in range(2)]
        token = _token(database, account)
        if end == "password":
            _create(database, token, "Une!autre7phrase")
        else:
            with database.writing(SYSTEM) as session:
                accounts.disable(session, SYSTEM, session.get_one(Account, account.id))
        with database.reading() as session:
            assert not any(sessions.find(session, WebAudience.vendor, key) for key in keys), end
    assert _authenticate(database, "clefevre", "Une!autre7phrase") is None


def test_sign_in_renews_a_hash_of_another_cost_and_keeps_links_good(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: SEC-5
    _create(database, _token(database, _open(database).account))
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=2, memory=16))
    account = _authenticate(database, "clefevre")
    assert account is not None
    token = _token(database, account)
    with database.writing(accounts.actor_of(account)) as session:
        key = accounts.sign_in(session, account, GOOD, "Firefox")
    with database.reading() as session:
        found = sessions.find(session, WebAudience.vendor, key)
        assert found is not None
        assert not passwords.is_stale(found.account.password_hash or "")
        assert accounts.account_of_link(session, LINKS, token).id == account.id


def test_sign_in_is_refused_when_the_password_changed_meanwhile(database: Database) -> None:
    # std: SEC-4
    _create(database, _token(database, _open(database).account))
    account = _authenticate(database, "clefevre")
    assert account is not None
    _create(database, _token(database, account), "Une!autre7phrase")
    with database.writing(SYSTEM) as session, pytest.raises(Forbidden):
        accounts.sign_in(session, account, GOOD, None)
