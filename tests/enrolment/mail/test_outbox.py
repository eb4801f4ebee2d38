"""One event, one mail, in the transaction of the event; what staff may read and do afterwards."""

import threading
from dataclasses import replace

import pytest
from sqlmodel import select

from enrolment.errors import Conflict, Refused
from enrolment.mail import outbox
from enrolment.mail.messages import Rejection, TicketForTeam
from enrolment.mail.outbox import Letter
from enrolment.mail.variables import example
from schema.database import Database
from schema.enums import MailState
from schema.tables import MessageTemplate, OutgoingMail
from schema.types import InvalidValue
from tests.enrolment.mail.conftest import ACTOR, mails, queue, states


def rejection(**values: str) -> Rejection:
    message = example(Rejection)
    assert isinstance(message, Rejection)
    return replace(message, **values)


def set_template(database: Database, subject: str, body: str) -> None:
    with database.writing(ACTOR) as session:
        row = session.exec(select(MessageTemplate).where(MessageTemplate.code == "rejection")).one()
        row.subject, row.body = subject, body


def test_same_event_twice_is_one_mail(database: Database) -> None:
    # std: REL-2
    assert queue(database, "event-1").id == queue(database, "event-1").id
    assert list(states(database)) == ["event-1"]


def test_event_that_fails_leaves_no_mail(database: Database) -> None:
    # rule: M3
    def fail() -> None:
        with database.writing(ACTOR) as session:
            outbox.queue(session, rejection(), to="a@b.example", event_key="event-1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert mails(database) == []


def test_same_event_at_the_same_time_is_one_mail_and_keeps_both_transactions(database: Database) -> None:
    # std: REL-2
    start = threading.Barrier(8)
    found: list[int] = []

    def work(number: int) -> None:
        start.wait()
        with database.writing(ACTOR) as session:
            outbox.queue(session, rejection(), to="a@b.example", event_key=f"own-{number}")
            found.append(outbox.queue(session, rejection(), to="a@b.example", event_key="shared").id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(mails(database)) == 9


def test_row_of_the_database_wins_and_a_broken_one_stops_nothing(sqlite_database: Database) -> None:
    set_template(sqlite_database, "Refus : {{ numero_de_la_demande }}", "Motif : {{ motif }}")
    with sqlite_database.reading() as session:
        assert outbox.compose(session, rejection(reason="absent")) == Letter(
            "Refus\u00a0: ENR-2026-000123", "Motif\u00a0: absent"
        )
    set_template(sqlite_database, "Refus", "{{ nothing_like_it }}")
    with sqlite_database.reading() as session:
        assert outbox.compose(session, rejection()).subject.endswith("votre enrôlement est refusé")


def test_edited_letter_leaves_as_edited_with_the_links_that_its_reader_never_saw(database: Database) -> None:
    # std: SEC-7
    message = rejection(status_link="https://segur.example/suivi/jeton-personnel")
    with database.writing(ACTOR) as session:
        letter = outbox.compose(session, message)
        assert "jeton-personnel" not in letter.body
        changed = Letter(letter.subject, letter.body.replace("Après examen", "Après examen : voir\r\n\r\nHélas"))
        mail = outbox.queue(session, message, to="a@b.example", event_key="e", letter=changed)
    assert "examen\u00a0: voir" in mail.text_body
    assert "Consulter ma demande\u00a0:\nhttps://segur.example/suivi/jeton-personnel" in mail.text_body
    assert 'href="https://segur.example/suivi/jeton-personnel"' in mail.html_body
    assert "jeton-personnel" not in outbox.for_staff(mail)
    assert "https://segur.example/…" in outbox.for_staff(mail)


def test_letter_with_a_foreign_link_or_nothing_in_it_is_refused(sqlite_database: Database) -> None:
    for letter in (Letter("Objet", "[x](lien:lien_du_mot_de_passe)"), Letter("Objet", " \n"), Letter("\n", "Texte")):
        with pytest.raises(Refused), sqlite_database.writing(ACTOR) as session:
            outbox.queue(session, rejection(), to="a@b.example", event_key="e", letter=letter)


@pytest.mark.parametrize(
    "address", ["a@b.example\r\nBcc: c@d.example", "a", "a@b.example,c@d.example", "<a@b.example>"]
)
def test_recipient_is_one_address(sqlite_database: Database, address: str) -> None:
    # std: SEC-9
    with pytest.raises(InvalidValue), sqlite_database.writing(ACTOR) as session:
        outbox.queue(session, rejection(), to=address, event_key="e")


def test_link_that_is_no_web_address_is_an_error(sqlite_database: Database) -> None:
    with pytest.raises(ValueError, match="lien_de_suivi"), sqlite_database.writing(ACTOR) as session:
        outbox.queue(session, rejection(status_link="javascript:alert(1)"), to="a@b.example", event_key="e")


def test_words_of_a_stranger_stay_words(sqlite_database: Database) -> None:
    # std: SEC-9
    message = example(TicketForTeam)
    assert isinstance(message, TicketForTeam)
    hostile = (
        "[Votre compte](https://evil.example) **urgent**\r\nBcc: x@y.example\n{{ motif }} lien:lien_de_la_question"
    )
    message = replace(message, question=hostile, subject=hostile, author_name=hostile)
    with sqlite_database.writing(ACTOR) as session:
        mail = outbox.queue(session, message, to="equipe@asp.example", event_key="e")
    assert 'href="https://evil' not in mail.html_body
    assert "<strong>urgent" not in mail.html_body
    assert "[Votre compte](https://evil.example) **urgent**" in mail.text_body
    assert "\n" not in mail.subject
    assert "{{ motif }}" in mail.text_body


def test_staff_may_cancel_what_waits_and_send_again_what_failed(database: Database) -> None:
    mail = queue(database, "event-1")
    with database.writing(ACTOR) as session:
        assert outbox.cancel(session, mail.id).state is MailState.cancelled
        assert outbox.ready(session) == []
    with pytest.raises(Conflict), database.writing(ACTOR) as session:
        outbox.cancel(session, mail.id)
    with database.writing(ACTOR) as session:
        again = outbox.resend(session, mail.id)
        assert (again.id, again.state, again.public_id) == (mail.id, MailState.queued, mail.public_id)
        assert [item.id for item in outbox.ready(session)] == [mail.id]


def test_sent_mail_sent_again_is_a_mail_of_its_own(database: Database) -> None:
    mail = queue(database, "event-1")
    with database.writing(ACTOR) as session:
        session.get_one(OutgoingMail, mail.id).state = MailState.sent
    with database.writing(ACTOR) as session:
        copy = outbox.resend(session, mail.id)
    assert copy.id != mail.id
    assert copy.public_id != mail.public_id
    assert (copy.text_body, copy.recipient) == (mail.text_body, mail.recipient)
