"""« Mon compte »: phone, password, signed-in browsers, and a mail address that changes only when both agree."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select

from enrolment import clock
from enrolment.errors import Refused
from enrolment.links import ExpiredLink, InvalidLink
from enrolment.portal import Portal
from enrolment.services import accounts, attempts, email_change, passwords, sessions
from enrolment.services.accounts import WrongPassword
from enrolment.services.email_change import Side
from schema.enums import AccountState, WebAudience
from schema.history import Actor
from schema.tables import Account, EmailChange, HistoryEntry, OutgoingMail, WebSession
from tests.pages import Page, PageClient
from tests.public_site.browsing import browser

PASSWORD, OTHER = "gR7!kp2Vw;q9", "hT8?mq3Xz:r1"
OLD, NEW = "claire@alize.fr", "claire.lefevre@nouvelle.fr"
SYSTEM = Actor.system()
OWN = "/espace/compte"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"


def add_account(portal: Portal, login: str = "clefevre", email: str = OLD) -> Account:
    with portal.database.writing(SYSTEM) as session:
        account = Account(
            login=login,
            email=email,
            first_name="Claire",
            last_name="Lefèvre",
            phone="+33478001234",
            password_hash=passwords.hashed(PASSWORD),
            state=AccountState.active,
        )
        session.add(account)
        session.flush()
        return account


def signed_in(portal: Portal, account: Account, agent: str = "pytest") -> PageClient:
    with portal.database.writing(SYSTEM) as session:
        key = sessions.open(session, WebAudience.vendor, account.id, agent)
    client = browser(portal)
    client.http.cookies.set("session", key)
    return client


def fresh(portal: Portal, account: Account) -> Account:
    with portal.database.reading() as session:
        return session.get_one(Account, account.id)


def mails(portal: Portal, template: str) -> list[OutgoingMail]:
    with portal.database.reading() as session:
        statement = select(OutgoingMail).where(OutgoingMail.template == template).order_by(col(OutgoingMail.id))
        return list(session.exec(statement))


def link_of(portal: Portal, template: str) -> str:
    found = re.search(r"/confirmation-email/[^\s)]+", mails(portal, template)[-1].text_body)
    assert found is not None
    return found.group()


def ask(client: PageClient, email: str = NEW, password: str = PASSWORD, *, status: int = 200) -> Page:
    page = client.get(f"{OWN}/email")
    return client.submit(page.form_named(f"{OWN}/email"), status=status, email=email, mot_de_passe_actuel=password)


def confirm(client: PageClient, path: str, button: str, *, status: int = 200) -> Page:
    return client.submit(client.get(path).form_named(button), button=button, status=status)


YES_OLD, YES_NEW, NO = "Accepter", "Confirmer cette adresse", "Ce n'est pas moi : refuser"


@pytest.mark.parametrize("first", ["old", "new"])
def test_address_changes_once_both_have_confirmed_in_either_order(portal: Portal, first: str) -> None:
    # std: SEC-7
    account = add_account(portal)
    client, other = signed_in(portal, account), signed_in(portal, account)
    assert "les deux" in client.get(f"{OWN}/email")
    page = ask(client)
    assert "Changement en attente" in page
    steps = [(link_of(portal, "email_change_old"), YES_OLD), (link_of(portal, "email_change_new"), YES_NEW)]
    (path, button), (last_path, last_button) = steps if first == "old" else reversed(steps)
    stranger = browser(portal)
    # Opening a link changes nothing, as often as one likes: mail programs open links.
    for _ in range(3):
        stranger.get(path)
    assert fresh(portal, account).email == OLD
    assert confirm(stranger, path, button).h1 == "Votre confirmation est enregistrée"
    assert confirm(stranger, path, button).h1 == "Votre confirmation est enregistrée"
    assert fresh(portal, account).email == OLD
    assert confirm(stranger, last_path, last_button).h1 == "L'adresse est changée"
    assert fresh(portal, account).email == NEW
    assert {mail.recipient for mail in mails(portal, "email_changed")} == {OLD, NEW}
    # Every browser is signed out, and both links are used up.
    assert [one.get(OWN).path for one in (client, other)] == ["/connexion"] * 2
    for used in (path, last_path):
        assert stranger.get(used, status=404).h1 == "Ce lien n'est plus valable"
    with portal.database.reading() as session:
        history = session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "account")).all()
    assert any(entry.changes.get("email") == [OLD, NEW] for entry in history)


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        ("cancel", 404),
        ("refuse", 404),
        ("replace", 404),
        ("expire", 410),
        ("tamper", 404),
        ("password", 404),
        ("close", 404),
    ],
)
def test_link_of_a_change_that_no_longer_waits_opens_nothing(sqlite_portal: Portal, spoil: str, status: int) -> None:
    # std: SEC-7
    account = add_account(sqlite_portal)
    client = signed_in(sqlite_portal, account)
    page = ask(client)
    old, new = link_of(sqlite_portal, "email_change_old"), link_of(sqlite_portal, "email_change_new")
    later = clock.now()
    if spoil == "cancel":
        client.submit(page.form_named("Annuler ce changement"), button="Annuler ce changement")
    elif spoil == "refuse":
        confirm(browser(sqlite_portal), old, NO)
        # Whoever asked knew the password.
        assert client.get(OWN).path == "/connexion"
    elif spoil in {"password", "close"}:
        with sqlite_portal.database.writing(SYSTEM) as session:
            row = session.get_one(Account, account.id)
            if spoil == "close":
                accounts.disable(session, SYSTEM, row)
            else:
                accounts.change_password(session, row.id, PASSWORD, OTHER, sqlite_portal.addresses, key="x")
    elif spoil == "replace":
        ask(client, "claire@autre.fr")
    elif spoil == "expire":
        later += timedelta(hours=73)
    else:
        new = new.replace("/confirmation-email/", "/confirmation-email/x")
    with time_machine.travel(later, tick=True):
        browser(sqlite_portal).get(new, status=status)
    assert fresh(sqlite_portal, account).email == OLD


def test_address_of_another_account_is_told_to_its_owner_alone(portal: Portal) -> None:  # std: SEC-5
    account, owner = add_account(portal), add_account(portal, "pgarnier", NEW)
    client = signed_in(portal, account)
    free = ask(client, "libre@alize.fr").text.replace("libre@alize.fr", "")
    with portal.database.writing(SYSTEM) as session:
        email_change.cancel(session, account.id)
    taken = ask(client).text.replace(NEW, "")
    hours = re.compile(r"\d+ h \d\d|\d+")
    assert hours.sub("", free.replace("\u00a0", " ")) == hours.sub("", taken.replace("\u00a0", " "))
    (told,) = mails(portal, "email_taken")
    assert told.recipient == owner.email
    assert [mail.recipient for mail in mails(portal, "email_change_new")] == ["libre@alize.fr"]


def test_two_accounts_never_end_with_one_address(portal: Portal) -> None:  # rule: M1
    account = add_account(portal)
    ask(signed_in(portal, account))
    old, new = link_of(portal, "email_change_old"), link_of(portal, "email_change_new")
    # A request is validated meanwhile for somebody who has that address.
    add_account(portal, "clefevre2", NEW)
    stranger = browser(portal)
    confirm(stranger, old, YES_OLD)
    page = confirm(stranger, new, YES_NEW, status=409)
    assert page.h1 == "Le changement n'a pas pu se faire"
    assert browser(portal).get(old, status=404).h1 == "Ce lien n'est plus valable"
    assert fresh(portal, account).email == OLD


def test_password_link_made_before_the_change_is_worth_nothing_after(sqlite_portal: Portal) -> None:  # std: SEC-7
    account = add_account(sqlite_portal)
    with sqlite_portal.database.reading() as session:
        link, _ = accounts.password_link(session, session.get_one(Account, account.id), sqlite_portal.addresses)
    ask(signed_in(sqlite_portal, account))
    stranger = browser(sqlite_portal)
    confirm(stranger, link_of(sqlite_portal, "email_change_old"), YES_OLD)
    confirm(stranger, link_of(sqlite_portal, "email_change_new"), YES_NEW)
    path = link.removeprefix(sqlite_portal.settings.base_url)
    assert browser(sqlite_portal).get(path, status=404).h1 == "Ce lien n'est plus valable"


MOVES = ("old", "new", "cancel", "password", "again")


@pytest.mark.parametrize("moves", list(itertools.product(MOVES, repeat=3)), ids=":".join)
def test_any_order_of_events_changes_the_address_exactly_when_both_agreed(
    sqlite_portal: Portal, moves: tuple[str, ...]
) -> None:
    account = add_account(sqlite_portal)
    database, links, addresses = sqlite_portal.database, sqlite_portal.links, sqlite_portal.addresses
    with database.writing(SYSTEM) as session:
        key = email_change.ask(session, session.get_one(Account, account.id), NEW, addresses).public_id
    agreed: set[str] = set()
    is_over = changed = False
    for move in moves:
        try:
            with database.writing(SYSTEM) as session:
                row = session.get_one(Account, account.id)
                if move in {"old", "new"}:
                    side = Side.OLD if move == "old" else Side.NEW
                    token = addresses.confirm_email(key, side).rpartition("/")[2]
                    changed = (
                        email_change.confirm(session, links, token, addresses) is email_change.Outcome.DONE or changed
                    )
                    agreed.add(move)
                elif move == "cancel":
                    email_change.cancel(session, account.id)
                    is_over = True
                elif move == "password":
                    row.password_hash, row.password_changed_at = passwords.hashed(OTHER), clock.now()
                else:
                    email_change.send_again(session, row, addresses)
        except (InvalidLink, Refused):
            assert is_over or changed
        is_over = is_over or changed
    assert changed is (agreed == {"old", "new"})
    assert fresh(sqlite_portal, account).email == (NEW if changed else OLD)


def test_password_is_changed_and_other_browsers_are_out(portal: Portal) -> None:  # std: SEC-4
    account = add_account(portal)
    client, other = signed_in(portal, account), signed_in(portal, account)
    page = client.get(f"{OWN}/mot-de-passe")
    form = page.form_named(f"{OWN}/mot-de-passe")
    for current, new, again, said in (
        ("", OTHER, OTHER, "mot de passe actuel"),
        ("faux", OTHER, OTHER, "Ce n'est pas votre mot de passe actuel"),
        (PASSWORD, "court", "court", "trop court"),
        (PASSWORD, OTHER, OTHER + "x", "identiques"),
    ):
        wrong = client.submit(
            form, status=422, mot_de_passe_actuel=current, nouveau_mot_de_passe=new, confirmation=again
        )
        assert said in wrong
        assert OTHER not in wrong.html
    done = client.submit(form, mot_de_passe_actuel=PASSWORD, nouveau_mot_de_passe=OTHER, confirmation=OTHER)
    assert (done.path, "Votre mot de passe est changé" in done) == (OWN, True)
    assert other.get(OWN).path == "/connexion"
    with portal.database.reading() as session:
        assert accounts.authenticate(session, "clefevre", OTHER) is not None
        assert accounts.authenticate(session, "clefevre", PASSWORD) is None
    assert [mail.recipient for mail in mails(portal, "password_changed")] == [OLD]


@pytest.mark.parametrize("part", ["mot-de-passe", "email"])
def test_open_session_does_not_serve_to_guess_the_password(sqlite_portal: Portal, part: str) -> None:  # std: SEC-6
    account = add_account(sqlite_portal)
    client = signed_in(sqlite_portal, account)
    form = client.get(f"{OWN}/{part}").form_named(f"{OWN}/{part}")
    more: dict[str, Any] = {"email": NEW} if part == "email" else {"nouveau_mot_de_passe": OTHER, "confirmation": OTHER}
    for number in range(attempts.OF_ACCOUNT.free):
        client.submit(form, status=422, mot_de_passe_actuel=f"faux{number}", **more)
    page = client.submit(form, status=429, mot_de_passe_actuel=PASSWORD, **more)
    assert "Trop d'essais" in page


def test_phone_is_changed_and_what_is_wrong_is_said(sqlite_portal: Portal) -> None:
    account = add_account(sqlite_portal)
    client = signed_in(sqlite_portal, account)
    form = client.get(OWN).form_named("phone-form")
    page = client.submit(form, status=422, telephone="12")
    assert page.form_named("phone-form").values()["telephone"] == ["12"]
    client.submit(form, telephone="06 12 34 56 78")
    assert fresh(sqlite_portal, account).phone == "+33612345678"
    client.submit(form, telephone="")
    assert fresh(sqlite_portal, account).phone is None


def test_signed_in_browsers_are_listed_and_ended(portal: Portal) -> None:  # std: SEC-4, SEC-2
    account, stranger = add_account(portal), add_account(portal, "pgarnier", "paul@garnier.fr")
    client, other = signed_in(portal, account, FIREFOX), signed_in(portal, account)
    theirs = signed_in(portal, stranger)
    page = client.get(OWN)
    assert "Firefox sur Windows" in page
    assert "cet appareil" in page
    with portal.database.reading() as session:
        handle = session.exec(select(WebSession.id).where(WebSession.account_id == stranger.id)).one()
    token = page.form_named(f"{OWN}/appareils/tous").values()["csrf_token"][0]
    client.post(f"{OWN}/appareils/un", {"csrf_token": token, "appareil": str(handle)}, status=404)
    assert theirs.get(OWN).path == OWN
    page = client.submit(page.form_named(f"{OWN}/appareils/un"))
    assert "L'appareil est déconnecté" in page
    assert other.get(OWN).path == "/connexion"
    third = signed_in(portal, account)
    client.submit(client.get(OWN).form_named(f"{OWN}/appareils/autres"))
    assert third.get(OWN).path == "/connexion"
    assert client.submit(client.get(OWN).form_named(f"{OWN}/appareils/tous")).path == "/connexion"
    assert client.get(OWN).path == "/connexion"
    assert theirs.get(OWN).path == OWN


def test_wrong_password_changes_nothing(sqlite_portal: Portal) -> None:  # std: SEC-5
    account = add_account(sqlite_portal)
    with pytest.raises(WrongPassword), sqlite_portal.database.writing(SYSTEM) as session:
        accounts.change_password(session, account.id, "faux", OTHER, sqlite_portal.addresses, key="x")
    with pytest.raises(Refused), sqlite_portal.database.writing(SYSTEM) as session:
        email_change.ask(session, session.get_one(Account, account.id), OLD.upper(), sqlite_portal.addresses)
    with time_machine.travel(clock.now() - timedelta(hours=80), tick=True):
        token = sqlite_portal.addresses.confirm_email("x", Side.OLD).rpartition("/")[2]
    with pytest.raises(ExpiredLink), sqlite_portal.database.reading() as session:
        email_change.of_link(session, sqlite_portal.links, token)
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(EmailChange)).all() == []
