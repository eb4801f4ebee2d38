"""Signing in and out: one answer for all strangers, sessions on the server, guessing slowed down."""

from __future__ import annotations

import pytest
import time_machine
from sqlmodel import select

from admin_app.app import create_app
from admin_app.authentication import way_back
from enrolment import clock
from enrolment.portal import Portal
from enrolment.services import passwords, sessions, staff
from schema.enums import StaffRole, WebAudience
from schema.history import Actor
from schema.tables import StaffUser, WebSession
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import PASSWORD, email_of
from tests.pages import Page, PageClient


def _try(client: PageClient, email: str, password: str, status: int = 422) -> Page:
    return client.submit(client.get("/admin/login").form, email=email, mot_de_passe=password, status=status)


def test_unknown_wrong_and_disabled_get_the_same_answer(portal: Portal) -> None:
    # std: SEC-5
    with portal.database.writing(Actor.system()) as session:
        row = session.exec(select(StaffUser).where(StaffUser.email == email_of(StaffRole.reader))).one()
        row.active = False
    client = PageClient(create_app(portal))
    answers = {
        tuple(_try(client, email, password).error_messages)
        for email, password in (
            ("nobody@asp.example", PASSWORD),
            (email_of(StaffRole.manager), "wrong"),
            (email_of(StaffRole.reader), PASSWORD),
        )
    }
    assert answers == {("Adresse ou mot de passe incorrect. Vérifiez-les, puis recommencez.",)}


@pytest.mark.parametrize("change", ["disabled", "password"])
@pytest.mark.parametrize("has_factor", [False, True])
def test_access_that_changes_while_the_password_is_verified_opens_nothing(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, change: str, has_factor: bool
) -> None:
    # std: SEC-4
    role = StaffRole.manager
    if has_factor:
        with portal.database.writing(Actor.system()) as session:
            staff.get(session, email_of(role)).totp_confirmed_at = clock.now()
    verify = passwords.verify

    def verify_while_it_changes(stored: str | None, typed: str) -> bool:
        is_right = verify(stored, typed)
        with portal.database.writing(Actor.system()) as session:
            user = staff.get(session, email_of(role))
            if change == "disabled":
                staff.disable(session, Actor.system(), user)
            else:
                staff.set_password(session, Actor.system(), user)
        return is_right

    client = PageClient(create_app(portal))
    form = client.get("/admin/login").form
    monkeypatch.setattr(passwords, "verify", verify_while_it_changes)
    page = client.submit(form, email=email_of(role), mot_de_passe=PASSWORD, status=422)
    assert page.error_messages == ["Adresse ou mot de passe incorrect. Vérifiez-les, puis recommencez."]
    assert client.http.cookies.get("staff") is None
    assert client.http.cookies.get("staff_half") is None
    with portal.database.reading() as session:
        assert session.exec(select(WebSession)).all() == []


@pytest.mark.parametrize("email", ["nobody@asp.example", email_of(StaffRole.manager)])
def test_guessing_is_slowed_down_known_or_not(portal: Portal, email: str) -> None:
    # std: SEC-6
    client = PageClient(create_app(portal))
    for _ in range(5):
        _try(client, email, "wrong")
    page = _try(client, email, PASSWORD, status=429)
    assert "Trop d'essais" in page


