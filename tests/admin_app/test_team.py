"""The team as an administrator sees it: sessions ended, an access closed and opened, files given away."""

from __future__ import annotations

import re
from unittest.mock import ANY

import pytest
from pydantic import SecretStr
from sqlmodel import col, func, select

from admin_app.app import create_app
from admin_app.team import addresses
from enrolment.errors import Refused
from enrolment.portal import Portal, open_portal
from enrolment.sealed_secrets import SealedSecrets
from enrolment.services import second_factor, sessions, staff, team
from enrolment.workflow import FINAL
from schema.base import utc_now
from schema.enums import StaffRole, WebAudience
from schema.history import Actor
from schema.tables import EnrolmentRequest, HistoryEntry, OutgoingMail, StaffUser, WebSession
from tests.admin_app.conftest import SignIn
from tests.admin_app.reach import token_of
from tests.admin_app.rows import PASSWORD, email_of
from tests.conftest import SECRET
from tests.pages import Page, PageClient

MANAGER, ADMINISTRATOR, READER = StaffRole.manager, StaffRole.administrator, StaffRole.reader


def _user(portal: Portal, role: StaffRole) -> StaffUser:
    with portal.database.reading() as session:
        return session.exec(select(StaffUser).where(StaffUser.email == email_of(role))).one()


def _give_files(portal: Portal, to: StaffUser) -> list[int]:
    """Every unfinished file to one person; their keys."""
    with portal.database.writing(Actor.system()) as session:
        found = session.exec(select(EnrolmentRequest).where(col(EnrolmentRequest.status).not_in(FINAL))).all()
        for request in found:
            request.assigned_to_id = to.id
            session.add(request)
        return [request.id for request in found]


def _holders(portal: Portal, keys: list[int]) -> set[int | None]:
    with portal.database.reading() as session:
        return set(session.exec(select(EnrolmentRequest.assigned_to_id).where(col(EnrolmentRequest.id).in_(keys))))


def _disable(portal: Portal, signed_in: SignIn, role: StaffRole, status: int = 200, **typed: str) -> Page:
    client = signed_in(portal, ADMINISTRATOR)
    form = client.get(addresses.member(_user(portal, role).id)).form_named("Désactiver")
    return client.submit(form, mot_de_passe=typed.pop("mot_de_passe", PASSWORD), status=status, **typed)


