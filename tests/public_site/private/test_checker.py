"""« Vérifier une pièce »: the very checks of a deposit, on files that leave no trace."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from enrolment.files import antivirus
from enrolment.files.checks import inspect
from enrolment.files.refusals import FileRefused
from enrolment.portal import Portal
from enrolment.services import attempts, passwords, verification
from enrolment.services.attempts import Pace
from enrolment.services.verification import Given, Outcome
from public_site.private.addresses import CHECKER
from schema.base import table_of
from schema.history import Actor
from schema.tables import ALL, DocumentKind
from tests.enrolment.files import corpus
from tests.pages import Page, PageClient
from tests.public_site.private.vendors import signed_in

LEAVES_TRACES = {"attempt", "web_session", "history"}
"""What using the portal at all writes: a try that is counted, the session's last activity."""


@pytest.fixture(autouse=True)
def _quick_and_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords cost nothing, and a busy machine puts no file off."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(rounds=1, memory=8))
    monkeypatch.setattr(verification, "BUDGET_SECONDS", 600)


def verdicts(page: Page) -> list[str]:
    return [" ".join("".join(item.itertext()).split()) for item in page.all("li", class_="verdict")]


def check(client: PageClient, *files: tuple[str, bytes], kind: str = "", status: int = 200) -> Page:
    given = [(name, content, "application/octet-stream") for name, content in files]
    form = client.get(CHECKER).form
    return client.submit(form, button="Vérifier", files={"fichiers": given}, type_de_piece=kind, status=status)


def test_e3_vendor_validated_in_part_is_told_of_each_file(portal: Portal) -> None:
    # rule: E3, F1, F2
    client = signed_in(portal)
    protected, truncated = (corpus.hostile()[name][0] for name in ("pdf with a password", "pdf cut in half"))
    page = check(
        client,
        ("Kbis été.pdf", corpus.good_pdf(pages=3)),
        ("photo.pdf", corpus.good_jpeg()),
        ("secret.pdf", protected),
        ("coupé.pdf", truncated),
        ("notes.txt", b"bonjour"),
    )
    said = verdicts(page)
    assert "Kbis été.pdf Conforme PDF, 3 pages, " in said[0]
    assert "photo.pdf Conforme Image JPEG, 640 × 420 pixels, " in said[1]
    for words, name, content in zip(said[2:], ("a", "b", "c"), (protected, truncated, b"bonjour"), strict=True):
        with pytest.raises(FileRefused) as refused:
            inspect(content, name)
        assert "Non conforme" in words
        assert " ".join(refused.value.message.split()) in words, "F2's own reason, with what to do"


def _rows(portal: Portal) -> dict[str, int]:
    with portal.database.reading() as session:
        return {
            table_of(model).name: session.execute(sa.select(sa.func.count()).select_from(table_of(model))).scalar_one()
            for model in ALL
            if table_of(model).name not in LEAVES_TRACES
        }


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def test_f2_checked_files_leave_no_row_file_temporary_or_log(
    sqlite_portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # rule: F2
    # std: SEC-14
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    client = signed_in(sqlite_portal)
    before = _rows(sqlite_portal), {path for path in _files(tmp_path) if "sqlite" not in path.name}
    caplog.set_level(logging.DEBUG)
    marked = corpus.good_pdf("IBAN-DE-CLAIRE-LEFEVRE")
    check(client, ("Lefèvre Claire.pdf", marked + b"\n" * 200_000), ("autre.bin", b"IBAN-DE-CLAIRE" * 9_000))
    assert (_rows(sqlite_portal), {path for path in _files(tmp_path) if "sqlite" not in path.name}) == before
    assert "Lefèvre" not in caplog.text
    assert "IBAN-DE" not in caplog.text
    for path in _files(tmp_path):
        assert b"IBAN-DE-CLAIRE" not in path.read_bytes(), path


def test_f1_limit_is_that_of_the_kind_chosen(sqlite_portal: Portal) -> None:
    # rule: F1, R4
    pdf = corpus.good_pdf()
    with sqlite_portal.database.writing(Actor.system()) as session:
        session.exec(select(DocumentKind).where(DocumentKind.code == "kbis")).one().max_bytes = len(pdf) - 1
    client = signed_in(sqlite_portal)
    page = check(client, ("a.pdf", pdf), kind="kbis")
    assert "taille maximale" in verdicts(page)[0]
    assert "octets au plus" in page.html or "Ko au plus" in page.html, "said beside the kind"
    assert "Conforme" in verdicts(check(client, ("a.pdf", pdf)))[0]
    huge = verdicts(check(client, ("énorme.pdf", pdf + b"\n" * (17 << 20)), ("a.pdf", pdf)))
    assert "fait 17,1 Mo" in huge[0]
    assert "Conforme" in huge[1], "the other file is judged all the same"


def test_ux5_nothing_to_check_or_too_much_is_said(sqlite_portal: Portal) -> None:
    # std: UX-5, SEC-19
    client = signed_in(sqlite_portal)
    assert check(client, status=422).error_messages == ["Choisissez au moins un fichier à vérifier."]
    page = check(client, *[("a.pdf", corpus.good_pdf())] * 11, status=422)
    assert page.error_messages == ["Choisissez 10 fichiers au plus : vous en avez choisi 11."]
    token = page.form.values()["csrf_token"][0]
    client.post(CHECKER, {"csrf_token": token, "request_id": "1"}, status=422)
    client.post(CHECKER, {"csrf_token": token, "type_de_piece": "inconnu"}, status=422)


def test_sec6_checking_is_slowed_by_account_and_counts_files(
    sqlite_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # std: SEC-6
    monkeypatch.setattr(attempts, "OF_CHECK", Pace(free=3, first=60, longest=900))
    client = signed_in(sqlite_portal)
    pdf = ("a.pdf", corpus.good_pdf())
    assert len(verdicts(check(client, pdf, pdf, pdf))) == 3
    page = check(client, pdf, status=429)
    assert "Réessayez dans 1 minute." in page.error_messages[0]
    assert not verdicts(page)


def test_infected_file_is_said_and_a_silent_antivirus_does_not_lie(
    sqlite_portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # rule: F2
    # std: REL-6
    pdf = Given("a.pdf", corpus.good_pdf(), 1)
    for outcome, words in (
        (antivirus.Outcome.infected, "contenu dangereux"),
        (antivirus.Outcome.unavailable, "L'antivirus ne répond pas"),
    ):
        answer = antivirus.Verdict(outcome)
        monkeypatch.setattr(antivirus, "scan", lambda *_, answer=answer: answer)
        (verdict,) = verification.verify([pdf], 1 << 20, "somewhere")
        assert words in verdict.message
        assert (verdict.outcome is Outcome.wrong) == (outcome is antivirus.Outcome.infected)
    del sqlite_portal


def test_long_check_leaves_the_rest_for_another_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "BUDGET_SECONDS", -1)
    pdf = Given("a.pdf", corpus.good_pdf(), 1)
    first, second = verification.verify([pdf, pdf], 1 << 20, None)
    assert (first.outcome, second.outcome) == (Outcome.good, Outcome.put_off)
    assert "Choisissez de nouveau celui-ci" in second.message
