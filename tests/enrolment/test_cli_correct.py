"""`enrolment correct` through the console script: prepared, previewed, applied, undone, refused in one sentence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from enrolment.corrections import running
from schema.database import Database
from schema.enums import CorrectionState
from schema.tables import Correction, HistoryEntry, Provider
from tests.enrolment.conftest import Run
from tests.enrolment.corrections.records import STEWARD, add_providers, means, values

NEW = ("correct", "new", "provider", "--title", "Communes", "--reason", "Courriel de la préfecture")
DENIS = ("--where", "city__contient=denis", "--set", "city=Saint-Denis")


def _json(run: Run, *arguments: str | Path) -> Any:
    outcome = run(*arguments, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_correction_goes_from_new_to_undone_and_back(installed: Database, run: Run) -> None:
    keys = add_providers(installed, ["ST DENIS", "ST DENIS", "Saint-Denis", "Lyon"])
    before = values(installed, Provider, "city")
    made = _json(run, *NEW, *DENIS)
    assert made["state"] == "frozen"
    assert made["counts"] == {
        "read": 3, "planned": 2, "unchanged": 1, "set_aside": 0, "applied": 0, "conflicts": 0,
    }  # fmt: skip
    number = str(made["number"])
    said = run("correct", "preview", number)
    assert said.code == 0
    assert "2 × Commune : « ST DENIS » → « Saint-Denis »".replace(" ", "") in _squeezed(said.out)
    assert values(installed, Provider, "city") == before
    assert "Ajoutez « --yes »".lower() in run("correct", "apply", number).err.lower()
    applied = _json(run, "correct", "apply", made["id"], "--yes")
    assert (applied["state"], applied["counts"]["applied"]) == ("applied", 2)
    assert values(installed, Provider, "city") == {key: "Lyon" if key == keys[3] else "Saint-Denis" for key in keys}
    with installed.reading() as session:
        entries = session.exec(select(HistoryEntry).where(HistoryEntry.batch == made["id"])).all()
    assert {(entry.row_id, entry.reason) for entry in entries} == {
        (keys[0], "Courriel de la préfecture"),
        (keys[1], "Courriel de la préfecture"),
    }
    undoing = _json(run, "correct", "undo", number, "--yes", "--reason", "Erreur")
    assert (undoing["undoes"], undoing["counts"]["applied"]) == (made["id"], 2)
    assert values(installed, Provider, "city") == before
    assert _json(run, "correct", "show", number)["state"] == "undone"
    listed = _json(run, "correct", "list", "--state", "undone")
    assert [one["number"] for one in listed["corrections"]] == [made["number"]]
    in_list = run("correct", "list", "--table", "provider").out.splitlines()
    assert len(in_list) == 2
    assert all(re.search(r"\b\d\d/\d\d/20\d\d\b", line) for line in in_list)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def test_one_group_is_undone_alone(installed: Database, run: Run) -> None:
    keys = add_providers(installed, ["ST DENIS", "ST DENIS", "SAINT DENIS"])
    number = str(_json(run, *NEW, *DENIS)["number"])
    _json(run, "correct", "apply", number, "--yes")
    _json(run, "correct", "undo", number, "--group", "1", "--yes")
    assert values(installed, Provider, "city") == {keys[0]: "ST DENIS", keys[1]: "ST DENIS", keys[2]: "Saint-Denis"}


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        (["--replace", "trade_name=/ciel 1/ciel un/"], "Logiciel 1", "Logiciel un"),
        (["--replace", "trade_name=|ciel|/|"], "Logiciel 1", "Logi/ 1"),
        (["--capitals", "trade_name"], "Logiciel 1", "LOGICIEL 1"),
        (["--small-letters", "trade_name"], "Logiciel 1", "logiciel 1"),
        (["--initials", "trade_name"], "LOGICIEL D'ESSAI", "Logiciel D'Essai"),
        (["--normalise", "trade_name"], "Logiciel   1", "Logiciel 1"),
        (["--copy", "trade_name=legal_name"], "Logiciel 1", "Éditeur 1"),
        (["--map", "trade_name={map}"], "Logiciel 1", "Premier"),
        (["--set", "trade_name=a=b"], "Logiciel 1", "a=b"),
    ],
)
def test_each_option_changes_as_it_says(
    installed: Database, run: Run, tmp_path: Path, options: list[str], before: str, after: str
) -> None:
    (key,) = add_providers(installed, ["Lyon"])
    with installed.writing(STEWARD) as session:
        session.get_one(Provider, key).trade_name = before
    mapping = tmp_path / "pairs.csv"
    mapping.write_bytes("Logiciel 1;Premier\r\nÉté;Hiver\r\n".encode("cp1252"))
    made = _json(run, *NEW, "--where", "city=Lyon", *(option.replace("{map}", str(mapping)) for option in options))
    _json(run, "correct", "apply", str(made["number"]), "--yes")
    assert values(installed, Provider, "trade_name") == {key: after}


def test_clearing_empties_the_column_of_the_rows_that_a_search_finds(installed: Database, run: Run) -> None:
    keys = add_providers(installed, ["Lyon", "Lyon"])
    with installed.writing(STEWARD) as session:
        for key in keys:
            session.get_one(Provider, key).building = "Bâtiment A"
        session.get_one(Provider, keys[1]).legal_name = "Zéphyr"
    made = _json(run, *NEW, "--search", "zephyr", "--clear", "building")
    _json(run, "correct", "apply", str(made["number"]), "--yes")
    assert values(installed, Provider, "building") == {keys[0]: "Bâtiment A", keys[1]: None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*NEW[:3], "--title", "T", *DENIS], "motif"),
        ([*NEW], "au moins une colonne"),
        ([*NEW, "--set", "city"], "COLONNE=VALEUR"),
        ([*NEW, "--replace", "city=/a"], "COLONNE=/ANCIEN/NOUVEAU/"),
        ([*NEW, "--set", "post_code=abc"], "Code postal"),
        ([*NEW, "--set", "registry_name=X"], "ne se corrige pas"),
        ([*NEW, "--where", "nope=1", "--set", "city=Lyon"], "filtres"),
        ([*NEW, "--where", "tri=city", "--set", "city=Lyon"], "pas une colonne"),
        ([*NEW, "--map", "city=absent.csv"], "introuvable"),
        ([*NEW, "--from-check", "provider_named_otherwise"], "l'un des deux"),
        (["correct", "new", "--from-check", "siret_wrong"], "sans savoir les corriger"),
        (["correct", "new", "--from-check", "nope"], "n'existe pas"),
        (["correct", "preview", "99"], "enrolment correct list"),
        (["correct", "apply", "nope"], "enrolment correct list"),
    ],
)
def test_what_cannot_be_is_one_french_sentence_and_makes_nothing(
    installed: Database, run: Run, arguments: list[str], said: str
) -> None:
    outcome = run(*arguments)
    assert outcome.code == 1
    assert said in outcome.err
    assert outcome.err.startswith("Erreur : ")
    assert outcome.err.count("\n") == 1
    with installed.reading() as session:
        assert session.exec(select(Correction)).first() is None


def test_lines_set_aside_are_told_and_left_out_only_when_asked(installed: Database, run: Run) -> None:
    keys = add_providers(installed, ["Lyon", "Lyon"])
    with installed.writing(STEWARD) as session:
        session.get_one(Provider, keys[0]).trade_name = "69003"
    made = _json(run, *NEW, "--copy", "post_code=trade_name")
    number = str(made["number"])
    seen = _json(run, "correct", "preview", number)
    assert [line["row"] for line in seen["set_aside"]] == [keys[1]]
    assert seen["lines"][0]["changes"] == {"post_code": {"before": "93200", "after": "69003"}}
    assert seen["reasons"][0]["count"] == 1
    assert "Code postal" in seen["reasons"][0]["reason"]
    assert "1 ligne est écartée." in run("correct", "apply", number, "--yes").err
    _json(run, "correct", "apply", number, "--yes", "--others")
    assert values(installed, Provider, "post_code") == {keys[0]: "69003", keys[1]: "93200"}


def test_row_changed_since_is_left_and_the_command_does_not_succeed(installed: Database, run: Run) -> None:
    keys = add_providers(installed, ["ST DENIS", "ST DENIS"])
    number = str(_json(run, *NEW, *DENIS)["number"])
    with installed.writing(STEWARD) as session:
        session.get_one(Provider, keys[0]).city = "Stains"
    outcome = run("correct", "apply", number, "--yes", "--json")
    assert outcome.code == 1
    assert "1 ligne a changé depuis l'aperçu" in outcome.err
    assert json.loads(outcome.out)["counts"]["conflicts"] == 1
    assert values(installed, Provider, "city") == {keys[0]: "Stains", keys[1]: "Saint-Denis"}


def test_second_person_is_never_the_command_line(installed: Database, run: Run) -> None:
    (key,) = add_providers(installed, ["Lyon"])
    made = _json(run, *NEW, "--set", "siret=35600000049837")
    assert made["needs_approval"] is True
    outcome = run("correct", "apply", str(made["number"]), "--yes")
    assert outcome.code == 1
    assert "back-office" in outcome.err
    assert values(installed, Provider, "siret")[key] != "35600000049837"
    assert _json(run, "correct", "cancel", str(made["number"]))["state"] == "cancelled"


def test_work_left_to_the_worker_is_taken_up_where_it_is(installed: Database, run: Run) -> None:
    add_providers(installed, ["ST DENIS"] * 3)
    made = _json(run, *NEW, *DENIS, "--no-wait")
    assert made["state"] == "preparing"
    running.finish(means(installed), made["number"])
    assert _json(run, "correct", "apply", str(made["number"]), "--yes", "--no-wait")["state"] == "applying"
    # Asked again, the command carries the application to its end.
    assert _json(run, "correct", "apply", str(made["number"]))["state"] == "applied"
    with installed.reading() as session:
        assert session.exec(select(Correction.state).where(col(Correction.id) == made["number"])).one() is (
            CorrectionState.applied
        )
    assert set(values(installed, Provider, "city").values()) == {"Saint-Denis"}
