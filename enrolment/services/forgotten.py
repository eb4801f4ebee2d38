"""« J'ai oublié mon identifiant » and « J'ai oublié mon mot de passe »: a mail to the account, if there is one.

Nobody learns here whether an account exists: the functions answer nothing, and do the same work either way. How often
one may ask belongs to `attempts`.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.mail import outbox
from enrolment.mail.access import LoginForgotten, PasswordForgotten
from enrolment.services.accounts import by_email, by_login, password_link
from schema.enums import AccountState
from schema.tables import Account

_SAME_EVENT_MINUTES = 5
"""Asking twice within these minutes sends one mail."""

_NOBODY = Account(id=0, login="personne", email="personne@portail.example", first_name="Personne", last_name="Inconnue")


def send_login(session: Session, addresses: Addresses, email: str) -> None:
    """Mail the login of the account with this address."""
    _answer(session, addresses, by_email(session, email), LoginForgotten)


def send_password_link(session: Session, addresses: Addresses, login: str) -> None:
    """Mail a one-time link to choose a new password to the owner of this login."""
    _answer(session, addresses, by_login(session, login), PasswordForgotten)


def _answer(
    session: Session,
    addresses: Addresses,
    account: Account | None,
    kind: type[LoginForgotten | PasswordForgotten],
) -> None:
    if account is not None and account.state is not AccountState.disabled:
        _queue(session, account, _message(session, addresses, account, kind))
        return
    # A mail to nobody is written and taken back, so that the time this takes tells nothing either.
    with session.begin_nested() as savepoint:
        _queue(session, _NOBODY, _message(session, addresses, _NOBODY, kind))
        savepoint.rollback()


def _message(
    session: Session,
    addresses: Addresses,
    account: Account,
    kind: type[LoginForgotten | PasswordForgotten],
) -> LoginForgotten | PasswordForgotten:
    person_name = f"{account.first_name} {account.last_name}"
    if kind is LoginForgotten:
        return LoginForgotten(
            person_name=person_name,
            support_link=addresses.assistance(),
            login=account.login,
            sign_in_link=addresses.sign_in(),
        )
    link, life = password_link(session, account, addresses)
    return PasswordForgotten(
        person_name=person_name,
        support_link=addresses.assistance(),
        password_link=link,
        expires_at=clock.now() + life,
    )


def _queue(session: Session, account: Account, message: LoginForgotten | PasswordForgotten) -> None:
    outbox.queue(
        session,
        message,
        to=account.email,
        event_key=f"{message.name}-{account.id}-{_slot(clock.now())}",
        account_id=account.id or None,
    )


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // (60 * _SAME_EVENT_MINUTES)
