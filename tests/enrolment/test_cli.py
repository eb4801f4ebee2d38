"""The command line: exit codes, one French sentence for an error, and what each command does."""

import json
import re
import sqlite3
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import select

from enrolment import checkup, cli_parts
from enrolment.doctor import report
from enrolment.files.checks import inspect
from enrolment.links import Links
from enrolment.registries.company import Found, Unavailable, Unknown
from enrolment.registries.lookup import ExtractRegistry
from enrolment.services import deposits, drafts, reference, sessions, staff_links
from enrolment.services import staff as staff_service
from enrolment.settings import Settings
from schema.base import utc_now
from schema.database import Database
from schema.enums import MailState, StaffRole, WebAudience
from schema.history import Actor
from schema.tables import (
    Attachment,
    Attempt,
    Draft,
    EnrolmentRequest,
    HistoryEntry,
    OutgoingMail,
    Referencing,
    RegistryEntry,
    StaffUser,
    WebSession,
)
from seeds.demo import papers
from seeds.load import load_reference
from tests.enrolment.conftest import Run

ACTOR = Actor.system("Essai")

COMMANDS = (
    "serve",
    "migrate",
    "seed",
    "worker",
    "staff",
    "import",
    "export",
    "check",
    "purge",
    "backup",
    "restore",
    "docs",
    "correct",
)


