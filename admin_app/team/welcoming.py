"""What follows the adding of a member of the staff by the form of the table: their link, and the page to go on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import Session

from admin_app import addresses
from admin_app.messages import DONE
from admin_app.staff import Staff
from admin_app.team.addresses import member
from enrolment.services import staff_links
from schema.base import Table
from schema.tables import StaffUser

if TYPE_CHECKING:
    from admin_app.office import BackOffice


def by_mail(office: BackOffice) -> bool:
    """Whether links leave by mail: without a mail server, whoever makes one hands it over."""
    return office.portal.settings.smtp_url is not None


def landing(office: BackOffice, session: Session, staff: Staff, row: Table) -> str | None:
    """Where to go after a row was added, when it is somebody of the staff; the link leaves in the same transaction."""
    if not isinstance(row, StaffUser) or not staff.may_open("team"):
        return None
    is_mailed = by_mail(office) and row.active
    if is_mailed:
        staff_links.give(session, staff.actor, row, office.portal.addresses, mailed=True)
    return addresses.with_query(member(row.id), {DONE: "agent-invite" if is_mailed else "agent-ajoute"})
