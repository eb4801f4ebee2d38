"""The dashboard in the back office: charts that anybody can read, strict filters, files, and who sees it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from enrolment import clock
from enrolment.figures.charts import Chart
from enrolment.portal import Portal, open_portal
from schema.database import Database
from schema.enums import Verb
from schema.history import Actor
from schema.tables import Wave
from tests.admin_app.instruction import PEOPLE, hire, office
from tests.conftest import settings_for
from tests.elements import squeeze
from tests.stories import decide, enrol


@pytest.fixture
def portal(sqlite_database: Database, tmp_path: Path) -> Portal:
    """A portal with a deposit, a refusal and their mails."""
    made = open_portal(settings_for(tmp_path, sqlite_database), sqlite_database)
    hire(made)
    enrol(made)
    decide(made, enrol(made, siret="35600000049837").id, Verb.reject, "=SOMME(1;2)")
    return made


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_everybody_reads_every_chart_with_its_table(portal: Portal, name: str) -> None:
    with office(portal, name) as client:
        page = client.get("/admin/tableau-de-bord")
        assert "Chiffres de" in page.html
        drawings = [item for item in page.elements if item.tag.endswith("}svg") and item.get("role") == "img"]
        assert len(drawings) >= 5
        for drawing in drawings:
            named = drawing.attrib["aria-labelledby"].split()
            words = {item.get("id"): "".join(item.itertext()).strip() for item in drawing.iter()}
            assert all(words.get(one) for one in named)
        assert "style=" not in page.html
        tables = {squeeze(item.attrib["aria-label"]) for item in page.all("div", class_="table-frame")}
        assert f"Tableau : {Chart.status.title}" in tables
        files = [item.attrib["href"] for item in page.all("a") if "/csv/" in item.get("href", "")]
        assert len(files) == len(Chart)


def test_file_of_a_chart_says_what_its_table_says(portal: Portal) -> None:
    with office(portal, "luc") as client:
        client.get("/admin/tableau-de-bord")
        for chart in Chart:
            answer = client.http.get(f"/admin/tableau-de-bord/csv/{chart.code}")
            assert answer.status_code == 200
            assert answer.content.startswith(b"\xef\xbb\xbf")
        answer = client.http.get("/admin/tableau-de-bord/csv/statuts")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert rows[0] == ["Statut", "Demandes"]
        assert ["En cours", "1"] in rows
        assert ["Rejetée", "1"] in rows
        client.get("/admin/tableau-de-bord/csv/rien", status=404)


def test_formula_in_a_category_is_no_formula_in_the_file(portal: Portal) -> None:
    # std: SEC-11
    from schema.tabular import plain_csv  # noqa: PLC0415  For this test alone.

    assert b"\r\n'=1+1;2\r\n" in plain_csv(("Motif", "Refus"), [("=1+1", "2")])
    assert portal.settings.demo


@pytest.mark.parametrize(
    "query",
    [
        "vague=V9", "dsr=RIEN", "du=hier", "au=31/02/2026", "du=2026-05-01&au=2026-04-01", "autre=1",
        "du=2026-01-01&du=2026-02-01", "dsr=%00",
    ],
)  # fmt: skip
def test_filter_that_cannot_be_understood_shows_no_number(portal: Portal, query: str) -> None:
    with office(portal, "luc") as client:
        page = client.get(f"/admin/tableau-de-bord?{query}", status=400)
        assert page.error_messages
        assert not page.all("section", class_="dash-card")
        client.get(f"/admin/tableau-de-bord/csv/statuts?{query}", status=400)


def test_filters_keep_what_they_say(portal: Portal) -> None:
    with portal.database.writing(Actor.system()) as session:
        wave = Wave(code="V3", name="Vague 3", opens_at=clock.now())
        session.add(wave)
    with office(portal, "luc") as client:
        page = client.get("/admin/tableau-de-bord")
        form = next(form for form in page.forms if form.action == "/admin/tableau-de-bord")
        page = client.submit(form, vague="V3", du="2026-01-07", au="")
        assert "depuis le lundi 05/01/2026" in page
        assert "Un brouillon n'a pas encore de DSR" in page
        rows = client.http.get("/admin/tableau-de-bord/csv/statuts?vague=V3").text
        assert "En cours;0" in rows
        rows = client.http.get("/admin/tableau-de-bord/csv/statuts?au=2020-01-01").text
        assert "En cours;0" in rows
        rows = client.http.get("/admin/tableau-de-bord/csv/statuts?vague=V2").text
        assert "En cours;1" in rows


def test_home_says_what_waits_and_leads_to_the_dashboard(portal: Portal) -> None:
    for name in ("paul", "anne", "luc"):
        with office(portal, name) as client:
            page = client.get("/admin/")
            assert "Dossiers à traiter par l'ASP 1" in page
            assert page.links["Ouvrir le tableau de bord"] == "/admin/tableau-de-bord"
            assert ("Anomalies dans les données" in page) == (name != "luc")
