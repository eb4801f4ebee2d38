"""Requests being typed: start, save, search, attach, resume. Nothing typed or uploaded is ever lost to an error.

Raw answers are kept as typed; `view` reads them together with what the reference tables and the registry say.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.application.questions import IF_UNKNOWN, names
from enrolment.application.rules import ANS, BOXES, SIRET, box
from enrolment.application.state import Application, Lookup, StoredFile
from enrolment.documents import due
from enrolment.errors import NotFound, Refused
from enrolment.registries.company import Company, Found, Unavailable
from enrolment.registries.company import Lookup as RegistryAnswer
from enrolment.services import complementing, known_vendors, portfolio, reference
from schema.enums import ENDED, RegistryOutcome, RequestKind, RequestStatus, Step
from schema.tables import (
    Account,
    Attachment,
    DocumentKind,
    Draft,
    EnrolmentRequest,
    Provider,
    StreetType,
)
from schema.types import siren_of

_LOOKUP = "_lookup"
_PROVIDER = "_provider"
_LONGEST_ANSWER = 500
GONE = (
    "Ce brouillon n'existe pas, n'existe plus, ou n'a pas été commencé dans ce navigateur. Ouvrez le lien de reprise "
    "le plus récent que vous avez reçu par email, ou commencez une nouvelle demande."
)
"""Said of a draft that is gone and of one that is somebody else's: the two are told apart nowhere."""


def start(session: Session, kind: RequestKind = RequestKind.initial, account_id: int | None = None) -> Draft:
    """Open a new draft."""
    draft = Draft(
        kind=kind,
        account_id=account_id,
        step=Step.referencing.value,
        expires_at=clock.now() + timedelta(days=parameters.number(session, "draft_days")),
    )
    session.add(draft)
    session.flush()
    return draft


def begun(session: Session, account_id: int, ans_number: str) -> Draft | None:
    """The draft that an account already has for a number: searching it again takes it up, and makes no second one."""
    open_ones = session.exec(
        select(Draft)
        .where(Draft.account_id == account_id, col(Draft.request_id).is_(None), col(Draft.expires_at) > clock.now())
        .order_by(col(Draft.updated_at).desc())
    )
    wanted = reference.normalised_ans_number(ans_number)
    return next(
        (one for one in open_ones if reference.normalised_ans_number(str(one.answers.get(ANS, ""))) == wanted), None
    )


def find(session: Session, public_id: str, *, lock: bool = False) -> Draft:
    """A draft by its public id; `lock` keeps others from submitting it. Raises NotFound, also once expired."""
    statement = select(Draft).where(Draft.public_id == public_id)
    draft = session.exec(statement.with_for_update() if lock else statement).first()
    if draft is None or draft.expires_at < clock.now():
        raise NotFound(GONE)
    return draft


def save(session: Session, draft: Draft, step: Step, typed: Mapping[str, str]) -> None:
    """Keep what was typed in a step, exactly as typed. Raises Refused for a field that the step does not have."""
    _refuse_submitted(draft)
    known = names(step) | ({box(kind) for kind in BOXES} if step is Step.summary else set())
    strangers = set(typed) - known
    if strangers:
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    answers = dict(draft.answers)
    for name, value in typed.items():
        answers[name] = value[:_LONGEST_ANSWER]
    if step is Step.summary:
        # A box that is not ticked is not sent: what is absent is a « non ».
        for kind in BOXES:
            answers[box(kind)] = typed.get(box(kind), "non")
    draft.answers = answers
    if list(Step).index(step) > list(Step).index(Step(draft.step)):
        draft.step = step.value
    draft.expires_at = clock.now() + timedelta(days=parameters.number(session, "draft_days"))
    session.add(draft)


