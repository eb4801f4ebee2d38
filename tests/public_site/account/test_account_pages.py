"""The vendor's account in a browser: first password, signing in and out, lost login and password, home page."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from enrolment.portal import Portal
from enrolment.services import accounts, passwords
from enrolment.services.attempts import OF_ACCOUNT
from public_site.account.guard import is_private
from public_site.app import create_app
from schema.enums import RequestKind, RequestStatus
from schema.history import Actor
from schema.tables import Account, EnrolmentRequest, OutgoingMail, Parameter, Person, WebSession
from tests.pages import Page, PageClient
from tests.rows import add_request

SYSTEM = Actor.system()
GOOD = "gR7!kp2Vw;q9"


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))


def _browser(portal: Portal) -> PageClient:
    return PageClient(create_app(portal), base_url=portal.settings.base_url)


def _open_account(portal: Portal, email: str = "claire@alize.fr", number: str = "ENR-2026-000123") -> str:
    """Validate a first request; the path of the password link."""
    with portal.database.writing(SYSTEM) as session:
        request = add_request(session, number=number, is_early=True)
        person = session.exec(select(Person).where(Person.provider_id == request.provider_id)).one()
        person.email = email
        session.add(person)
        session.flush()
        accounts.open_account(session, SYSTEM, request, portal.addresses)
        mail = session.exec(
            select(OutgoingMail).where(OutgoingMail.template == "password_link", OutgoingMail.recipient == email)
        ).one()
        return "/mot-de-passe/" + mail.text_body.split("/mot-de-passe/")[1].split()[0]


def _choose(client: PageClient, link: str, password: str = GOOD, again: str | None = None, status: int = 200) -> Page:
    page = client.get(link)
    again = password if again is None else again
    return client.submit(page.form, nouveau_mot_de_passe=password, confirmation=again, status=status)


def _sign_in(client: PageClient, login: str, password: str, status: int = 200, path: str = "/connexion") -> Page:
    page = client.get(path)
    return client.submit(
        page.form_named("connexion"), button="Valider", identifiant=login, mot_de_passe=password, status=status
    )


def _session_key(client: PageClient) -> str | None:
    return client.http.cookies.get("session")


def test_vendor_creates_its_password_signs_out_and_in_again(portal: Portal) -> None:
    # std: SEC-4
    client, link = _browser(portal), _open_account(portal)
    page = _choose(client, link)
    assert (page.path, page.h1) == ("/espace/", "Mon espace")
    assert "Votre mot de passe est enregistré" in page
    assert "Bonjour Claire Lefèvre" in page
    assert "ENR-2026-000123" in page
    assert page.response.headers["cache-control"] == "no-store"
    page = client.submit(page.form_named("/deconnexion"))
    assert "Vous êtes déconnecté" in page
    assert _session_key(client) is None
    assert client.get("/espace/").path == "/connexion"
    assert _sign_in(client, "CLefevre", GOOD).path == "/espace/"


def test_used_link_says_so_and_opens_nothing(sqlite_portal: Portal) -> None:
    # std: SEC-7
    client, link = _browser(sqlite_portal), _open_account(sqlite_portal)
    _choose(client, link)
    stranger = _browser(sqlite_portal)
    page = stranger.get(link, status=404)
    assert page.h1 == "Ce lien n'est plus valable"
    assert page.links["Recevoir un nouveau lien"] == "/connexion/mot-de-passe-oublie"
    assert stranger.get("/mot-de-passe/n-importe-quoi", status=404).h1 == page.h1


def test_old_link_says_that_it_has_expired(sqlite_portal: Portal) -> None:
    # std: SEC-7
    with time_machine.travel(datetime(2026, 3, 3, 12, tzinfo=UTC), tick=False) as clock:
        link = _open_account(sqlite_portal)
        clock.shift(timedelta(hours=73))
        assert _browser(sqlite_portal).get(link, status=410).h1 == "Ce lien a expiré"


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("gR7!kp", "gR7!kp", "trop court"),
        ("Clefevre2026!!", "Clefevre2026!!", "identifiant"),
        (GOOD, GOOD + "x", "identiques"),
        ("", "", "Choisissez un mot de passe"),
    ],
)
def test_wrong_password_is_explained_and_the_link_stays_good(
    sqlite_portal: Portal, password: str, again: str, said: str
) -> None:
    # std: SEC-5
    client, link = _browser(sqlite_portal), _open_account(sqlite_portal)
    page = _choose(client, link, password, again, status=422)
    assert any(said in message for message in page.error_messages)
    assert password not in page.html or not password
    assert _choose(client, link).path == "/espace/"


def test_wrong_sign_in_tells_nothing_of_the_account(sqlite_portal: Portal) -> None:
    # std: SEC-5
    _choose(_browser(sqlite_portal), _open_account(sqlite_portal))
    invited = _open_account(sqlite_portal, "other@alize.fr", "ENR-2026-000124")
    assert invited
    answers = []
    for login in ("clefevre", "clefevre2", "personne"):
        client = _browser(sqlite_portal)
        page = _sign_in(client, login, "un mauvais mot de passe", status=422)
        assert _session_key(client) is None
        answers.append(page.text.replace(login, "…"))
    assert len(set(answers)) == 1
    page = _sign_in(_browser(sqlite_portal), "claire@alize.fr", GOOD, status=422)
    assert "L'identifiant n'est pas votre adresse email" in page


def test_missing_fields_are_said_without_counting_a_try(sqlite_portal: Portal) -> None:
    client = _browser(sqlite_portal)
    for _ in range(OF_ACCOUNT.free + 1):
        page = _sign_in(client, "", "", status=422)
    assert page.error_messages == ["Saisissez votre identifiant.", "Saisissez votre mot de passe."]


def test_guessing_is_slowed_and_the_owner_still_comes_in(portal: Portal) -> None:
    # std: SEC-6
    owner = _browser(portal)
    _choose(owner, _open_account(portal))
    owner.submit(owner.get("/espace/").form_named("/deconnexion"))
    stranger = _browser(portal)
    for _ in range(OF_ACCOUNT.free):
        _sign_in(stranger, "clefevre", "un mauvais mot de passe", status=422)
    page = _sign_in(stranger, "clefevre", GOOD, status=429)
    assert "Réessayez dans 1 minute" in page
    assert _session_key(stranger) is None
    assert _sign_in(owner, "clefevre", GOOD).path == "/espace/", "the browser that signed in before is not slowed"
    # On a new browser, the mail of « mot de passe oublié » opens the door.
    elsewhere = _browser(portal)
    page = elsewhere.get("/connexion/mot-de-passe-oublie")
    elsewhere.submit(page.form, identifiant="clefevre")
    with portal.database.reading() as session:
        mail = session.exec(select(OutgoingMail).where(OutgoingMail.template == "password_forgotten")).one()
    link = "/mot-de-passe/" + mail.text_body.split("/mot-de-passe/")[1].split()[0]
    assert _choose(elsewhere, link, "Une!autre7phrase").path == "/espace/"
    assert owner.get("/espace/").path == "/connexion", "a new password ends the other sessions"


def test_each_sign_in_has_a_new_session_and_ends_the_old_one(sqlite_portal: Portal) -> None:
    # std: SEC-4
    client = _browser(sqlite_portal)
    client.http.cookies.set("session", "planted-by-somebody-else", domain="testserver.local")
    _choose(client, _open_account(sqlite_portal))
    keys = {_session_key(client)}
    for _ in range(2):
        client.http.post(
            "/connexion",
            data={"identifiant": "clefevre", "mot_de_passe": GOOD, "csrf_token": _token(client)},
            headers={"sec-fetch-site": "same-origin"},
        )
        keys.add(_session_key(client))
    assert len(keys) == 3
    assert "planted-by-somebody-else" not in keys
    with sqlite_portal.database.reading() as session:
        assert len(session.exec(select(WebSession)).all()) == 1


def _token(client: PageClient) -> str:
    return client.get("/connexion/mot-de-passe-oublie").form.values()["csrf_token"][0]


def test_session_cookie_is_shut_to_scripts_and_other_sites(sqlite_portal: Portal) -> None:
    # std: SEC-4
    link = _open_account(sqlite_portal)
    client = PageClient(create_app(sqlite_portal), base_url="https://testserver")
    page = _choose(client, link)
    sent = [value for value in page.response.history[0].headers.get_list("set-cookie") if "session=" in value]
    (cookie,) = sent
    assert cookie.startswith("__Host-session=")
    for attribute in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    assert "Max-Age" not in cookie, "it ends with the browser"


def test_sign_in_from_another_site_is_refused(sqlite_portal: Portal) -> None:
    # std: SEC-3
    _choose(_browser(sqlite_portal), _open_account(sqlite_portal))
    client = _browser(sqlite_portal)
    values = {"identifiant": "clefevre", "mot_de_passe": GOOD, "csrf_token": _token(client)}
    client.post("/connexion", values, status=403, headers={"sec-fetch-site": "cross-site"})
    client.post("/connexion", {**values, "csrf_token": "x"}, status=403)
    client.post("/deconnexion", {}, status=403)
    assert _session_key(client) is None


def test_private_page_comes_back_after_signing_in(sqlite_portal: Portal) -> None:
    client = _browser(sqlite_portal)
    _choose(client, _open_account(sqlite_portal))
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
    client = _browser(sqlite_portal)
    _choose(client, _open_account(sqlite_portal))
    values = {"identifiant": "clefevre", "mot_de_passe": GOOD, "csrf_token": _token(client), "suite": elsewhere}
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
    client = _browser(sqlite_portal)
    _choose(client, _open_account(sqlite_portal))
    with sqlite_portal.database.writing(SYSTEM) as session:
        row = session.exec(select(WebSession)).one()
        row.last_seen_at -= timedelta(minutes=31)
        session.add(row)
    page = client.get("/espace/")
    assert page.path == "/connexion"
    assert "période d'inactivité" in page
    assert _session_key(client) is None


def test_activity_is_noted_so_that_a_busy_reader_stays(sqlite_portal: Portal) -> None:
    # std: SEC-4
    client = _browser(sqlite_portal)
    _choose(client, _open_account(sqlite_portal))
    with sqlite_portal.database.writing(SYSTEM) as session:
        row = session.exec(select(WebSession)).one()
        row.last_seen_at -= timedelta(minutes=20)
        session.add(row)
    before = datetime.now(UTC)
    assert client.get("/espace/").path == "/espace/"
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(WebSession)).one().last_seen_at >= before


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
    _choose(_browser(portal), _open_account(portal))
    answers = []
    for typed in (known, unknown):
        client = _browser(portal)
        page = client.submit(client.get(path).form, **{field: typed})
        answers.append(page.text.lower().replace(typed.lower(), "…"))
    assert answers[0] == answers[1]
    with portal.database.reading() as session:
        mails = session.exec(select(OutgoingMail).where(OutgoingMail.template == template)).all()
    assert [mail.recipient for mail in mails] == ["claire@alize.fr"]


def test_nobody_can_fill_a_mailbox(sqlite_portal: Portal) -> None:
    # std: SEC-6
    client = _browser(sqlite_portal)
    for _ in range(3):
        client.submit(client.get("/connexion/mot-de-passe-oublie").form, identifiant="clefevre")
    page = client.get("/connexion/mot-de-passe-oublie")
    page = client.submit(page.form, identifiant="clefevre", status=429)
    assert "Réessayez dans 5 minutes" in page


@pytest.mark.parametrize("path", ["/connexion/identifiant-oublie", "/connexion/mot-de-passe-oublie"])
def test_lost_pages_say_what_is_wrong(sqlite_portal: Portal, path: str) -> None:
    client = _browser(sqlite_portal)
    page = client.get(path)
    (name,) = page.form.names - {"csrf_token"}
    assert client.submit(page.form, status=422).error_messages
    assert client.submit(page.form, status=422, **{name: "pas bon @ é"}).error_messages


@pytest.mark.parametrize(
    "path", ["/connexion", "/connexion/identifiant-oublie", "/connexion/mot-de-passe-oublie", "password"]
)
def test_field_that_no_page_has_is_refused(sqlite_portal: Portal, path: str) -> None:
    # std: SEC-19
    link = _open_account(sqlite_portal)
    client = _browser(sqlite_portal)
    path = link if path == "password" else path
    page = client.post(path, {"csrf_token": _token(client), "state": "active"}, status=422)
    assert "champ inconnu" in page


def test_home_shows_the_requests_of_its_companies_and_no_other(portal: Portal) -> None:
    # rule: A1
    # rule: A5
    client = _browser(portal)
    link = _open_account(portal)
    with portal.database.writing(SYSTEM) as session:
        mine = session.exec(select(EnrolmentRequest)).one()
        add_request(session, number="ENR-2026-000200", provider_id=mine.provider_id, kind=RequestKind.complementary)
        add_request(session, number="ENR-2026-000999")
        mine.status = RequestStatus.awaiting_certificates
        session.add(mine)
    page = _choose(client, link)
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
    client = _browser(sqlite_portal)
    with sqlite_portal.database.writing(SYSTEM) as session:
        session.add(
            Account(login="dmartin", email="d@cabinet.fr", first_name="D", last_name="Martin", from_wave_1=True)
        )
    page = client.get("/connexion/mot-de-passe-oublie")
    client.submit(page.form, identifiant="dmartin")
    with sqlite_portal.database.reading() as session:
        mail = session.exec(select(OutgoingMail)).one()
    page = _choose(client, "/mot-de-passe/" + mail.text_body.split("/mot-de-passe/")[1].split()[0])
    assert "Aucune demande n'est rattachée à votre compte" in page
    assert "Rien pour le moment" in page


def test_hidden_account_id_gives_nobody_elses_home(sqlite_portal: Portal) -> None:
    # std: SEC-2
    first, second = _browser(sqlite_portal), _browser(sqlite_portal)
    _choose(first, _open_account(sqlite_portal))
    _choose(second, _open_account(sqlite_portal, "other@alize.fr", "ENR-2026-000500"))
    assert "ENR-2026-000500" not in first.get("/espace/").html
    assert "ENR-2026-000123" not in second.get("/espace/").html


@pytest.mark.parametrize("path", ["/espace/", "/espace"])
@pytest.mark.parametrize("cookie", [b"", b"session=", b"session=x", b"session=\xff\xfe", b"session=" + b"0" * 5000])
def test_private_pages_need_a_session(sqlite_portal: Portal, path: str, cookie: bytes) -> None:
    # std: SEC-1
    client = _browser(sqlite_portal)
    answer = client.http.get(path, headers=[(b"cookie", cookie)], follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion?suite=/espace")


def test_missing_parameter_is_a_page_and_not_an_open_door(sqlite_portal: Portal) -> None:
    # std: SEC-19
    client = _browser(sqlite_portal)
    _choose(client, _open_account(sqlite_portal))
    with sqlite_portal.database.writing(SYSTEM) as session:
        session.delete(session.exec(select(Parameter).where(Parameter.code == "session_idle_minutes")).one())
    assert "session_idle_minutes" in client.get("/espace/", status=503)
