"""A first day in the back office for each role, as the guides of `docs/guide` tell it, with the pictures they show.

The same scenes serve the tests, which throw the pictures away, and `make docs-images`, which keeps them: a guide that
no longer tells the truth fails. What must not go in: how a picture is saved (`shots`), checks that no guide speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from enrolment.clock import today
from seeds.demo.data import ADMINISTRATOR, MANAGER, READER, STEWARD, StaffMember
from tests.browser.manager import Desk
from tests.browser.servers import RunningPortal, plain, text_of

FOLDER = Path("docs/guide/images")
Save = Callable[[Page, str], None]
WORKED = 60_000
"""Milliseconds that the worker may take to come to a correction and do it."""


@dataclass
class Seat:
    """Somebody of the ASP in front of the back office, and what becomes of a picture."""

    portal: RunningPortal
    page: Page
    save: Save

    def sign_in(self, member: StaffMember) -> Desk:
        """Come in as this person."""
        desk = Desk(self.page, self.portal.address)
        desk.sign_in(member)
        expect(self.page.get_by_role("navigation", name="Menu du back-office")).to_be_visible()
        return desk

    def menu(self, label: str) -> None:
        """Open a page by its line of the menu."""
        menu = self.page.get_by_role("navigation", name="Menu du back-office")
        toggle = menu.locator("summary", has_text=re.compile("^Menu$"))
        # The page of a file keeps its width for the pieces and folds the menu.
        if toggle.is_visible():
            toggle.click()
        menu.get_by_role("link", name=label, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(label)

    def press(self, label: str) -> None:
        """A button, and the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("button", name=label, exact=True).click()

    def follow(self, label: str) -> None:
        """A link of the page itself."""
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("link", name=label, exact=True).first.click()

    def open_row(self, words: str) -> None:
        """The record of the first row with these words."""
        with self.page.expect_navigation():
            self.page.get_by_role("row").filter(has_text=words).first.get_by_role("link", name="Ouvrir").click()

    def picture(self, name: str, at: Locator | None = None) -> None:
        """The page from its top, or from this place."""
        if at is None:
            self.page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
        else:
            at.evaluate("(one) => one.scrollIntoView({behavior: 'instant', block: 'start'})")
        self.save(self.page, name)


def manager(seat: Seat) -> None:
    """Inès takes the oldest request, asks for one piece again, thinks better of her words, then acts on two at once."""
    desk, page = seat.sign_in(MANAGER), seat.page
    seat.menu("File d'attente")
    seat.picture("file-attente")
    seat.press("Prendre le plus ancien")
    expect(page.get_by_role("button", name="Rendre à la file")).to_be_visible()
    _examine(seat)
    _note(seat)
    address, subject = _decide(seat, desk)
    _find_mail(seat, address, subject)
    _assign_two(seat)


def _examine(seat: Seat) -> None:
    """The first piece is in order, the second is to be sent again."""
    pieces = seat.page.get_by_role("navigation", name="Pièces du dossier").get_by_role("link")
    waiting = pieces.filter(has_text="À examiner")
    with seat.page.expect_navigation():
        waiting.first.click()
    seat.press("Conforme")
    expect(pieces.filter(has_text="Conforme")).to_have_count(1)
    with seat.page.expect_navigation():
        waiting.first.click()
    seat.page.locator("summary", has_text="À refaire…").click()
    seat.page.get_by_label("Ce qui est à refaire").fill("Le document est coupé : la dernière page manque.")
    seat.picture("examiner-piece", seat.page.get_by_role("heading", name="Pièces", exact=True))
    seat.press("Enregistrer « à refaire »")
    expect(pieces.filter(has_text="À refaire")).to_have_count(1)


def _note(seat: Seat) -> None:
    seat.page.get_by_label("Ajouter une note").fill("Appelé ce matin : le document complet arrive cette semaine.")
    seat.press("Enregistrer la note")
    expect(seat.page.get_by_role("region", name="Notes internes")).to_contain_text("Appelé ce matin")


