"""Vendors and managers of the tests: what people do, through the services alone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from sqlmodel import select

from enrolment.application.rules import ANS, BOXES, SIRET, box
from enrolment.documents import Kind
from enrolment.portal import Portal
from enrolment.registries.company import Company, Found
from enrolment.registries.company import Lookup as RegistryAnswer
from enrolment.services import decisions, drafts, reference, submission
from enrolment.services.decisions import Decision
from enrolment.services.deposits import deposit
from enrolment.services.submission import Submitted
from schema.enums import ActorKind, DemandState, Step, Verb
from schema.history import Actor
from schema.tables import Demand, EnrolmentRequest
from tests.enrolment.files.corpus import good_pdf
from tests.rows import IBAN, add_referencing
from tests.rows import SIRET as USUAL_SIRET

VISITOR = Actor.visitor()
MANAGER = Actor(ActorKind.staff, None, "Inès Moreau")
_count = itertools.count(1)


@cache
def a_pdf() -> bytes:
    """A valid PDF, made once."""
    return good_pdf()


@dataclass(frozen=True)
class Vendor:
    """What a vendor answers. Everything it does not say is usual."""

    ans_number: str
    siret: str = USUAL_SIRET
    email: str = field(default_factory=lambda: f"claire.lefevre{next(_count)}@alize-sante.fr")
    hosts_health_data: str = ""
    is_distributor: str = "non"
    quality: str = ""
    vat_liable: str = "oui"
    registry_name: str = "ALIZE SANTE"
    legal_name: str = "Alizé Santé"

    @property
    def answers(self) -> dict[Step, dict[str, str]]:
        """What it types, step by step."""
        depositary = {
            "depositary.last_name": "Garnier",
            "depositary.first_name": "Paul",
            "depositary.email": f"depot.{self.email}",
            "depositary.email_confirmation": f"depot.{self.email}",
            "depositary.phone": "06 12 34 56 78",
            "depositary.quality": self.quality,
        }
        return {
            Step.referencing: {ANS: self.ans_number, "request.hosts_health_data": self.hosts_health_data},
            Step.applicant: {
                SIRET: self.siret,
                "provider.legal_name": self.legal_name,
                "provider.trade_name": "Alizé",
                "provider.street_number": "12",
                "provider.street_name": "des Lilas",
                "provider.post_code": "69003",
                "provider.city": "Lyon",
                "request.is_distributor": self.is_distributor,
                "request.is_representative": "non" if self.quality else "oui",
                "representative.last_name": "Lefèvre",
                "representative.first_name": "Claire",
                "representative.email": self.email,
                "representative.email_confirmation": self.email,
                "representative.phone": "04 78 00 12 34",
                **(depositary if self.quality else {}),
            },
            Step.bank: {
                "bank.iban": IBAN,
                "bank.bic": "AGRIFRPPXXX",
                "bank.holder": "Alizé Santé",
                "bank.domiciliation": "Crédit Agricole",
            },
            Step.vat: {"request.vat_liable": self.vat_liable},
            Step.summary: {box(kind): "oui" for kind in BOXES},
        }

    @property
    def registry_answer(self) -> RegistryAnswer:
        """What the registry says of it."""
        return Found(Company(siret=self.siret, siren=self.siret[:9], legal_name=self.registry_name, is_open=True))


def new_number(portal: Portal, *, needs_hds: bool = False, validated: bool = True) -> str:
    """A referencing number that nobody holds."""
    with portal.database.writing(Actor.system()) as session:
        return add_referencing(session, needs_hds=needs_hds, validated=validated).ans_number


def fill(portal: Portal, vendor: Vendor, *, without: frozenset[str] = frozenset()) -> str:
    """Type a whole draft and upload all that is due, except the kinds in `without`. Gives its public id."""
    with portal.database.writing(VISITOR) as session:
        draft = drafts.start(session)
        public_id = draft.public_id
        street_type = next(key for key, name in reference.street_types(session).items() if name == "Rue")
        for step, typed in vendor.answers.items():
            answers = dict(typed)
            if step is Step.applicant:
                drafts.remember_company(session, draft, vendor.siret, vendor.registry_answer)
                answers["provider.street_type_id"] = street_type
            drafts.save(session, draft, step, answers)
        session.flush()
        due = [item.kind for item in drafts.view(session, draft).due if item.kind.code not in without]
    for kind in due:
        upload(portal, public_id, kind)
    return public_id


def upload(portal: Portal, public_id: str, kind: Kind, content: bytes | None = None) -> None:
    """Give a draft a file."""
    attachment = deposit(portal.storage, kind, f"{kind.code}.pdf", content or a_pdf(), portal.settings.clamd)
    with portal.database.writing(VISITOR) as session:
        drafts.attach(session, drafts.find(session, public_id), attachment)


def submit(portal: Portal, public_id: str) -> Submitted:
    """« Terminer »."""
    with portal.database.writing(VISITOR) as session:
        return submission.submit(session, VISITOR, public_id, portal.addresses)


def enrol(portal: Portal, **vendor: str) -> EnrolmentRequest:
    """A request of a vendor, from nothing."""
    if "ans_number" not in vendor:
        vendor["ans_number"] = new_number(portal)
    return submit(portal, fill(portal, Vendor(**vendor))).request


def decide(portal: Portal, request_id: int, verb: Verb, message: str = "", *documents: str) -> EnrolmentRequest:
    """A manager decides, on what the request is now."""
    with portal.database.writing(MANAGER) as session:
        request = session.get_one(EnrolmentRequest, request_id)
        decision = Decision(verb, message, tuple((code, "") for code in documents))
        return decisions.decide(
            session, MANAGER, request_id, decision, portal.addresses, row_version=request.row_version
        )


def ask(
    portal: Portal,
    request_id: int,
    fields: Mapping[str, str] | None = None,
    documents: Mapping[str, str] | None = None,
) -> Demand:
    """The ASP flags answers and documents, each with its reason; the demand that is open afterwards."""
    with portal.database.writing(MANAGER) as session:
        request = session.get_one(EnrolmentRequest, request_id)
        decision = Decision(Verb.ask_correction, "", tuple((documents or {}).items()), tuple((fields or {}).items()))
        decisions.decide(session, MANAGER, request_id, decision, portal.addresses, row_version=request.row_version)
        return session.exec(
            select(Demand).where(Demand.request_id == request_id, Demand.state == DemandState.open)
        ).one()
