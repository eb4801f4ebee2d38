"""A file imported from a list, and the mails of a correction read before they leave, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from schema.tables import CorrectionRule, EnrolmentRequest, Provider
from seeds.demo.data import ADMINISTRATOR
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SLOW = 60_000
"""Milliseconds for what the worker does in its turn."""


def test_administrator_imports_rows_and_reads_the_mails_of_a_correction(
    portal: RunningPortal, tab: Tab, auditor: Auditor
) -> None:
    # std: UX-1 UX-2 UX-3
    page = tab()
    Desk(page, portal.address).sign_in(ADMINISTRATOR)
    page.goto(f"{portal.address}/admin/document_rule/list")
    auditor.look(page, "list with import")
    page.get_by_role("link", name="Importer un fichier").click()
    auditor.look(page, "import with references")
    page.goto(f"{portal.address}/admin/nouvelle-correction/street_type/fichier")
    empty = {"name": "vide.csv", "mimeType": "text/csv", "buffer": b""}
    page.get_by_label("Fichier", exact=True).set_input_files(empty)  # type: ignore[arg-type]
    page.get_by_label("Motif", exact=True).fill("Nouveau code du répertoire")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("main")).to_contain_text("Ce fichier est vide : la première ligne doit nommer les colonnes")
    auditor.look(page, "import refused")
    file = {
        "name": "voies.csv",
        "mimeType": "text/csv",
        "buffer": "Code;Libellé\r\nZZA;Essai\r\n;Sans code\r\n".encode(),
    }
    page.get_by_label("Fichier", exact=True).set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Ajouter les lignes nouvelles").check()
    page.get_by_label("Motif", exact=True).fill("Nouveau code du répertoire")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=SLOW)
    auditor.look(page, "import frozen")
    launched = page.get_by_role("button", name="Ajouter seulement l'autre ligne").bounding_box()
    given_up = page.get_by_role("button", name="Abandonner").bounding_box()
    assert launched is not None
    assert given_up is not None
    assert given_up["y"] > launched["y"] + launched["height"]

    codes: list[str] = []

    def ask(session: Any) -> None:
        session.add(CorrectionRule(name="Prévenir", table_name="provider", asks_approval=False, tells_vendors=True))
        told = select(Provider.post_code).join(EnrolmentRequest, col(EnrolmentRequest.provider_id) == Provider.id)
        codes.append(session.exec(told.limit(1)).one())

    portal.write(ask)
    page.goto(f"{portal.address}/admin/nouvelle-correction/provider?post_code={codes[0]}")
    page.get_by_label("Colonne à corriger").select_option(label="Commune")
    page.get_by_role("button", name="Ajouter ce changement").click()
    page.get_by_label("Nouvelle valeur (Commune)").fill("Saint-Denis")
    page.get_by_label("Motif", exact=True).fill("Commune nouvelle")
    page.get_by_role("button", name="Préparer l'aperçu").last.click()
    expect(page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("heading", name=re.compile("fournisseurs? ser(a|ont) prévenu"))).to_be_visible()
    expect(page.locator(".correction-paper")).to_contain_text("devient « Saint-Denis »")
    auditor.look(page, "correction with mails")
    assert not auditor.problems, "\n\n".join(auditor.problems)