def _decide(seat: Seat, desk: Desk) -> tuple[str, str]:
    """Sent, called back, said better, sent for good; to whom, and with which subject."""
    page = seat.page
    _open_choice(page, "Demander des pièces")
    desk.prepare()
    body = page.get_by_label("Texte du mail")
    expect(body).to_have_value(re.compile("la dernière page manque"))
    seat.picture("preparer-mail")
    subject = page.get_by_label("Objet").input_value()
    found = re.search(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", page.get_by_label("Ce que fait cette décision").inner_text())
    assert found
    desk.send("Bien à vous, Inès.", now=False)
    seat.picture("annuler-envoi")
    seat.press("Annuler l'envoi")
    _open_choice(page, "Demander des pièces")
    desk.prepare()
    assert "Bien à vous, Inès." in body.input_value(), "what was typed is lost by the recall"
    body.fill(body.input_value().replace("Bien à vous, Inès.", "Je reste à votre disposition, Inès Moreau."))
    desk.send()
    expect(page.get_by_role("main")).to_contain_text("En attente de pièce(s) jointe(s) complémentaire(s)")
    said = text_of(seat.portal.mailbox.wait(found.group(), plain(subject)))
    assert "Je reste à votre disposition, Inès Moreau." in said
    assert "Bien à vous, Inès." not in said
    return found.group(), subject


def _open_choice(page: Page, title: str) -> None:
    """The decision of this title, which may be open already: the review opens the one that it calls for."""
    choice = page.locator("details").filter(has=page.locator("summary", has_text=title)).first
    if not choice.evaluate("(one) => one.open"):
        choice.locator("summary").first.click()


def _find_mail(seat: Seat, address: str, subject: str) -> None:
    """The mail as it left, in the mail log."""
    seat.menu("Courriels")
    seat.open_row(address)
    seat.follow("Ouvrir le courriel")
    expect(seat.page.get_by_role("main")).to_contain_text(plain(subject)[:20])
    seat.picture("courriel")


def _assign_two(seat: Seat) -> None:
    """Two ticked requests to one manager: previewed, confirmed, done."""
    page = seat.page
    seat.menu("File d'attente")
    ticks = page.get_by_role("checkbox", name=re.compile("^Cocher ENR"))
    ticks.nth(0).check()
    ticks.nth(1).check()
    page.get_by_label("Ce qu'il faut faire").select_option(label="Confier à un gestionnaire")
    seat.press("Continuer…")
    page.get_by_label("Gestionnaire").select_option(label=f"{MANAGER.first_name} {MANAGER.last_name}")
    seat.press("Voir l'aperçu")
    expect(page.get_by_role("heading", name="Ce qui va se passer")).to_be_visible()
    seat.picture("action-groupee")
    page.get_by_role("button", name=re.compile(r"^Lancer sur 2.demandes$")).click()
    expect(page.get_by_role("heading", name="Terminée", exact=True)).to_be_visible()
    results = page.get_by_role("table", name="Résultats par demande").get_by_role("row")
    expect(results.filter(has_text="ENR-")).to_have_count(2)


def steward(seat: Seat) -> None:
    """Karim finds a provider, corrects it, puts the former value back, takes the list away, then corrects many."""
    seat.sign_in(STEWARD)
    page = seat.page
    seat.menu("Fournisseurs")
    page.locator("summary", has_text="Filtres").click()
    page.get_by_label("Commune contient").fill("Strasbourg")
    seat.press("Appliquer les filtres")
    expect(page.get_by_role("row").filter(has_text="Sagefil")).to_have_count(1)
    seat.picture("liste-filtree")
    page.locator("summary", has_text="Exporter").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    exported = download.value.path().read_text("utf-8-sig")
    assert "Sagefil" in exported
    assert "Résidelys" not in exported, "the export forgets the filter"
    seat.open_row("Sagefil")
    seat.follow("Modifier")
    name = page.get_by_label("Nom commercial")
    former = name.input_value()
    name.fill("Sagefil Maternité")
    page.get_by_label("Motif", exact=True).fill("Nom commercial confirmé par téléphone.")
    seat.press("Enregistrer")
    seat.follow("Historique")
    seat.picture("historique")
    page.get_by_role("link", name=re.compile("^Restaurer cette valeur")).first.click()
    expect(page.get_by_role("columnheader", name="Après la restauration")).to_be_visible()
    page.get_by_label("Motif", exact=True).fill("Saisie faite sur le mauvais fournisseur.")
    seat.picture("restaurer")
    seat.press("Restaurer")
    seat.follow("Modifier")
    expect(page.get_by_label("Nom commercial")).to_have_value(former)
    _correct_many(seat)


def _correct_many(seat: Seat) -> None:
    """The towns of a filter in capitals: previewed, applied, then given back."""
    page = seat.page
    seat.menu("Fournisseurs")
    page.locator("summary", has_text="Filtres").click()
    page.get_by_label("Commune contient").fill("s")
    seat.press("Appliquer les filtres")
    seat.follow("Corriger ces lignes")
    page.get_by_label("Colonne à corriger").select_option(label="Commune")
    seat.press("Ajouter ce changement")
    page.get_by_label("Ce que devient cette colonne").select_option(label="Mettre en majuscules")
    page.get_by_label("Titre").fill("Communes en capitales")
    page.get_by_label("Motif", exact=True).fill("Norme postale des adresses.")
    seat.press("Préparer l'aperçu")
    _apply(seat, "correction-apercu")
    page.get_by_label("Motif", exact=True).fill("Essai terminé.")
    seat.press("Préparer l'annulation de tout")
    _apply(seat)


def _apply(seat: Seat, picture: str = "") -> None:
    """What the preview shows, once the worker has prepared it, is done."""
    expect(seat.page.get_by_role("heading", name="Ce qui va changer")).to_be_visible(timeout=WORKED)
    if picture:
        seat.picture(picture)
    seat.page.get_by_role("button", name=re.compile(r"^Appliquer sur \d")).click()
    expect(seat.page.get_by_role("heading", name="Appliquée", exact=True)).to_be_visible(timeout=WORKED)


def administrator(seat: Seat) -> None:
    """Hélène tries a shorter delay, plans it, gives it up, reads what a wave still lacks, then how the portal is."""
    seat.sign_in(ADMINISTRATOR)
    page = seat.page
    seat.menu("Règles")
    seat.follow("Délais")
    seat.open_row("En cours")
    seat.follow("Modifier")
    page.get_by_label("Délai (jours)").fill("7")
    page.get_by_label("Prend effet le").fill(f"{today() + timedelta(days=60)}T08:00")
    page.get_by_label("Motif", exact=True).fill("Essai : répondre à chaque dépôt dans la semaine.")
    seat.press("Prévisualiser")
    expect(page.get_by_role("heading", name="Aperçu : rien n'est encore enregistré")).to_be_visible()
    seat.picture("previsualiser")
    seat.press("Enregistrer")
    seat.menu("Règles")
    seat.follow("Tous les changements programmés")
    page.get_by_role("button", name="Annuler ce changement").first.click()
    expect(page.get_by_role("heading", name="Déjà faits ou annulés")).to_be_visible()
    seat.menu("Règles")
    seat.follow("Ouvrir une vague, pas à pas")
    seat.follow("Vague 2")
    seat.picture("ouvrir-vague")
    seat.menu("Tableau de bord")
    page.get_by_label("Vague", exact=True).select_option(label="Vague 2")
    seat.press("Appliquer")
    seat.picture("tableau-de-bord")
    seat.menu("Contrôle des données")
    seat.press("Vérifier de nouveau")
    expect(page.get_by_role("heading", level=1)).to_have_text("Contrôle des données")
    seat.picture("controle")


def reader(seat: Seat) -> None:
    """Paul looks a provider up and sees what was enrolled; nothing on his pages can be changed."""
    seat.sign_in(READER)
    page = seat.page
    seat.menu("Accueil")
    seat.picture("accueil-lecteur")
    seat.menu("Demandes d'enrôlement")
    page.get_by_label("Rechercher", exact=True).fill("Sagefil")
    seat.press("Rechercher")
    seat.open_row("Sagefil")
    expect(page.get_by_role("main").get_by_role("link", name="Modifier", exact=True)).to_have_count(0)


SCENES: tuple[Callable[[Seat], None], ...] = (manager, steward, administrator, reader)
