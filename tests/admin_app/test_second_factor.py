"""The second factor: set up, asked for, used once, slowed down, forced by a setting, taken away by an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest
import time_machine
from sqlmodel import select

from admin_app import addresses
from admin_app.app import create_app
from enrolment import clock
from enrolment.portal import Portal, open_portal
from enrolment.sealed_secrets import SealedSecrets
from enrolment.services import recovery_codes, second_factor
from schema.enums import StaffRole
from schema.history import Actor
from schema.tables import HistoryEntry, OutgoingMail, StaffUser
from tests.admin_app.conftest import SignIn
from tests.admin_app.rows import PASSWORD, email_of
from tests.conftest import SECRET
from tests.pages import Page, PageClient

ROLE = StaffRole.reader
HOME = "/admin/"


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    """A clock that moves only when told, at the start of a half minute."""
    start = int(clock.now().timestamp()) // 30 * 30
    with time_machine.travel(start, tick=False) as traveller:
        yield traveller


def _user(portal: Portal) -> StaffUser:
    with portal.database.reading() as session:
        return session.exec(select(StaffUser).where(StaffUser.email == email_of(ROLE))).one()


def _set_up(portal: Portal, client: PageClient) -> str:
    """Set the factor up as a person does; the secret that the page showed."""
    page = client.submit(client.get(addresses.SECOND_FACTOR).form_named("Commencer"), mot_de_passe=PASSWORD)
    secret = _shown(page)
    done = client.submit(page.form_named("Confirmer"), code=_code(secret))
    assert "Votre second facteur est en place" in done
    return secret


def _cookies(client: PageClient) -> str:
    return "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())


def _shown(page: Page) -> str:
    """The secret to type, as the page shows it."""
    (key,) = page.all("code")
    return "".join("".join(key.itertext()).split())


def _code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + 30 * steps)


def _password(client: PageClient, wanted: str = "/admin/login") -> Page:
    return client.submit(client.get(wanted).form, email=email_of(ROLE), mot_de_passe=PASSWORD)


def _try(client: PageClient, page: Page, code: str, status: int = 200) -> Page:
    return client.submit(page.form_named("Se connecter"), code=code, status=status)


def test_sign_in_takes_a_code_after_the_password_and_each_code_once(
    portal: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-5
    secret = _set_up(portal, signed_in(portal, ROLE))
    client = PageClient(create_app(portal))
    page = _password(client, "/admin/provider/list?city=Lyon")
    assert page.path == "/admin/login/code"
    assert client.http.cookies.get("staff") is None, "the session is opened by the password alone"
    assert client.get("/admin/provider/list").path == "/admin/login"
    page = client.get(page.url)
    assert "déjà servi" in _try(client, page, _code(secret), 422), "the code of the set-up serves again"
    traveller.shift(30)
    assert _try(client, page, _code(secret)).url.endswith("/admin/provider/list?city=Lyon")
    other = PageClient(create_app(portal))
    assert "déjà servi" in _try(other, _password(other), _code(secret), 422)


def test_code_may_drift_by_one_step_and_no_more(
    office: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-5
    secret = _set_up(office, signed_in(office, ROLE))
    traveller.shift(300)
    client = PageClient(create_app(office))
    for steps in (-2, 2):
        _try(client, _password(client), _code(secret, steps), 422)
    assert _try(client, _password(client), _code(secret, -1)).path == HOME
    again = PageClient(create_app(office))
    assert _try(again, _password(again), _code(secret, 1)).path == HOME
    late = PageClient(create_app(office))
    _try(late, _password(late), _code(secret), 422)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345"])
def test_what_is_no_code_is_refused(office: Portal, signed_in: SignIn, code: str) -> None:
    _set_up(office, signed_in(office, ROLE))
    client = PageClient(create_app(office))
    _try(client, _password(client), code, 422)


def test_guessing_codes_is_slowed_down(portal: Portal, signed_in: SignIn, traveller: time_machine.Traveller) -> None:
    # std: SEC-6
    secret = _set_up(portal, signed_in(portal, ROLE))
    traveller.shift(60)
    wrong = f"{(int(_code(secret)) + 1) % 10**6:06d}"
    client = PageClient(create_app(portal))
    page = _password(client)
    for _ in range(5):
        _try(client, page, wrong, 422)
    assert "Trop d'essais" in _try(client, page, _code(secret), 429)
    # Giving the password again does not start the count anew.
    assert "Trop d'essais" in _try(client, _password(client), _code(secret), 429)
    traveller.shift(61)
    assert _try(client, _password(client), _code(secret)).path == HOME


def test_half_way_ends_with_time_and_with_a_change_of_password(
    office: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-4
    secret = _set_up(office, signed_in(office, ROLE))
    client = PageClient(create_app(office))
    page = _password(client)
    kept = client.http.cookies["staff_half"]
    traveller.shift(11 * 60)
    # The browser has forgotten the cookie by now; a thief's copy is too old too.
    assert _try(client, page, _code(secret)).path == "/admin/login"
    token = {"csrf_token": client.get("/admin/login").form.values()["csrf_token"][0], "code": _code(secret)}
    headers = {"sec-fetch-site": "same-origin", "cookie": f"{_cookies(client)}; staff_half={kept}"}
    late = client.http.post("/admin/login/code", data=token, headers=headers, follow_redirects=False)
    assert late.headers["location"] == "/admin/login?delai=1"
    page = _password(client)
    with office.database.writing(Actor.system()) as session:
        session.get_one(StaffUser, _user(office).id).password_hash = None
    assert "/admin/login?delai" in _try(client, page, _code(secret)).url


def test_required_factor_is_set_up_before_anything_else(portal: Portal, traveller: time_machine.Traveller) -> None:
    # std: SEC-5
    settings = portal.settings.model_copy(update={"staff_second_factor": "required"})
    strict = open_portal(settings, portal.database)
    client = PageClient(create_app(strict))
    page = _password(client)
    assert page.path == addresses.SECOND_FACTOR
    for path in ("/admin/", "/admin/provider/list", "/admin/mon-compte", "/admin/request/export/csv", "/admin/login"):
        assert client.get(path).path == addresses.SECOND_FACTOR, path
    page = client.submit(page.form_named("Commencer"))
    secret = _shown(page)
    assert client.submit(page.form_named("Confirmer"), code="000000" if _code(secret) != "000000" else "1", status=422)
    assert client.get("/admin/").path == addresses.SECOND_FACTOR
    client.submit(client.get(addresses.SECOND_FACTOR).form_named("Confirmer"), code=_code(secret))
    assert client.get("/admin/provider/list").path == "/admin/provider/list"
    assert "Retirer le second facteur" not in client.get(addresses.SECOND_FACTOR)
    refused = client.http.post(
        f"{addresses.SECOND_FACTOR}/retirer",
        data={"csrf_token": client.get("/admin/mon-compte").form.values()["csrf_token"][0], "mot_de_passe": PASSWORD},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert refused.status_code == 422
    assert _user(portal).totp_confirmed_at is not None


def test_secret_is_sealed_shown_once_and_named_in_no_history(
    portal: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-5, SEC-14
    client = signed_in(portal, ROLE)
    client.submit(client.get(addresses.SECOND_FACTOR).form_named("Commencer"), mot_de_passe=PASSWORD)
    drawn = client.http.get(f"{addresses.SECOND_FACTOR}/code.svg")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.headers["cache-control"] == "no-store"
    secret = _shown(client.get(addresses.SECOND_FACTOR))
    client.submit(client.get(addresses.SECOND_FACTOR).form_named("Confirmer"), code=_code(secret))
    assert secret not in client.get(addresses.SECOND_FACTOR).html
    assert client.http.get(f"{addresses.SECOND_FACTOR}/code.svg").status_code == 404
    user = _user(portal)
    assert user.totp_secret is not None
    assert secret not in user.totp_secret
    with portal.database.reading() as session:
        changes = str([row.changes for row in session.exec(select(HistoryEntry))])
    assert secret not in changes
    assert user.totp_secret not in changes
    assert SealedSecrets(SECRET).open(user.totp_secret, f"staff_user/{user.id + 1}") is None
    assert SealedSecrets(SECRET + "x").open(user.totp_secret, f"staff_user/{user.id}") is None


def test_setting_up_takes_the_password_and_signs_the_others_out(
    office: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-4, SEC-18
    client, other = signed_in(office, ROLE), signed_in(office, ROLE)
    page = client.submit(client.get(addresses.SECOND_FACTOR).form_named("Commencer"), mot_de_passe="no", status=422)
    assert page.error_messages == ["Ce n'est pas votre mot de passe."]
    assert _user(office).totp_secret is None
    _set_up(office, client)
    assert other.get("/admin/").path == "/admin/login"
    assert client.get("/admin/").path == HOME


def test_two_browsers_with_one_code_at_once_do_not_both_pass(
    portal: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-5
    secret = _set_up(portal, signed_in(portal, ROLE))
    traveller.shift(60)
    key, code, seals = _user(portal).id, _code(secret), SealedSecrets(SECRET)
    with portal.database.writing(Actor.system()) as session:
        assert second_factor.spend(session, key, seals, code)
    with portal.database.writing(Actor.system()) as session:
        assert not second_factor.spend(session, key, seals, code)


def test_own_password_and_sessions_are_changed_by_their_owner(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-4, SEC-18
    client, other, stranger = (signed_in(portal, role) for role in (ROLE, ROLE, StaffRole.manager))
    page = client.get(addresses.ACCOUNT)
    foreign = stranger.get(addresses.ACCOUNT)
    closing = next(form for form in page.forms if form.action.endswith("/fermer"))
    handle = closing.action
    assert handle not in foreign.html
    token = foreign.form_named("Changer de mot de passe").values()["csrf_token"][0]
    gone = stranger.http.post(handle, data={"csrf_token": token}, headers={"sec-fetch-site": "same-origin"})
    assert gone.status_code == 404
    assert "La session est fermée" in client.submit(closing)
    assert other.get("/admin/").path == "/admin/login"
    new = "Un tout autre secret de 2026 !"
    form = client.get(addresses.ACCOUNT).form_named("Changer de mot de passe")
    for current, first, again, said in (
        ("wrong", new, new, "Ce n'est pas votre mot de passe."),
        (PASSWORD, new, new + "x", "Les deux saisies du nouveau mot de passe diffèrent."),
        (PASSWORD, "court", "court", "Ce mot de passe est trop court"),
    ):
        page = client.submit(
            form, mot_de_passe_actuel=current, nouveau_mot_de_passe=first, encore_une_fois=again, status=422
        )
        assert page.error_messages[0].startswith(said)
    other = signed_in(portal, ROLE)
    done = client.submit(form, mot_de_passe_actuel=PASSWORD, nouveau_mot_de_passe=new, encore_une_fois=new)
    assert "Votre mot de passe est changé" in done
    assert other.get("/admin/").path == "/admin/login"


def _codes(page: Page) -> list[str]:
    """The recovery codes that a page shows."""
    (shown,) = page.all("ol", **{"class": "recovery-codes"})
    return ["".join(code.itertext()).strip() for code in shown.iter("code")]


def _set_up_with_codes(portal: Portal, client: PageClient) -> list[str]:
    page = client.submit(client.get(addresses.SECOND_FACTOR).form_named("Commencer"), mot_de_passe=PASSWORD)
    return _codes(client.submit(page.form_named("Confirmer"), code=_code(_shown(page))))


def _recover(client: PageClient, page: Page, code: str, status: int = 200) -> Page:
    return client.submit(page.form_named("Entrer avec ce code de secours"), secours=code, status=status)


def test_recovery_code_replaces_the_telephone_once_and_its_owner_is_told(
    portal: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-5, SEC-14
    owner = signed_in(portal, ROLE)
    codes = _set_up_with_codes(portal, owner)
    assert len(set(codes)) == 10
    for path in (addresses.SECOND_FACTOR, addresses.ACCOUNT):
        assert not [code for code in codes if code in owner.get(path).html], "they are shown again"
    assert "10 codes de secours restants" in owner.get(addresses.ACCOUNT)
    thief = PageClient(create_app(portal))
    page = _password(thief, "/admin/provider/list")
    # Typed from paper: capitals, spaces, no dashes.
    assert _recover(thief, page, codes[3].upper().replace("-", " ")).path == "/admin/provider/list"
    assert "9 codes de secours restants" in owner.get(addresses.ACCOUNT)
    again = PageClient(create_app(portal))
    assert "déjà servi" in _recover(again, _password(again), codes[3], 422)
    with portal.database.reading() as session:
        (mail,) = session.exec(select(OutgoingMail).where(OutgoingMail.template == "recovery_code_used"))
        changes = str([row.changes for row in session.exec(select(HistoryEntry))])
        told = [row.actor_id for row in session.exec(select(HistoryEntry)) if "recovery_codes" in row.changes]
    assert mail.recipient == email_of(ROLE)
    assert "Codes de secours restants : 9" in mail.text_body.replace("\u00a0", " ")
    user = _user(portal)
    kept = (user.recovery_codes or {})["left"]
    assert len(kept) == 9
    assert told == [user.id, user.id], "set up, used"
    for secret in (*codes, *(code.replace("-", "") for code in codes), *kept):
        assert secret not in changes
        assert secret not in mail.text_body
        assert secret not in codes or secret not in str(kept)


@pytest.mark.parametrize("code", ["", "abcd", "abcd-efgh-jkmn-pqrs", "é" * 16, "1" * 2000])
def test_what_is_no_recovery_code_is_refused(office: Portal, signed_in: SignIn, code: str) -> None:
    _set_up_with_codes(office, signed_in(office, ROLE))
    client = PageClient(create_app(office))
    page = _recover(client, _password(client), code, 422)
    assert "déjà servi" in page.error_messages[0]
    assert client.http.cookies.get("staff") is None


def test_guessing_recovery_codes_and_codes_counts_together(
    office: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-6
    codes = _set_up_with_codes(office, signed_in(office, ROLE))
    client = PageClient(create_app(office))
    page = _password(client)
    for _ in range(3):
        _recover(client, page, "abcd-efgh-jkmn-pqrs", 422)
    for _ in range(2):
        _try(client, page, "abcdef", 422)
    assert "Trop d'essais" in _recover(client, page, codes[0], 429)
    traveller.shift(61)
    assert _recover(client, _password(client), codes[0]).path == HOME


def test_new_recovery_codes_take_the_password_and_end_the_old(
    office: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-5, SEC-18
    client = signed_in(office, ROLE)
    old = _set_up_with_codes(office, client)
    form = client.get(addresses.SECOND_FACTOR).form_named("Créer dix nouveaux codes")
    assert client.submit(form, mot_de_passe_codes="wrong", status=422).error_messages
    new = _codes(client.submit(form, mot_de_passe_codes=PASSWORD))
    assert not set(old) & set(new)
    other = PageClient(create_app(office))
    _recover(other, _password(other), old[0], 422)
    assert _recover(other, _password(other), new[0]).path == HOME
    # Without a factor there is nothing to replace, and its codes are gone with it.
    client.submit(client.get(addresses.SECOND_FACTOR).form_named("Retirer le second facteur"), mot_de_passe=PASSWORD)
    assert _user(office).recovery_codes is None
    assert client.submit(form, mot_de_passe_codes=PASSWORD, status=422)


def test_of_two_browsers_with_one_recovery_code_one_passes(
    portal: Portal, signed_in: SignIn, traveller: time_machine.Traveller
) -> None:
    # std: SEC-5
    code, *_ = _set_up_with_codes(portal, signed_in(portal, ROLE))
    key, gate = _user(portal).id, Barrier(2)

    def use(_: int) -> bool:
        with portal.database.reading() as session:
            session.get_one(StaffUser, key)
        gate.wait(timeout=30)
        with portal.database.writing(Actor.system()) as session:
            return recovery_codes.spend(session, key, code, portal.addresses, "Firefox")

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(use, range(2))) == [False, True]
