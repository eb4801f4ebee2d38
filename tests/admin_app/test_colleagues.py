"""What colleagues tell and give each other about a file: notes that no vendor sees, and the file itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrolment.portal import Portal, open_portal
from enrolment.services import notes, taking
from enrolment.services.taking import AlreadyTaken
from schema.database import Database
from schema.enums import ActorKind
from schema.history import Actor
from schema.tables import HistoryEntry, OutgoingMail, RequestNote, StaffUser
from tests.admin_app.instruction import current, file_page, hire, office, rows
from tests.conftest import settings_for
from tests.public_site.browsing import browser
from tests.public_site.test_status import path_of
from tests.stories import enrol

NOTE = "Le dirigeant a été joint, il renvoie son mandat lundi."


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


def test_note_is_written_changed_and_taken_away_by_its_author_alone(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client, office(portal, "karim") as other, office(portal, "luc") as reader:
        page = file_page(client, request)
        page = client.submit(page.form_named("Enregistrer la note"), status=422)
        assert "Écrivez la note" in page
        page = client.submit(page.form_named("Enregistrer la note"), note=NOTE)
        assert NOTE in page
        seen = file_page(other, request)
        assert NOTE in seen
        assert "Modifier ou retirer" not in seen
        assert "Ajouter une note" not in file_page(reader, request)
        assert NOTE in file_page(reader, request)
        (note,) = rows(portal, RequestNote)
        form = page.form_named(f"/admin/demandes/{request.id}/notes/{note.id}/modifier")
        token = seen.form_named("Enregistrer la note").values()["csrf_token"][0]
        forged = {"csrf_token": token, "note": "Autre", "version": "1"}
        other.post(f"/admin/demandes/{request.id}/notes/{note.id}/modifier", forged, status=422)
        page = client.submit(form, note="Finalement mardi.")
        assert "Finalement mardi." in page
        assert "(modifiée)" in page
        assert "autre fenêtre" in client.submit(form, note="Ou mercredi.", status=409)
        page = client.submit(page.form_named("Retirer cette note"))
        assert "Aucune note." in page
    kept = [row for row in rows(portal, HistoryEntry) if row.table_name == "request_note"]  # type: ignore[attr-defined]
    assert [row.changes["body"] for row in kept] == [  # type: ignore[attr-defined]
        [None, NOTE],
        [NOTE, "Finalement mardi."],
        ["Finalement mardi.", None],
    ]


def test_vendor_never_sees_a_note(sqlite_portal: Portal) -> None:
    # std: SEC-14
    people = hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with sqlite_portal.database.writing(Actor.system()) as session:
        notes.add(session, people["ines"], request.id, NOTE)
    vendor = browser(sqlite_portal)
    page = vendor.get(path_of(sqlite_portal, request))
    texts = [page.html, *(vendor.get(url).html for url in page.links.values() if url.startswith("/suivi/"))]
    texts += [mail.text_body for mail in rows(sqlite_portal, OutgoingMail)]  # type: ignore[attr-defined]
    assert not [text for text in texts if "renvoie son mandat" in text]


def test_file_is_handed_over_with_a_word(portal: Portal) -> None:
    people = hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client, office(portal, "karim") as other:
        page = file_page(client, request)
        page = client.submit(page.form_named("Confier le dossier"), gestionnaire=str(people["karim"]), mot=NOTE)
        assert "confié à votre collègue" in page
        assert current(portal, request).assigned_to_id == people["karim"]
        assert NOTE in file_page(other, request)
        # The page of who read it before says that it has changed hands.
        old = file_page(client, request).form_named("Confier le dossier")
        other.submit(file_page(other, request).form_named("Rendre à la file"))
        page = client.submit(old, gestionnaire=str(people["ines"]), status=409)
        assert "vient d'être rendu" in page


@pytest.mark.parametrize("who", ["anne", "gone", "nobody"])
def test_file_goes_to_active_managers_only(sqlite_portal: Portal, who: str) -> None:
    people = hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with sqlite_portal.database.writing(Actor.system()) as session:
        session.get_one(StaffUser, people["karim"]).active = who != "gone"
    to = {"anne": people["anne"], "gone": people["karim"], "nobody": 999_999}[who]
    with office(sqlite_portal, "ines") as client:
        token = file_page(client, request).form_named("Prendre ce dossier").values()["csrf_token"][0]
        forged = {"csrf_token": token, "gestionnaire": str(to), "mot": "Gardé ?", "tenu_par": ""}
        page = client.post(f"/admin/demandes/{request.id}/confier", forged, status=422)
        assert "gestionnaire en activité" in page
        assert who == "gone" or "Gardé ?" in page.html, "what was typed is not lost"
    assert current(sqlite_portal, request).assigned_to_id is None


def test_hand_over_of_a_file_that_changed_hands_is_refused(portal: Portal) -> None:
    # std: REL-3
    people = hire(portal)
    request = enrol(portal)
    ines = Actor(ActorKind.staff, people["ines"], "Inès Moreau")
    with portal.database.writing(ines) as session:
        taking.take(session, ines, request.id, seen_holder=None)
    with portal.database.writing(ines) as session, pytest.raises(AlreadyTaken, match="Inès Moreau"):
        taking.hand_over(session, ines, request.id, people["karim"], seen_holder=None)
