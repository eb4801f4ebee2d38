"""Lost logins and passwords: a mail to the owner, and nothing to learn for anybody else."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlmodel import select

from enrolment.addresses import Addresses
from enrolment.links import Links
from enrolment.services import accounts, forgotten
from schema.database import Database
from schema.enums import AccountState
from schema.history import Actor
from schema.tables import Account, OutgoingMail

SYSTEM = Actor.system()
LINKS = Links("a secret of the tests")
ADDRESSES = Addresses(LINKS, "https://portail.example")


@pytest.fixture
def account(database: Database) -> Account:
    with database.writing(SYSTEM) as session:
        account = Account(
            login="clefevre",
            email="Claire@alize.fr",
            first_name="Claire",
            last_name="Lefèvre",
            state=AccountState.active,
        )
        session.add(account)
    return account


def _ask(database: Database, *, login: str = "", email: str = "") -> list[OutgoingMail]:
    with database.writing(Actor.visitor()) as session:
        if login:
            forgotten.send_password_link(session, ADDRESSES, login)
        else:
            forgotten.send_login(session, ADDRESSES, email)
    with database.reading() as session:
        return list(session.exec(select(OutgoingMail).order_by(OutgoingMail.id)))


def test_login_goes_to_the_address_of_the_account(database: Database, account: Account) -> None:
    (mail,) = _ask(database, email=" claire@ALIZE.fr ")
    assert (mail.template, mail.recipient, mail.account_id) == ("login_forgotten", "Claire@alize.fr", account.id)
    assert "clefevre" in mail.text_body


def test_password_link_goes_to_the_owner_of_the_login(database: Database, account: Account) -> None:
    (mail,) = _ask(database, login="CLefevre")
    assert (mail.template, mail.recipient) == ("password_forgotten", "Claire@alize.fr")
    token = mail.text_body.split("/mot-de-passe/")[1].split()[0]
    with database.reading() as session:
        assert accounts.account_of_link(session, LINKS, token).id == account.id


def test_asking_again_at_once_sends_one_mail(
    database: Database, account: Account, clock: time_machine.Traveller
) -> None:
    # std: REL-2
    assert len(_ask(database, login="clefevre")) == 1
    clock.shift(30)
    assert len(_ask(database, login="clefevre")) == 1
    clock.shift(timedelta(minutes=5))
    assert len(_ask(database, login="clefevre")) == 2


def test_stranger_and_closed_account_get_no_mail_for_the_same_work(database: Database, account: Account) -> None:
    # std: SEC-5
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2].split()[0]))
    assert _ask(database, login="nobody") == []
    for_nobody = [word for word in statements if word in {"SELECT", "INSERT"}]
    with database.writing(SYSTEM) as session:
        session.get_one(Account, account.id).state = AccountState.disabled
    assert _ask(database, login="clefevre") == []
    assert _ask(database, email="claire@alize.fr") == []
    with database.writing(SYSTEM) as session:
        session.get_one(Account, account.id).state = AccountState.active
    statements.clear()
    assert len(_ask(database, login="clefevre")) == 1
    assert [word for word in statements if word in {"SELECT", "INSERT"}] == for_nobody
