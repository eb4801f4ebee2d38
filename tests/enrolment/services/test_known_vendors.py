"""A vendor that has an account is recognised, and told once a day that somebody began anew with its SIRET."""

from datetime import timedelta

import time_machine
from sqlmodel import col, select

from enrolment import clock
from enrolment.portal import Portal
from enrolment.services import known_vendors
from schema.enums import Verb
from schema.tables import OutgoingMail
from tests.rows import SIRET
from tests.stories import VISITOR, decide, enrol


def test_known_vendor_is_told_once_a_day(portal: Portal) -> None:
    # rule: D7
    request = enrol(portal)
    assert not _tell(portal)
    decide(portal, request.id, Verb.validate)
    assert _tell(portal)
    assert _tell(portal)
    assert _mails(portal) == 1
    with time_machine.travel(clock.now() + timedelta(days=1)):
        _tell(portal)
    assert _mails(portal) == 2


def _tell(portal: Portal) -> bool:
    with portal.database.writing(VISITOR) as session:
        known_vendors.tell(session, SIRET, portal.addresses)
        return known_vendors.is_known(session, SIRET)


def _mails(portal: Portal) -> int:
    with portal.database.reading() as session:
        return len(session.exec(select(OutgoingMail.id).where(col(OutgoingMail.template) == "already_known")).all())
