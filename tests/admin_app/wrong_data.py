"""How each finding of the doctor comes about, and what one does about it: the scenarios of `test_data_checks`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from enrolment import clock, sealing
from enrolment.portal import Portal
from enrolment.rules.needed import NEEDED
from schema.base import Table, table_of
from schema.enums import AccountState, DemandKind, MailState, PlannedState, Step, Verb
from schema.history import Actor
from schema.tables import (
    Account,
    Attachment,
    BankAccount,
    Demand,
    DemandItem,
    DocumentKind,
    DocumentRule,
    Dsr,
    EnrolmentRequest,
    LegalText,
    MessageTemplate,
    OutgoingMail,
    Person,
    PlannedChange,
    Profile,
    Provider,
    Referencing,
    RegistryEntry,
    RequestCounter,
    StaffUser,
)
from tests.admin_app.instruction import PASSWORD
from tests.pages import Page, PageClient
from tests.rows import SIRET, add_referencing
from tests.stories import decide, enrol

_OTHER_SIRET = "35600000049837"


def change(portal: Portal, model: type[Table], condition: Any = None, **values: Any) -> None:
    """Change rows as no service would."""
    statement = sa.update(table_of(model)).values(**values)
    with portal.database.writing(Actor.system()) as session:
        session.execute(statement if condition is None else statement.where(condition))


def remove(portal: Portal, *models: type[Table]) -> None:
    with portal.database.writing(Actor.system()) as session:
        for model in models:
            session.execute(sa.delete(table_of(model)))


def add(portal: Portal, row: Table) -> None:
    with portal.database.writing(Actor.system()) as session:
        session.add(row)


def one(portal: Portal, model: type[Any], *conditions: Any) -> Any:
    with portal.database.reading() as session:
        return session.exec(select(model).where(*conditions).order_by(col(model.id))).first()


Break = Callable[[Portal], None]
Fix = Callable[[Portal, PageClient, Page], None]


@dataclass(frozen=True)
class Scenario:
    """How a finding comes about. `fix` is what one does behind the link; None when its button repairs."""

    wrong: Break
    fix: Fix | None = None


def _no_account(portal: Portal) -> None:
    decide(portal, enrol(portal).id, Verb.validate)
    change(portal, EnrolmentRequest, account_id=None)


def _left(portal: Portal) -> None:
    enrol(portal)
    gone = one(portal, StaffUser, StaffUser.email == "karim@asp.example")
    change(portal, EnrolmentRequest, assigned_to_id=gone.id)
    change(portal, StaffUser, col(StaffUser.id) == gone.id, active=False)


def _held_twice(portal: Portal) -> None:
    first, second = enrol(portal), enrol(portal, siret=_OTHER_SIRET)
    with portal.database.writing(Actor.system()) as session:
        session.execute(sa.text("DROP INDEX uq_request_active_referencing"))
    change(portal, EnrolmentRequest, col(EnrolmentRequest.id) == second.id, referencing_id=first.referencing_id)


def _reject_one(portal: Portal, client: PageClient, page: Page) -> None:
    del client, page
    decide(portal, one(portal, EnrolmentRequest).id, Verb.reject, "Doublon")


def _clock(portal: Portal) -> None:
    enrol(portal)
    change(portal, EnrolmentRequest, clock_from=clock.now() + timedelta(hours=1))


def _asked(portal: Portal) -> EnrolmentRequest:
    return decide(portal, enrol(portal).id, Verb.ask_documents, "", "rib")


def _not_asked(portal: Portal) -> None:
    _asked(portal)
    remove(portal, DemandItem, Demand)


def _left_open(portal: Portal) -> None:
    add(portal, Demand(request_id=enrol(portal).id, kind=DemandKind.documents))


def _other_kind(portal: Portal) -> None:
    _asked(portal)
    change(portal, Demand, kind=DemandKind.certificates)


def _silent(portal: Portal) -> None:
    _asked(portal)
    change(portal, Demand, due_on=clock.in_days(-60))


def _same_email(portal: Portal) -> None:
    for login, email in (("clefevre", "claire@alize-sante.fr"), ("clefevre2", "x@alize-sante.fr")):
        add(
            portal,
            Account(login=login, email=email, last_name="Lefèvre", first_name="Claire", state=AccountState.active),
        )
    change(portal, Account, col(Account.login) == "clefevre2", email="Claire@alize-sante.fr")


def in_form(**values: str) -> Fix:
    """Follow the first example to its form, and correct it there."""

    def fix(portal: Portal, client: PageClient, page: Page) -> None:
        del portal
        (link,) = [item for item in page.all("a") if "/edit/" in item.get("href", "")][:1]
        _save(client, client.get(link.attrib["href"]), values)

    return fix


def _in_new_row(label: str, values: Callable[[Portal], dict[str, str]]) -> Fix:
    """Follow the button to the form of a new row."""

    def fix(portal: Portal, client: PageClient, page: Page) -> None:
        url = next(url for text, url in page.links.items() if text.startswith(label))
        _save(client, client.get(url), values(portal))

    return fix


def _save(client: PageClient, page: Page, values: dict[str, str]) -> None:
    """Send a form of a table; some ask for one's password again."""
    asked = {name: PASSWORD for name in page.form.names if "passe" in name}
    client.submit(page.form, **values, **asked)


