"""Signing in and out, and what protects it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from enrolment.portal import Portal
from enrolment.services.attempts import OF_ACCOUNT
from public_site.account.guard import is_private
from public_site.app import create_app
from schema.tables import OutgoingMail, WebSession
from tests.pages import PageClient
from tests.public_site.account.signing import (
    GOOD,
    SYSTEM,
    browser_of,
    choose,
    open_account,
    session_key,
    sign_in,
    token_of,
)


def test_wrong_sign_in_tells_nothing_of_the_account(sqlite_portal: Portal) -> None:
    # std: SEC-5
    choose(browser_of(sqlite_portal), open_account(sqlite_portal))
    invited = open_account(sqlite_portal, "other@alize.fr", "ENR-2026-000124")
    assert invited
    answers = []
    for login in ("clefevre", "clefevre2", "personne"):
        client = browser_of(sqlite_portal)
        page = sign_in(client, login, "un mauvais mot de passe", status=422)
        assert session_key(client) is None
        answers.append(page.text.replace(login, "…"))
    assert len(set(answers)) == 1
    page = sign_in(browser_of(sqlite_portal), "claire@alize.fr", GOOD, status=422)
    assert "L'identifiant n'est pas votre adresse email" in page


def test_missing_fields_are_said_without_counting_a_try(sqlite_portal: Portal) -> None:
    client = browser_of(sqlite_portal)
    for _ in range(OF_ACCOUNT.free + 1):
        page = sign_in(client, "", "", status=422)
    assert page.error_messages == ["Saisissez votre identifiant.", "Saisissez votre mot de passe."]


def test_guessing_is_slowed_and_the_owner_still_comes_in(portal: Portal) -> None:
    # std: SEC-6
    owner = browser_of(portal)
    choose(owner, open_account(portal))
    owner.submit(owner.get("/espace/").form_named("/deconnexion"))
    stranger = browser_of(portal)
    for _ in range(OF_ACCOUNT.free):
        sign_in(stranger, "clefevre", "un mauvais mot de passe", status=422)
    page = sign_in(stranger, "clefevre", GOOD, status=429)
    assert "Réessayez dans 1 minute" in page
    assert session_key(stranger) is None
    assert sign_in(owner, "clefevre", GOOD).path == "/espace/", "the browser that signed in before is not slowed"
    # On a new browser, the mail of « mot de passe oublié » opens the door.
    elsewhere = browser_of(portal)
    page = elsewhere.get("/connexion/mot-de-passe-oublie")
    elsewhere.submit(page.form, identifiant="clefevre")
    with portal.database.reading() as session:
        mail = session.exec(select(OutgoingMail).where(OutgoingMail.template == "password_forgotten")).one()
    link = "/mot-de-passe/" + mail.text_body.split("/mot-de-passe/")[1].split()[0]
    assert choose(elsewhere, link, "Une!autre7phrase").path == "/espace/"
    assert owner.get("/espace/").path == "/connexion", "a new password ends the other sessions"


def test_each_sign_in_has_a_new_session_and_ends_the_old_one(sqlite_portal: Portal) -> None:
    # std: SEC-4
    client = browser_of(sqlite_portal)
    client.http.cookies.set("session", "planted-by-somebody-else", domain="testserver.local")
    choose(client, open_account(sqlite_portal))
    keys = {session_key(client)}
    for _ in range(2):
        client.http.post(
            "/connexion",
            data={"identifiant": "clefevre", "mot_de_passe": GOOD, "csrf_token": token_of(client)},
            headers={"sec-fetch-site": "same-origin"},
        )
        keys.add(session_key(client))
    assert len(keys) == 3
    assert "planted-by-somebody-else" not in keys
    with sqlite_portal.database.reading() as session:
        assert len(session.exec(select(WebSession)).all()) == 1


def test_session_cookie_is_shut_to_scripts_and_other_sites(sqlite_portal: Portal) -> None:
    # std: SEC-4
    link = open_account(sqlite_portal)
    client = PageClient(create_app(sqlite_portal), base_url="https://testserver")
    page = choose(client, link)
    sent = [value for value in page.response.history[0].headers.get_list("set-cookie") if "session=" in value]
    (cookie,) = sent
    assert cookie.startswith("__Host-session=")
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    assert "Max-Age" not in cookie, "it ends with the browser"


def test_sign_in_from_another_site_is_refused(sqlite_portal: Portal) -> None:
    # std: SEC-3
    choose(browser_of(sqlite_portal), open_account(sqlite_portal))
    client = browser_of(sqlite_portal)
    values = {"identifiant": "clefevre", "mot_de_passe": GOOD, "csrf_token": token_of(client)}
    client.post("/connexion", values, status=403, headers={"sec-fetch-site": "cross-site"})
    client.post("/connexion", {**values, "csrf_token": "x"}, status=403)
    client.post("/deconnexion", {}, status=403)
    assert session_key(client) is None


def test_private_page_comes_back_after_signing_in(sqlite_portal: Portal) -> None:
    client = browser_of(sqlite_portal)
    choose(client, open_account(sqlite_portal))
    client.submit(client.get("/espace/").form_named("/deconnexion"))
    page = client.get("/espace/?etat=mot-de-passe")
    assert parse_qs(urlsplit(page.url).query)["suite"] == ["/espace/?etat=mot-de-passe"]
    page = client.submit(page.form_named("connexion"), identifiant="clefevre", mot_de_passe=GOOD)
    assert page.url.endswith("/espace/?etat=mot-de-passe")
    assert client.get("/connexion").path == "/espace/", "whoever is signed in goes on"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/espace//evil", "/deconnexion"]
)
def test_signing_in_never_leads_elsewhere(sqlite_portal: Portal, elsewhere: str) -> None:
    # std: SEC-3
    client = browser_of(sqlite_portal)
    choose(client, open_account(sqlite_portal))
    values = {"identifiant": "clefevre", "mot_de_passe": GOOD, "csrf_token": token_of(client), "suite": elsewhere}
    answer = client.http.post(
        "/connexion", data=values, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
    )
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location == "/espace/" or (location == elsewhere and elsewhere.startswith("/espace/"))


@given(st.text("/\\espac.:?@%&=#\n\t ~évil-_0", max_size=40))
def test_only_our_own_private_addresses_are_private(end: str) -> None:
    # std: SEC-3
    for address in (end, "/espace" + end):
        if is_private(address):
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc) == ("", "")
            assert address.startswith("/espace")
            assert not set(address) & set("\\\n\t @:")


def test_ended_session_says_why(sqlite_portal: Portal) -> None:
    # std: SEC-4
    client = browser_of(sqlite_portal)
    choose(client, open_account(sqlite_portal))
    with sqlite_portal.database.writing(SYSTEM) as session:
        row = session.exec(select(WebSession)).one()
        row.last_seen_at -= timedelta(minutes=31)
        session.add(row)
    page = client.get("/espace/")
    assert page.path == "/connexion"
    assert "période d'inactivité" in page
    assert session_key(client) is None


def test_activity_is_noted_so_that_a_busy_reader_stays(sqlite_portal: Portal) -> None:
    # std: SEC-4
    client = browser_of(sqlite_portal)
    choose(client, open_account(sqlite_portal))
    with sqlite_portal.database.writing(SYSTEM) as session:
        row = session.exec(select(WebSession)).one()
        row.last_seen_at -= timedelta(minutes=20)
        session.add(row)
    before = datetime.now(UTC)
    assert client.get("/espace/").path == "/espace/"
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(WebSession)).one().last_seen_at >= before


@pytest.mark.parametrize(
    "path", ["/connexion", "/connexion/identifiant-oublie", "/connexion/mot-de-passe-oublie", "password"]
)
def test_field_that_no_page_has_is_refused(sqlite_portal: Portal, path: str) -> None:
    # std: SEC-19
    link = open_account(sqlite_portal)
    client = browser_of(sqlite_portal)
    path = link if path == "password" else path
    page = client.post(path, {"csrf_token": token_of(client), "state": "active"}, status=422)
    assert "champ inconnu" in page
