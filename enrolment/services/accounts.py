"""Vendor logins: opened when a first request is validated, given a password by a one-time link, signed in.

Sessions are in `sessions`, the rules of passwords in `passwords`, lost logins and passwords in `forgotten`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.errors import Conflict, Forbidden, Refused
from enrolment.links import InvalidLink, Links, Purpose
from enrolment.mail import outbox
from enrolment.mail.access import LoginIssued, PasswordChanged, PasswordLink
from enrolment.mail.messages import KnownAccount
from enrolment.services import passwords, sessions
from enrolment.services.people import account_person
from schema.enums import AccountState, ActorKind, WebAudience
from schema.history import Actor
from schema.tables import Account, AccountProvider, EmailChange, EnrolmentRequest, Person, Provider, Referencing

_LONGEST_LOGIN = 40
_TRIES = 5
# Letters that do not come apart into a plain letter and an accent.
_PLAIN_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "þ": "th"})


@dataclass(frozen=True)
class Opening:
    """The account of a validated request, and whether it was made for it."""

    account: Account
    is_new: bool


class PasswordRefused(Refused):
    """The password breaks rules; `problems` says which, each in a French sentence."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class WrongPassword(Refused):
    """The present password, asked again before something that matters, is not the right one."""

    def __init__(self) -> None:
        super().__init__("Ce n'est pas votre mot de passe actuel. Vérifiez-le, puis recommencez.")


def actor_of(account: Account) -> Actor:
    """The account's owner, as the history names those who act."""
    return Actor(ActorKind.vendor, account.id, f"{account.first_name} {account.last_name}")


def password_owner(account: Account) -> passwords.Owner:
    """What a password of this account may not be."""
    words = (account.login, account.first_name, account.last_name, account.email)
    return passwords.Owner(WebAudience.vendor, words)


def open_account(
    session: Session,
    actor: Actor,  # noqa: ARG001  Every service is told who acts; here the history reads it from the session.
    request: EnrolmentRequest,
    addresses: Addresses,
) -> Opening:
    """Give the person of a request (rule D5) an account, or its known one the right to act for the provider (M1).

    A new account, or one whose password was never created, gets the mails « identifiant » and « création du mot de
    passe »; a known one is told to use what it has.
    """
    person = account_person(session, request)
    opening = _account_of(session, person)
    account = opening.account
    _entitle(session, account, request.provider_id)
    request.account_id = account.id
    session.add(request)
    session.flush()
    if account.password_hash is None and account.state is AccountState.invited:
        _send_credentials(session, account, request, addresses)
    else:
        _send_known_account(session, account, request, addresses)
    return opening


def password_link(session: Session, account: Account, addresses: Addresses) -> tuple[str, timedelta]:
    """A one-time address to choose a password, and how long it lasts."""
    life = timedelta(hours=parameters.number(session, "password_link_hours"))
    return addresses.password(str(account.id), _stamp(account)), life


def account_of_link(session: Session, links: Links, token: str) -> Account:
    """Whose password a link lets choose. Raises ExpiredLink, or InvalidLink also for a used or revoked one."""
    life = timedelta(hours=parameters.number(session, "password_link_hours"))
    link = links.read(Purpose.CREATE_PASSWORD, token, life)
    account = session.get(Account, int(link.subject)) if link.subject.isdecimal() else None
    if account is None or account.state is AccountState.disabled or link.stamp != _stamp(account):
        raise InvalidLink
    return account


def create_password(session: Session, links: Links, token: str, password: str) -> Account:
    """Choose the password of a link's account: the link is used up and every browser signed out.

    Raises ExpiredLink, InvalidLink or PasswordRefused.
    """
    account = account_of_link(session, links, token)
    problems = passwords.check(password, password_owner(account))
    if problems:
        raise PasswordRefused(problems)
    account.password_hash = passwords.hashed(password)
    account.password_changed_at = clock.now()
    account.state = AccountState.active
    session.add(account)
    session.flush()
    sessions.revoke_all(session, WebAudience.vendor, account.id)
    _forget_change_of_email(session, account)
    return account


def authenticate(session: Session, login: str, password: str) -> Account | None:
    """The active account of a login and its password; None whatever is wrong, for the same work (SEC-5)."""
    account = by_login(session, login)
    is_right = passwords.verify(account.password_hash if account else None, password)
    return account if is_right and account is not None and account.state is AccountState.active else None


def sign_in(session: Session, account: Account, password: str, user_agent: str | None) -> str:
    """Open a session for an account that `authenticate` gave; its key.

    The password is hashed anew when the cost of hashing has changed. Raises Forbidden if the account was changed
    between the two.
    """
    current = session.get(Account, account.id, with_for_update=True)
    if current is None or current.state is not AccountState.active or current.password_hash != account.password_hash:
        raise Forbidden("Votre compte vient d'être modifié. Connectez-vous à nouveau.")
    if current.password_hash is not None and passwords.is_stale(current.password_hash):
        current.password_hash = passwords.hashed(password)
        session.add(current)
        session.flush()
    return sessions.open(session, WebAudience.vendor, current.id, user_agent)


