"""A correction by a file, from its page: who may do what, what is refused and kept, a token that is always asked."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import select

from admin_app.corrections import filing
from enrolment.corrections import running
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import CorrectionState
from schema.tables import Correction, Provider
from tests.admin_app.instruction import hire, office
from tests.admin_app.reach import token_of
from tests.conftest import settings_for
from tests.enrolment.corrections.records import add_providers, values

HERE = "/admin/nouvelle-correction/provider/fichier"


@pytest.fixture
def portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """An empty portal with its staff; reading files is tested with the services, on both engines."""
    opened = open_portal(settings_for(tmp_path, sqlite_database), sqlite_database)
    hire(opened)
    return opened


def _asked(portal: Portal) -> list[Correction]:
    with portal.database.reading() as session:
        return list(session.exec(select(Correction)))


def _file(text: str) -> tuple[str, bytes, str]:
    return ("communes.csv", text.encode(), "text/csv")


def test_file_is_previewed_and_applied(portal: Portal) -> None:
    keys = add_providers(portal.database, ["ST DENIS", "Lyon"])
    text = f"Identifiant technique;Commune\r\n{keys[0]};Saint-Denis\r\n999999;Nulle part\r\n"
    with office(portal, "paul") as paul:
        page = paul.get(HERE)
        page = paul.submit(page.form, files={"fichier": _file(text)}, cle="id", motif="Fichier")
        (correction,) = _asked(portal)
        assert (correction.title, correction.file_key is not None) == ("Fournisseurs : communes.csv", True)
        assert running.finish(portal, correction.id).state is CorrectionState.frozen
        page = paul.get(page.path)
        assert "1 ligne va changer" in page
        assert "(ligne 3 du fichier)" in page
        paul.submit(page.form_named(f"{page.path}/appliquer"), button="Appliquer seulement l'autre ligne")
        running.finish(portal, correction.id)
    assert values(portal.database, Provider, "city") == {keys[0]: "Saint-Denis", keys[1]: "Lyon"}


def test_refusal_keeps_what_was_typed(portal: Portal) -> None:
    with office(portal, "paul") as paul:
        page = paul.get(HERE)
        page = paul.submit(page.form, titre="Communes", cle="id", status=422)
        assert len(page.error_messages) == 2
        assert page.control_labelled("Titre").get("value") == "Communes"
        assert page.form.values()["cle"] == ["id"]
        page = paul.submit(page.form, files={"fichier": _file("")}, motif="Essai", status=422)
        assert "Ce fichier est vide" in page
    assert _asked(portal) == []


def _workbook(*rows: list[object]) -> tuple[str, bytes, str]:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return "communes.xlsx", stream.getvalue(), "application/octet-stream"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (_file("SIRET;Commune;Commune\r\n"), "figure deux fois"),
        (_file("SIRET;Couleur\r\n"), "n'existe pas"),
        (("x.pdf", b"%PDF-1.7", "application/pdf"), "n'est pas un tableau"),
        (_workbook(["SIRET", "Commune"], ["1", "=1+1"]), "La cellule B2 contient une formule"),
    ],
)
def test_what_the_first_lines_show_is_refused_at_the_form_with_what_was_typed(
    portal: Portal, sent: tuple[str, bytes, str], said: str
) -> None:
    with office(portal, "anne") as anne:
        page = anne.get(HERE)
        page = anne.submit(
            page.form, files={"fichier": sent}, titre="Communes", motif="Essai", cle="siret", mode="upsert", status=422
        )
        assert said in page
        assert "Choisissez de nouveau le fichier" in page
        kept = page.form.values()
        assert [kept[name] for name in ("titre", "motif", "cle", "mode")] == [
            ["Communes"], ["Essai"], ["siret"], ["upsert"]
        ]  # fmt: skip
    assert _asked(portal) == []


def test_key_that_the_file_lacks_is_told_at_the_key(portal: Portal) -> None:
    with office(portal, "paul") as paul:
        page = paul.get(HERE)
        page = paul.submit(page.form, files={"fichier": _file("SIRET;Commune\r\n")}, cle="id", motif="x", status=422)
        assert "La colonne « Identifiant technique » manque" in page
        assert len(page.error_messages) == 2
    assert _asked(portal) == []


def test_file_refused_by_the_worker_says_why_and_leads_to_the_form_as_it_was(portal: Portal) -> None:
    late = [["SIRET", "Commune"], *([str(number), "x" * 500] for number in range(3000)), ["1", "=1+1"]]
    with office(portal, "paul") as paul:
        page = paul.get(HERE)
        typed = {"titre": "Communes", "motif": "Fichier de l'INSEE", "cle": "siret"}
        page = paul.submit(page.form, files={"fichier": _workbook(*late)}, **typed)
        assert running.finish(portal, _asked(portal)[0].id).state is CorrectionState.cancelled
        page = paul.get(page.path)
        assert "Fichier refusé" in page
        assert "Abandonnée" not in page
        assert "La cellule B3002 contient une formule" in page
        assert "Fichier refusé" in paul.get("/admin/corrections")
        again = paul.click(page, "Choisir un autre fichier")
        kept = again.form.values()
        assert {name: kept[name] for name in typed} == {name: [value] for name, value in typed.items()}
        unknown = paul.get(f"{HERE}?depuis=inconnue", status=404)
        assert unknown.h1


def test_correction_without_lines_shows_no_table_and_no_file_of_them(portal: Portal) -> None:
    (key,) = add_providers(portal.database, ["Lyon"])
    for text, has_lines in ((f"id;Commune\r\n{key};Lyon\r\n", False), (f"id;Commune\r\n{key};Nice\r\n", True)):
        with office(portal, "anne") as anne:
            page = anne.get(HERE)
            page = anne.submit(page.form, files={"fichier": _file(text)}, motif="Essai", cle="id")
            running.finish(portal, _asked(portal)[-1].id)
            page = anne.get(page.path)
            assert ("Ligne par ligne" in page) is has_lines
            assert ("Toutes les lignes en CSV" in page.links) is has_lines


def test_page_says_what_its_reader_may_put_in_a_file(portal: Portal) -> None:
    empty = "vide pour une nouvelle ligne"
    with office(portal, "paul") as paul, office(portal, "anne") as anne:
        page = paul.get(HERE)
        assert empty not in page
        assert "14 caractères au plus sans compter les espaces, comme « 732 829 320 00074 »" in page
        assert empty in anne.get(HERE)


def test_file_too_large_is_cut_while_it_is_read(portal: Portal) -> None:
    # std: SEC-10
    assert filing.LIMITS.file_bytes == filing.MOST_BYTES
    # The route keeps its limits: they are made small where they are.
    object.__setattr__(filing.LIMITS, "file_bytes", 10)
    try:
        with office(portal, "paul") as paul:
            page = paul.get(HERE)
            page = paul.submit(page.form, files={"fichier": _file("SIRET;Commune\r\n")}, motif="Essai", status=422)
            assert "coupez-le" in page
    finally:
        object.__setattr__(filing.LIMITS, "file_bytes", filing.MOST_BYTES)
    assert _asked(portal) == []


def test_token_is_asked_though_the_guard_leaves_it_to_the_route(portal: Portal) -> None:
    # std: SEC-3
    with office(portal, "paul") as paul:
        paul.check = False
        good = {"cle": "siret", "mode": "update", "motif": "Essai"}
        sent = {"files": {"fichier": _file("SIRET;Commune\r\n")}}
        for token in ({}, {"csrf_token": "x"}):
            answer = paul.http.post(HERE, data=good | token, headers={"sec-fetch-site": "same-origin"}, **sent)
            assert answer.status_code == 403
        cross = {"sec-fetch-site": "cross-site"}
        data = good | {"csrf_token": token_of(paul)}
        assert paul.http.post(HERE, data=data, headers=cross, **sent).status_code == 403
    assert _asked(portal) == []


def test_rows_are_created_by_those_alone_who_may_create_one(portal: Portal) -> None:
    # std: SEC-1 SEC-19
    with office(portal, "paul") as paul, office(portal, "anne") as anne, office(portal, "luc") as luc:
        assert "Modifier et ajouter" not in paul.get(HERE)
        assert "Modifier et ajouter" in anne.get(HERE)
        luc.get(HERE, status=403)
        data = {"cle": "siret", "mode": "upsert", "motif": "Essai", "csrf_token": token_of(paul)}
        answer = paul.http.post(
            HERE,
            data=data,
            files={"fichier": _file("SIRET;Commune\r\n")},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert answer.status_code == 422
    assert _asked(portal) == []