def test_help_is_french_everywhere_and_names_every_command(run: Run) -> None:
    pages = [run("--help"), *(run(name, "--help") for name in COMMANDS), run("staff", "add", "--help")]
    assert all(page.code == 0 for page in pages)
    assert all(re.search(rf"^  {name}\b", pages[0].out, re.MULTILINE) for name in COMMANDS)
    for page in pages:
        assert page.out.startswith("Utilisation :")
        assert not re.search(r"Usage|Commands|Show this message|required\]|default:", page.out)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nope"], 2),
        (["import"], 2),
        (["serve", "--port", "0"], 2),
        (["check", "--nope"], 2),
        (["check", "trop"], 2),
        (["import", "nope", "file.csv"], 1),
        (["import", "referencing", "absent.csv"], 1),
        (["export", "nope"], 1),
        (["staff", "disable", "personne@asp.example"], 1),
        (["staff", "add", "pas une adresse", "--first-name", "A", "--last-name", "B"], 1),
        (["restore", "absent.tar"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_error_is_one_french_sentence_and_a_code(home: Path, run: Run, arguments: list[str], code: int) -> None:
    outcome = run(*arguments)
    assert outcome.code == code
    assert outcome.err.startswith("Erreur : ")
    assert outcome.err.count("\n") == 1
    assert outcome.out == ""


def test_missing_or_weak_secret_is_refused_without_being_shown(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: SEC-13
    for weak in ("", "secret", "a" * 40, "short-but-unique"):
        monkeypatch.setenv("ENROLMENT_SECRET_KEY", weak)
        outcome = run("check")
        assert outcome.code == 1
        assert "ENROLMENT_SECRET_KEY" in outcome.err
        assert not weak or weak == "secret" or weak not in outcome.err


def test_database_that_is_absent_is_said_so(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENROLMENT_DATABASE_URL", "postgresql+psycopg://nobody:hidden@127.0.0.1:1/none")
    outcome = run("export", "dsr")
    assert outcome.code == 1
    assert "base de données" in outcome.err
    assert "hidden" not in outcome.err


def test_migrate_and_seed_make_an_installation_that_check_accepts(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENROLMENT_VAR", str(home / "fresh"))
    assert run("seed").code == 1
    assert run("serve").code == 1
    assert run("migrate").code == 0
    assert "« Vagues » est vide" in run("check").out
    assert run("seed").code == 0
    added = run("staff", "add", "a.b@asp.example", "--first-name", "A", "--last-name", "B", "--role", "administrator")
    assert added.code == 0
    outcome = run("check")
    assert outcome.code == 0, outcome.out + outcome.err
    assert "ERREUR" not in outcome.out
    assert f"{len(report.CHECKS) - len(checkup._SAID_ABOVE)} contrôles sans anomalie" in outcome.out


def test_staff_is_added_given_a_password_and_closed(home: Path, installed: Database, run: Run) -> None:
    added = run(
        "staff", "add", "ines@asp.example", "--first-name", "Inès", "--last-name", "Moreau", "--role", "manager"
    )
    link = added.out.splitlines()[-1]
    assert "Mot de passe :" not in added.out
    with installed.writing(Actor.system("Ligne de commande (essai)")) as session:
        links = Links(Settings().secret_key.get_secret_value())
        assert staff_links.choose(session, links, link.rpartition("/")[2], first := "le petit chat dort sur un banc")
        assert session.exec(select(OutgoingMail)).first() is None, "no mail server is set here"
    with installed.reading() as session:
        assert staff_service.authenticate(session, "ines@asp.example", first) is not None
    second = run("staff", "password", "ines@asp.example").out.split("Mot de passe : ")[1].strip()
    with installed.reading() as session:
        assert staff_service.authenticate(session, "ines@asp.example", first) is None
        assert staff_service.authenticate(session, "ines@asp.example", second) is not None
        labels = {entry.actor_label for entry in session.exec(select(HistoryEntry)) if entry.table_name == "staff_user"}
    assert all(label.startswith("Ligne de commande (") for label in labels)
    assert run("staff", "disable", "ines@asp.example").code == 0
    with installed.reading() as session:
        assert staff_service.authenticate(session, "ines@asp.example", second) is None
        assert not session.exec(select(StaffUser)).one().active
    assert run("staff", "enable", "ines@asp.example").code == 0
    with installed.reading() as session:
        assert staff_service.authenticate(session, "ines@asp.example", second) is not None


def test_second_factor_is_taken_away_and_its_sessions_with_it(home: Path, installed: Database, run: Run) -> None:
    # std: SEC-4, SEC-5
    with installed.writing(Actor.system()) as session:
        user = staff_service.add(
            session, Actor.system(), email="a@asp.example", first_name="A", last_name="B", role=StaffRole.reader
        )
        user.totp_secret, user.totp_confirmed_at = "1.sealed", utc_now()
        session.add(user)
        session.flush()
        sessions.open(session, WebAudience.staff, user.id, None)
    assert run("staff", "reset-second-factor", "nobody@asp.example").code == 1
    assert run("staff", "reset-second-factor", "a@asp.example").code == 0
    with installed.reading() as session:
        row = session.exec(select(StaffUser)).one()
        assert (row.totp_secret, row.totp_confirmed_at) == (None, None)
        assert session.exec(select(WebSession)).first() is None


def test_import_and_export_go_round(home: Path, installed: Database, run: Run) -> None:
    sample = Path("seeds/demo/liste-ans-exemple.csv")
    assert "7 lignes seraient ajoutées" in run("import", "referencing", sample, "--dry-run").out
    done = run("import", "referencing", sample, "--key", "ans_number")
    assert "7 lignes sont ajoutées, 0 mise à jour, 0 inchangée." in done.out
    for name in ("out.csv", "out.xlsx"):
        assert run("export", "referencing", "-o", home / name).code == 0
        again = run("import", "referencing", home / name, "--yes")
        assert "7 inchangées" in again.out
        assert "Colonnes ignorées : « Identifiant technique »" in again.err
    assert openpyxl.load_workbook(home / "out.xlsx").worksheets[0].freeze_panes == "A2"
    wrong = home / "wrong.csv"
    wrong.write_text("ans_number;dsr_id\nANS-V2-HOP-00412;NON\n")
    outcome = run("import", "referencing", wrong, "--yes")
    assert outcome.code == 1
    assert "Ligne 2, colonne « dsr_id » :" in outcome.err
    assert "Rien n'a été écrit : 1 erreur. " in outcome.err
    with installed.reading() as session:
        reasons = {
            entry.reason for entry in session.exec(select(HistoryEntry).where(HistoryEntry.table_name == "referencing"))
        }
    assert reasons == {"Import de liste-ans-exemple.csv"}


def test_import_says_the_wrong_lines_and_applies_the_others_when_asked(
    home: Path, installed: Database, run: Run
) -> None:
    assert run("import", "referencing", Path("seeds/demo/liste-ans-exemple.csv"), "--yes").code == 0
    mixed = home / "mixed.csv"
    mixed.write_text("ans_number;software_version;status\nANS-V2-HOP-00412;9.9;\nANS-V2-IMG-00320;9.9;parti\n")
    rehearsed = run("import", "referencing", mixed, "--dry-run")
    assert (rehearsed.code, "Ligne 3, colonne « status » :" in rehearsed.err) == (1, True)
    told = run("import", "referencing", mixed, "--yes", "--json")
    answer = json.loads(told.out)
    assert told.code == 1
    assert (answer["state"], answer["applied"], answer["set_aside"]) == ("cancelled", 0, 1)
    assert [(error["line"], error["outcome"]) for error in answer["errors"]] == [(3, "invalid")]
    done = run("import", "referencing", mixed, "--others", "--yes", "--mode", "update", "--json")
    answer = json.loads(done.out)
    assert (done.code, answer["state"], answer["updated"], answer["applied"]) == (0, "applied", 1, 1)
    with installed.reading() as session:
        entry = session.exec(select(HistoryEntry).where(HistoryEntry.batch == answer["id"])).one()
    assert entry.changes["software_version"][1] == "9.9"
    absent = home / "absent.csv"
    absent.write_text("ans_number;software_version\nABSENT;1\n")
    assert "n'a cette clé" in run("import", "referencing", absent, "--yes", "--mode", "update").err
    assert "le portail la tient seul" in run("import", "history", absent, "--yes").err
    absent.write_text("couleur\nrouge\n")
    assert "n'existe pas" in run("import", "referencing", absent, "--yes").err


def draft_with_a_file(database: Database, settings: Settings, expires_at: datetime) -> int:
    with database.writing(ACTOR) as session:
        draft = drafts.start(session)
        draft.expires_at = expires_at
        kind = next(kind for kind in reference.document_kinds(session) if kind.code == "rib")
        content = papers.bank_details("Essai", "Banque", "FR76", "AGRIFRPP")
        inspect(content, "rib.png")
        drafts.attach(session, draft, deposits.deposit(cli_parts.storage_of(settings), kind, "rib.png", content, None))
        session.add(draft)
        session.flush()
        return draft.id


def test_purge_counts_first_and_removes_expired_drafts_with_their_files(
    home: Path, installed: Database, run: Run
) -> None:
    # std: SEC-14
    settings = Settings()
    now = datetime.now(UTC)
    draft_with_a_file(installed, settings, now - timedelta(days=1))
    kept = draft_with_a_file(installed, settings, now + timedelta(days=1))
    with installed.writing(ACTOR) as session:
        session.add(Attempt(key="old", at=now - timedelta(days=400)))
        session.add(Attempt(key="new", at=now))
    storage = cli_parts.storage_of(settings)
    assert "À effacer :\n  brouillons : 1\n  fichiers : 1\n" in run("purge").out
    assert len(list(storage.list_keys())) == 2
    assert "tentatives de connexion : 1\n" in run("purge", "--yes").out
    with installed.reading() as session:
        assert [row.id for row in session.exec(select(Draft))] == [kept]
        assert [row.key for row in session.exec(select(Attempt))] == ["new"]
        assert [row.storage_key for row in session.exec(select(Attachment))] == list(storage.list_keys())
    assert "brouillons : 0\n" in run("purge").out


def test_backup_taken_while_running_restores_rows_and_files(home: Path, installed: Database, run: Run) -> None:
    # std: REL-10
    settings = Settings()
    draft_with_a_file(installed, settings, datetime.now(UTC) + timedelta(days=1))
    archive = home / "copy.tar"
    with installed.writing(ACTOR):
        # Somebody is writing: the copy neither waits nor holds what is not committed.
        assert run("backup", archive).code == 0
    assert archive.stat().st_mode & 0o077 == 0
    assert run("backup", archive).code == 1
    with installed.writing(ACTOR) as session:
        for row in session.exec(select(Attachment)).all():
            session.delete(row)
        session.flush()
        for draft in session.exec(select(Draft)).all():
            session.delete(draft)
    for key in list(cli_parts.storage_of(settings).list_keys()):
        cli_parts.storage_of(settings).delete(key)
    installed.dispose()
    assert run("restore", archive).code == 1
    assert run("restore", archive, "--force").code == 0
    with Database(settings.database_url).reading() as session:
        (row,) = session.exec(select(Attachment)).all()
    assert list(cli_parts.storage_of(settings).list_keys()) == [row.storage_key]


def test_damaged_backup_replaces_nothing(home: Path, run: Run) -> None:
    archive = home / "copy.tar"
    run("backup", archive)
    damaged = home / "damaged.tar"
    with tarfile.open(archive) as source, tarfile.open(damaged, "w") as target:
        for member in source.getmembers():
            if member.name == "database.sqlite3":
                (home / "other").write_bytes(b"not the database")
                target.add(home / "other", arcname=member.name)
            else:
                target.addfile(member, source.extractfile(member))
    before = (home / "var" / "enrolment.sqlite3").read_bytes()
    outcome = run("restore", damaged, "--force")
    assert outcome.code == 1
    assert "abîmée" in outcome.err
    assert (home / "var" / "enrolment.sqlite3").read_bytes() == before
    assert sqlite3.connect(home / "var" / "enrolment.sqlite3").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_check_sees_a_tampered_history_and_a_storage_that_is_gone(home: Path, installed: Database, run: Run) -> None:
    # std: SEC-17
    from enrolment.sealing import seal  # noqa: PLC0415  For this test alone.

    with installed.writing(ACTOR) as session:
        seal(session)
    with sqlite3.connect(home / "var" / "enrolment.sqlite3") as connection:
        connection.execute("UPDATE history SET actor_label = 'Personne' WHERE id = 5")
    outcome = run("check")
    assert outcome.code == 1
    assert "ERREUR  Historique" in outcome.out


def test_program_started_as_a_process_ends_with_the_right_code(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "enrolment.cli", "export", "corridor"], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"\xef\xbb\xbfIdentifiant technique;Code;Nom")
    assert done.stdout.count(b"\r\n") == 10


def test_extract_answers_found_unknown_and_says_when_it_is_empty(sqlite_database: Database) -> None:
    # rule: D6
    registry = ExtractRegistry(sqlite_database)
    assert isinstance(registry.find("99990137400010"), Unavailable)
    with sqlite_database.writing(ACTOR) as session:
        load_reference(session)
        for siret, diffusible in (("99990137400010", True), ("99992055600019", False)):
            session.add(
                RegistryEntry(siret=siret, siren=siret[:9], legal_name="Alizé", city="Lyon", is_diffusible=diffusible)
            )
    public = registry.find("999 901 374 00010")
    assert isinstance(public, Found)
    assert (public.company.legal_name, public.company.city) == ("Alizé", "Lyon")
    hidden = registry.find("99992055600019")
    assert isinstance(hidden, Found)
    assert (hidden.company.legal_name, hidden.company.city, hidden.company.is_diffusible) == (None, None, False)
    assert isinstance(registry.find("99992603300013"), Unknown)
    assert isinstance(registry.find("00000000000000"), Unknown)
    with sqlite_database.reading() as session:
        assert session.exec(select(Referencing)).first() is None


def test_check_tells_what_the_doctor_of_the_data_finds(home: Path, installed: Database, run: Run) -> None:
    with installed.writing(ACTOR) as session:
        session.add(
            OutgoingMail(
                event_key="parked", template="validation", recipient="a@alize-sante.fr", subject="Objet",
                text_body="Texte", html_body="Texte", state=MailState.parked,
            )
        )  # fmt: skip
    outcome = run("check")
    assert outcome.code == 1
    assert "À VÉRIFIER  Courriels en échec définitif : 1" in outcome.out
    assert "2 points à corriger." in outcome.err
    answer = run("check", "--json")
    assert answer.code == 1
    points = json.loads(answer.out)
    found = {point["point"]: point["is_right"] for point in points}
    # The page of the same checks says the same of each.
    said = {point["point"]: point["severity"] for point in points if point["severity"]}
    assert said == {one.said: one.severity.value for one in report.CHECKS if one.said in said}
    assert found["Courriels en échec définitif"] is False
    assert found["Migrations"] is True


def test_demonstration_grows_from_the_command_line(home: Path, installed: Database, run: Run) -> None:
    alone = run("seed", "--requests", "10")
    assert alone.code == 1
    assert "« --demo »" in alone.err
    grown = run("seed", "--demo", "--requests", "100")
    assert grown.code == 0, grown.err
    with installed.reading() as session:
        assert len(session.exec(select(EnrolmentRequest.id)).all()) == 100