def test_owner_on_a_known_browser_is_not_shut_out_by_a_stranger(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-6
    owner = signed_in(office, StaffRole.manager)
    stranger = PageClient(create_app(office))
    for _ in range(6):
        stranger.submit(
            stranger.get("/admin/login").form,
            email=email_of(StaffRole.manager),
            mot_de_passe="wrong",
            status=422 if _ < 5 else 429,
        )
    owner.submit(owner.get("/admin/").form_named("Se déconnecter"))
    page = owner.submit(owner.get("/admin/login").form, email=email_of(StaffRole.manager), mot_de_passe=PASSWORD)
    assert page.path != "/admin/login"


def test_signing_out_ends_the_session_on_the_server(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    client = signed_in(portal, StaffRole.manager)
    key = client.http.cookies["staff"]
    page = client.submit(client.get("/admin/").form_named("Se déconnecter"))
    assert "Vous êtes déconnecté." in page
    client.http.cookies.set("staff", key)
    assert client.get("/admin/").path == "/admin/login"


def test_each_sign_in_has_a_new_session_and_ends_the_old(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    client = signed_in(office, StaffRole.manager)
    old = client.http.cookies["staff"]
    stranger = PageClient(create_app(office))
    form = stranger.get("/admin/login").form
    stranger.http.cookies.set("staff", old)
    fixed = stranger.http.cookies.get("staff")
    assert fixed == old
    client.submit(client.get("/admin/").form_named("Se déconnecter"))
    del stranger.http.cookies["staff"]
    stranger.submit(form, email=email_of(StaffRole.manager), mot_de_passe=PASSWORD)
    assert stranger.http.cookies["staff"] != old


def test_session_ends_when_idle_and_when_old(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    client = signed_in(office, StaffRole.manager)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(3):
            traveller.shift(20 * 60)
            assert client.get("/admin/").path != "/admin/login"
        traveller.shift(31 * 60)
        assert client.get("/admin/").path == "/admin/login"


def test_cookie_is_strict_hidden_from_scripts_and_secure_but_on_loopback(office: Portal) -> None:
    # std: SEC-4
    for base, secure in (
        ("https://portail.example", True),
        ("http://portail.example", True),
        ("http://127.0.0.1", False),
    ):
        client = PageClient(create_app(office), base, check=False)
        page = client.get("/admin/login")
        token = page.form.values()["csrf_token"][0]
        data = {"email": email_of(StaffRole.manager), "mot_de_passe": PASSWORD, "csrf_token": token}
        answer = client.http.post(
            "/admin/login", data=data, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
        )
        assert answer.status_code == 303
        cookie = next(one for one in answer.headers.get_list("set-cookie") if "staff=" in one)
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert ("Secure" in cookie) is secure
        assert "max-age" not in cookie.lower()


def test_vendor_session_opens_nothing_here(office: Portal) -> None:
    with office.database.writing(Actor.system()) as session:
        key = sessions.open(session, WebAudience.vendor, 1, None)
    client = PageClient(create_app(office))
    client.http.cookies.set("staff", key)
    assert client.get("/admin/").path == "/admin/login"


def test_page_that_was_asked_for_opens_after_signing_in(office: Portal) -> None:
    client = PageClient(create_app(office))
    page = client.get("/admin/provider/list?city=Lyon")
    assert page.path == "/admin/login"
    after = client.submit(page.form, email=email_of(StaffRole.manager), mot_de_passe=PASSWORD)
    assert after.url.endswith("/admin/provider/list?city=Lyon")


EXPIRED = "Votre session a expiré : reconnectez-vous"
BACK = f"{EXPIRED}, vous reviendrez à la page où vous étiez."


def _after_sign_in(client: PageClient, page: Page) -> str:
    """The address that signing in on this page leads to."""
    assert page.path == "/admin/login"
    after = client.submit(page.form, email=email_of(StaffRole.manager), mot_de_passe=PASSWORD)
    return after.url.removeprefix("http://testserver")


@pytest.mark.parametrize(
    ("before", "back"),
    [
        ("/admin/demandes/1?piece=x&fait=pris", "/admin/demandes/1?piece=x"),
        ("/admin/demandes/1/decision", "/admin/demandes/1"),
        ("/admin/demandes/1/pieces/x/avis?y=1", "/admin/demandes/1"),
        ("/admin/provider/edit/1", "/admin/provider/edit/1"),
        ("/admin/", "/admin/file"),
    ],
)
def test_form_sent_after_the_session_ended_says_so_and_leads_back(office: Portal, before: str, back: str) -> None:
    client = PageClient(create_app(office))
    page = client.post("/admin/demandes/1/decision", headers={"referer": f"http://testserver{before}"})
    assert BACK in page
    assert _after_sign_in(client, page) == back


@pytest.mark.parametrize(
    "referer",
    [
        "https://attacker.example/admin/demandes/1",
        "http://testserver.attacker.example/admin/demandes/1",
        "http://testserver@attacker.example/admin/demandes/1",
        "http://testserver/admin//attacker.example",
        "http://testserver/admin/\\attacker.example",
        "http://testserver/admin/logout",
        "http://testserver/admin/login?suite=/admin/file",
        "http://testserver/admin/corrections/1/unknown/page",
        "http://testserver/connexion",
        "",
    ],
)
def test_way_back_is_a_page_of_the_back_office_that_sent_the_form(office: Portal, referer: str) -> None:
    # std: SEC-3
    client = PageClient(create_app(office))
    page = client.post("/admin/demandes/1/decision", headers={"referer": referer})
    assert EXPIRED not in page
    assert page.form.values()["suite"] == [""]
    assert _after_sign_in(client, page) == "/admin/file"


def test_idle_session_is_told_that_it_expired_and_a_stranger_is_not(office: Portal, signed_in: SignIn) -> None:
    client = signed_in(office, StaffRole.manager)
    assert EXPIRED not in PageClient(create_app(office)).get("/admin/provider/list")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        traveller.shift(31 * 60)
        assert BACK in client.get("/admin/provider/list")
        page = client.post("/admin/demandes/1/decision")
        assert EXPIRED in page
        assert BACK not in page
    client = signed_in(office, StaffRole.manager)
    page = client.submit(client.get("/admin/").form_named("Se déconnecter"))
    assert EXPIRED not in page
    assert EXPIRED not in client.get("/admin/", headers={"referer": page.url})


@pytest.mark.parametrize(
    "typed",
    [
        "https://attacker.example/",
        "//attacker.example",
        "/admin//attacker.example",
        "/admin/../x\\y",
        "/admin/login",
        "/",
        "javascript:alert(1)",
        "/admin/\n",
        "/adminx",
    ],
)
def test_way_back_never_leaves_the_back_office(typed: str) -> None:
    assert way_back(typed) == "/admin/"


def test_password_is_never_sent_back_and_the_address_is(office: Portal) -> None:
    client = PageClient(create_app(office))
    page = _try(client, "someone@asp.example", "a secret that was typed")
    assert "a secret that was typed" not in page.html
    assert page.control_labelled("Adresse mail").get("value") == "someone@asp.example"


def test_only_hash_of_the_key_is_stored(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    key = signed_in(office, StaffRole.manager).http.cookies["staff"]
    with office.database.reading() as session:
        assert key not in {row.key_hash for row in session.exec(select(WebSession))}
    assert len(key) >= 43


@pytest.mark.parametrize("root", ["", "/admin"])
def test_application_works_with_and_without_root_path(office: Portal, root: str) -> None:
    inner = create_app(office)

    async def served(scope, receive, send):  # type: ignore[no-untyped-def]
        await inner({**scope, "root_path": root}, receive, send)

    client = PageClient(served, check=False)
    assert "Connexion" in client.get("/admin/login").h1
