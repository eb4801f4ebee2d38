"""Findings whose right values the doctor knows: each is pressed into a correction, which is then applied."""

from __future__ import annotations

from enrolment.corrections import running, steering
from enrolment.portal import Portal
from schema.history import Actor
from schema.tables import (
    BankAccount,
    Correction,
    CorrectionRule,
    Person,
    Provider,
    Referencing,
    RegistryEntry,
)
from tests.admin_app.wrong_data import Break, Fix, Scenario, add, change, enrolled, in_form, one
from tests.pages import Page, PageClient
from tests.stories import enrol

_OTHER_SIRET = "35600000049837"


def _by_correction(code: str) -> Fix:
    """Press « Préparer une correction », and apply what it prepared."""

    def fix(portal: Portal, client: PageClient, page: Page) -> None:
        shown = client.submit(page.form_named(f"/admin/controle/corriger/{code}"))
        assert "/admin/corrections/" in shown.url
        correction = running.finish(portal, one(portal, Correction).id)
        assert correction.planned
        change(portal, CorrectionRule, active=False)
        with portal.database.writing(Actor.system()) as session:
            steering.apply(session, correction.public_id)
        running.finish(portal, correction.id)

    return fix


def _city(city: str, known: str) -> Break:
    def wrong(portal: Portal) -> None:
        enrol(portal)
        change(portal, Provider, city=city, post_code="93200")
        entry = {"siret": _OTHER_SIRET, "siren": _OTHER_SIRET[:9], "legal_name": "Autre", "post_code": "93200"}
        add(portal, RegistryEntry(**entry, city=known))

    return wrong


WRONG_VALUES: dict[str, Scenario] = {
    "bank_named_otherwise": Scenario(
        enrolled(BankAccount, domiciliation="Qonto (Olinda)"), _by_correction("bank_named_otherwise")
    ),
    "provider_city_spelling": Scenario(_city("ST DENIS", "Saint-Denis"), _by_correction("provider_city_spelling")),
    "provider_city_elsewhere": Scenario(_city("Lyon", "Saint-Denis"), in_form(city="Saint-Denis")),
    "provider_not_normal": Scenario(
        enrolled(Provider, trade_name="Alizé  Santé"), _by_correction("provider_not_normal")
    ),
    "person_not_normal": Scenario(enrolled(Person, phone="04.78.00.12.34"), _by_correction("person_not_normal")),
    "bank_account_not_normal": Scenario(
        enrolled(BankAccount, holder="Alizé  Santé"), _by_correction("bank_account_not_normal")
    ),
    "referencing_not_normal": Scenario(
        enrolled(Referencing, software_name="Dossier  patient"), _by_correction("referencing_not_normal")
    ),
}