def remember_company(session: Session, draft: Draft, siret: str, answer: RegistryAnswer) -> None:
    """Keep the registry's answer and fill in what it knows. A registry that is down or ignorant never blocks (D6)."""
    _refuse_submitted(draft)
    answers: dict[str, Any] = dict(draft.answers)
    previous = _lookup(draft)
    company = answer.company if isinstance(answer, Found) else None
    answers[SIRET] = siret
    answers[_LOOKUP] = {
        "siret": siret,
        "outcome": _outcome(answer).value,
        "company": dataclasses.asdict(company) if company else None,
    }
    if previous is not None and previous.siret != siret and previous.company is not None:
        # What the registry said of another company must not pass for what the vendor says of this one.
        for name, value in _prefill(session, previous.company).items():
            if answers.get(name) == value:
                answers[name] = ""
    if company is not None:
        prefill = _prefill(session, company)
        if previous is not None and previous.siret == siret:
            # The vendor may have corrected the registry: a second search fills in only what is empty.
            prefill = {name: value for name, value in prefill.items() if not answers.get(name)}
        answers |= prefill
    draft.answers = answers
    session.add(draft)


def known_lookup(provider: Provider) -> dict[str, Any]:
    """What a stored provider says of its SIRET, as `remember_company` would have kept it."""
    company = Company(provider.siret, provider.siren, provider.registry_name, is_open=True)
    known = dataclasses.asdict(company) if provider.registry_name else None
    return {_LOOKUP: {"siret": provider.siret, "outcome": provider.registry_outcome.value, "company": known}}


def attach(session: Session, draft: Draft, attachment: Attachment) -> None:
    """Give the draft a file that was checked and stored; an older one of the same kind goes."""
    _refuse_submitted(draft)
    older = session.exec(
        select(Attachment).where(
            Attachment.draft_id == draft.id, Attachment.document_kind_id == attachment.document_kind_id
        )
    ).all()
    for row in older:
        session.delete(row)
    attachment.draft_id = draft.id
    session.add(attachment)
    session.flush()


def delete(session: Session, public_id: str) -> None:
    """Give a draft up, with its files: their content goes with the sweep of orphans. Raises NotFound or Refused."""
    draft = find(session, public_id, lock=True)
    _refuse_submitted(draft)
    for row in session.exec(select(Attachment).where(Attachment.draft_id == draft.id)).all():
        session.delete(row)
    session.flush()
    session.delete(draft)
    session.flush()


def detach(session: Session, draft: Draft, public_id: str) -> None:
    """Remove a file from the draft. Raises NotFound for a file of somebody else."""
    _refuse_submitted(draft)
    row = session.exec(
        select(Attachment).where(Attachment.draft_id == draft.id, Attachment.public_id == public_id)
    ).first()
    if row is None:
        raise NotFound("Ce fichier n'est plus dans votre brouillon.")
    session.delete(row)


def view(session: Session, draft: Draft) -> Application:
    """Everything known of a draft, documents due included."""
    answers = {name: value for name, value in draft.answers.items() if not name.startswith("_")}
    if draft.kind is RequestKind.complementary:
        return _complementary(session, draft, answers)
    lookup = _lookup(draft)
    application = Application(
        kind=draft.kind,
        answers=answers,
        software=reference.software(session, answers.get(ANS, "")),
        lookup=lookup,
        vendor_is_known=lookup is not None and known_vendors.is_known(session, lookup.siret),
        vendor_has_request=lookup is not None and _has_request_in_review(session, lookup.siret),
        files=_files(session, draft),
        bank_overrides=reference.bank_overrides(session),
        street_types=reference.street_types(session),
    )
    return dataclasses.replace(application, due=due(reference.document_rules(session), application.facts()))


def choose_company(session: Session, draft: Draft, provider_id: int) -> None:
    """Say for which of its companies an account files. Raises Refused for somebody else's."""
    _refuse_submitted(draft)
    assert draft.account_id is not None  # noqa: S101  A complementary draft belongs to an account.
    complementing.company(session, draft.account_id, provider_id)
    draft.answers = {**draft.answers, _PROVIDER: provider_id}
    session.add(draft)


