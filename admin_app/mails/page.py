"""The page of one mail: its words, its state, the server's answer, and the two things that staff may do with it."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.dossier import addresses as dossier
from admin_app.mail_frame import framed
from admin_app.mails import addresses
from admin_app.menu import PageEntry
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment.errors import NotFound, Refused
from enrolment.mail import outbox
from enrolment.mail.rendering import Sender, html_part
from enrolment.records import codes
from schema.describe import field
from schema.enums import MailState
from schema.tables import EnrolmentRequest, OutgoingMail
from web.parts import Crumb
from web.routing import form_of

CONFIRMED = "confirme"
_LARGEST_KEY = 2**63 - 1
_CANCELLED_FROM = frozenset({MailState.queued, MailState.parked})


class MailsPage(StaffPage):
    """« Courriels »."""

    name = "Courriels"
    entry: ClassVar[PageEntry | None] = PageEntry("Courriels", addresses.LIST, "mail_log")

    @page("/courriels/{mail_id:int}", permission="mail_log")
    def show(self, request: Request) -> Response:
        """One mail."""
        staff = staff_of(request)
        with self.office.database.reading() as session:
            mail = _mail(session, request)
            enrolment = session.get(EnrolmentRequest, mail.request_id) if mail.request_id else None
        may_act = staff.may_open("mail_act")
        template = codes.in_french(field(OutgoingMail, "template"), mail.template)
        context = {
            "mail": mail,
            "template": template or mail.template,
            "text": outbox.for_staff(mail),
            "request_row": enrolment,
            "request_url": dossier.file(enrolment.id) if enrolment and staff.may_open("dossier") else None,
            "rendered_url": addresses.rendered(mail.id),
            "resend_url": addresses.resend(mail.id) if may_act and mail.state is not MailState.sending else None,
            "cancel_url": addresses.cancel(mail.id) if may_act and mail.state in _CANCELLED_FROM else None,
            "is_copy": mail.state is MailState.sent,
            "confirmed_name": CONFIRMED,
            "crumbs": [Crumb("Courriels", addresses.LIST), Crumb(mail.subject)],
        }
        return self.office.render(request, "mails/mail.html", context)

    @page("/courriels/{mail_id:int}/apercu", permission="mail_log")
    def rendered(self, request: Request) -> Response:
        """The HTML part as it leaves, its links cut."""
        with self.office.database.reading() as session:
            mail = _mail(session, request)
        sender = Sender.of(self.office.portal.settings)
        return framed(html_part(mail.subject, outbox.fragment_for_staff(mail), sender))

    @page("/courriels/{mail_id:int}/renvoyer", permission="mail_act", methods=("POST",))
    def resend(self, request: Request) -> Response:
        """Send a mail again; one that has left only when the person says that they know it."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            mail = _mail(session, request)
            if mail.state is MailState.sent and form_of(request).get(CONFIRMED) != "oui":
                raise Refused("Ce courriel est déjà parti. Cochez la case pour en envoyer une copie, puis recommencez.")
            again = outbox.resend(session, mail.id)
        return RedirectResponse(addresses.show(again.id, "mail-renvoye"), 303)

    @page("/courriels/{mail_id:int}/retenir", permission="mail_act", methods=("POST",))
    def cancel(self, request: Request) -> Response:
        """Keep a mail from leaving."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            mail = outbox.cancel(session, _mail(session, request).id)
        return RedirectResponse(addresses.show(mail.id, "mail-retenu"), 303)


def _mail(session: Session, request: Request) -> OutgoingMail:
    key: int = request.path_params["mail_id"]
    found = session.get(OutgoingMail, key) if 0 < key <= _LARGEST_KEY else None
    if found is None:
        raise NotFound("Ce courriel n'existe pas ou n'existe plus.")
    return found
