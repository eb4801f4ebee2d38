"""A vendor in front of the form: what it declares, and its clicks, typing and files from the home page to the number.

Fields are found as a person finds them, by what they say. The same steps serve with scripts and without.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.enrolment.files.corpus import good_jpeg, good_pdf, good_png

NUMBER = re.compile(r"ENR-\d{4}-\d{6}")
CERTIFICATE = "Certificat de référencement ANS"
HDS_QUESTION = "Êtes-vous hébergeur de données de santé pour au moins un de vos clients ?"
HDS_CERTIFICATE = "Certificat d'hébergement des données de santé"
HDS_ATTESTATION = "Attestation sur l'honneur de non-hébergement"
DISTRIBUTOR = "Êtes-vous distributeur ?"
REPRESENTATIVE = "Êtes-vous le représentant légal du fournisseur ?"
QUALITY = "Qualité de tiers déclarant"
EMPLOYEE = "Employé de la personne morale"
MANAGEMENT_CENTRE = "Centre de gestion, expert-comptable…"
VAT = "Êtes-vous assujetti à la TVA ?"
BOXES = (
    "J'ai lu et j'accepte les conditions générales d'utilisation",
    "J'ai pris connaissance de l'article 441-7 du code pénal",
    "Je certifie l'authenticité des informations saisies",
)
_MANDATES = {
    EMPLOYEE: "Mandat de délégation de signature du représentant légal",
    MANAGEMENT_CENTRE: "Contrat de prestation spécifiant la délégation de signature",
}
_count = itertools.count(1)


def identity_of(whom: str) -> str:
    """Label of somebody's identity document."""
    return f"Pièce d'identité (CNI, Passeport, Titre de séjour) du {whom}"


@cache
def pdf(title: str = "Certificat") -> FilePayload:
    """A letter, as a PDF."""
    return {"name": "certificat été.pdf", "mimeType": "application/pdf", "buffer": good_pdf(title)}


@cache
def jpeg() -> FilePayload:
    """A photographed card."""
    return {"name": "carte.jpg", "mimeType": "image/jpeg", "buffer": good_jpeg(gps=True)}


@cache
def png() -> FilePayload:
    """A screen capture."""
    return {"name": "releve.png", "mimeType": "image/png", "buffer": good_png()}


def new_siret() -> str:
    """A valid SIRET that no registry knows."""
    siren = _with_luhn(f"88{next(_count):06d}")
    return _with_luhn(f"{siren}0001")


def new_iban() -> str:
    """A valid French IBAN of a real bank, with its RIB key, in groups of four as one copies it."""
    bank, branch, account = "30006", "00001", f"{next(_count):011d}"
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(account)) % 97
    national = f"{bank}{branch}{account}{key:02d}"
    check = 98 - int(f"{national}152700") % 97
    whole = f"FR{check:02d}{national}"
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def _with_luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


@dataclass(frozen=True)
class Human:
    """Somebody who signs or files."""

    first_name: str
    last_name: str
    email: str
    phone: str = "04 78 00 12 34"


def new_human(first_name: str = "Hélène", last_name: str = "d'Arcy-Lefèvre") -> Human:
    """Somebody with an address that nobody else has."""
    return Human(first_name, last_name, f"helene.{next(_count)}@clair-de-lune.example")


@dataclass(frozen=True)
class Declaration:
    """What a vendor declares. The name is typed only when the registry does not give it, or to change it."""

    ans_number: str
    siret: str = field(default_factory=new_siret)
    legal_name: str | None = "Cœur & Santé « Besançon »"
    changes_name: bool = False
    in_registry: bool = False
    hosts_health_data: bool | None = None
    is_early: bool = False
    is_distributor: bool = False
    quality: str = ""
    vat_liable: bool = True
    representative: Human = field(default_factory=new_human)
    depositary: Human = field(default_factory=lambda: new_human("Paul", "Garnier"))
    iban: str = field(default_factory=new_iban)

    @property
    def correspondent(self) -> Human:
        """Who receives the mails (rule D5)."""
        return self.depositary if self.quality else self.representative


Look = Callable[[Page, str], None]


def no_look(page: Page, name: str) -> None:
    """Nobody looks."""


