"""The file of a request: what it shows, who may open its pieces, and what a manager says of each."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa
from sqlmodel import select

from admin_app.permissions import PAGES
from enrolment.errors import Conflict, NotFound, Refused
from enrolment.portal import Portal, open_portal
from enrolment.services import choices, dossier, reviewing, viewing
from schema.database import Database
from schema.enums import MailState, ReferencingStatus, ReviewState, ScanState, StaffRole, Verb
from schema.history import Actor
from schema.tables import (
    Attachment,
    AttachmentAccess,
    DocumentKind,
    EnrolmentRequest,
    OutgoingMail,
    Provider,
    Referencing,
    RegistryEntry,
)
from tests.admin_app.instruction import PEOPLE, current, file_page, hire, office, pieces, rows
from tests.conftest import settings_for
from tests.pages import Page
from tests.stories import MANAGER, decide, enrol, new_number


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


def _kind(portal: Portal, request: EnrolmentRequest, code: str) -> Attachment:
    """The piece of a kind."""
    with portal.database.reading() as session:
        kind = session.exec(select(DocumentKind.id).where(DocumentKind.code == code)).one()
    return next(piece for piece in pieces(portal, request) if piece.document_kind_id == kind)


def _change(portal: Portal, piece: Attachment, **values: object) -> None:
    with portal.database.writing(Actor.system()) as session:
        row = session.get_one(Attachment, piece.id)
        for name, value in values.items():
            setattr(row, name, value)


def test_sensitive_piece_is_marked_and_its_opening_recorded(sqlite_portal: Portal) -> None:  # rule: F4, std: SEC-15
    people = hire(sqlite_portal)
    request = enrol(sqlite_portal)
    rib, certificate = (_kind(sqlite_portal, request, code) for code in ("rib", "reference_certificate"))
    with office(sqlite_portal, "ines") as client:
        shown = client.http.get(f"/admin/demandes/{request.id}/pieces/{rib.public_id}")
        plain = client.http.get(f"/admin/demandes/{request.id}/pieces/{certificate.public_id}?telecharger=1")
    assert shown.status_code == plain.status_code == 200
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in shown.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in plain.headers["content-security-policy"]
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["content-disposition"].startswith("inline")
    assert plain.headers["content-disposition"].startswith("attachment")
    assert _fonts(shown.content) > _fonts(plain.content)
    access = rows(sqlite_portal, AttachmentAccess)
    assert [(row.attachment_id, row.actor_id, row.actor_label) for row in access] == [  # type: ignore[attr-defined]
        (rib.id, people["ines"], "Inès Moreau")
    ]


def _fonts(content: bytes) -> int:
    """How many fonts and overlays the first page of a PDF draws with: a mark adds its own."""
    with pikepdf.Pdf.open(io.BytesIO(content)) as document:
        resources = document.pages[0].obj["/Resources"]
        return len(resources.get("/Font", {})) + len(resources.get("/XObject", {}))


@pytest.mark.parametrize("scan", [ScanState.unscanned, ScanState.infected])
def test_piece_that_is_not_healthy_is_never_served(portal: Portal, scan: ScanState) -> None:  # rule: F3, F4
    request = enrol(portal)
    rib = _kind(portal, request, "rib")
    _change(portal, rib, scan=scan)
    with pytest.raises(Refused, match="antivirus"), portal.database.writing(MANAGER) as session:
        viewing.open_piece(session, MANAGER, request.id, rib.public_id)
    with pytest.raises(Refused), portal.database.writing(MANAGER) as session:
        reviewing.review(session, MANAGER, request.id, rib.public_id, ReviewState.compliant, row_version=2)
    assert not [row for row in rows(portal, AttachmentAccess) if row.attachment_id == rib.id]  # type: ignore[attr-defined]


def test_unscanned_piece_says_why_it_is_closed(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    rib = _kind(sqlite_portal, request, "rib")
    _change(sqlite_portal, rib, scan=ScanState.unscanned)
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request, rib.public_id)
        assert "n'a pas encore analysé" in page.text
        assert not page.all("iframe")
        client.get(f"/admin/demandes/{request.id}/pieces/{rib.public_id}", status=422)


def test_pieces_and_files_of_others_do_not_exist(sqlite_portal: Portal) -> None:  # std: SEC-2
    hire(sqlite_portal)
    mine, other = enrol(sqlite_portal), enrol(sqlite_portal, siret="35600000049837")
    foreign = pieces(sqlite_portal, other)[0]
    with office(sqlite_portal, "ines") as client:
        for path in (
            "/admin/demandes/999999",
            "/admin/demandes/99999999999999999999999",
            "/admin/demandes/0",
            f"/admin/demandes/{mine.id}/pieces/{foreign.public_id}",
            f"/admin/demandes/{mine.id}/pieces/x",
        ):
            client.get(path, status=404)
        page = file_page(client, mine)
        token = page.form_named("Conforme").values()["csrf_token"][0]
        address = f"/admin/demandes/{mine.id}/pieces/{foreign.public_id}/avis"
        client.post(address, {"csrf_token": token, "avis": "compliant", "version": "1"}, status=404)
        client.post("/admin/demandes/999999/prendre", {"csrf_token": token}, status=404)
        typed = {"csrf_token": token, "decision": "reject", "message": "x", "version": "1"}
        client.post("/admin/demandes/999999/decision", typed, status=404)
        client.post("/admin/demandes/999999/decision", typed | {"etape": "envoyer"}, status=404)


_PERMISSIONS = {
    ("GET", ""): "dossier",
    ("GET", "/pieces/{piece}"): "view_pieces",
    ("POST", "/prendre"): "instruct",
    ("POST", "/rendre"): "instruct",
    ("POST", "/pieces/{piece}/avis"): "instruct",
    ("POST", "/decision"): "decide",
}


def test_each_role_reaches_what_the_matrix_gives_it_and_no_more(sqlite_portal: Portal) -> None:  # std: SEC-1
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    piece = pieces(sqlite_portal, request)[0].public_id
    assert PAGES["decide"] == PAGES["instruct"] == {StaffRole.manager}
    for name, (_, _, role) in PEOPLE.items():
        with office(sqlite_portal, name) as client:
            page = file_page(client, request)
            token = page.all("input", name="csrf_token")[0].attrib["value"]
            for (method, end), permission in _PERMISSIONS.items():
                address = f"/admin/demandes/{request.id}{end.format(piece=piece)}"
                answer = client.http.request(
                    method,
                    address,
                    data={"csrf_token": token} if method == "POST" else None,
                    headers={"sec-fetch-site": "same-origin"},
                    follow_redirects=False,
                )
                assert (answer.status_code == 403) is (role not in PAGES[permission]), (name, address)
            has_frame = bool(page.all("iframe"))
            assert has_frame is (role in PAGES["view_pieces"])
            offered = {button for form in page.forms for button in form.buttons}
            assert bool(offered & {"Conforme", "Préparer le mail", "Prendre ce dossier"}) is (role is StaffRole.manager)


def test_nothing_is_done_without_a_token(sqlite_portal: Portal) -> None:  # std: SEC-3
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    piece = pieces(sqlite_portal, request)[0].public_id
    with office(sqlite_portal, "ines") as client:
        for method, end in _PERMISSIONS:
            if method == "POST":
                client.post(f"/admin/demandes/{request.id}{end.format(piece=piece)}", {}, status=403)
        client.post("/admin/file/suivant", {}, status=403)
    assert current(sqlite_portal, request).row_version == request.row_version


def test_review_is_saved_at_once_and_leads_to_the_next_piece(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    first, second, _ = _ordered(sqlite_portal, request)
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
        page = client.submit(page.form_named("Conforme"), button="Conforme")
        assert _shown(page) == second
        form = page.form_named("Conforme")
        page = client.submit(form, button="Enregistrer « à refaire »", status=422, motif="  ")
        assert "Indiquez ce qui est à refaire" in page.text
        assert _shown(page) == second
        page = client.submit(
            page.form_named("Conforme"), button="Enregistrer « à refaire »", motif="Le verso\r\nmanque."
        )
    found = {piece.public_id: (piece.review, piece.review_reason) for piece in pieces(sqlite_portal, request)}
    assert found[first] == (ReviewState.compliant, None)
    assert found[second] == (ReviewState.to_redo, "Le verso\nmanque.")


def test_ready_made_reason_is_enough_without_scripts(sqlite_portal: Portal) -> None:  # std: UX-3
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    rib = _kind(sqlite_portal, request, "rib")
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request, rib.public_id)
        options = page.control_labelled("Motif type").findall("option")
        assert [option.text for option in options[1:]] == ["RIB d'un autre titulaire", "RIB illisible ou incomplet"]
        client.submit(
            page.form_named("Conforme"),
            button="Enregistrer « à refaire »",
            motif_type=options[1].attrib["value"],
        )
    assert (_kind(sqlite_portal, request, "rib").review_reason or "").startswith("Le titulaire du relevé")


def test_two_opinions_on_one_piece_do_not_overwrite_each_other(portal: Portal) -> None:  # std: REL-3
    request = enrol(portal)
    rib = _kind(portal, request, "rib")
    with portal.database.writing(MANAGER) as session:
        reviewing.review(
            session, MANAGER, request.id, rib.public_id, ReviewState.to_redo, "Illisible", row_version=rib.row_version
        )
    with pytest.raises(Conflict, match="Illisible"), portal.database.writing(MANAGER) as session:
        reviewing.review(
            session, MANAGER, request.id, rib.public_id, ReviewState.compliant, row_version=rib.row_version
        )
    with pytest.raises(NotFound), portal.database.writing(MANAGER) as session:
        reviewing.review(session, MANAGER, request.id + 1, rib.public_id, ReviewState.compliant, row_version=2)


def test_pieces_are_examined_only_while_the_asp_has_the_file(portal: Portal) -> None:
    request = enrol(portal)
    decide(portal, request.id, Verb.ask_documents, "", "rib")
    rib = _kind(portal, request, "rib")
    with pytest.raises(Refused, match="En attente"), portal.database.writing(MANAGER) as session:
        reviewing.review(
            session, MANAGER, request.id, rib.public_id, ReviewState.compliant, row_version=rib.row_version
        )


def test_ticks_decide_what_can_be_validated_and_draft_the_rest(portal: Portal) -> None:
    request = enrol(portal)
    rib = _kind(portal, request, "rib")
    with portal.database.reading() as session:
        file = dossier.read(session, request.id)
    assert [obstacle.text for obstacle in choices.obstacles(file, Verb.validate)] == ["3 pièces restent à examiner"]
    states = {"rib": (ReviewState.to_redo, "Illisible"), "reference_certificate": (ReviewState.not_applicable, "")}
    with portal.database.writing(MANAGER) as session:
        for piece in file.pieces:
            state, reason = states.get(piece.kind_code, (ReviewState.compliant, ""))
            reviewing.review(
                session, MANAGER, request.id, piece.public_id, state, reason, row_version=piece.row_version
            )
    with portal.database.reading() as session:
        file = dossier.read(session, request.id)
    assert [item.pieces for item in choices.obstacles(file, Verb.validate)] == [("RIB",)]
    with pytest.raises(Refused, match="RIB"):
        choices.require_open(file, Verb.validate)
    offered = {one.verb: one for one in choices.choices(file, [Verb.reject, Verb.ask_documents])}
    assert [(item.code, item.note) for item in offered[Verb.ask_documents].documents] == [("rib", "Illisible")]
    assert offered[Verb.reject].message == "- RIB : Illisible"
    examined = tuple(replace(piece, review=ReviewState.compliant) for piece in file.pieces)
    assert choices.obstacles(replace(file, pieces=examined), Verb.validate) == ()
    with portal.database.writing(Actor.system()) as session:
        session.delete(session.get_one(Attachment, rib.id))
    with portal.database.reading() as session:
        assert [item.kind.code for item in dossier.read(session, request.id).missing] == ["rib"]


def test_file_warns_of_what_could_not_be_checked(sqlite_portal: Portal) -> None:  # rule: E5, D6
    hire(sqlite_portal)
    number = new_number(sqlite_portal, validated=False)
    request = enrol(sqlite_portal, ans_number=number)
    other = enrol(sqlite_portal, siret="35600000049837", legal_name="<b>Autre</b>", registry_name="AUTRE")
    with sqlite_portal.database.writing(Actor.system()) as session:
        row = session.exec(select(Referencing).where(Referencing.ans_number == number)).one()
        row.status = ReferencingStatus.validated
        provider = session.get_one(Provider, request.provider_id)
        session.add(
            RegistryEntry(siret=provider.siret, siren=provider.siren, legal_name="ALIZE SANTE", city="VILLEURBANNE")
        )
    with office(sqlite_portal, "luc") as client:
        page = file_page(client, request)
    assert "L'ANS a validé ce référencement depuis le dépôt" in page.text
    assert "Initial anticipé" in page.text
    assert "IBAN déjà utilisé sous un autre SIREN" in page.text
    assert other.number in page.links
    assert "<b>Autre</b>" in page.text
    assert "Répertoire : VILLEURBANNE" in page.text
    # Case and accents are no difference.
    assert "Répertoire : ALIZE SANTE" not in page.text


def test_file_shows_what_happened_and_the_mails_without_their_links(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    decide(sqlite_portal, request.id, Verb.ask_documents, "Le RIB est illisible.", "rib", "kbis")
    with office(sqlite_portal, "luc") as client:
        page = file_page(client, request)
        mails = page.all("pre", class_="mail-text")
        assert len(mails) == 2
        assert all("/suivi/" not in "".join(mail.itertext()) for mail in mails)
        for words in (
            "Dépôt de la demande",
            "Demande de pièces complémentaires",
            "Inès Moreau",
            "KBIS",
            "au plus tard le",
        ):
            assert words in page.text


def test_link_leads_from_the_generated_pages_to_the_file(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = client.get(f"/admin/request/details/{request.id}")
        assert client.click(page, "Ouvrir le dossier").path == f"/admin/demandes/{request.id}"


def test_number_of_queries_does_not_depend_on_the_file(sqlite_portal: Portal) -> None:
    small, large = (
        enrol(sqlite_portal),
        enrol(sqlite_portal, siret="35600000049837", quality="employee", vat_liable="non"),
    )
    decide(sqlite_portal, large.id, Verb.ask_documents, "", "rib", "kbis", "vat_proof")
    counts = []
    for request in (small, large):
        said: list[str] = []
        listen = lambda *event, said=said: said.append(event[2])  # noqa: E731
        with sqlite_portal.database.reading() as session:
            sa.event.listen(sqlite_portal.database.engine, "before_cursor_execute", listen)
            dossier.read(session, request.id)
            sa.event.remove(sqlite_portal.database.engine, "before_cursor_execute", listen)
        counts.append(len(said))
    assert counts[1] <= counts[0] + 1
    assert max(counts) < 50


def _ordered(portal: Portal, request: EnrolmentRequest) -> list[str]:
    with portal.database.reading() as session:
        return [piece.public_id for piece in dossier.read(session, request.id).pieces]


def _shown(page: Page) -> str:
    """The piece that the page is on."""
    return next(
        link.attrib["href"].split("piece=")[1].split("#")[0]
        for link in page.all("a")
        if "aria-current" in link.attrib and "piece=" in link.get("href", "")
    )


def test_mail_of_the_file_leads_to_its_page_and_tells_why_it_did_not_leave(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with sqlite_portal.database.writing(Actor.system()) as session:
        mail = session.exec(select(OutgoingMail).where(OutgoingMail.request_id == request.id)).first()
        assert mail is not None
        mail.state, mail.attempts, mail.last_reply = MailState.parked, 3, "550 5.1.1 Boîte inconnue"
        key = mail.id
    with office(sqlite_portal, "luc") as client:
        page = file_page(client, request)
        assert "3 essais, dernière réponse du serveur : 550 5.1.1 Boîte inconnue" in page
        (link,) = [text for text, address in page.links.items() if address == f"/admin/courriels/{key}"]
        assert "550 5.1.1 Boîte inconnue" in client.click(page, link)


def test_each_piece_leads_to_the_one_before_and_the_one_after(sqlite_portal: Portal) -> None:  # std: UX-3
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
        pieces = [
            link.attrib["href"] for link in page.all("a") if "data-piece" in link.attrib and "rel" not in link.attrib
        ]
        walked = [pieces[0]]
        while "Pièce suivante" in page.links:
            walked.append(page.links["Pièce suivante"])
            page = client.click(page, "Pièce suivante")
        assert len(walked) > 1
        assert walked == list(dict.fromkeys(pieces))[: len(walked)]
        assert page.links["Pièce précédente"] == walked[-2]
