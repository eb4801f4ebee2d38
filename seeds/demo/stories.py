"""Plays a story of the demonstration through the services, as a vendor and a case manager would.

Nothing is written past the services: numbers, events, history, mails and files are those of the real portal.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from sqlmodel import Session, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.application.questions import names
from enrolment.application.rules import BOXES, box
from enrolment.files.storage import Storage
from enrolment.links import Links
from enrolment.registries.company import Found
from enrolment.registries.embedded import Registry
from enrolment.services import (
    accounts,
    answering,
    banks,
    decisions,
    demands,
    deposits,
    drafts,
    reference,
    staff,
    submission,
    withdrawing,
)
from enrolment.services.decisions import Decision
from schema.base import as_of
from schema.enums import ReferencingStatus, RequestStatus, Step, Verb
from schema.history import Actor
from schema.tables import Account, Draft, EnrolmentRequest, Referencing, StreetType
from schema.types import Iban, bank_of, show_as
from seeds.demo import papers
from seeds.demo.data import MANAGER, Human, Story

_CERTIFICATE = "reference_certificate"

Tale = Iterator[datetime]
"""A story as it is played: it gives the moment of its next part, and goes on when that moment has come."""


@dataclass
class Teller:
    """What every story needs."""

    session: Session
    storage: Storage
    registry: Registry
    links: Links
    addresses: Addresses

    def act(self, actor: Actor) -> Actor:
        """Make the next changes in somebody's name."""
        self.session.info["actor"] = actor
        return actor

    def manager(self) -> Actor:
        """The case manager, who now acts."""
        return self.act(staff.actor_of(staff.get(self.session, MANAGER.email)))


def days_ago(days: int, hour: int) -> datetime:
    """A moment of the past in Paris; the minutes vary with the day."""
    day = clock.now().astimezone(clock.PARIS) - timedelta(days=days)
    return day.replace(hour=hour, minute=days * 7 % 60, second=0, microsecond=0)


def play(tales: Iterable[Tale]) -> None:
    """Play stories side by side, so that what they leave was written in the order of its dates."""
    ahead = [(moment, place, tale) for place, tale in enumerate(tales) if (moment := next(tale, None)) is not None]
    heapify(ahead)
    reached = ahead[0][0]
    while ahead:
        moment, place, tale = heappop(ahead)
        with as_of(max(moment, reached)):
            following = next(tale, None)
            reached = clock.now()
        if following is not None:
            heappush(ahead, (following, place, tale))


def tell(teller: Teller, story: Story) -> Tale:
    """File a request and bring it to the status where its story ends."""
    yield days_ago(story.days_ago, hour=9)
    draft = fill_in(teller, story, Step.summary)
    actor = teller.act(Actor.visitor())
    request = submission.submit(teller.session, actor, draft.public_id, teller.addresses).request
    teller.session.flush()
    yield from _ENDINGS[story.ends](teller, story, request)
    if story.becomes_validated:
        yield from _ans_validates(teller, request)


def fill_in(teller: Teller, story: Story, upto: Step) -> Draft:
    """Type a draft step by step, up to and including `upto`, documents joined."""
    session = teller.session
    teller.act(Actor.visitor())
    draft = drafts.start(session)
    answers = _answers(teller, story)
    kinds = {kind.code: kind for kind in reference.document_kinds(session)}
    for step in list(Step)[: list(Step).index(upto) + 1]:
        if step is Step.applicant:
            drafts.remember_company(session, draft, story.siret, teller.registry.find(story.siret))
        wanted = names(step) if step is not Step.summary else {box(kind) for kind in BOXES}
        typed = {name: value for name, value in answers.items() if name in wanted}
        banks.fill_domiciliation(session, typed)
        drafts.save(session, draft, step, typed)
        session.flush()
        for item in drafts.view(session, draft).due_in(step):
            if item.required:
                name, content = document(teller, story, item.kind.code)
                file = deposits.deposit(teller.storage, kinds[item.kind.code], name, content, None)
                drafts.attach(session, draft, file)
    return draft


def document(teller: Teller, story: Story, code: str) -> tuple[str, bytes]:
    """The file that a story deposits for a kind of document: its name and its bytes."""
    software = teller.session.exec(select(Referencing).where(Referencing.ans_number == story.ans_number)).one()
    company = _company_name(teller, story)
    signer = f"{story.representative.first_name} {story.representative.last_name}"
    if code == "rib":
        bank = bank_of(story.iban, reference.bank_overrides(teller.session))
        name = bank.name if bank else story.answers["bank.domiciliation"]
        return "rib.png", papers.bank_details(company, name, show_as(Iban, story.iban), story.bic)
    if code.startswith("identity_"):
        person = story.depositary if code == "identity_depositary" else story.representative
        assert person is not None  # noqa: S101  A depositary's identity is due only when there is one.
        return f"identite-{person.last_name.lower()}.jpg", papers.identity_card(person.last_name, person.first_name)
    title, issuer, text = _PAPERS[code]
    lines = (
        ("Fournisseur", f"{company}, SIRET {story.siret}"),
        ("Référencement", f"{software.ans_number}, {software.software_name} {software.software_version}"),
        ("Signataire", signer),
    )
    return f"{_plain(title)}.pdf", papers.paper(title, issuer, text, lines)