@dataclass
class Visit:
    """One vendor at the form, in one tab. `look` is called on each page worth a look, with its name."""

    page: Page
    address: str
    told: Declaration
    scripts: bool = True
    look: Look = no_look

    def enrol(self) -> str:
        """From the home page to the number of the request."""
        self.begin()
        self.referencing()
        self.applicant()
        self.bank()
        self.vat()
        return self.summary()

    def begin(self) -> None:
        """« Effectuer ma demande d'enrôlement » and the search of the ANS number."""
        self.page.goto(f"{self.address}/")
        self.look(self.page, "landing")
        self.page.get_by_role("link", name="Effectuer ma demande d'enrôlement").first.click()
        self.look(self.page, "start")
        self.page.get_by_label("Numéro unique de référencement ANS").fill(self.told.ans_number)
        self.press("Rechercher")
        expect(self.page.get_by_text("Clair de Lune", exact=True)).to_be_visible()

    def referencing(self) -> None:
        """Step 1."""
        self.is_at(1)
        if self.told.is_early:
            expect(self.page.get_by_text("Demande d'enrôlement anticipé", exact=True)).to_be_visible()
            expect(self.page.locator("input[type=file]")).to_have_count(0)
        else:
            self.give(CERTIFICATE, pdf())
        if self.told.hosts_health_data is not None:
            self.answer(HDS_QUESTION, self.told.hosts_health_data)
            self.give(HDS_CERTIFICATE if self.told.hosts_health_data else HDS_ATTESTATION, png())
        self.look(self.page, "referencing")
        self.next()

    def search_company(self) -> None:
        """The first half of step 2."""
        self.is_at(2)
        self.look(self.page, "siret")
        self.page.get_by_label("Numéro SIRET").fill(self.told.siret)
        self.press("Rechercher")

    def applicant(self) -> None:
        """Step 2."""
        self.search_company()
        self.applicant_answers()
        self.look(self.page, "applicant")
        self.next()

    def applicant_answers(self) -> None:
        """The second half of step 2, up to its button."""
        page, told = self.page, self.told
        if told.in_registry:
            expect(page.get_by_label("Commune")).to_have_value("Nantes")
        else:
            expect(page.get_by_text("Saisie à la main", exact=True)).to_be_visible()
            self.identity()
        if told.changes_name:
            page.get_by_label("Dénomination sociale").fill(told.legal_name or "")
            self.give("KBIS", pdf())
        page.get_by_label("Nom commercial").fill("Clair de Lune")
        self.answer(DISTRIBUTOR, told.is_distributor)
        if told.is_distributor:
            self.give("Mandat de l'éditeur", pdf())
        self.answer(REPRESENTATIVE, not told.quality)
        self.person("représentant", told.representative)
        if told.quality:
            self.person("dépositaire", told.depositary)
            self.group(QUALITY).get_by_label(told.quality).check()
            self.give(_MANDATES[told.quality], pdf())

    def identity(self) -> None:
        """What one types when the registry knows nothing (rule D6)."""
        page = self.page
        page.get_by_label("Dénomination sociale").fill(self.told.legal_name or "")
        page.get_by_label("Numéro de voie").fill("12")
        page.get_by_label("Type de voie").select_option(label="Rue")
        page.get_by_label("Nom de la voie").fill("de l'Île-aux-Cœurs")
        page.get_by_label("Code postal").fill("25000")
        page.get_by_label("Commune").fill("Besançon")

    def person(self, whom: str, human: Human) -> None:
        """The fields of the representative or of the depositary."""
        fill = self.page.get_by_label
        fill(f"Nom du {whom}", exact=True).fill(human.last_name)
        fill(f"Prénom du {whom}", exact=True).fill(human.first_name)
        fill(f"Email du {whom}", exact=True).fill(human.email)
        fill(f"Confirmation email du {whom}", exact=True).fill(human.email)
        fill(f"Téléphone du {whom}", exact=True).fill(human.phone)
        self.give(identity_of(whom), jpeg())

    def bank(self) -> None:
        """Step 3. With scripts the bank is named while one types; without, the server names it."""
        self.is_at(3)
        page = self.page
        page.get_by_label("IBAN", exact=True).fill(self.told.iban)
        page.get_by_label("BIC", exact=True).fill("AGRIFRPPXXX")
        page.get_by_label("Titulaire").fill("Clair de Lune")
        if self.scripts:
            expect(page.get_by_label("Domiciliation")).to_have_value(re.compile("CR[EÉ]DIT AGRICOLE", re.IGNORECASE))
        self.give("RIB", png())
        self.look(page, "bank")
        self.next()

    def vat(self) -> None:
        """Step 4."""
        self.is_at(4)
        self.answer(VAT, self.told.vat_liable)
        if not self.told.vat_liable:
            self.give("Preuve de régime hors TVA", pdf())
        self.look(self.page, "vat")
        self.next()

    def summary(self) -> str:
        """Step 5, up to the number of the request."""
        self.is_at(5)
        self.look(self.page, "summary")
        self.finish()
        return self.number()

    def finish(self) -> None:
        """The three boxes, « Terminer » and its confirmation."""
        for words in BOXES:
            self.page.get_by_label(words).check()
        self.press("Terminer")
        self.look(self.page, "confirmation")
        self.press("Confirmer le dépôt")

    def number(self) -> str:
        """The number on the last page."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Votre demande est enregistrée")
        self.look(self.page, "done")
        found = NUMBER.search(self.page.get_by_role("main").inner_text())
        assert found
        return found.group()

    def is_at(self, step: int) -> None:
        """Fails unless the page is this step."""
        expect(self.page.get_by_text(f"Étape {step} sur 5", exact=True)).to_be_visible()

    def next(self) -> None:
        """« Etape suivante »."""
        self.press("Etape suivante")

    def press(self, name: str) -> None:
        """A button, by what it says."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def group(self, question: str) -> Locator:
        """The answers to a question."""
        return self.page.get_by_role("group", name=question)

    def answer(self, question: str, yes: bool) -> None:
        """Oui or Non."""
        self.group(question).get_by_label("Oui" if yes else "Non").check()

    def give(self, label: str, file: FilePayload) -> None:
        """Choose a file; with scripts it is sent at once."""
        self.page.get_by_label(label, exact=True).set_input_files(file)
        if self.scripts:
            expect(self.file_field(label).get_by_role("status")).to_have_text("Fichier enregistré.")

    def file_field(self, label: str) -> Locator:
        """All that the page says around a file."""
        return self.page.locator("[data-file-field]", has=self.page.get_by_label(label, exact=True))


def usual(**more: Any) -> Declaration:
    """A declaration with nothing special, but for `more`."""
    return Declaration(**more)
