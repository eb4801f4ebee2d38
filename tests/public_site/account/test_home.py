"""The first page of the private portal, and who comes there."""

import pytest
from sqlmodel import select

from enrolment.portal import Portal
from schema.enums import RequestKind, RequestStatus
from schema.tables import Account, EnrolmentRequest, OutgoingMail, Parameter
from tests.public_site.account.signing import SYSTEM, browser_of, choose, open_account
from tests.rows import add_request


def test_home_shows_the_requests_of_its_companies_and_no_other(portal: Portal) -> None:
    # rule: A1
    # rule: A5
    client = browser_of(portal)
    link = open_account(portal)
    with portal.database.writing(SYSTEM) as session:
        mine = session.exec(select(EnrolmentRequest)).one()
        add_request(session, number="ENR-2026-000200", provider_id=mine.provider_id, kind=RequestKind.complementary)
        add_request(session, number="ENR-2026-000999")
        mine.status = RequestStatus.awaiting_certificates
        session.add(mine)
    page = choose(client, link)
    rows = [" ".join("".join(row.itertext()).split()) for row in page.all("tr")]
    assert len(rows) == 3
    assert "ENR-2026-000200" in rows[1], "newest first"
    for words in ("ENR-2026-000123", "732 829 320 00074", "Validation partielle", "nitial anticipé", "Consulter"):
        assert words in rows[2]
    assert "ENR-2026-000999" not in page.html
    assert "déposez votre certificat" in page, "what is waited for is said first"
    consult = [url for text, url in page.links.items() if text.startswith("Consulter")]
    assert len(consult) == 2
    for url in consult:
        assert client.get(url).status == 200


def test_home_of_an_account_without_request_says_so(sqlite_portal: Portal) -> None:
    client = browser_of(sqlite_portal)
    with sqlite_portal.database.writing(SYSTEM) as session:
        session.add(
            Account(login="dmartin", email="d@cabinet.fr", first_name="D", last_name="Martin", from_wave_1=True)
        )
    page = client.get("/connexion/mot-de-passe-oublie")
    client.submit(page.form, identifiant="dmartin")
    with sqlite_portal.database.reading() as session:
        mail = session.exec(select(OutgoingMail)).one()
    page = choose(client, "/mot-de-passe/" + mail.text_body.split("/mot-de-passe/")[1].split()[0])
    assert "Aucune demande n'est rattachée à votre compte" in page
    assert "Rien pour le moment" in page


def test_hidden_account_id_gives_nobody_elses_home(sqlite_portal: Portal) -> None:
    # std: SEC-2
    first, second = browser_of(sqlite_portal), browser_of(sqlite_portal)
    choose(first, open_account(sqlite_portal))
    choose(second, open_account(sqlite_portal, "other@alize.fr", "ENR-2026-000500"))
    assert "ENR-2026-000500" not in first.get("/espace/").html
    assert "ENR-2026-000123" not in second.get("/espace/").html


@pytest.mark.parametrize("path", ["/espace/", "/espace"])
@pytest.mark.parametrize("cookie", [b"", b"session=", b"session=x", b"session=\xff\xfe", b"session=" + b"0" * 5000])
def test_private_pages_need_a_session(sqlite_portal: Portal, path: str, cookie: bytes) -> None:
    # std: SEC-1
    client = browser_of(sqlite_portal)
    answer = client.http.get(path, headers=[(b"cookie", cookie)], follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion?suite=/espace")


def test_parameter_that_cannot_be_read_is_a_page_and_not_an_open_door(sqlite_portal: Portal) -> None:
    # std: SEC-19
    client = browser_of(sqlite_portal)
    choose(client, open_account(sqlite_portal))
    with sqlite_portal.database.writing(SYSTEM) as session:
        session.exec(select(Parameter).where(Parameter.code == "session_idle_minutes")).one().value = "longtemps"
    assert "doit être un nombre entier" in client.get("/espace/", status=503)


def test_public_pages_lead_a_signed_in_browser_to_its_space(sqlite_portal: Portal) -> None:
    client = browser_of(sqlite_portal)
    assert client.get("/").links["Se connecter"] == "/connexion"
    choose(client, open_account(sqlite_portal))
    page = client.get("/")
    assert page.links["Mon espace"] == "/espace/"
    assert "Se connecter" not in client.get("/documents")
    # std: SEC-18
    assert page.response.headers["cache-control"] == "no-store"
