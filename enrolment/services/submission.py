"""« Terminer »: a draft becomes a request. One draft makes one request, whatever is clicked twice (rule S1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.application.rules import BOXES, problems_of, values_of
from enrolment.application.state import Application, Problem
from enrolment.errors import Conflict, Refused
from enrolment.services import complementing, drafts, notices, portfolio, reference, transition
from enrolment.services.numbers import next_number
from schema.base import Table
from schema.enums import BankCheck, LegalTextKind, PersonRole, RegistryOutcome, RequestKind, Step
from schema.history import Actor
from schema.tables import (
    Attachment,
    BankAccount,
    Draft,
    EnrolmentRequest,
    Person,
    Provider,
    TermsAcceptance,
)
from schema.types import BankCoherence, Level, bank_coherence, siren_of

SERIES = "ENR"
_Row = TypeVar("_Row", bound=Table)


class Incomplete(Refused):
    """Some steps are not right. `problems` says which, by step."""

    def __init__(self, problems: dict[Step, tuple[Problem, ...]]) -> None:
        super().__init__("Votre demande n'est pas complète. Corrigez les points signalés, puis terminez.")
        self.problems = problems

    def __str__(self) -> str:
        return " ".join(f"{one.field}: {one.message}" for found in self.problems.values() for one in found)


class AlreadyEnrolled(Conflict):
    """Another active request holds the referencing number (rule R2)."""

    def __init__(self) -> None:
        super().__init__(
            "Une demande d'enrôlement vient d'être déposée pour ce même numéro de référencement, et un numéro ne "
            "s'enrôle qu'une fois. Suivez-la avec le lien de son accusé de réception ; si vous n'en êtes pas "
            "l'auteur, contactez l'assistance."
        )


@dataclass(frozen=True)
class Submitted:
    """The request, and whether this call made it (a second click finds the first one's)."""

    request: EnrolmentRequest
    is_new: bool


def submit(session: Session, actor: Actor, draft_public_id: str, addresses: Addresses) -> Submitted:
    """Turn a draft into a request with its number, history and acknowledgement.

    Every step is checked again. Raises Incomplete, AlreadyEnrolled, or NotFound for a draft that is gone.
    """
    draft = drafts.find(session, draft_public_id, lock=True)
    if draft.request_id is not None:
        return Submitted(session.get_one(EnrolmentRequest, draft.request_id), is_new=False)
    if draft.kind is RequestKind.complementary:
        complementing.lock(session, siren_of(_company(session, draft).siret))
    application = drafts.view(session, draft)
    now = clock.now()
    problems = {step: found for step in Step if (found := problems_of(step, application, now))}
    if problems:
        raise Incomplete(problems)
    if draft.kind is RequestKind.complementary:
        request = _request(session, draft, application, _company(session, draft).provider_id)
    else:
        request = _request(session, draft, application, _provider(session, application).id)
    _move_files(session, draft, request, application)
    _accept_terms(session, request)
    draft.request_id = request.id
    # The answers now live in the request's own rows: the draft keeps no second copy of personal data.
    draft.answers = {}
    session.add(draft)
    event = transition.begin(session, actor, request)
    transition.notify(session, request, event, notices.acknowledgement(session, request, addresses))
    return Submitted(request, is_new=True)


def _company(session: Session, draft: Draft) -> portfolio.Company:
    """The provider that a complementary request is for: the account's own row (ADR 0006)."""
    chosen = drafts.company_of(session, draft)
    if chosen is None:
        raise Refused("Choisissez le fournisseur pour lequel vous déposez cette demande.")
    return chosen


def _provider(session: Session, application: Application) -> Provider:
    values = values_of(application, "provider")
    lookup = application.lookup
    assert lookup is not None  # noqa: S101  The applicant's step has no problem, so the SIRET was looked up.
    provider = Provider(
        **values,
        registry_name=lookup.company.legal_name if lookup.company else None,
        registry_outcome=lookup.outcome,
        registry_checked_at=clock.now(),
    )
    _add(session, provider)
    _person(session, application, provider, PersonRole.representative)
    if application.value("request.is_representative") is False:
        _person(session, application, provider, PersonRole.depositary)
    bank = values_of(application, "bank")
    _add(session, BankAccount(provider_id=provider.id, bank_check=bank_check_of(application), **bank))
    return provider


def _person(session: Session, application: Application, provider: Provider, role: PersonRole) -> None:
    _add(session, Person(provider_id=provider.id, role=role, **values_of(application, role.value)))


def _request(session: Session, draft: Draft, application: Application, provider_id: int) -> EnrolmentRequest:
    software = application.software
    assert software is not None  # noqa: S101  The referencing's step has no problem, so the software is known.
    now = clock.now()
    request = EnrolmentRequest(
        **{**_known(application), **values_of(application, "request")},
        number=next_number(session, SERIES),
        submission_key=draft.public_id,
        kind=draft.kind,
        account_id=draft.account_id,
        is_early=application.is_early,
        status_since=now,
        clock_from=now,
        submitted_at=now,
        referencing_id=software.referencing_id,
        provider_id=provider_id,
        previous_request_id=draft.previous_request_id,
        legal_name_changed=bool(application.legal_name_changed),
        to_verify=to_verify(application),
    )
    session.add(request)
    try:
        session.flush()
    except IntegrityError as error:
        if "uq_request_active_referencing" in str(error.orig) or "request.referencing_id" in str(error.orig):
            raise AlreadyEnrolled from error
        raise
    return request


def _known(application: Application) -> dict[str, object]:
    """The columns of the request that its vendor was not asked again."""
    start = "request."
    return {name.removeprefix(start): value for name, value in application.known.items() if name.startswith(start)}


def bank_check_of(application: Application) -> BankCheck:
    """How far the bank details could be checked."""
    level = _bank_coherence(application).level
    return BankCheck.coherent if level is Level.ok else BankCheck.unknown_bank


def _bank_coherence(application: Application) -> BankCoherence:
    return bank_coherence(application.value("bank.iban"), application.value("bank.bic"), application.bank_overrides)


def to_verify(application: Application) -> str | None:
    """What the portal could not check by itself, for the manager's eyes; None when it could check everything."""
    notes: list[str] = []
    if application.kind is RequestKind.complementary:
        return None
    lookup = application.lookup
    if lookup is not None and lookup.outcome is not RegistryOutcome.found:
        notes.append(f"{lookup.outcome.label} : identité saisie par le fournisseur.")
    coherence = _bank_coherence(application)
    if coherence.level is Level.warning and coherence.message:
        notes.append(coherence.message)
    return "\n".join(notes) or None


def _move_files(session: Session, draft: Draft, request: EnrolmentRequest, application: Application) -> None:
    """Give the request the files that it needs; those that no rule asks for any more go."""
    wanted = {item.kind.code for item in application.due}
    keep = {file.attachment_id for code, file in application.files.items() if code in wanted}
    for row in session.exec(select(Attachment).where(Attachment.draft_id == draft.id)).all():
        if row.id in keep:
            row.draft_id, row.request_id = None, request.id
            session.add(row)
        else:
            session.delete(row)
    session.flush()


def _accept_terms(session: Session, request: EnrolmentRequest) -> None:
    """Rule S2: the version, the moment and the very wording are kept."""
    for kind in BOXES:
        text = reference.legal_text(session, kind, clock.now())
        session.add(
            TermsAcceptance(
                request_id=request.id,
                legal_text_id=text.id,
                wording=acceptance_wording(kind, text.version),
                accepted_at=clock.now(),
            )
        )


_WORDINGS = {
    LegalTextKind.cgu: "J'ai lu et j'accepte les conditions générales d'utilisation (version {version}).",
    LegalTextKind.penal: "J'ai pris connaissance de l'article 441-7 du code pénal (version {version}).",
    LegalTextKind.authenticity: (
        "Je certifie l'authenticité des informations saisies et des pièces jointes (version {version})."
    ),
}


def acceptance_wording(kind: LegalTextKind, version: str) -> str:
    """The sentence beside the box that accepts a legal text, on screen and in the file."""
    return _WORDINGS[kind].format(version=version)


def _add(session: Session, row: _Row) -> _Row:
    session.add(row)
    session.flush()
    return row
