"""What is flagged in the declared data is kept like the reviews of pieces: for every reader of the file, until it is
asked of the vendor."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from enrolment.errors import Refused
from enrolment.portal import Portal, open_portal
from enrolment.services import choices, dossier, flagging, reviewing
from enrolment.services.pending import DecisionWaits
from schema.database import Database
from schema.enums import ReviewState, Verb
from schema.history import Actor
from schema.tables import EnrolmentRequest, FieldFlag, HistoryEntry, Parameter
from tests.admin_app.instruction import current, file_page, hire, office, pieces, rows, send
from tests.conftest import settings_for
from tests.pages import Form, Page, PageClient
from tests.stories import MANAGER, decide, enrol

HOLDER, CITY = "bank.holder", "provider.city"


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


def decision_form(page: Page, verb: Verb = Verb.ask_correction) -> Form:
    """The form of a decision."""
    return next(form for form in page.forms if form.values().get("decision") == [verb.value])


def save(client: PageClient, page: Page, **fields: object) -> Page:
    """Without scripts."""
    return client.submit(decision_form(page), button="Enregistrer les signalements", **fields)


def flags(portal: Portal, request: EnrolmentRequest) -> dict[str, tuple[str, str]]:
    """What is flagged, with its reason and its author."""
    with portal.database.reading() as session:
        found = flagging.of(session, session.get_one(EnrolmentRequest, request.id))
        return {flag.name: (flag.reason, flag.by) for flag in found}


def flag(portal: Portal, author: int, request: EnrolmentRequest, seen: dict[str, str], **ticked: str) -> None:
    """The same by the service; names are written with `__` for the point."""
    with portal.database.writing(MANAGER) as session:
        said = {name.replace("__", "."): reason for name, reason in ticked.items()}
        flagging.save(session, author, request.id, said, seen)


def test_flag_outlives_every_other_page_and_is_read_by_colleagues(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    with office(portal, "ines") as client, office(portal, "karim") as colleague, office(portal, "luc") as reader:
        page = save(
            client, file_page(client, request), champ=[HOLDER], message="Un mot.", **{f"motif_{HOLDER}": "La société."}
        )
        assert "Les données à corriger sont enregistrées." in page
        # The rest of the form comes back as it was typed.
        assert decision_form(page).values()["message"][0].strip() == "Un mot."
        client.submit(page.form_named("Enregistrer la note"), note="Appelé ce matin.")
        for one in (client, colleague):
            values = decision_form(file_page(one, request)).values()
            assert (values["champ"], values[f"motif_{HOLDER}"]) == ([HOLDER], ["La société."])
            assert "Signalé par Inès Moreau, le" in file_page(one, request)
        seen = file_page(reader, request)
        assert "À corriger : La société.Signalé par Inès Moreau, le" in seen
        # It composes the decision, as the reviews of pieces do.
        page = client.submit(decision_form(file_page(client, request)), button="Préparer le mail")
        assert "La société." in page
        assert flags(portal, request) == {HOLDER: ("La société.", "Inès Moreau")}
        send(client, page)
    assert flags(portal, request) == {}
    kept = rows(portal, HistoryEntry, HistoryEntry.table_name == "field_flag")
    assert [row.changes["reason"] for row in kept] == [[None, "La société."], ["La société.", None]]  # type: ignore[attr-defined]


def test_preparing_the_mail_keeps_what_is_ticked(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        fields = {"champ": [HOLDER, CITY], f"motif_{HOLDER}": "La société."}
        page = client.submit(decision_form(file_page(client, request)), button="Préparer le mail", status=422, **fields)
        assert "il manque le motif" in page
    assert flags(sqlite_portal, request) == {
        CITY: ("", "Inès Moreau"),
        HOLDER: ("La société.", "Inès Moreau"),
    }


def test_script_saves_one_flag_and_takes_it_away(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    address = f"/admin/demandes/{request.id}/signalements"
    with office(sqlite_portal, "ines") as client:
        token = decision_form(file_page(client, request)).values()["csrf_token"][0]
        client.post(address, {"csrf_token": token, "champ": HOLDER, f"motif_{HOLDER}": " La société. "})
        client.post(address, {"csrf_token": token, "champ": CITY, f"motif_{CITY}": ""})
        assert flags(sqlite_portal, request) == {
            CITY: ("", "Inès Moreau"),
            HOLDER: ("La société.", "Inès Moreau"),
        }
        client.post(address, {"csrf_token": token, f"vu_{CITY}": ""})
        assert set(flags(sqlite_portal, request)) == {HOLDER}
        client.post(address, {"csrf_token": token, "champ": "provider.siret"}, status=422)
        client.post(address, {"champ": CITY}, status=403)
        client.post("/admin/demandes/999999/signalements", {"csrf_token": token, "champ": CITY}, status=404)
    with office(sqlite_portal, "luc") as reader:
        token = file_page(reader, request).all("input", name="csrf_token")[0].attrib["value"]
        reader.post(address, {"csrf_token": token, f"vu_{HOLDER}": ""}, status=403)
    assert set(flags(sqlite_portal, request)) == {HOLDER}


def test_last_word_on_an_answer_counts_and_other_answers_are_left_alone(portal: Portal) -> None:  # std: REL-3
    people = hire(portal)
    request = enrol(portal)
    flag(portal, people["ines"], request, {}, bank__holder="La société.")
    # Karim's page was opened before: he says nothing of the holder, and flags something else.
    flag(portal, people["karim"], request, {}, provider__city="Incomplète.")
    assert flags(portal, request) == {
        CITY: ("Incomplète.", "Karim Benali"),
        HOLDER: ("La société.", "Inès Moreau"),
    }
    # What he saw and sends back as it was is not his word; what he changes is.
    seen = {HOLDER: "La société.", CITY: "Incomplète."}
    flag(portal, people["karim"], request, seen, bank__holder="Le nom légal.", provider__city="Incomplète.")
    flag(portal, people["ines"], request, seen, bank__holder="La société.", provider__city="Avec le code postal.")
    assert flags(portal, request) == {
        CITY: ("Avec le code postal.", "Inès Moreau"),
        HOLDER: ("Le nom légal.", "Karim Benali"),
    }
    flag(portal, people["ines"], request, seen, bank__holder="La société.")
    assert set(flags(portal, request)) == {HOLDER}


def test_flag_stands_in_the_way_of_a_validation_and_drafts_a_refusal(sqlite_portal: Portal) -> None:
    people = hire(sqlite_portal)
    request = enrol(sqlite_portal)
    for piece in pieces(sqlite_portal, request):
        with sqlite_portal.database.writing(MANAGER) as session:
            reviewing.review(
                session, MANAGER, request.id, piece.public_id, ReviewState.compliant, row_version=piece.row_version
            )
    flag(sqlite_portal, people["ines"], request, {}, bank__holder="La société.")
    with sqlite_portal.database.reading() as session:
        file = dossier.read(session, request.id)
    with pytest.raises(Refused, match="Une donnée est à corriger : Titulaire"):
        choices.require_open(file, Verb.validate)
    (refusal,) = choices.choices(file, [Verb.reject])
    assert refusal.message == "- Titulaire : La société."
    flag(sqlite_portal, people["ines"], request, {HOLDER: ""})
    with sqlite_portal.database.reading() as session:
        choices.require_open(dossier.read(session, request.id), Verb.validate)


def test_flags_go_with_the_instruction_and_wait_for_a_recalled_decision(portal: Portal) -> None:
    people = hire(portal)
    request = enrol(portal)
    with portal.database.writing(Actor.system()) as session:
        session.exec(select(Parameter).where(Parameter.code == "undo_minutes")).one().value = "10"
    with office(portal, "ines") as client:
        page = save(client, file_page(client, request), champ=[HOLDER], **{f"motif_{HOLDER}": "La société."})
        page = client.submit(decision_form(page), button="Préparer le mail")
        page = send(client, page, now=False)
        assert set(flags(portal, request)) == {HOLDER}
        # Nobody changes them while the decision waits.
        with pytest.raises(DecisionWaits):
            flag(portal, people["karim"], request, {}, provider__city="Incomplète.")
        page = client.submit(page.form_named("Annuler l'envoi"))
        assert decision_form(page).values()["champ"] == [HOLDER]
    decide(portal, request.id, Verb.ask_documents, "", "kbis")
    assert rows(portal, FieldFlag) == []
    with pytest.raises(Refused, match="ne se signalent plus"):
        flag(portal, people["ines"], current(portal, request), {}, provider__city="Incomplète.")