def test_administrator_sees_who_is_in_and_ends_a_session(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    reader, administrator = signed_in(portal, READER), signed_in(portal, ADMINISTRATOR)
    with portal.database.reading() as session:
        (live,) = team.live(session, _user(portal, READER).id)
    page = administrator.get(addresses.SESSIONS)
    assert reader.get("/admin/").path == "/admin/"
    assert "La session est fermée" in administrator.submit(page.form_named(addresses.end(live.handle)))
    assert reader.get("/admin/").path == "/admin/login"
    assert administrator.submit(page.form_named(addresses.end(live.handle)), status=404)


def test_session_of_a_vendor_is_not_ended_from_here(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    with office.database.writing(Actor.system()) as session:
        key = sessions.open(session, WebAudience.vendor, 1, None)
        handle = session.exec(select(func.max(WebSession.id))).one()
    client = signed_in(office, ADMINISTRATOR)
    headers = {"x-csrf-token": token_of(client), "sec-fetch-site": "same-origin"}
    assert client.http.post(addresses.end(handle), headers=headers).status_code == 404
    with office.database.reading() as session:
        assert session.exec(select(WebSession).where(WebSession.id == handle)).first() is not None
    assert key


def test_disabling_ends_sessions_and_gives_files_back_to_the_queue(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-4
    manager = _user(portal, MANAGER)
    keys = _give_files(portal, manager)
    assert keys
    client = signed_in(portal, MANAGER)
    page = _disable(portal, signed_in, MANAGER, dossiers="file")
    assert "L'agent est désactivé" in page
    assert client.get("/admin/").path == "/admin/login"
    assert _holders(portal, keys) == {None}
    stranger = PageClient(create_app(portal))
    stranger.submit(stranger.get("/admin/login").form, email=manager.email, mot_de_passe=PASSWORD, status=422)
    with portal.database.reading() as session:
        entry = session.exec(
            select(HistoryEntry)
            .where(HistoryEntry.table_name == "staff_user", HistoryEntry.row_id == manager.id)
            .order_by(col(HistoryEntry.id).desc())
        ).first()
    assert entry is not None
    assert (entry.changes, entry.reason) == ({"active": [True, False]}, "Agent désactivé")
    administrator = signed_in(portal, ADMINISTRATOR)
    form = administrator.get(addresses.member(manager.id)).form_named("Réactiver")
    assert administrator.submit(form, mot_de_passe="wrong", status=422).error_messages
    assert "peut de nouveau se connecter" in administrator.submit(form, mot_de_passe=PASSWORD)
    assert signed_in(portal, MANAGER).get("/admin/").path != "/admin/login"


def test_disabling_may_hand_the_files_to_a_colleague_who_can_instruct(office: Portal, signed_in: SignIn) -> None:
    keys = _give_files(office, _user(office, MANAGER))
    with office.database.writing(Actor.system()) as session:
        added = staff.add(session, Actor.system(), email="b@asp.example", first_name="B", last_name="C", role=MANAGER)
        heir = added.id
    page = _disable(office, signed_in, MANAGER, dossiers=str(_user(office, READER).id), status=422)
    assert "Choisissez un gestionnaire en activité" in page.error_messages[0]
    assert _user(office, MANAGER).active
    _disable(office, signed_in, MANAGER, dossiers=str(heir))
    assert _holders(office, keys) == {heir}


def test_access_is_closed_with_a_password_by_another_and_never_the_last(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-18
    page = _disable(portal, signed_in, READER, mot_de_passe="wrong", status=422)
    assert page.error_messages == ["Ce n'est pas votre mot de passe."]
    own = signed_in(portal, ADMINISTRATOR).get(addresses.member(_user(portal, ADMINISTRATOR).id))
    assert [form for form in own.forms if form.action.endswith("/desactiver")] == []
    with portal.database.writing(Actor.system()) as session:
        administrator = _user(portal, ADMINISTRATOR)
        with pytest.raises(Refused, match="vous-même"):
            team.disable(session, staff.actor_of(administrator), administrator.id, to_id=None)
        with pytest.raises(Refused, match="dernier administrateur"):
            team.disable(session, Actor.system(), administrator.id, to_id=None)
    assert _user(portal, ADMINISTRATOR).active
    assert _user(portal, READER).active


def test_administrator_takes_a_lost_second_factor_away(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-5, SEC-18
    client, user = signed_in(portal, READER), _user(portal, READER)
    with portal.database.writing(Actor.system()) as session:
        second_factor.begin(session, Actor.system(), user.id, SealedSecrets(SECRET))
        session.get_one(StaffUser, user.id).totp_confirmed_at = utc_now()
    administrator = signed_in(portal, ADMINISTRATOR)
    form = administrator.get(addresses.member(user.id)).form_named("Retirer le second facteur")
    assert administrator.submit(form, facteur_mot_de_passe="wrong", status=422).error_messages
    assert "Le second facteur est retiré" in administrator.submit(form, facteur_mot_de_passe=PASSWORD)
    assert client.get("/admin/").path == "/admin/login"
    assert signed_in(portal, READER).get("/admin/").path == "/admin/"
    with portal.database.reading() as session:
        said = [row.changes for row in session.exec(select(HistoryEntry)) if row.row_id == user.id]
    assert {"totp_secret": ["•••", None], "totp_confirmed_at": ANY} in said


CHOSEN = "le petit chat dort sur un banc"


def _add_colleague(client: PageClient) -> Page:
    form = next(form for form in client.get("/admin/staff_user/create").forms if "first_name" in form.names)
    return client.submit(
        form, email="nadia@asp.example", last_name="Haddad", first_name="Nadia", role="manager", mot_de_passe=PASSWORD
    )


def _choose(portal: Portal, url: str) -> Page:
    """Choose a password behind a link, then sign in with it."""
    client = PageClient(create_app(portal))
    page = client.get(url[url.index("/admin/mot-de-passe/") :])
    assert "nadia@asp.example" in page
    form = page.form_named("Enregistrer le mot de passe")
    for first, again, said in (
        ("court", "court", "trop court"),
        (CHOSEN, CHOSEN + "x", "diffèrent"),
    ):
        assert said in client.submit(form, nouveau_mot_de_passe=first, encore_une_fois=again, status=422)
    page = client.submit(form, nouveau_mot_de_passe=CHOSEN, encore_une_fois=CHOSEN)
    assert page.path == "/admin/login"
    assert client.http.cookies.get("staff") is None, "a link opens no session"
    assert "plus valable" in client.get(url[url.index("/admin/mot-de-passe/") :], status=404)
    return client.submit(page.form, email="nadia@asp.example", mot_de_passe=CHOSEN)


def test_new_colleague_chooses_a_password_by_a_link_shown_once(portal: Portal, signed_in: SignIn) -> None:
    # std: SEC-5, SEC-18
    administrator = signed_in(portal, ADMINISTRATOR)
    page = _add_colleague(administrator)
    assert "Pas encore choisi" in page
    form = page.form_named("Créer un lien")
    assert administrator.submit(form, lien_mot_de_passe="wrong", status=422).error_messages
    shown = administrator.submit(form, lien_mot_de_passe=PASSWORD)
    url = next(text for code in shown.all("code") if "/admin/mot-de-passe/" in (text := "".join(code.itertext())))
    again = administrator.get(page.path)
    assert url not in again.html
    assert "Un lien est en cours" in again
    assert _choose(portal, url).path != "/admin/login"


def test_new_colleague_gets_the_link_by_mail_where_mails_leave(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-5
    settings = office.settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:9")})
    mailing = open_portal(settings, office.database)
    administrator = signed_in(mailing, ADMINISTRATOR)
    page = _add_colleague(administrator)
    assert "envoyé par mail" in page
    with office.database.reading() as session:
        (mail,) = session.exec(select(OutgoingMail).where(OutgoingMail.template == "staff_password_link"))
    assert mail.recipient == "nadia@asp.example"
    (first,) = re.findall(r"https?://\S+/admin/mot-de-passe/\S+", mail.text_body)
    assert first not in administrator.get(f"/admin/courriels/{mail.id}").html, "it is the recipient's alone"
    administrator.submit(page.form_named("Annuler le lien en cours"))
    stranger = PageClient(create_app(mailing))
    stranger.get(first[first.index("/admin/") :], status=404)


def test_link_is_for_administrators_to_give(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-1
    user = _user(office, READER)
    manager = signed_in(office, MANAGER)
    for act in ("lien", "lien/annuler"):
        manager.post(f"{addresses.member(user.id)}/{act}", {"csrf_token": token_of(manager)}, status=403)
    assert _user(office, READER).password_link_at is None
