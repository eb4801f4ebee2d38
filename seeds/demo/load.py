"""Fills a database with the demonstration: companies, referencings, staff, then the stories.

Run again, it adds nothing. It refuses a database that holds requests of its own: a demonstration never mixes with real
files. The closing dates of the DSRs are lifted in this database alone, as an administrator would do, so that the
demonstration works at any date; the reference files keep the published dates.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from sqlmodel import Session, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.errors import Refused
from enrolment.files.storage import Storage
from enrolment.links import Links
from enrolment.registries.lookup import ExtractRegistry
from enrolment.services import passwords, staff
from enrolment.services.numbers import next_number
from enrolment.settings import Settings
from schema.base import as_of
from schema.database import Database
from schema.enums import AccountState, DepositaryQuality, PersonRole, RegistryOutcome, Step
from schema.history import Actor
from schema.tables import (
    Account,
    AccountProvider,
    Dsr,
    EnrolmentRequest,
    Parameter,
    Person,
    Provider,
    Referencing,
    RegistryEntry,
    StaffUser,
    StreetType,
    Ticket,
    Wave,
)
from seeds.demo import data
from seeds.demo.financing import tell_financing
from seeds.demo.further import tell_further
from seeds.demo.mails import deliver
from seeds.demo.stories import Tale, Teller, days_ago, fill_in, play, tell
from seeds.load import csv_rows
from seeds.missing import insert_missing

_FOLDER = Path(__file__).parent
_OPENED = "Fenêtre de dépôt ouverte pour la démonstration"


def load_demo(database: Database, storage: Storage, settings: Settings) -> None:
    """Load the whole demonstration. The reference data must be there. Raises Refused for a database in use."""
    actor = Actor.system("Démonstration")
    with database.writing(actor, _OPENED) as session, as_of(days_ago(200, hour=14)):
        _refuse_real_data(session)
        _open_windows(session)
        for model in (RegistryEntry, Referencing):
            rows = csv_rows(session, model, _FOLDER)
            insert_missing(session, model, rows)
        _staff(session)
    links = Links(settings.secret_key.get_secret_value())
    with database.writing(actor) as session:
        if session.exec(select(EnrolmentRequest.id).limit(1)).first() is not None:
            return
        addresses = Addresses(links, settings.base_url)
        teller = Teller(session, storage, ExtractRegistry(database), links, addresses)
        play(
            (
                *(tell(teller, story) for story in data.STORIES),
                *(tell_further(teller, story) for story in data.FURTHER),
                tell_financing(teller),
                _wave_1_account(teller),
                _ticket(teller),
            )
        )
        fill_in(teller, data.DRAFT, Step.bank)
        deliver(session, settings)


def beginning(session: Session) -> AbstractContextManager[None]:
    """When the reference data of a demonstration are loaded: before all that is told, in a database that has none."""
    is_empty = session.exec(select(Parameter.id).limit(1)).first() is None
    return as_of(days_ago(201, hour=14)) if is_empty else nullcontext()


def _refuse_real_data(session: Session) -> None:
    has_requests = session.exec(select(EnrolmentRequest.id).limit(1)).first() is not None
    if has_requests and staff.find(session, data.ADMINISTRATOR.email) is None:
        raise Refused(
            "Cette base contient déjà des demandes : la démonstration ne s'y charge pas. Donnez-lui un autre dossier "
            "avec ENROLMENT_VAR, ou une autre base avec ENROLMENT_DATABASE_URL."
        )


def _open_windows(session: Session) -> None:
    """Lift every closing date and open what is not open yet, once: what a visitor closes afterwards stays closed."""
    if staff.find(session, data.ADMINISTRATOR.email) is not None:
        return
    early = clock.now()
    for dsr in session.exec(select(Dsr)).all():
        dsr.closes_at = None
        dsr.enrolment_opens_at = min(dsr.enrolment_opens_at, early)
        # One that has no date yet keeps none, so that the demonstration shows that case too.
        dsr.advance_opens_at = min(dsr.advance_opens_at, early) if dsr.advance_opens_at else None
        session.add(dsr)
    wave = session.exec(select(Wave).where(Wave.code == "V2")).one()
    wave.opens_at = min(wave.opens_at, early)
    session.add(wave)


def _staff(session: Session) -> None:
    for member in data.STAFF:
        if staff.find(session, member.email) is None:
            user = StaffUser(
                email=member.email,
                first_name=member.first_name,
                last_name=member.last_name,
                role=member.role,
                password_hash=passwords.hashed(member.password),
                password_changed_at=clock.now(),
            )
            session.add(user)
    session.flush()


def _wave_1_account(teller: Teller) -> Tale:
    """A depositary known since wave 1, which has filed nothing for wave 2 yet (rules C1, C3)."""
    yield days_ago(110, hour=10)
    session = teller.session
    teller.act(Actor.system("Reprise de la vague 1"))
    account = Account(
        login=data.WAVE_1_LOGIN,
        email=data.WAVE_1.email,
        first_name=data.WAVE_1.first_name,
        last_name=data.WAVE_1.last_name,
        phone=_e164(data.WAVE_1.phone),
        password_hash=passwords.hashed(data.WAVE_1_PASSWORD),
        password_changed_at=clock.now(),
        state=AccountState.active,
        from_wave_1=True,
    )
    street_type = session.exec(select(StreetType).where(StreetType.code == "RUE")).one()
    provider = Provider(
        siret=data.WAVE_1_SIRET,
        legal_name="Vernier Gestion",
        registry_name="Vernier Gestion",
        trade_name="Cabinet Vernier",
        street_number="5",
        street_type_id=street_type.id,
        street_name="du Palais",
        post_code="51100",
        city="Reims",
        registry_outcome=RegistryOutcome.found,
    )
    session.add(account)
    session.add(provider)
    session.flush()
    session.add(AccountProvider(account_id=account.id, provider_id=provider.id))
    people = (
        (PersonRole.representative, data.WAVE_1_REPRESENTATIVE, None),
        (PersonRole.depositary, data.WAVE_1, DepositaryQuality.employee),
    )
    for role, human, quality in people:
        session.add(
            Person(
                provider_id=provider.id,
                role=role,
                last_name=human.last_name,
                first_name=human.first_name,
                email=human.email,
                phone=_e164(human.phone),
                quality=quality,
            )
        )
    session.flush()


def _ticket(teller: Teller) -> Tale:
    yield days_ago(1, hour=12)
    teller.act(Actor.visitor())
    teller.session.add(
        Ticket(
            number=next_number(teller.session, "AST"),
            email="contact@radiolux.example",
            name="Olivia Sarrazin",
            subject="Référencement introuvable",
            body="Bonjour,\n\nLe numéro reçu de l'ANS n'est pas reconnu par le portail. Pouvez-vous le vérifier ?",
            ans_number=data.UNKNOWN_ANS_NUMBER,
        )
    )
    teller.session.flush()


def _e164(phone: str) -> str:
    return f"+33{phone.replace(' ', '')[1:]}"
