"""A vendor changes the address of its account: only once the old address agrees and the new one shows that it works.

Whoever knows the password alone takes nothing over, and whoever reads a mailbox alone neither. Nobody learns on screen
whether an address is another account's: its owner is told by mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.errors import Refused
from enrolment.links import InvalidLink, Links, Purpose
from enrolment.mail import access, outbox
from enrolment.mail.variables import Message
from enrolment.services import sessions
from enrolment.services.accounts import by_email
from enrolment.services.action_links import masked
from schema.enums import AccountState, WebAudience
from schema.tables import Account, EmailChange


class Side(StrEnum):
    """Whose mailbox a confirmation link went to."""

    OLD = "actuelle"
    NEW = "nouvelle"


@dataclass(frozen=True)
class Waiting:
    """A change and the side that a link speaks for."""

    change: EmailChange
    account: Account
    side: Side


def pending(session: Session, account_id: int) -> EmailChange | None:
    """The change that an account waits for, unless its time is over."""
    change = session.exec(select(EmailChange).where(EmailChange.account_id == account_id)).first()
    return change if change is not None and change.expires_at > clock.now() else None


def ask(session: Session, account: Account, email: str, addresses: Addresses) -> EmailChange:
    """Ask for a change; a former one that still waits is forgotten. Raises Refused for the address one has."""
    if email.casefold() == account.email.casefold():
        raise Refused("C'est déjà l'adresse de votre compte.")
    cancel(session, account.id)
    hours = parameters.number(session, "email_change_hours")
    change = EmailChange(account_id=account.id, new_email=email, expires_at=clock.now() + timedelta(hours=hours))
    session.add(change)
    session.flush()
    _send(session, change, account, addresses)
    return change


def send_again(session: Session, account: Account, addresses: Addresses) -> None:
    """Send the links again to those who have not confirmed. Raises Refused when nothing waits."""
    change = pending(session, account.id)
    if change is None:
        raise Refused("Aucun changement d'adresse n'attend de confirmation.")
    _send(session, change, account, addresses, again=f"-{clock.now():%Y%m%d%H%M}")


def cancel(session: Session, account_id: int) -> None:
    """Forget the change that an account waits for, if any: its links are worth nothing any more."""
    change = session.exec(select(EmailChange).where(EmailChange.account_id == account_id)).first()
    if change is not None:
        session.delete(change)
        session.flush()


def of_link(session: Session, links: Links, token: str, *, lock: bool = False) -> Waiting:
    """What a link confirms. Raises ExpiredLink, or InvalidLink also when the change was made, cancelled or replaced."""
    hours = parameters.number(session, "email_change_hours")
    link = links.read(Purpose.CONFIRM_EMAIL, token, timedelta(hours=hours))
    key, _, side = link.subject.partition(":")
    statement = select(EmailChange).where(EmailChange.public_id == key)
    change = session.exec(statement.with_for_update() if lock else statement).first()
    if change is None or change.expires_at <= clock.now() or side not in set(Side):
        raise InvalidLink
    account = session.get_one(Account, change.account_id)
    if account.state is AccountState.disabled:
        raise InvalidLink
    return Waiting(change, account, Side(side))


class Outcome(StrEnum):
    """What a confirmation did."""

    WAITING = "waiting"
    DONE = "done"
    IMPOSSIBLE = "impossible"


def confirm(session: Session, links: Links, token: str, addresses: Addresses) -> Outcome:
    """Say yes for one side. Doing it twice does it once; once both have, the address changes.

    It is impossible when the address has become another account's meanwhile: the change is forgotten, and why is not
    said, since the old address may ask. Raises ExpiredLink or InvalidLink.
    """
    waiting = of_link(session, links, token, lock=True)
    change, account = waiting.change, waiting.account
    if waiting.side is Side.OLD:
        change.old_confirmed_at = change.old_confirmed_at or clock.now()
    else:
        change.new_confirmed_at = change.new_confirmed_at or clock.now()
    session.add(change)
    session.flush()
    if change.old_confirmed_at is None or change.new_confirmed_at is None:
        return Outcome.WAITING
    return _apply(session, change, account, addresses)


def refuse(session: Session, links: Links, token: str) -> None:
    """« Ce n'est pas moi »: the change is forgotten. Whoever asked knew the password: every browser is signed out.

    Raises ExpiredLink or InvalidLink.
    """
    waiting = of_link(session, links, token, lock=True)
    session.delete(waiting.change)
    session.flush()
    if waiting.side is Side.OLD:
        sessions.revoke_all(session, WebAudience.vendor, waiting.account.id)


def _apply(session: Session, change: EmailChange, account: Account, addresses: Addresses) -> Outcome:
    old, new = account.email, change.new_email
    key = change.public_id
    session.delete(change)
    session.flush()
    if by_email(session, new) is not None:
        return Outcome.IMPOSSIBLE
    try:
        with session.begin_nested():
            account.email = new
            session.add(account)
            session.flush()
    except IntegrityError:
        session.refresh(account)
        return Outcome.IMPOSSIBLE
    # Password links made before are worth nothing any more: their stamp has the address.
    sessions.revoke_all(session, WebAudience.vendor, account.id)
    for place, email in (("ancienne", old), ("nouvelle", new)):
        message = access.EmailChanged(
            **_to(account, addresses), changed_at=clock.now(), sign_in_link=addresses.sign_in()
        )
        outbox.queue(session, message, to=email, event_key=f"email-changed-{key}-{place}", account_id=account.id)
    return Outcome.DONE


def _send(session: Session, change: EmailChange, account: Account, addresses: Addresses, *, again: str = "") -> None:
    key = change.public_id
    told: list[tuple[str, Message]] = []
    if change.old_confirmed_at is None:
        told.append(
            (
                account.email,
                access.EmailChangeOld(
                    **_to(account, addresses),
                    new_email=masked(change.new_email),
                    confirm_link=addresses.confirm_email(key, Side.OLD),
                    expires_at=change.expires_at,
                ),
            )
        )
    if change.new_confirmed_at is None:
        owner = by_email(session, change.new_email)
        if owner is not None:
            told.append((owner.email, access.EmailTaken(**_to(owner, addresses), sign_in_link=addresses.sign_in())))
        else:
            told.append(
                (
                    change.new_email,
                    # Nobody is named to an address that may have been mistyped.
                    access.EmailChangeNew(
                        person_name="",
                        support_link=addresses.assistance(),
                        confirm_link=addresses.confirm_email(key, Side.NEW),
                        expires_at=change.expires_at,
                    ),
                )
            )
    for email, message in told:
        outbox.queue(session, message, to=email, event_key=f"{message.name}-{key}{again}")


def _to(account: Account, addresses: Addresses) -> dict[str, str]:
    return {
        "person_name": f"{account.first_name} {account.last_name}",
        "support_link": addresses.assistance(),
    }