def _by_hand(act: Break) -> Fix:
    """Open what the button leads to; what is done there has tests of its own."""

    def fix(portal: Portal, client: PageClient, page: Page) -> None:
        links = [item.attrib["href"] for part in page.all("li", class_="check") for item in part.iter("a")]
        for link in links:
            client.get(link)
        act(portal)

    return fix


def _provider(portal: Portal) -> str:
    return str(one(portal, Provider).id)


def _person(portal: Portal) -> dict[str, str]:
    return {
        "provider_id": _provider(portal), "role": "representative", "last_name": "Lefèvre", "first_name": "Claire",
        "email": "claire@alize-sante.fr", "phone": "04 78 00 12 34",
    }  # fmt: skip


def _bank(portal: Portal) -> dict[str, str]:
    return {
        "provider_id": _provider(portal), "iban": "FR7630006000011234567890189", "bic": "AGRIFRPPXXX",
        "holder": "Alizé Santé", "domiciliation": "Crédit Agricole",
    }  # fmt: skip


def _entry(**values: Any) -> Break:
    def wrong(portal: Portal) -> None:
        enrol(portal)
        given = {"siret": SIRET, "siren": SIRET[:9], "legal_name": "ALIZE SANTE", **values}
        add(portal, RegistryEntry(**given))

    return wrong


def enrolled(model: type[Table], **values: Any) -> Break:
    def wrong(portal: Portal) -> None:
        enrol(portal)
        change(portal, model, **values)

    return wrong


def _without(*models: type[Table]) -> Break:
    def wrong(portal: Portal) -> None:
        enrol(portal)
        remove(portal, *models)

    return wrong


def _folder(portal: Portal) -> Path:
    return Path(portal.settings.storage_url)


def _hide_file(portal: Portal) -> None:
    enrol(portal)
    path = _folder(portal) / one(portal, Attachment).storage_key
    path.rename(path.with_suffix(".away"))


def _bring_file_back(portal: Portal) -> None:
    path = _folder(portal) / one(portal, Attachment).storage_key
    path.with_suffix(".away").rename(path)


def _orphan(portal: Portal) -> None:
    path = _folder(portal) / portal.storage.put(b"sans ligne", sensitive=False).key
    old = (clock.now() - timedelta(days=3)).timestamp()
    os.utime(path, (old, old))


def _replaced(portal: Portal) -> None:
    first, second = enrol(portal), enrol(portal, siret=_OTHER_SIRET)
    newer = one(portal, Attachment, Attachment.request_id == second.id)
    change(portal, Attachment, col(Attachment.request_id) == first.id, replaced_by_id=newer.id)


def _inactive_kind(portal: Portal) -> None:
    change(portal, DocumentKind, col(DocumentKind.code) == "kbis", active=False)


def _rule_off(portal: Portal) -> None:
    kind = one(portal, DocumentKind, DocumentKind.code == "kbis")
    change(portal, DocumentRule, col(DocumentRule.document_kind_id) == kind.id, active=False)


def _new_kind(portal: Portal) -> None:
    add(portal, DocumentKind(code="essai", name="Pièce d'essai", help="Essai.", step=Step.bank))


def _closed_dsr(portal: Portal) -> None:
    with portal.database.writing(Actor.system()) as session:
        add_referencing(session)
    change(portal, Dsr, closes_at=datetime(2026, 1, 1, tzinfo=UTC))


def _twins(portal: Portal) -> None:
    with portal.database.writing(Actor.system()) as session:
        add_referencing(session, "ANS-ESSAI-1")
        add_referencing(session, "ANS ESSAI 1")


def _other_profile(portal: Portal) -> None:
    enrol(portal)
    row = one(portal, Referencing)
    change(portal, Referencing, profile_id=one(portal, Profile, Profile.dsr_id != row.dsr_id).id)