def _plain(title: str) -> str:
    """A title as people name a file: « Mandat de l'éditeur » gives mandat-de-l-editeur."""
    letters = unicodedata.normalize("NFKD", title.lower())
    return "-".join(re.findall(r"[a-z0-9]+", "".join(one for one in letters if not unicodedata.combining(one))))


_PAPERS = {
    _CERTIFICATE: (
        "Certificat de référencement",
        "Agence du numérique en santé (document fictif)",
        "La solution désignée ci-dessous est conforme au dossier de spécification de référencement de la vague 2.",
    ),
    "hds_certificate": (
        "Certificat d'hébergement des données de santé",
        "Organisme certificateur Veritas Fictiva",
        "Activités certifiées 1 à 6. Certificat délivré pour trois ans.",
    ),
    "hds_attestation": (
        "Attestation sur l'honneur de non-hébergement",
        "Le représentant légal",
        "Je soussigné atteste que la société n'héberge de données de santé pour aucun de ses clients.",
    ),
    "kbis": (
        "Extrait Kbis",
        "Greffe du tribunal de commerce (document fictif)",
        "Extrait d'immatriculation principale au registre du commerce et des sociétés, de moins de trois mois.",
    ),
    "publisher_mandate": (
        "Mandat de l'éditeur",
        "L'éditeur",
        "L'éditeur autorise le distributeur désigné ci-dessous à distribuer la solution et à le représenter.",
    ),
    "signature_mandate": (
        "Mandat de délégation de signature",
        "Le représentant légal",
        "Le représentant légal délègue sa signature au dépositaire, employé de la société.",
    ),
    "service_contract": (
        "Contrat de prestation",
        "Le fournisseur et son prestataire",
        "Article 3 : le représentant légal délègue sa signature au dépositaire désigné par le prestataire.",
    ),
    "vat_proof": (
        "Preuve de régime hors TVA",
        "Service des impôts des entreprises (document fictif)",
        "La société relève de la franchise en base de TVA.",
    ),
}


def _answers(teller: Teller, story: Story) -> dict[str, str]:
    """What the vendor types, by the names of the form; what the registry fills in is left to it."""
    company = _company_name(teller, story)
    typed = {
        "referencing.ans_number": story.ans_number,
        "provider.siret": story.siret,
        "provider.trade_name": company,
        "request.is_distributor": _yes(story.is_distributor),
        "request.is_representative": _yes(story.depositary is None),
        "bank.iban": story.iban,
        "bank.bic": story.bic,
        "bank.holder": company,
        "request.vat_liable": _yes(story.vat_liable),
        **_person("representative", story.representative),
        **{box(kind): "oui" for kind in BOXES},
        **story.answers,
    }
    if story.hosts_health_data is not None:
        typed["request.hosts_health_data"] = _yes(story.hosts_health_data)
    if story.depositary is not None and story.quality is not None:
        typed |= {**_person("depositary", story.depositary), "depositary.quality": story.quality.value}
    if code := typed.get("provider.street_type_id"):
        street_type = teller.session.exec(select(StreetType).where(StreetType.code == code)).one()
        typed["provider.street_type_id"] = str(street_type.id)
    return typed


def _person(prefix: str, person: Human) -> dict[str, str]:
    return {
        f"{prefix}.last_name": person.last_name,
        f"{prefix}.first_name": person.first_name,
        f"{prefix}.email": person.email,
        f"{prefix}.email_confirmation": person.email,
        f"{prefix}.phone": person.phone,
    }


def _yes(answer: bool) -> str:
    return "oui" if answer else "non"


def _company_name(teller: Teller, story: Story) -> str:
    typed = story.answers.get("provider.legal_name")
    found = teller.registry.find(story.siret)
    known = found.company.legal_name if isinstance(found, Found) else None
    return typed or known or "Société de démonstration"


def _decide(teller: Teller, request: EnrolmentRequest, decision: Decision, days: int) -> Tale:
    """Let the case manager take the request and decide."""
    yield days_ago(days, hour=15)
    actor = teller.manager()
    request.assigned_to_id = actor.id
    teller.session.add(request)
    teller.session.flush()
    decisions.decide(teller.session, actor, request.id, decision, teller.addresses, row_version=request.row_version)
    teller.session.flush()


