"""A financing request in a real browser: deposited, sent back by the ASP, deposited again, accepted (UX-3)."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from enrolment.financing.example import example
from seeds.demo.data import VALIDATED, VALIDATED_PASSWORD
from tests.browser import chromium
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal, text_of
from tests.stories import a_pdf

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
_count = itertools.count(1)


def financing_file() -> FilePayload:
    """A file of the demo's validated vendor, with references that no other test has used."""
    content: Any = example()
    today = date.today()  # noqa: DTZ011  The vendor's own day.
    content["entete"] |= {
        "date": str(today),
        "numero_ans": VALIDATED.ans_number,
        "siret_fournisseur": VALIDATED.siret,
        "periode_debut": str(today - timedelta(days=60)),
        "periode_fin": str(today - timedelta(days=1)),
    }
    for line in content["prestations"]:
        line |= {
            "reference": f"FAC-NAV-{next(_count)}",
            "date_commande": str(today - timedelta(days=40)),
            "date_realisation": str(today - timedelta(days=20)),
            "date_facture": str(today - timedelta(days=15)),
        }
    return {"name": "financement.json", "mimeType": "application/json", "buffer": json.dumps(content).encode()}


def proofs() -> FilePayload:
    """An archive of two documents."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in ("facture-0001.pdf", "bon-de-commande-0001.pdf"):
            archive.writestr(name, a_pdf())
    return {"name": "preuves.zip", "mimeType": "application/zip", "buffer": kept.getvalue()}


def deposit(page: Page) -> None:
    """Choose both files and send them."""
    page.get_by_label("Fichier de financement").set_input_files(financing_file())
    page.get_by_label("Archive des preuves").set_input_files(proofs())
    page.get_by_role("button", name="Déposer ma demande").click()


def decide(desk: Desk, number: str, decision: str, message: str) -> None:
    """Take a decision on a financing request."""
    desk.page.goto(f"{desk.address}/admin/financements")
    desk.page.get_by_role("link", name=number, exact=True).click()
    desk.look(desk.page, "financing request to instruct")
    desk.page.get_by_label(decision, exact=True).check()
    desk.page.get_by_label("Message au fournisseur").fill(message)
    desk.page.get_by_role("button", name="Décider et envoyer le mail").click()


@chromium.WITH_AND_WITHOUT_SCRIPTS
def test_financing_request_goes_back_and_forth_until_it_is_accepted(
    portal: RunningPortal, tab: Tab, auditor: Auditor, scripts: bool
) -> None:  # rule: E3 # std: UX-1 UX-3
    page = tab(scripts=scripts)
    page.goto(f"{portal.address}/connexion")
    page.get_by_label("Identifiant", exact=True).fill("clefevre")
    page.get_by_label("Mot de passe", exact=True).fill(VALIDATED_PASSWORD)
    page.get_by_role("button", name="Valider").click()
    page.goto(f"{portal.address}/espace/financements")
    page.get_by_role("link", name="Déposer une demande de financement").click()
    page.get_by_role("button", name="Déposer ma demande").click()
    expect(page.get_by_role("alert")).to_be_visible()
    deposit(page)
    expect(page.get_by_role("main")).to_contain_text("Votre demande de financement est enregistrée")
    number = page.get_by_role("heading", level=1).inner_text().rsplit(maxsplit=1)[-1]

    desk = Desk(tab(scripts=scripts), portal.address, auditor.look if scripts else lambda page, name: None)
    desk.sign_in()
    decide(desk, number, "Demander de modifier", "La facture FAC-0002 n'est pas dans l'archive.")
    mail = portal.mailbox.wait(VALIDATED.representative.email, number)
    assert mail is not None
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("La facture FAC-0002 n'est pas dans l'archive.")
    page.get_by_role("link", name="Déposer de nouveau mes fichiers").click()
    deposit(page)
    expect(page.get_by_role("main")).to_contain_text("Dépôt 2")
    decide(desk, number, "Accepter", "")
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Acceptée")
    told = [text_of(one) for one in portal.mailbox.to(VALIDATED.representative.email) if number in text_of(one)]
    assert any("accept" in text for text in told)
    assert not auditor.problems, "\n\n".join(auditor.problems)