def change_password(
    session: Session, account_id: int, current: str, new: str, addresses: Addresses, *, key: str
) -> None:
    """Replace the password of somebody who gives the present one; every browser but `key`'s is signed out.

    Raises WrongPassword or PasswordRefused.
    """
    account = session.get_one(Account, account_id, with_for_update=True)
    if not passwords.verify(account.password_hash, current):
        raise WrongPassword
    problems = passwords.check(new, password_owner(account))
    if problems:
        raise PasswordRefused(problems)
    account.password_hash = passwords.hashed(new)
    account.password_changed_at = clock.now()
    session.add(account)
    session.flush()
    sessions.revoke_all(session, WebAudience.vendor, account.id, but=key)
    _forget_change_of_email(session, account)
    message = PasswordChanged(
        person_name=f"{account.first_name} {account.last_name}",
        support_link=addresses.assistance(),
        changed_at=account.password_changed_at,
        forgotten_link=addresses.forgotten_password(),
    )
    moment = account.password_changed_at.isoformat()
    outbox.queue(
        session, message, to=account.email, event_key=f"{message.name}-{account.id}-{moment}", account_id=account.id
    )


def disable(
    session: Session,
    actor: Actor,  # noqa: ARG001  As above.
    account: Account,
) -> None:
    """Close an account: nobody signs in to it any more, and those who are signed in are out."""
    account.state = AccountState.disabled
    session.add(account)
    session.flush()
    sessions.revoke_all(session, WebAudience.vendor, account.id)
    _forget_change_of_email(session, account)


def _forget_change_of_email(session: Session, account: Account) -> None:
    """A new password, or a closed account, ends what somebody who knew the old one may have asked for."""
    for change in session.exec(select(EmailChange).where(EmailChange.account_id == account.id)).all():
        session.delete(change)
    session.flush()


def by_login(session: Session, login: str) -> Account | None:
    """The account of a login, typed with any case and spaces."""
    typed = "".join(login.split()).lower()
    return session.exec(select(Account).where(Account.login == typed)).first()


def by_email(session: Session, email: str) -> Account | None:
    """The account of a mail address: no two mailboxes differ by case alone."""
    wanted = email.strip().lower()
    return session.exec(select(Account).where(sa.func.lower(col(Account.email)) == wanted)).first()


def login_base(first_name: str, last_name: str) -> str:
    """First letter of the first name and the last name, in plain letters: Claire Lefèvre gives clefevre."""
    first, last = _plain(first_name), _plain(last_name)
    return (first[:1] + last)[:_LONGEST_LOGIN] or "compte"


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN_LETTERS))
    # In lower case once more: a mathematical letter becomes plain only when it is decomposed.
    return "".join(char for char in decomposed.lower() if char.isascii() and char.isalnum())


def _account_of(session: Session, person: Person) -> Opening:
    """The account with the person's mail address, made if there is none.

    Two requests validated at the same moment may want the same login or the same address: the one that comes second
    looks again.
    """
    for _ in range(_TRIES):
        known = by_email(session, person.email)
        if known is not None:
            return Opening(known, is_new=False)
        account = Account(
            login=_free_login(session, login_base(person.first_name, person.last_name)),
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            phone=person.phone,
        )
        try:
            with session.begin_nested():
                session.add(account)
                session.flush()
        except IntegrityError:
            continue
        return Opening(account, is_new=True)
    raise Conflict("Plusieurs comptes ont été ouverts au même moment. Recommencez dans un instant.")


def _free_login(session: Session, base: str) -> str:
    taken = set(session.exec(select(Account.login).where(col(Account.login).startswith(base))))
    number = 1
    while (login := base if number == 1 else f"{base}{number}") in taken:
        number += 1
    return login


def _entitle(session: Session, account: Account, provider_id: int) -> None:
    pair = select(AccountProvider).where(
        AccountProvider.account_id == account.id, AccountProvider.provider_id == provider_id
    )
    if session.exec(pair).first() is None:
        session.add(AccountProvider(account_id=account.id, provider_id=provider_id))
        session.flush()


def _stamp(account: Account) -> str:
    """Changes with the password and the address that the link was sent to: either revokes the links made before."""
    changed = account.password_changed_at.isoformat() if account.password_changed_at else ""
    return hashlib.sha256(f"{account.id}\n{account.email}\n{changed}".encode()).hexdigest()[:24]


def _send_credentials(session: Session, account: Account, request: EnrolmentRequest, addresses: Addresses) -> None:
    person_name = f"{account.first_name} {account.last_name}"
    login = LoginIssued(
        person_name=person_name,
        support_link=addresses.assistance(),
        login=account.login,
        company_name=session.get_one(Provider, request.provider_id).legal_name,
        sign_in_link=addresses.sign_in(),
    )
    link, life = password_link(session, account, addresses)
    first_password = PasswordLink(
        person_name=person_name,
        support_link=addresses.assistance(),
        password_link=link,
        expires_at=clock.now() + life,
        forgotten_link=addresses.forgotten_password(),
    )
    for message in (login, first_password):
        _queue(session, account, request, message)


def _send_known_account(session: Session, account: Account, request: EnrolmentRequest, addresses: Addresses) -> None:
    referencing = session.get_one(Referencing, request.referencing_id)
    message = KnownAccount(
        person_name=f"{account.first_name} {account.last_name}",
        support_link=addresses.assistance(),
        request_number=request.number,
        software_name=referencing.software_name,
        software_version=referencing.software_version,
        sign_in_link=addresses.sign_in(),
    )
    _queue(session, account, request, message)


def _queue(
    session: Session, account: Account, request: EnrolmentRequest, message: LoginIssued | PasswordLink | KnownAccount
) -> None:
    outbox.queue(
        session,
        message,
        to=account.email,
        event_key=f"{message.name}-{request.id}",
        request_id=request.id,
        account_id=account.id,
    )
