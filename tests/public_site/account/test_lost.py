"""Lost login and lost password."""

import pytest
from sqlmodel import select

from enrolment.portal import Portal
from schema.tables import OutgoingMail
from tests.public_site.account.signing import browser_of, choose, open_account


@pytest.mark.parametrize(
    ("path", "field", "known", "unknown", "template"),
    [
        ("/connexion/identifiant-oublie", "email", "Claire@alize.fr", "nobody@alize.fr", "login_forgotten"),
        ("/connexion/mot-de-passe-oublie", "identifiant", "clefevre", "nobody", "password_forgotten"),
    ],
)
def test_lost_login_or_password_gets_the_same_answer_for_all(
    portal: Portal, path: str, field: str, known: str, unknown: str, template: str
) -> None:
    # std: SEC-5
    choose(browser_of(portal), open_account(portal))
    answers = []
    for typed in (known, unknown):
        client = browser_of(portal)
        page = client.submit(client.get(path).form, **{field: typed})
        answers.append(page.text.lower().replace(typed.lower(), "…"))
    assert answers[0] == answers[1]
    with portal.database.reading() as session:
        mails = session.exec(select(OutgoingMail).where(OutgoingMail.template == template)).all()
    assert [mail.recipient for mail in mails] == ["claire@alize.fr"]


def test_nobody_can_fill_a_mailbox(sqlite_portal: Portal) -> None:
    # std: SEC-6
    client = browser_of(sqlite_portal)
    for _ in range(3):
        client.submit(client.get("/connexion/mot-de-passe-oublie").form, identifiant="clefevre")
    page = client.get("/connexion/mot-de-passe-oublie")
    page = client.submit(page.form, identifiant="clefevre", status=429)
    assert "Réessayez dans 5 minutes" in page


@pytest.mark.parametrize("path", ["/connexion/identifiant-oublie", "/connexion/mot-de-passe-oublie"])
def test_lost_pages_say_what_is_wrong(sqlite_portal: Portal, path: str) -> None:
    client = browser_of(sqlite_portal)
    page = client.get(path)
    (name,) = page.form.names - {"csrf_token"}
    assert client.submit(page.form, status=422).error_messages
    assert client.submit(page.form, status=422, **{name: "pas bon @ é"}).error_messages
