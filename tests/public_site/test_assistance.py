"""« Contacter l'assistance » and the pages of texts."""

import pytest
from sqlmodel import select

from enrolment.portal import Portal, open_portal
from enrolment.services import passwords, tickets
from enrolment.services.attempts import OF_MAIL
from schema.tables import OutgoingMail, Ticket
from seeds.document_texts import DOCUMENTS
from tests.pages import Page
from tests.public_site.browsing import browser
from tests.public_site.private.vendors import sign_in, signed_in
from tests.public_site.test_status import path_of
from tests.stories import enrol, new_number

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


def _options(page: Page) -> list[str]:
    return [option.get("value", "") for option in page.control_labelled("Votre demande concernée").iter("option")]


def test_a5_signed_in_vendor_chooses_among_its_own_requests(
    sqlite_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # rule: A5
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))
    other = enrol(sqlite_portal, siret="55203253400646")
    own = enrol(sqlite_portal, ans_number=new_number(sqlite_portal, validated=False), email="claire@alize.fr")
    client = sign_in(sqlite_portal, own)
    form = client.get(f"/assistance?demande={other.number}").form
    assert _options(form.page) == ["", own.number], "never somebody else's"
    assert form.values()["request_number"] == [""]
    asked = {"subject": "Certificat", "body": "Quand le déposer ?"}
    page = client.submit(form, request_number=other.number, status=422, **asked)
    assert page.error_messages == ["Choisissez l'une de vos demandes, ou aucune."]
    form = client.get(f"/assistance?demande={own.number}").form
    assert form.values()["request_number"] == [own.number]
    page = client.submit(form, button="Envoyer ma question", **asked)
    with sqlite_portal.database.reading() as session:
        ticket = session.exec(select(Ticket)).one()
    assert (ticket.name, ticket.email, ticket.request_number) == ("Claire Lefèvre", "claire@alize.fr", own.number)
    assert ticket.number in page
    monkeypatch.setattr(tickets, "MOST_OFFERED", 0)
    page = client.get(f"/assistance?demande={own.number}")
    assert page.control_labelled("Numéro demande").get("value") == own.number, "too many to choose from: typed"


def test_request_that_one_was_reading_is_carried_to_the_assistance(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    client = browser(sqlite_portal)
    page = client.click(client.get(path_of(sqlite_portal, request)), "Contacter l'assistance")
    assert page.control_labelled("Numéro demande").get("value") == request.number
    with sqlite_portal.database.reading() as session:
        mails = session.exec(select(OutgoingMail).where(OutgoingMail.template == "acknowledgement")).all()
    assert f"/assistance?demande={request.number}" in mails[-1].text_body


def test_sec6_questions_are_slowed_and_nobody_fills_a_mailbox(sqlite_portal: Portal) -> None:
    # std: SEC-6
    client = browser(sqlite_portal)
    for _ in range(OF_MAIL.free):
        client.submit(client.get("/assistance").form, button="Envoyer ma question", **QUESTION)
    page = client.submit(client.get("/assistance").form, status=422, **QUESTION)
    assert "Réessayez dans 5 minutes" in page.error_messages[0]
    assert page.form.values()["body"][0].strip() == QUESTION["body"]
    with sqlite_portal.database.reading() as session:
        assert len(session.exec(select(Ticket)).all()) == OF_MAIL.free


def test_sec6_stranger_passes_a_captcha_and_an_account_is_counted_instead(
    sqlite_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: SEC-6
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))
    settings = sqlite_portal.settings.model_copy(update={"captcha": "image"})
    portal = open_portal(settings, sqlite_portal.database)
    stranger = browser(portal)
    page = stranger.submit(stranger.get("/assistance").form, button="Envoyer ma question", status=422, **QUESTION)
    assert "Recopiez le code de sécurité" in page.error_messages[0]
    client = signed_in(portal)
    for turn in range(OF_MAIL.free + 1):
        asked = {**QUESTION, "email": f"boite{turn}@alize.fr"}
        status = 200 if turn < OF_MAIL.free else 422
        client.submit(client.get("/assistance").form, button="Envoyer ma question", status=status, **asked)


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


def test_each_model_says_what_it_is_for_its_format_and_its_date(sqlite_portal: Portal) -> None:
    page = browser(sqlite_portal).get("/documents")
    models = [
        " ".join("".join(item.itertext()).split())
        for item in page.all("li")
        if "Télécharger" in "".join(item.itertext())
    ]
    assert len(models) == len(DOCUMENTS)
    mandate = next(words for words in models if words.startswith("Mandat de l'éditeur"))
    assert "Vous êtes distributeur" in mandate
    assert "PDF, 60 Ko, mis à jour le 23 novembre 2026" in mandate
    assert "ci-dessous" not in page.text, "help texts must be true on this page too"


def test_only_listed_models_are_downloaded(sqlite_portal: Portal) -> None:  # std: SEC-10
    client = browser(sqlite_portal)
    assert client.get("/documents/mandat-editeur.pdf").response.content.startswith(b"%PDF")
    for name in ("..%2Fload.py", "../load.py", "autre.pdf", "%2e%2e%2f__init__.py"):
        client.get(f"/documents/{name}", status=404)
