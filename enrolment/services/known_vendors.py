"""Vendors that already have an account: recognised by their SIRET, and told when somebody begins anew (rule D7)."""

from __future__ import annotations

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.mail import outbox
from enrolment.mail.messages import AlreadyKnown
from schema.enums import AccountState
from schema.tables import Account, AccountProvider, Provider
from schema.types import Siret, show_as


def is_known(session: Session, siret: str) -> bool:
    """Whether the SIRET belongs to a vendor that has an account."""
    found = session.exec(
        select(AccountProvider.id)
        .join(Provider, col(AccountProvider.provider_id) == Provider.id)
        .where(Provider.siret == siret)
    ).first()
    return found is not None


def tell(session: Session, siret: str, addresses: Addresses) -> None:
    """Tell each account of a known vendor that an initial request was begun with its SIRET: once a day at most.

    The visitor learns nothing from it; the vendor learns that a colleague, or a stranger, took the wrong way in.
    """
    rows = session.exec(
        select(Account, Provider)
        .join(AccountProvider, col(AccountProvider.account_id) == Account.id)
        .join(Provider, col(AccountProvider.provider_id) == Provider.id)
        .where(Provider.siret == siret, Account.state != AccountState.disabled)
    ).all()
    for account, provider in rows:
        message = AlreadyKnown(
            person_name=f"{account.first_name} {account.last_name}",
            support_link=addresses.assistance(),
            company_name=provider.legal_name,
            siret=show_as(Siret, siret),
            attempted_at=clock.now(),
            sign_in_link=addresses.sign_in(),
        )
        key = f"already-known-{account.id}-{siret}-{clock.today()}"
        outbox.queue(session, message, to=account.email, event_key=key, account_id=account.id)