def _stays(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    """Nobody has acted yet."""
    del teller, story, request
    return iter(())


def _is_validated(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    yield from _decide(
        teller, request, Decision(Verb.validate, "Bienvenue parmi les fournisseurs enrôlés."), story.days_ago - 9
    )
    yield from _choose_password(teller, request, story.password, story.days_ago - 10)


def _is_partly_validated(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    yield from _decide(teller, request, Decision(Verb.validate_partially), story.days_ago - 8)
    yield from _choose_password(teller, request, story.password, story.days_ago - 9)


def _deposits_certificates(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    yield from _is_partly_validated(teller, story, request)
    yield days_ago(2, hour=11)
    _finalise(teller, story, request)


def _finalise(teller: Teller, story: Story, request: EnrolmentRequest) -> None:
    account = teller.session.get_one(Account, request.account_id)
    actor = teller.act(accounts.actor_of(account))
    demand = demands.latest(teller.session, request.public_id)
    assert demand is not None  # noqa: S101  A partial validation opens one.
    for point in demands.read(teller.session, demand).documents:
        assert point.kind is not None  # noqa: S101  `documents` holds nothing else.
        name, content = document(teller, story, point.kind.code)
        file = deposits.deposit(teller.storage, point.kind, name, content, None)
        answering.attach(teller.session, demand.public_id, point.name, 0, file)
    answering.finish(teller.session, actor, demand.public_id, teller.addresses)
    teller.session.flush()


def _is_asked_documents(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    decision = Decision(
        Verb.ask_documents,
        "Votre dossier est par ailleurs complet. Déposez ces deux pièces pour que l'instruction reprenne.",
        (
            ("rib", "Le titulaire n'est pas lisible : déposez le relevé édité par votre banque."),
            ("identity_representative", "Le verso de la carte manque."),
        ),
    )
    yield from _decide(teller, request, decision, story.days_ago - 7)


def _is_asked_correction(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    decision = Decision(
        Verb.ask_correction,
        "Le reste de votre dossier est conforme.",
        documents=(("rib", "Déposez le relevé du compte de la société."),),
        fields=(
            ("bank.holder", "Le titulaire du compte doit être la société."),
            ("bank.iban", "Indiquez l'IBAN du compte de la société."),
            ("representative.phone", "Ce numéro ne répond pas : indiquez une ligne directe."),
        ),
    )
    yield from _decide(teller, request, decision, story.days_ago - 5)


def _is_rejected(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    reason = (
        "Le mandat de délégation de signature n'est pas signé par le représentant légal. Vous pouvez déposer une "
        "nouvelle demande avec un mandat signé."
    )
    yield from _decide(teller, request, Decision(Verb.reject, reason), story.days_ago - 12)


def _is_withdrawn(teller: Teller, story: Story, request: EnrolmentRequest) -> Tale:
    yield days_ago(story.days_ago - 1, hour=18)
    withdrawing.withdraw(teller.session, teller.act(Actor.visitor()), request.public_id, teller.addresses)
    teller.session.flush()


_ENDINGS: Mapping[RequestStatus, Callable[[Teller, Story, EnrolmentRequest], Tale]] = {
    RequestStatus.in_review: _stays,
    RequestStatus.validated: _is_validated,
    RequestStatus.awaiting_certificates: _is_partly_validated,
    RequestStatus.certificates_to_review: _deposits_certificates,
    RequestStatus.awaiting_documents: _is_asked_documents,
    RequestStatus.awaiting_correction: _is_asked_correction,
    RequestStatus.rejected: _is_rejected,
    RequestStatus.withdrawn: _is_withdrawn,
}


def _choose_password(teller: Teller, request: EnrolmentRequest, password: str | None, days: int) -> Tale:
    """Use the one-time link of the mail « création du mot de passe », where the guide shows a password."""
    if password is None:
        return
    yield days_ago(days, hour=17)
    account = teller.session.get_one(Account, request.account_id)
    teller.act(accounts.actor_of(account))
    address, _ = accounts.password_link(teller.session, account, teller.addresses)
    accounts.create_password(teller.session, teller.links, address.rsplit("/", 1)[-1], password)
    teller.session.flush()


def _ans_validates(teller: Teller, request: EnrolmentRequest) -> Tale:
    """The ANS validates a referencing after its early request was filed (rule E5)."""
    yield days_ago(3, hour=8)
    teller.act(Actor.system("Liste de l'ANS"))
    referencing = teller.session.get_one(Referencing, request.referencing_id)
    referencing.status = ReferencingStatus.validated
    referencing.validated_on = clock.today()
    teller.session.add(referencing)
    teller.session.flush()
