"""`enrolment import` beside its file: the reason, the second person, what is left behind, the key to add."""

import json
from pathlib import Path

import pytest
from sqlmodel import select

from schema.database import Database
from schema.enums import CorrectionState
from schema.tables import Correction, CorrectionRule, HistoryEntry, Provider
from tests.enrolment.conftest import Run
from tests.enrolment.corrections.records import STEWARD, add_providers, siret_of, values


@pytest.fixture
def cities(home: Path, installed: Database) -> Path:
    """A file that changes the city of one provider."""
    add_providers(installed, ["ST DENIS"])
    path = home / "communes.csv"
    path.write_text(f"SIRET;Commune\n{siret_of(1)};Saint-Denis\n")
    return path


def _kept(database: Database) -> list[Correction]:
    with database.reading() as session:
        return list(session.exec(select(Correction)))


def test_title_and_reason_are_those_that_were_typed(installed: Database, run: Run, cities: Path) -> None:
    words = ("--title", "Communes", "--reason", "Courriel de la préfecture")
    done = run("import", "provider", cities, "--key", "siret", "--yes", *words)
    assert done.code == 0, done.err
    assert "0 ligne est ajoutée, 1 mise à jour, 0 inchangée." in done.out
    (correction,) = _kept(installed)
    assert (correction.title, correction.reason) == ("Communes", "Courriel de la préfecture")
    with installed.reading() as session:
        entry = session.exec(select(HistoryEntry).where(HistoryEntry.batch == correction.public_id)).one()
    assert entry.reason == "Courriel de la préfecture"


@pytest.mark.parametrize(("typed", "state"), [("oui", CorrectionState.applied), ("non", CorrectionState.cancelled)])
def test_terminal_is_asked_before_anything_is_applied(
    installed: Database, run: Run, cities: Path, monkeypatch: pytest.MonkeyPatch, typed: str, state: CorrectionState
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: typed)
    outcome = run("import", "provider", cities, "--key", "siret")
    assert "1 mise à jour" in outcome.err
    assert [one.state for one in _kept(installed)] == [state]


def test_second_person_is_told_the_number_and_the_command_to_go_on(installed: Database, run: Run, cities: Path) -> None:
    with installed.writing(STEWARD) as session:
        session.add(CorrectionRule(name="Communes", table_name="provider", column_name="city"))
    outcome = run("import", "provider", cities, "--key", "siret", "--yes", "--json")
    assert outcome.code == 1
    number = json.loads(outcome.out)["number"]
    assert f"la correction n° {number}" in outcome.err
    assert f"« enrolment correct apply {number} »" in outcome.err
    assert [one.state for one in _kept(installed)] == [CorrectionState.frozen]
    assert "ST DENIS" in values(installed, Provider, "city").values()


def test_rehearsal_is_in_nobodys_list_and_is_still_found_by_its_number(
    installed: Database, run: Run, cities: Path
) -> None:
    rehearsed = run("import", "provider", cities, "--key", "siret", "--dry-run", "--json")
    number = str(json.loads(rehearsed.out)["number"])
    listed = run("correct", "list")
    assert (listed.out, listed.err) == ("", "Aucune correction.\n")
    assert json.loads(run("correct", "list", "--json").out)["corrections"] == []
    assert "1 ligne lue, 1 à appliquer, 0 déjà à jour, 0 écartée, 0 appliquée, 0 en conflit" in (
        run("correct", "show", number).out
    )


def test_key_that_the_file_has_is_proposed_when_the_usual_one_is_missing(
    installed: Database, run: Run, cities: Path
) -> None:
    outcome = run("import", "provider", cities, "--mode", "insert", "--yes")
    assert outcome.code == 1
    assert "« Identifiant technique » manque" in outcome.err
    assert "Ajoutez « --key siret »" in outcome.err
    assert _kept(installed) == []


def test_every_table_that_is_taken_is_named_after_a_wrong_name(installed: Database, run: Run) -> None:
    said = run("export", "nope").err
    assert "bank_account" in said
    assert "provider" in said
