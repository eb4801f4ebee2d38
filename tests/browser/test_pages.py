"""Every page that people meet, under an auditor's eye: empty, filled and in error (UX-1, UX-3)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from schema.base import table_of
from schema.tables import ALL
from seeds.demo import data
from tests.browser.conftest import Tab
from tests.browser.looking import Auditor
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal, link_in
from tests.browser.vendor import EMPLOYEE, Visit, new_siret, usual

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
PUBLIC_PAGES = (
    "/documents",
    "/financement",
    "/assistance",
    "/accessibilite",
    "/donnees-personnelles",
    "/cgu",
    "/suivi",
    "/enrolement/reprise",
    "/connexion",
    "/connexion/identifiant-oublie",
    "/connexion/mot-de-passe-oublie",
    "/suivi/un-lien-coupe",
    "/mot-de-passe/un-lien-coupe",
    "/une-page-qui-n-existe-pas",
)
_EVERY_RUN = {"staff_user"}
OFFICE_TABLES = [
    pytest.param(name, marks=[] if name in _EVERY_RUN else pytest.mark.slow)
    for name in (table_of(model).name for model in ALL)
]
"""One template draws them all, and the walk opens some: one more in each run, all in the long one."""


def test_form_and_status_page_have_nothing_to_reproach(
    portal: RunningPortal, tab: Tab, auditor: Auditor
) -> None:  # std: UX-1 UX-3
    siret = new_siret()
    portal.register(siret, "CLAIR DE LUNE")
    told = usual(
        ans_number=portal.new_software(dsr="DSR-HOP-DPI-VA2"),
        siret=siret,
        in_registry=True,
        hosts_health_data=False,
        is_distributor=True,
        quality=EMPLOYEE,
        vat_liable=False,
    )
    visit = Visit(tab(), portal.address, told, look=auditor.look)
    page = visit.page
    page.goto(f"{portal.address}/enrolement")
    visit.press("Rechercher")
    auditor.look(page, "start in error")
    visit.begin()
    visit.next()
    auditor.look(page, "referencing in error")
    visit.referencing()
    visit.press("Rechercher")
    auditor.look(page, "siret in error")
    visit.search_company()
    visit.next()
    auditor.look(page, "applicant in error")
    page.get_by_text("Rechercher un autre SIRET").click()
    visit.applicant_answers()
    visit.next()
    auditor.look(page, "bank in error")
    visit.press("Enregistrer et continuer plus tard")
    auditor.look(page, "later")
    page.get_by_role("link", name="Revenir à ma demande").first.click()
    visit.bank()
    visit.next()
    auditor.look(page, "vat in error")
    visit.vat()
    visit.press("Terminer")
    auditor.look(page, "summary in error")
    number = visit.summary()
    page.goto(link_in(portal.mailbox.wait(told.depositary.email, number), "/suivi/"))
    auditor.look(page, "status")
    page.get_by_role("link", name="Voir les données transmises").click()
    auditor.look(page, "sent data")
    assert not auditor.problems, "\n\n".join(auditor.problems)


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_public_page_has_nothing_to_reproach(
    portal: RunningPortal, tab: Tab, auditor: Auditor, path: str
) -> None:  # std: UX-1 UX-3
    page = tab()
    page.goto(portal.address + path)
    auditor.look(page, f"page {path}")
    forms = page.locator("main form")
    if forms.count() == 1:
        forms.get_by_role("button").locator("visible=true").last.click()
        auditor.look(page, f"page {path} in error")
    assert not auditor.problems, "\n\n".join(auditor.problems)


@pytest.mark.parametrize(
    ("login", "password"), [("nlambert", data.EARLY_PASSWORD), ("clefevre", data.VALIDATED_PASSWORD)]
)
def test_private_portal_has_nothing_to_reproach(
    portal: RunningPortal, tab: Tab, auditor: Auditor, login: str, password: str
) -> None:  # std: UX-1 UX-3
    page = tab()
    page.goto(f"{portal.address}/connexion")
    page.get_by_label("Identifiant", exact=True).fill(login)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    auditor.look(page, f"space of {login}")
    # Every page that a link leads to, from page to page; each kind of page once.
    waiting, seen = _private_paths(page), set[str]()
    while waiting:
        path = waiting.pop(0)
        if (kind := _OBJECT.sub("/…", path)) in seen:
            continue
        seen.add(kind)
        page.goto(portal.address + path)
        for line in page.locator("main details > summary").all():
            line.click()
        auditor.look(page, f"space of {login} {path}")
        waiting += _private_paths(page)
    assert len(seen) >= 12, seen
    assert not auditor.problems, "\n\n".join(auditor.problems)


_OBJECT = re.compile(r"/[\w-]{22}(?=/|$)")


def _private_paths(page: Page) -> list[str]:
    """The private pages that a page leads to, files aside."""
    paths = page.evaluate("[...document.querySelectorAll('.menu a, main a')].map((a) => a.pathname)")
    return [path for path in paths if path.startswith("/espace/") and not re.search(r"/pieces/|/fichiers/|\.pdf", path)]


_DECISIONS = ("Valider", "Demander des pièces", "Refuser")


def _open_one_to_examine(page: Page, portal: RunningPortal) -> None:
    """The first file that others left with a piece to examine and these decisions to take."""
    page.goto(f"{portal.address}/admin/file?onglet=a-prendre")
    for address in page.locator("a.queue-number").evaluate_all("links => links.map((link) => link.href)"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Dossier")
        offered = [page.locator("summary", has_text=title).count() for title in ("À refaire…", *_DECISIONS)]
        if all(offered):
            return
    pytest.fail("no file of the demo is left to examine")


def test_file_of_a_request_has_nothing_to_reproach(
    portal: RunningPortal, tab: Tab, auditor: Auditor
) -> None:  # std: UX-1 UX-3
    desk = Desk(tab(), portal.address, auditor.look)
    page = desk.page
    desk.sign_in(data.MANAGER)
    auditor.look(page, "office home")
    page.get_by_role("link", name="File d'attente").first.click()
    for link in page.get_by_role("navigation", name="Vues de la file d'attente").get_by_role("link").all():
        link.click()
        auditor.look(page, f"queue {link.inner_text()}")
    _open_one_to_examine(page, portal)
    auditor.look(page, "file")
    page.get_by_text("À refaire…").click()
    auditor.look(page, "file, piece to redo")
    for title in _DECISIONS:
        desk.choose(title)
        auditor.look(page, f"file, {title}")
    page.get_by_label("Motif du refus").fill("Le mandat n'est pas signé.")
    desk.prepare()
    assert not auditor.problems, "\n\n".join(auditor.problems)


@pytest.mark.parametrize("table", OFFICE_TABLES)
def test_table_of_the_back_office_has_nothing_to_reproach(
    portal: RunningPortal, tab: Tab, auditor: Auditor, table: str
) -> None:  # std: UX-1 UX-3
    desk = Desk(tab(), portal.address)
    page = desk.page
    desk.sign_in(data.ADMINISTRATOR)
    page.goto(f"{portal.address}/admin/{table}/list")
    auditor.look(page, f"list of {table}")
    page.goto(f"{portal.address}/admin/{table}/list?recherche=zzzz")
    auditor.look(page, f"empty list of {table}")
    page.goto(f"{portal.address}/admin/{table}/list?inconnu=1")
    auditor.look(page, f"list of {table} under a wrong filter")
    page.goto(f"{portal.address}/admin/{table}/list")
    rows = page.locator(f"tbody a[href*='/{table}/details/']")
    if rows.count():
        rows.first.click()
        auditor.look(page, f"row of {table}")
    edit = page.locator(f"a[href*='/{table}/edit/']")
    if edit.count():
        edit.first.click()
        auditor.look(page, f"form of {table}")
    assert not auditor.problems, "\n\n".join(auditor.problems)
