"""The format checker with scripts: one file after the other, and the same words as without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from seeds.demo import data
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.servers import RunningPortal
from tests.enrolment.files import corpus

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


def _file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_files_are_checked_one_by_one_and_the_result_takes_the_focus(
    portal: RunningPortal, tab: Tab, auditor: Auditor
) -> None:  # std: UX-1 UX-2 UX-6
    page = tab()
    page.goto(f"{portal.address}/connexion?suite=/espace/verification")
    page.get_by_label("Identifiant", exact=True).fill("nlambert")
    page.get_by_label("Mot de passe", exact=True).fill(data.EARLY_PASSWORD)
    page.get_by_role("button", name="Valider").click()
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez au moins un fichier")
    auditor.look(page, "checker in error")
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.method))
    files = [_file("kbis.pdf", corpus.good_pdf()), _file("cni.png", corpus.good_png()), _file("rib.txt", b"IBAN")]
    page.get_by_label("Fichiers à vérifier").set_input_files(files)
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(page.get_by_role("heading", name="Résultats")).to_be_focused()
    results = page.locator(".verdict")
    expect(results).to_contain_text(["kbis.pdf", "cni.png", "rib.txt"])
    expect(results.nth(2)).to_contain_text("Seuls les fichiers PDF, JPEG ou PNG sont acceptés")
    expect(page.get_by_text("Vérification terminée : 1 sur 3 à corriger.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert posted.count("POST") == len(files)
    auditor.look(page, "checker with results")
    assert not auditor.problems, "\n\n".join(auditor.problems)
