"""A case manager in the back office: signing in, finding a file, examining its pieces, deciding."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from seeds.demo.data import MANAGER, StaffMember
from tests.browser.vendor import Look, no_look


@dataclass
class Desk:
    """One manager in one tab."""

    page: Page
    address: str
    look: Look = no_look

    def sign_in(self, member: StaffMember = MANAGER) -> None:
        """Come in through the back office's own door."""
        self.page.goto(f"{self.address}/admin/")
        self.look(self.page, "staff sign-in")
        self.page.get_by_label("Adresse mail").fill(member.email)
        self.page.get_by_label("Mot de passe").fill(member.password)
        self.page.get_by_role("button", name="Se connecter").click()

    def open(self, number: str) -> None:
        """The file of a request, from the queue, by searching its number."""
        self.page.get_by_role("link", name="File d'attente").first.click()
        self.look(self.page, "queue")
        self.page.get_by_label("Numéro de demande, SIRET, société ou numéro ANS").fill(number)
        self.page.get_by_role("button", name="Rechercher").click()
        self.look(self.page, "queue searched")
        self.page.get_by_role("link", name=number, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(f"Dossier {number}")

    def take(self) -> None:
        """« Prendre ce dossier »."""
        self.page.get_by_role("button", name="Prendre ce dossier").click()
        expect(self.page.get_by_role("button", name="Rendre à la file")).to_be_visible()

    def find_all_in_order(self) -> int:
        """« Conforme » for each piece that is not examined; how many there were."""
        pieces = self.page.get_by_role("navigation", name="Pièces du dossier").get_by_role("link")
        waiting = pieces.filter(has_text="À examiner")
        found = pieces.count()
        for left in range(waiting.count(), 0, -1):
            expect(waiting).to_have_count(left)
            # Waited for: the piece shown before may be one to examine too.
            with self.page.expect_navigation():
                waiting.first.click()
            expect(pieces.and_(self.page.locator("[aria-current=true]"))).to_contain_text("À examiner")
            with self.page.expect_navigation():
                self.page.get_by_role("button", name="Conforme", exact=True).click()
        expect(waiting).to_have_count(0)
        return found

    def choose(self, decision: str) -> None:
        """Open a decision of the file."""
        self.page.locator("summary", has_text=decision).first.click()

    def prepare(self) -> None:
        """« Préparer le mail » of the decision that is open."""
        self.page.get_by_role("button", name="Préparer le mail").locator("visible=true").click()
        expect(self.page.get_by_label("Texte du mail")).to_be_visible()
        self.look(self.page, "mail of a decision")

    def send(self, more: str = "", *, now: bool = True) -> None:
        """Add a sentence to the mail and send the decision; let it take effect at once, or wait."""
        body = self.page.get_by_label("Texte du mail")
        body.fill(f"{body.input_value()}\n\n{more}" if more else body.input_value())
        self.page.get_by_role("button", name="Envoyer la décision").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Dossier")
        self.look(self.page, "decision that waits")
        if now:
            self.page.get_by_role("button", name="Envoyer maintenant").click()
            expect(self.page.get_by_role("button", name="Envoyer maintenant")).to_have_count(0)
