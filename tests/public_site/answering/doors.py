"""The two doors of the pages about one request: its account, and the links of its mails."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from enrolment.links import Purpose
from enrolment.portal import Portal
from enrolment.services import accounts, sessions
from schema.enums import AccountState, DemandState, WebAudience
from schema.history import Actor
from schema.tables import Account, Demand, EnrolmentRequest, OutgoingMail
from tests.pages import Page, PageClient
from tests.public_site.browsing import browser

DOORS = ("link", "account")
SYSTEM = Actor.system()


@dataclass
class Door:
    """One browser that came in by one door. `base` is the start of the addresses it may open."""

    portal: Portal
    client: PageClient
    base: str

    def page(self, part: str, *, status: int = 200) -> Page:
        """One of the pages about the request."""
        return self.client.get(f"{self.base}/{part}" if part else self.base, status=status)


def open_door(portal: Portal, request: EnrolmentRequest, kind: str) -> Door:
    """A browser that may answer the open demand of a request."""
    if kind == "account":
        return Door(portal, signed_in(portal, request), f"/espace/demandes/{request.public_id}")
    return Door(portal, browser(portal), link(portal, Purpose.ANSWER_DEMAND, demand_of(portal, request).public_id))


def link(portal: Portal, purpose: Purpose, subject: str) -> str:
    """The path of a link of one purpose."""
    start = {
        Purpose.ANSWER_DEMAND: "/suivi/repondre",
        Purpose.WITHDRAW_REQUEST: "/suivi/retirer",
        Purpose.RESUBMIT_REQUEST: "/suivi/redeposer",
        Purpose.FOLLOW_REQUEST: "/suivi",
    }[purpose]
    return f"{start}/{portal.links.sign(purpose, subject)}"


def signed_in(portal: Portal, request: EnrolmentRequest) -> PageClient:
    """The browser of the account of a request, opened for it if need be."""
    with portal.database.writing(SYSTEM) as session:
        row = session.get_one(EnrolmentRequest, request.id)
        if row.account_id is None:
            accounts.open_account(session, SYSTEM, row, portal.addresses)
        account = session.get_one(Account, row.account_id)
        account.state = AccountState.active
        session.add(account)
        key = sessions.open(session, WebAudience.vendor, account.id, "pytest")
    client = browser(portal)
    client.http.cookies.set("session", key)
    return client


def demand_of(portal: Portal, request: EnrolmentRequest) -> Demand:
    """The open demand of a request."""
    with portal.database.reading() as session:
        return session.exec(
            select(Demand).where(Demand.request_id == request.id, Demand.state == DemandState.open)
        ).one()


def last_mail(portal: Portal, request: EnrolmentRequest) -> OutgoingMail:
    """The last mail about a request."""
    with portal.database.reading() as session:
        statement = select(OutgoingMail).where(OutgoingMail.request_id == request.id)
        return session.exec(statement.order_by(col(OutgoingMail.id).desc())).all()[0]


def fresh(portal: Portal, request: EnrolmentRequest) -> EnrolmentRequest:
    """A request as it is now."""
    with portal.database.reading() as session:
        return session.get_one(EnrolmentRequest, request.id)
