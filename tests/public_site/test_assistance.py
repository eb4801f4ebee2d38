"""« Contacter l'assistance » and the pages of texts."""

import pytest
from sqlmodel import select

from enrolment.portal import Portal
from schema.tables import OutgoingMail, Ticket
from tests.public_site.browsing import browser

QUESTION = {
    "name": "Claire Lefèvre",
    "email": "claire@alize-sante.fr",
    "subject": "Numéro inconnu",
    "body": "Mon numéro n'est pas reconnu.\nQue faire ?",
}


def test_question_becomes_a_numbered_ticket_and_two_mails(sqlite_portal: Portal) -> None:
    client = browser(sqlite_portal)
    page = client.submit(client.get("/assistance?numero=ANS-9").form, button="Envoyer ma question", **QUESTION)
    with sqlite_portal.database.reading() as session:
        ticket = session.exec(select(Ticket)).one()
        mails = {mail.template: mail for mail in session.exec(select(OutgoingMail))}
    assert (ticket.ans_number, ticket.body) == ("ANS-9", QUESTION["body"])
    assert ticket.number in page
    assert mails["ticket_received"].recipient == QUESTION["email"]
    assert QUESTION["subject"] not in mails["ticket_received"].text_body
    assert "pas reconnu" in mails["ticket_for_team"].text_body


def test_mistakes_keep_what_was_typed(sqlite_portal: Portal) -> None:
    client = browser(sqlite_portal)
    page = client.submit(client.get("/assistance").form, status=422, **{**QUESTION, "email": "claire", "name": ""})
    assert len(page.error_messages) == 2
    assert page.form.values()["body"][0].strip() == QUESTION["body"]


def test_program_that_fills_the_hidden_field_is_told_yes_and_kept_out(sqlite_portal: Portal) -> None:  # std: SEC-6
    client = browser(sqlite_portal)
    client.submit(client.get("/assistance").form, site_web="https://spam.example", **QUESTION)
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(Ticket)).all() == []
        assert session.exec(select(OutgoingMail)).all() == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/cgu", "numéro de référencement donne lieu à un seul enrôlement"),
        ("/donnees-personnelles", "délégué à la protection des données"),
        ("/accessibilite", "non conforme"),
        ("/documents", "Mandat de l'éditeur"),
        ("/", "SONS DPI"),
        ("/enrolement", "Rechercher"),
    ],
)
def test_page_of_texts_reads_well(sqlite_portal: Portal, path: str, words: str) -> None:
    assert words in browser(sqlite_portal).get(path)


def test_only_listed_models_are_downloaded(sqlite_portal: Portal) -> None:  # std: SEC-10
    client = browser(sqlite_portal)
    assert client.get("/documents/mandat-editeur.pdf").response.content.startswith(b"%PDF")
    for name in ("..%2Fload.py", "../load.py", "autre.pdf", "%2e%2e%2f__init__.py"):
        client.get(f"/documents/{name}", status=404)