def company_of(session: Session, draft: Draft) -> portfolio.Company | None:
    """The company that a complementary draft is for; None while one of several is still to be chosen."""
    assert draft.account_id is not None  # noqa: S101  A complementary draft belongs to an account.
    try:
        return complementing.company(session, draft.account_id, draft.answers.get(_PROVIDER))
    except Refused:
        return None


def _complementary(session: Session, draft: Draft, answers: Mapping[str, str]) -> Application:
    """What is typed, with what the rows of the account say already (rules C1 to C3)."""
    software = reference.software(session, answers.get(ANS, ""))
    chosen = company_of(session, draft)
    known: Mapping[str, Any] = {}
    waits_for, first_of_wave, unknown = None, None, frozenset[str]()
    if chosen is not None:
        account = session.get_one(Account, draft.account_id)
        known = complementing.known_answers(session, account, chosen.provider_id)
        unknown = IF_UNKNOWN - set(known)
        if software is not None:
            siren = siren_of(chosen.siret)
            first = complementing.waiting(session, account.id, siren, software.wave_id)
            waits_for = None if first is None else first.number if first.is_own else ""
            first_of_wave = complementing.is_first_of_wave(session, account.id, siren, software.wave_id)
    application = Application(
        kind=draft.kind,
        answers=answers,
        software=software,
        files=_files(session, draft),
        bank_overrides=reference.bank_overrides(session),
        street_types=reference.street_types(session),
        known=known,
        unknown=unknown,
        first_of_wave=first_of_wave,
        waits_for=waits_for,
    )
    return dataclasses.replace(application, due=due(reference.document_rules(session), application.facts()))


def _refuse_submitted(draft: Draft) -> None:
    if draft.request_id is not None:
        raise Refused("Cette demande est déjà déposée : elle ne peut plus être modifiée ici.")


def _outcome(answer: RegistryAnswer) -> RegistryOutcome:
    if isinstance(answer, Found):
        return RegistryOutcome.found if answer.company.is_diffusible else RegistryOutcome.not_diffusible
    return RegistryOutcome.unavailable if isinstance(answer, Unavailable) else RegistryOutcome.unknown


def _prefill(session: Session, company: Company) -> dict[str, str]:
    street_type = None
    if company.street_type:
        street_type = session.exec(select(StreetType.id).where(StreetType.code == company.street_type)).first()
    given = {
        "provider.legal_name": company.legal_name,
        "provider.trade_name": company.trade_name,
        "provider.building": company.complement,
        "provider.street_number": company.number,
        "provider.street_extension": company.extension,
        "provider.street_type_id": str(street_type) if street_type else None,
        "provider.street_name": company.street_name,
        "provider.address_complement": company.distribution,
        "provider.post_code": company.post_code,
        "provider.city": company.city,
    }
    return {name: value or "" for name, value in given.items()}


def _lookup(draft: Draft) -> Lookup | None:
    kept = draft.answers.get(_LOOKUP)
    if not kept:
        return None
    company = Company(**kept["company"]) if kept["company"] else None
    return Lookup(siret=kept["siret"], outcome=RegistryOutcome(kept["outcome"]), company=company)


def _has_request_in_review(session: Session, siret: str) -> bool:
    """Rule C2: a first initial request under the SIRET is still being instructed."""
    found = session.exec(
        select(EnrolmentRequest.id)
        .join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
        .where(
            Provider.siret == siret,
            col(EnrolmentRequest.status).not_in({*ENDED, RequestStatus.validated}),
        )
    ).first()
    return found is not None


def _files(session: Session, draft: Draft) -> dict[str, StoredFile]:
    rows = session.exec(
        select(Attachment, DocumentKind.code)
        .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(Attachment.draft_id == draft.id)
        .order_by(col(Attachment.id))
    )
    return {
        code: StoredFile(row.id, row.public_id, code, row.file_name, row.size, row.content_type) for row, code in rows
    }
