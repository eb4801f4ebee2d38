"""A vendor at the form: the clicks and the typing of the five steps, with the page client, without scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from enrolment.application.rules import ANS, BOXES, SIRET, box
from enrolment.portal import Portal
from public_site.app import create_app
from schema.enums import Step
from schema.history import Actor
from schema.tables import RegistryEntry
from tests.pages import Page, PageClient
from tests.rows import SIRET as USUAL_SIRET
from tests.stories import Vendor, a_pdf

PDF = ("piece.pdf", a_pdf(), "application/pdf")


def browser(portal: Portal) -> PageClient:
    """A browser that nobody has used yet."""
    return PageClient(create_app(portal), base_url=portal.settings.base_url)


def add_company(portal: Portal, siret: str = USUAL_SIRET, **values: Any) -> None:
    """A company in the registry's extract."""
    given: dict[str, Any] = {
        "siret": siret,
        "siren": siret[:9],
        "legal_name": "ALIZE SANTE",
        "is_open": True,
        "is_diffusible": True,
        "street_number": "12",
        "street_type": "RUE",
        "street_name": "DES LILAS",
        "post_code": "69003",
        "city": "LYON",
        **values,
    }
    with portal.database.writing(Actor.system()) as session:
        session.add(RegistryEntry(**given))


@dataclass
class Visit:
    """One vendor in one browser, going through the form as a person does."""

    client: PageClient
    vendor: Vendor
    files: dict[str, Any] = field(default_factory=dict)

    def search_number(self, number: str | None = None, *, status: int = 200) -> Page:
        """« Effectuer ma demande d'enrôlement », then « Rechercher »."""
        page = self.client.click(self.client.get("/"), "Effectuer ma demande d'enrôlement")
        return self.client.submit(
            page.form, button="Rechercher", status=status, **{ANS: number or self.vendor.ans_number}
        )

    def referencing(self) -> Page:
        """Step 1, complete."""
        return self.forward(self.search_number(), Step.referencing)

    def search_company(self, page: Page, *, status: int = 200) -> Page:
        """« Rechercher » the SIRET."""
        return self.client.submit(page.form, button="Rechercher", status=status, **{SIRET: self.vendor.siret})

    def applicant(self, page: Page) -> Page:
        """Step 2, complete."""
        return self.forward(self.search_company(page), Step.applicant)

    def forward(self, page: Page, step: Step, *, status: int = 200, **other: Any) -> Page:
        """Fill in a step as this vendor answers, with every file that its page offers, and « Etape suivante »."""
        answers = {
            name: value for name, value in self.vendor.answers[step].items() if name in page.form.names and value
        }
        if "provider.street_type_id" in page.form.names:
            options = page.control_labelled("Type de voie").iter("option")
            answers["provider.street_type_id"] = next(one.attrib["value"] for one in options if one.text == "Rue")
        files = {name: PDF for name in page.form.names if name.startswith("document.") and self.gives(name)}
        return self.client.submit(
            page.form, button="Etape suivante", files=files, status=status, **{**answers, **other}
        )

    def gives(self, name: str) -> bool:
        """Whether this vendor uploads something in this field: all but what its answers make useless."""
        needs = {
            "document.kbis": False,
            "document.publisher_mandate": self.vendor.is_distributor == "oui",
            "document.identity_depositary": bool(self.vendor.quality),
            "document.signature_mandate": self.vendor.quality == "employee",
            "document.service_contract": self.vendor.quality == "management_centre",
            "document.hds_certificate": self.vendor.hosts_health_data == "oui",
            "document.hds_attestation": self.vendor.hosts_health_data == "non",
            "document.vat_proof": self.vendor.vat_liable == "non",
        }
        return needs.get(name, True)

    def to_summary(self) -> Page:
        """The first four steps."""
        page = self.applicant(self.referencing())
        return self.forward(self.forward(page, Step.bank), Step.vat)

    def finish(self, page: Page) -> Page:
        """Tick the boxes, « Terminer », and confirm."""
        boxes = {box(kind): "oui" for kind in BOXES}
        asked = self.client.submit(page.form_named("summary-form"), button="Terminer", **boxes)
        assert asked.h1 == "Déposer votre demande ?"
        return self.client.submit(asked.form, button="Confirmer le dépôt")


def draft_of(page: Page) -> str:
    """The public id of the draft of a page."""
    return urlsplit(page.url).path.split("/")[2]


def number_of(page: Page) -> str:
    """The request's number that a page says."""
    found = re.search(r"ENR-\d{4}-\d{6}", page.text)
    assert found is not None, page.text
    return found.group()
