"""The status page: what its vendor reads in every status, and what nobody else can open."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlmodel import select

from enrolment import clock
from enrolment.links import Purpose
from enrolment.portal import Portal
from schema.enums import ActorKind, RequestKind, ScanState, Verb
from schema.history import Actor
from schema.tables import Attachment, AttachmentAccess, DocumentKind, EnrolmentRequest, OutgoingMail
from tests.public_site.browsing import browser
from tests.rows import add_request
from tests.stories import decide, enrol


def path_of(portal: Portal, request: EnrolmentRequest) -> str:
    return f"/suivi/{portal.links.sign(Purpose.FOLLOW_REQUEST, request.public_id)}"


def piece_of(portal: Portal, request: EnrolmentRequest, kind: str) -> Attachment:
    with portal.database.reading() as session:
        statement = select(Attachment).join(DocumentKind).where(DocumentKind.code == kind)
        return session.exec(statement.where(Attachment.request_id == request.id)).one()


def test_page_says_status_turn_history_and_pieces(sqlite_portal: Portal) -> None:  # rule: A6
    request = enrol(sqlite_portal)
    client = browser(sqlite_portal)
    page = client.get(path_of(sqlite_portal, request))
    assert request.number in page.h1
    for words in ("En cours", "L'ASP s'en occupe", "Dépôt de la demande", "RIB", "Initial"):
        assert words in page
    assert client.click(page, "Voir les données transmises").text.count("Lefèvre") == 1


@pytest.mark.parametrize(
    ("kind", "is_early", "label"),
    [
        (RequestKind.initial, False, "Initial"),
        (RequestKind.initial, True, "Initial anticipé"),
        (RequestKind.complementary, False, "Complémentaire"),
        (RequestKind.complementary, True, "Complémentaire anticipé"),
    ],
)
def test_e4_status_page_says_the_type_of_the_enrolment(
    sqlite_portal: Portal, kind: RequestKind, is_early: bool, label: str
) -> None:
    # rule: E4
    with sqlite_portal.database.writing(Actor.system()) as session:
        request = add_request(session, kind=kind, is_early=is_early)
    page = browser(sqlite_portal).get(path_of(sqlite_portal, request))
    said = {
        "".join(term.itertext()): "".join(value.itertext())
        for term, value in zip(page.all("dt"), page.all("dd"), strict=True)
    }
    assert said["Type d'enrôlement"] == label


def test_documents_asked_before_there_is_an_account_are_said(sqlite_portal: Portal) -> None:  # rule: A6
    request = enrol(sqlite_portal)
    decide(sqlite_portal, request.id, Verb.ask_documents, "Le relevé est illisible.", "rib")
    page = browser(sqlite_portal).get(path_of(sqlite_portal, request))
    for words in ("C'est à vous d'agir", "Le relevé est illisible.", "À fournir jusqu'au"):
        assert words in page
    assert "Inès" not in page.html


def test_reason_of_a_refusal_is_said(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    decide(sqlite_portal, request.id, Verb.reject, "Le mandat n'est pas signé.")
    page = browser(sqlite_portal).get(path_of(sqlite_portal, request))
    assert "Rejetée" in page
    assert "Le mandat n'est pas signé." in page


def test_sensitive_piece_is_marked_and_recorded(sqlite_portal: Portal) -> None:  # rule: F3, F4
    request = enrol(sqlite_portal)
    client, base = browser(sqlite_portal), path_of(sqlite_portal, request)
    plain, sensitive = (piece_of(sqlite_portal, request, kind) for kind in ("reference_certificate", "rib"))
    original = client.get(f"{base}/pieces/{plain.public_id}").response.content
    marked = client.get(f"{base}/pieces/{sensitive.public_id}").response
    assert marked.content != original
    assert marked.headers["cache-control"] == "no-store"
    with sqlite_portal.database.reading() as session:
        seen = session.exec(select(AttachmentAccess)).all()
        assert [(row.attachment_id, row.actor_kind) for row in seen] == [(sensitive.id, ActorKind.vendor)]


@pytest.mark.parametrize("state", [ScanState.unscanned, ScanState.infected])
def test_file_that_is_not_clean_is_never_sent(sqlite_portal: Portal, state: ScanState) -> None:  # rule: F2, F3
    request = enrol(sqlite_portal)
    piece = piece_of(sqlite_portal, request, "rib")
    with sqlite_portal.database.writing(Actor.system()) as session:
        session.get_one(Attachment, piece.id).scan = state
    client, base = browser(sqlite_portal), path_of(sqlite_portal, request)
    assert "antivirus" in client.get(base)
    assert "antivirus" in client.get(f"{base}/pieces/{piece.public_id}", status=422)
    with sqlite_portal.database.reading() as session:
        assert session.exec(select(AttachmentAccess)).all() == []


def test_piece_of_another_request_is_not_found(sqlite_portal: Portal) -> None:  # std: SEC-2
    own, other = enrol(sqlite_portal), enrol(sqlite_portal, siret="55203253400646")
    piece = piece_of(sqlite_portal, other, "rib")
    browser(sqlite_portal).get(f"{path_of(sqlite_portal, own)}/pieces/{piece.public_id}", status=404)


def test_link_of_another_purpose_or_altered_opens_nothing(sqlite_portal: Portal) -> None:  # std: SEC-7
    request = enrol(sqlite_portal)
    client, good = browser(sqlite_portal), path_of(sqlite_portal, request)
    wrong = [
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        f"/suivi/{sqlite_portal.links.sign(Purpose.RESUME_DRAFT, request.public_id)}",
        f"/suivi/{request.public_id}",
    ]
    for path in wrong:
        page = client.get(path, status=404)
        assert page.links["Recevoir un nouveau lien"] == "/suivi"
        assert request.number not in page.text


def test_old_link_has_expired(sqlite_portal: Portal) -> None:  # std: SEC-7
    path = path_of(sqlite_portal, enrol(sqlite_portal))
    with time_machine.travel(clock.now() + timedelta(days=731), tick=True):
        page = browser(sqlite_portal).get(path, status=410)
    assert page.h1 == "Lien expiré"


def test_lost_link_is_sent_again_and_nobody_learns_anything(sqlite_portal: Portal) -> None:  # std: SEC-5
    request = enrol(sqlite_portal, email="claire@alize-sante.fr")
    client = browser(sqlite_portal)
    form = client.get("/suivi").form
    asked = [(request.number, "CLAIRE@alize-sante.fr"), (request.number, "autre@alize-sante.fr")]
    asked.append(("ENR-2020-999999", "claire@alize-sante.fr"))
    pages = [client.submit(form, number=number, email=email) for number, email in asked]
    assert len({page.text.replace(email, "") for page, (_, email) in zip(pages, asked, strict=True)}) == 1
    with sqlite_portal.database.reading() as session:
        sent = session.exec(select(OutgoingMail).where(OutgoingMail.template == "status_link")).all()
    assert [mail.recipient for mail in sent] == ["claire@alize-sante.fr"]


def test_status_page_makes_few_queries(sqlite_portal: Portal) -> None:
    request = enrol(sqlite_portal)
    decide(sqlite_portal, request.id, Verb.ask_documents, "", "rib", "identity_representative")
    client, path = browser(sqlite_portal), path_of(sqlite_portal, request)
    client.get(path)
    queries: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        queries.append(statement)

    sa.event.listen(sqlite_portal.database.engine, "before_cursor_execute", note)
    client.get(path)
    assert len([one for one in queries if one.startswith("SELECT")]) <= 4