def _broken_template(portal: Portal) -> None:
    change(portal, MessageTemplate, col(MessageTemplate.code) == "validation", body="{{ inconnu }}")


def _mend_template(portal: Portal) -> None:
    change(portal, MessageTemplate, col(MessageTemplate.code) == "validation", body="Votre demande est validée.")


def _failed_plan(portal: Portal) -> None:
    author = one(portal, StaffUser)
    row = PlannedChange(
        table_name="deadline", row_id=1, changes={"days": "30"}, effective_at=clock.now(), author_id=author.id,
        state=PlannedState.failed, problem="Ce délai n'existe plus.",
    )  # fmt: skip
    add(portal, row)


def _tamper(portal: Portal, label: str) -> None:
    with portal.database.writing(Actor.system()) as session:
        sealing.seal(session)
    with portal.database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE history SET actor_label = :label WHERE id = 1"), {"label": label})


def _missing(table: str) -> Break:
    def wrong(portal: Portal) -> None:
        columns = table_of(NEEDED[table].model).c
        with portal.database.writing(Actor.system()) as session:
            session.execute(sa.delete(columns.id.table).where(columns.id == 1))

    return wrong


SCENARIOS: dict[str, Scenario] = {
    "request_without_representative": Scenario(_without(Person), _in_new_row("Ajouter une personne", _person)),
    "request_without_bank": Scenario(_without(BankAccount), _in_new_row("Ajouter des coordonnées", _bank)),
    "validated_without_account": Scenario(_no_account),
    "assigned_to_inactive": Scenario(_left),
    "referencing_held_twice": Scenario(_held_twice, _reject_one),
    "clock_off": Scenario(_clock),
    "awaiting_without_demand": Scenario(_not_asked),
    "demand_left_open": Scenario(_left_open),
    "demand_of_other_kind": Scenario(_other_kind),
    "vendor_not_reminded": Scenario(_silent),
    "account_email_twice": Scenario(_same_email, in_form(email="autre@alize-sante.fr")),
    "siret_wrong": Scenario(enrolled(Provider, siret="73282932000075"), in_form(siret=SIRET)),
    "provider_closed": Scenario(_entry(is_open=False), in_form(siret=_OTHER_SIRET)),
    "provider_named_otherwise": Scenario(_entry(legal_name="ZEPHYR"), in_form(legal_name="Zéphyr")),
    "bank_incoherent": Scenario(enrolled(BankAccount, bic="SOGEFRPP"), in_form(bic="AGRIFRPPXXX")),
    "bank_check_stale": Scenario(enrolled(BankAccount, bank_check="unknown_bank")),
    "file_missing": Scenario(_hide_file, _by_hand(_bring_file_back)),
    "file_orphan": Scenario(_orphan),
    "piece_replaced_elsewhere": Scenario(_replaced),
    "mail_parked": Scenario(enrolled(OutgoingMail, state=MailState.parked)),
    "mail_waiting": Scenario(enrolled(OutgoingMail, send_after=datetime(2026, 1, 1, tzinfo=UTC))),
    "rule_on_inactive_kind": Scenario(_inactive_kind, _by_hand(_rule_off)),
    "kind_without_rule": Scenario(
        _new_kind,
        _by_hand(lambda portal: change(portal, DocumentKind, col(DocumentKind.code) == "essai", active=False)),
    ),
    "dsr_closed_early": Scenario(_closed_dsr, _by_hand(lambda portal: change(portal, Dsr, closes_at=None))),
    "referencing_number_twice": Scenario(
        _twins,
        _by_hand(
            lambda portal: change(
                portal, Referencing, col(Referencing.ans_number) == "ANS ESSAI 1", ans_number="ANS-ESSAI-2"
            )
        ),
    ),
    "referencing_other_profile": Scenario(_other_profile, in_form(profile_id="")),
    "template_broken": Scenario(_broken_template, _by_hand(_mend_template)),
    **{f"{table}_missing": Scenario(_missing(table)) for table in NEEDED},
    "legal_text_missing": Scenario(
        lambda portal: change(portal, LegalText, effective_from=clock.now() + timedelta(days=30)),
        _by_hand(lambda portal: change(portal, LegalText, effective_from=clock.now() - timedelta(days=1))),
    ),
    "planned_change_failed": Scenario(_failed_plan),
    "counter_behind": Scenario(_without(RequestCounter)),
    "history_altered": Scenario(
        lambda portal: _tamper(portal, "Personne"), _by_hand(lambda portal: _tamper(portal, "Données de référence"))
    ),
}
