"""A file that comes back from its vendor, or that a colleague has: what is to examine again, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import col, select

from enrolment.documents import PROVEN, proving
from enrolment.portal import Portal, open_portal
from enrolment.services import answering, choices, demands, dossier, reviewing
from enrolment.services.deposits import deposit
from schema.database import Database
from schema.enums import ReviewState, Verb
from schema.history import Actor
from schema.tables import DocumentKind, EnrolmentRequest, Provider
from tests.admin_app.instruction import examine_all, file_page, hire, office, pieces
from tests.conftest import settings_for
from tests.pages import Page
from tests.stories import MANAGER, VISITOR, a_pdf, ask, enrol

OTHER_IBAN = "FR14 2004 1010 0505 0001 3M02 606"


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Portal:
    """An empty portal on each engine: the requests here are the tests' own."""
    return open_portal(settings_for(tmp_path, database), database)


def judge_all(portal: Portal, request: EnrolmentRequest) -> None:
    """Every piece is found in order."""
    for piece in pieces(portal, request):
        with portal.database.writing(MANAGER) as session:
            reviewing.review(
                session, MANAGER, request.id, piece.public_id, ReviewState.compliant, row_version=piece.row_version
            )


def reviews(portal: Portal, request: EnrolmentRequest) -> dict[str, ReviewState]:
    """What the pieces in force are worth, by kind."""
    with portal.database.reading() as session:
        return {piece.kind_code: piece.review for piece in dossier.read(session, request.id).current}


def answer(portal: Portal, request: EnrolmentRequest, typed: dict[str, str]) -> None:
    """The ASP asks for these answers again, and the vendor gives them."""
    demand = ask(portal, request.id, dict.fromkeys(typed, "À corriger."))
    with portal.database.writing(VISITOR) as session:
        answering.keep(session, demand.public_id, typed, {})
        answering.finish(session, VISITOR, demand.public_id, portal.addresses)


def part(page: Page, label: str) -> str:
    """The words of a section of the page."""
    section = next(one for one in page.all("section") if one.get("aria-label") == label)
    return " ".join("".join(section.itertext()).split())


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        ({"bank.iban": OTHER_IBAN, "bank.bic": "PSSTFRPPPAR"}, {"rib"}),
        ({"bank.holder": "SAS ALIZE"}, {"rib"}),
        ({"representative.last_name": "Lefebvre"}, {"identity_representative"}),
        # Given again as it was: nothing to examine again. An address is proven by none of these pieces.
        ({"bank.holder": "Alizé Santé"}, set()),
        ({"provider.city": "LYON CEDEX"}, set()),
    ],
)
def test_piece_is_to_examine_again_when_what_it_proves_changes(
    portal: Portal, typed: dict[str, str], again: set[str]
) -> None:
    request = enrol(portal)
    judge_all(portal, request)
    answer(portal, request, typed)
    found = reviews(portal, request)
    assert {code for code, state in found.items() if state is ReviewState.unreviewed} == again
    with portal.database.reading() as session:
        assert bool(choices.obstacles(dossier.read(session, request.id), Verb.validate)) is bool(again)


def test_every_kind_that_proves_an_answer_exists(sqlite_portal: Portal) -> None:
    with sqlite_portal.database.reading() as session:
        assert set(PROVEN) <= set(session.exec(select(col(DocumentKind.code))))
    assert proving(["provider.legal_name"]) == {"kbis"}


def test_only_declared_data_counts_as_modified(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "ines") as client:
        client.submit(file_page(client, request).form_named("Prendre ce dossier"))
        examine_all(client, sqlite_portal, request)
        page = file_page(client, request)
        assert "Aucune donnée n'a été modifiée depuis le dépôt." in page
        with sqlite_portal.database.writing(Actor.system()) as session:
            session.get_one(Provider, request.provider_id).city = "PARIS"
        page = file_page(client, request)
        assert "1 modification de données" in page


def test_replaced_piece_is_shown_beside_the_one_that_took_its_place(portal: Portal) -> None:
    hire(portal)
    request = enrol(portal)
    old = {piece.file_name: piece.public_id for piece in pieces(portal, request)}["rib.pdf"]
    demand = ask(portal, request.id, {}, {"rib": "Illisible."})
    with portal.database.writing(VISITOR) as session:
        point = demands.read(session, demand).point("document.rib")
    assert point.kind is not None
    file = deposit(portal.storage, point.kind, "rib-lisible.pdf", a_pdf(), None)
    with portal.database.writing(VISITOR) as session:
        answering.attach(session, demand.public_id, point.name, point.version, file)
        answering.finish(session, VISITOR, demand.public_id, portal.addresses)
    with office(portal, "luc") as client:
        page = file_page(client, request)
        assert "RIBIllisible.rib.pdfrib-lisible.pdf" in part(page, "Réponse du fournisseur")
        assert f"piece={old}" in page.links["rib.pdf"]
        client.click(page, "rib.pdf")


def test_whoever_decides_on_a_file_of_a_colleague_is_told_so(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "karim") as colleague, office(sqlite_portal, "ines") as client:
        assert "Ce dossier est pris par" not in file_page(client, request)
        mine = colleague.submit(file_page(colleague, request).form_named("Prendre ce dossier"))
        assert "Ce dossier est pris par" not in mine
        page = file_page(client, request)
        assert "Ce dossier est pris par Karim Benali depuis le" in page
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
        page = client.submit(form, button="Préparer le mail", message="Incomplet.")
        assert "Ce dossier est pris par Karim Benali depuis le" in page


def test_changed_file_is_told_in_whole_sentences(sqlite_portal: Portal) -> None:
    hire(sqlite_portal)
    request = enrol(sqlite_portal)
    with office(sqlite_portal, "karim") as colleague, office(sqlite_portal, "ines") as client:
        page = file_page(client, request)
        colleague.submit(file_page(colleague, request).form_named("Prendre ce dossier"))
        form = next(form for form in page.forms if form.values().get("decision") == ["reject"])
        page = client.submit(form, button="Préparer le mail", message="Incomplet.", status=409)
        assert "au statut En cours. Rien de ce que vous avez écrit n'est perdu." in page
