"""Vendors who are signed in, for the tests of pages that ask for an account."""

from __future__ import annotations

from sqlmodel import col, select

from enrolment.portal import Portal
from schema.enums import Verb
from schema.tables import EnrolmentRequest, OutgoingMail
from tests.pages import PageClient
from tests.public_site.browsing import browser
from tests.stories import decide, enrol, new_number

PASSWORD = "gR7!kp2Vw;q9"


def signed_in(portal: Portal, **vendor: str) -> PageClient:
    """The browser of a vendor whose early request is validated in part (E3)."""
    return sign_in(portal, enrol(portal, ans_number=new_number(portal, validated=False), **vendor))


def sign_in(portal: Portal, request: EnrolmentRequest) -> PageClient:
    """Validate an early request in part, and choose the first password of the account that this opens."""
    decide(portal, request.id, Verb.validate_partially)
    with portal.database.reading() as session:
        found = select(OutgoingMail).where(OutgoingMail.template == "password_link")
        mail = session.exec(found.order_by(col(OutgoingMail.id).desc())).first()
        assert mail is not None
    client = browser(portal)
    page = client.get("/mot-de-passe/" + mail.text_body.split("/mot-de-passe/")[1].split()[0])
    client.submit(page.form, nouveau_mot_de_passe=PASSWORD, confirmation=PASSWORD)
    return client
