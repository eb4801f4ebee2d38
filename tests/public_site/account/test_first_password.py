"""The first password of an account, by its one-time link."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from enrolment.portal import Portal
from tests.public_site.account.signing import GOOD, browser_of, choose, open_account, session_key, sign_in


def test_vendor_creates_its_password_signs_out_and_in_again(portal: Portal) -> None:
    # std: SEC-4
    client, link = browser_of(portal), open_account(portal)
    page = choose(client, link)
    assert (page.path, page.h1) == ("/espace/", "Mon espace")
    assert "Votre mot de passe est enregistré" in page
    assert "Bonjour Claire Lefèvre" in page
    assert "ENR-2026-000123" in page
    assert page.response.headers["cache-control"] == "no-store"
    page = client.submit(page.form_named("/deconnexion"))
    assert "Vous êtes déconnecté" in page
    assert session_key(client) is None
    assert client.get("/espace/").path == "/connexion"
    assert sign_in(client, "CLefevre", GOOD).path == "/espace/"


def test_used_link_says_so_and_opens_nothing(sqlite_portal: Portal) -> None:
    # std: SEC-7
    client, link = browser_of(sqlite_portal), open_account(sqlite_portal)
    choose(client, link)
    stranger = browser_of(sqlite_portal)
    page = stranger.get(link, status=404)
    assert page.h1 == "Ce lien n'est plus valable"
    assert page.links["Recevoir un nouveau lien"] == "/connexion/mot-de-passe-oublie"
    assert stranger.get("/mot-de-passe/n-importe-quoi", status=404).h1 == page.h1


def test_old_link_says_that_it_has_expired(sqlite_portal: Portal) -> None:
    # std: SEC-7
    with time_machine.travel(datetime(2026, 3, 3, 12, tzinfo=UTC), tick=False) as clock:
        link = open_account(sqlite_portal)
        clock.shift(timedelta(hours=73))
        assert browser_of(sqlite_portal).get(link, status=410).h1 == "Ce lien a expiré"


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
    client, link = browser_of(sqlite_portal), open_account(sqlite_portal)
    page = choose(client, link, password, again, status=422)
    assert any(said in message for message in page.error_messages)
    assert password not in page.html or not password
    assert choose(client, link).path == "/espace/"
