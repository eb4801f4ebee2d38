"""« Documents utiles »: an administrator puts a model in place, and vendors have it at once."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from enrolment import clock, jobs
from enrolment.portal import Portal
from schema.enums import StaffRole
from schema.tables import DocumentKind, HistoryEntry
from tests.admin_app.conftest import SignIn
from tests.pages import Page
from tests.public_site.browsing import browser
from tests.stories import a_pdf

PAGE = "/admin/documents-utiles"


def _kind(portal: Portal, code: str) -> DocumentKind:
    with portal.database.reading() as session:
        return session.exec(select(DocumentKind).where(DocumentKind.code == code)).one()


def _put(portal: Portal, signed_in: SignIn, kind: DocumentKind, content: bytes, status: int = 200) -> Page:
    client = signed_in(portal, StaffRole.administrator)
    form = client.get(PAGE).form_named(f"{PAGE}/{kind.id}")
    return client.submit(form, files={"modele": ("Modèle signé (v2).pdf", content, "application/pdf")}, status=status)


def test_model_put_in_place_is_what_vendors_download(portal: Portal, signed_in: SignIn) -> None:
    kind = _kind(portal, "publisher_mandate")
    shipped = browser(portal).get("/documents/mandat-editeur.pdf").response.content
    page = _put(portal, signed_in, kind, a_pdf())
    assert "Le modèle est en place" in page
    public = browser(portal)
    links = [link for link in public.get("/documents").links.values() if link.startswith("/documents/")]
    assert "/documents/mandat-de-l-editeur.pdf" in links
    found = public.get("/documents/mandat-de-l-editeur.pdf").response
    assert found.content == a_pdf() != shipped
    public.get("/documents/mandat-editeur.pdf", status=404)
    with portal.database.reading() as session:
        entries = session.exec(
            select(HistoryEntry)
            .where(HistoryEntry.table_name == "document_kind", HistoryEntry.row_id == kind.id)
            .order_by(HistoryEntry.id)  # type: ignore[arg-type]
        ).all()
    assert entries[-1].changes["template_file"] == ["mandat-editeur.pdf", "mandat-de-l-editeur.pdf"]


def test_two_kinds_of_one_name_keep_their_own_models(office: Portal, signed_in: SignIn) -> None:
    mandate, kbis = _kind(office, "publisher_mandate"), _kind(office, "kbis")
    _put(office, signed_in, mandate, a_pdf())
    with office.database.writing(jobs.Actor.system()) as session:
        session.get_one(DocumentKind, kbis.id).name = mandate.name
    _put(office, signed_in, kbis, a_pdf())
    assert _kind(office, "publisher_mandate").template_file == "mandat-de-l-editeur.pdf"
    assert _kind(office, "kbis").template_file == "mandat-de-l-editeur-kbis.pdf"


def test_withdrawn_model_is_offered_no_more_and_its_file_is_swept(office: Portal, signed_in: SignIn) -> None:
    # std: REL-5
    kind = _kind(office, "publisher_mandate")
    page = _put(office, signed_in, kind, a_pdf())
    long_ago = (clock.now() - timedelta(days=2)).timestamp()
    (key,) = office.storage.list_keys()
    os.utime(Path(office.settings.storage_url) / key, (long_ago, long_ago))
    jobs.sweep_orphans(office)
    assert list(office.storage.list_keys()) == [key], "a model in use is no orphan"
    client = signed_in(office, StaffRole.administrator)
    page = client.submit(client.get(PAGE).form_named(f"{PAGE}/{kind.id}/retirer"))
    assert "n'est plus proposé" in page
    browser(office).get("/documents/mandat-de-l-editeur.pdf", status=404)
    jobs.sweep_orphans(office)
    assert list(office.storage.list_keys()) == []


def test_wrong_file_changes_nothing_and_says_why(office: Portal, signed_in: SignIn) -> None:
    # rule: F2
    kind = _kind(office, "publisher_mandate")
    page = _put(office, signed_in, kind, b"MZ\x90\x00 not a document", status=422)
    assert "Le modèle n'a pas été remplacé" in page
    assert _kind(office, "publisher_mandate").template_file == "mandat-editeur.pdf"
    _put(office, signed_in, kind, b"%PDF-1.7" + b"\0" * (4 * 1024 * 1024 + 1), status=422)
    assert list(office.storage.list_keys()) == []
