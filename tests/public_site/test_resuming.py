"""« Enregistrer et continuer plus tard »: the link by mail, another device, and what a stranger cannot learn."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlmodel import select

from enrolment import clock
from enrolment.portal import Portal
from schema.tables import OutgoingMail
from tests.pages import PageClient
from tests.public_site.browsing import Visit, browser, draft_of
from tests.stories import Vendor, new_number


def leave(portal: Portal, email: str = "claire@alize-sante.fr") -> str:
    """Begin a draft, have its link sent; the path of the link."""
    visitor = Visit(browser(portal), Vendor(new_number(portal)))
    page = visitor.client.submit(visitor.search_number().form, button="Enregistrer et continuer plus tard")
    sent = visitor.client.submit(page.form, email=email)
    assert email in sent
    with portal.database.reading() as session:
        mail = session.exec(select(OutgoingMail)).one()
    start = mail.text_body.index("/enrolement/reprise/")
    return mail.text_body[start:].split()[0]


def test_link_opens_the_draft_on_another_device(sqlite_portal: Portal) -> None:
    page = browser(sqlite_portal).get(leave(sqlite_portal))
    assert page.h1 == "Référencement"
    assert "Dossier Patient Alizé" in page


def test_altered_link_opens_nothing(sqlite_portal: Portal) -> None:  # std: SEC-7
    page = browser(sqlite_portal).get(leave(sqlite_portal) + "x", status=404)
    assert page.links["Recevoir un nouveau lien"] == "/enrolement/reprise"


def test_expired_draft_is_gone(sqlite_portal: Portal) -> None:
    path = leave(sqlite_portal)
    with time_machine.travel(clock.now() + timedelta(days=61), tick=True):
        assert browser(sqlite_portal).get(path, status=410).h1 == "Lien expiré"


def test_browser_lists_its_own_drafts_only(sqlite_portal: Portal) -> None:
    visitor = Visit(browser(sqlite_portal), Vendor(new_number(sqlite_portal)))
    draft = draft_of(visitor.search_number())
    assert draft in visitor.client.get("/enrolement/reprise").html
    assert draft not in browser(sqlite_portal).get("/enrolement/reprise").html


def test_link_is_sent_again_and_nobody_learns_whether_there_was_one(sqlite_portal: Portal) -> None:
    with time_machine.travel(clock.now(), tick=True) as traveller:
        leave(sqlite_portal)
        traveller.shift(timedelta(minutes=10))
        answers = {ask(browser(sqlite_portal), email) for email in ("claire@alize-sante.fr", "autre@alize-sante.fr")}
    assert len(answers) == 1
    with sqlite_portal.database.reading() as session:
        assert [mail.recipient for mail in session.exec(select(OutgoingMail))] == ["claire@alize-sante.fr"] * 2


def ask(client: PageClient, email: str) -> str:
    return client.submit(client.get("/enrolement/reprise").form, email=email).text.replace(email, "")


def test_mailbox_cannot_be_filled(sqlite_portal: Portal) -> None:  # std: SEC-6
    client = browser(sqlite_portal)
    page = client.get("/enrolement/reprise")
    for _ in range(3):
        client.submit(page.form, email="claire@alize-sante.fr")
    page = client.submit(page.form, email="claire@alize-sante.fr", status=422)
    assert "Réessayez dans" in page.error_messages[0]
