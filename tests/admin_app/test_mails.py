"""The mail log: what left and how, sent again or kept back; nothing of a mail opens what is its recipient's alone."""

from __future__ import annotations

import re

from sqlmodel import col, select

from admin_app.mail_frame import framed
from enrolment.portal import Portal
from schema.enums import MailState, StaffRole
from schema.history import Actor
from schema.tables import OutgoingMail
from tests.admin_app.conftest import SignIn
from tests.pages import PageClient

LINK = "https://portail.example/suivi/eyJub25lIjoiYWJjIn0.secret"


def _mail(portal: Portal, state: MailState, **values: object) -> int:
    with portal.database.writing(Actor.system()) as session:
        mail = OutgoingMail(
            event_key=f"test-{state.value}",
            template="acknowledgement",
            recipient="claire@alize.example",
            subject="Votre demande d'enrôlement",
            text_body=f"Suivez votre demande : {LINK}",
            html_body=f'<p style="color:#0b5563">Suivez <a href="{LINK}" class="button">{LINK}</a></p>',
            state=state,
            **values,
        )
        session.add(mail)
        session.flush()
        return mail.id


def _states(portal: Portal) -> list[MailState]:
    with portal.database.reading() as session:
        rows = session.exec(
            select(OutgoingMail).where(OutgoingMail.recipient == "claire@alize.example").order_by(col(OutgoingMail.id))
        )
        return [row.state for row in rows]


def test_mail_is_shown_as_sent_with_its_links_cut(office: Portal, signed_in: SignIn) -> None:
    # std: SEC-7 SEC-8
    key = _mail(office, MailState.parked, attempts=3, last_reply="554 5.7.1 Refusé <hier>")
    client = signed_in(office, StaffRole.reader)
    listed = client.get("/admin/outgoing_mail/list?recipient__contient=alize.example")
    page = client.click(listed, "Votre demande d'enrôlement")
    assert page.path == f"/admin/courriels/{key}"
    for said in ("Échec définitif", "554 5.7.1 Refusé <hier>", "claire@alize.example", "Accusé de réception"):
        assert said in page
    assert "secret" not in page.html
    assert "Envoyer maintenant" not in page, "a reader only reads"
    shown = client.http.get(f"/admin/courriels/{key}/apercu")
    policy = shown.headers["content-security-policy"]
    nonce = re.search(r"style-src 'nonce-([\w-]+)'", policy)
    assert nonce is not None
    assert "sandbox" in policy
    assert "unsafe-" not in policy
    assert f'nonce="{nonce[1]}"' in shown.text
    assert "secret" not in shown.text
    assert "href" not in shown.text
    assert "https://portail.example/" in shown.text


def test_style_of_a_mail_stays_without_its_attributes() -> None:
    body = bytes(framed('<html><head></head><body style="margin:0"><p class="x" style="margin:0">é</p></body>').body)
    shown = body.decode()
    assert "style=" not in shown
    assert ".m0{margin:0}" in shown
    assert '<p class="x m0">' in shown


def test_mail_is_sent_again_or_kept_back(portal: Portal, signed_in: SignIn) -> None:
    # std: REL-2
    key = _mail(portal, MailState.parked, attempts=20)
    client = signed_in(portal, StaffRole.manager)
    page = client.submit(client.get(f"/admin/courriels/{key}").form_named(f"/admin/courriels/{key}/renvoyer"))
    assert "remis en file" in page
    assert _states(portal) == [MailState.queued]
    page = client.submit(page.form_named(f"/admin/courriels/{key}/retenir"))
    assert "ne partira pas" in page
    assert _states(portal) == [MailState.cancelled]


def test_copy_of_a_mail_that_left_is_asked_for_twice(office: Portal, signed_in: SignIn) -> None:
    key = _mail(office, MailState.sent)
    client = signed_in(office, StaffRole.manager)
    form = client.get(f"/admin/courriels/{key}").form_named(f"/admin/courriels/{key}/renvoyer")
    assert "déjà parti" in client.submit(form, status=422)
    page = client.submit(form, confirme="oui")
    assert page.path != f"/admin/courriels/{key}"
    assert _states(office) == [MailState.sent, MailState.queued]


def test_mail_on_its_way_is_left_alone(office: Portal, signed_in: SignIn) -> None:
    key = _mail(office, MailState.sending)
    client: PageClient = signed_in(office, StaffRole.manager)
    page = client.get(f"/admin/courriels/{key}")
    assert "Ne pas l'envoyer" not in page
    page = client.post(f"/admin/courriels/{key}/retenir", {"csrf_token": _token(client)}, status=409)
    assert "Envoi en cours" in page


def _token(client: PageClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.http.get("/admin/").text)
    assert found is not None
    return found[1]
