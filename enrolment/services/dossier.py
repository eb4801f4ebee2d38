"""Everything that a case manager needs of one request, read at once: the page of a file shows it and nothing more.

Nothing is written here. Which decisions the ticks leave open is in `choices`, who may see a piece in `viewing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from enrolment.application.questions import question
from enrolment.documents import Due, due
from enrolment.errors import NotFound
from enrolment.mail import outbox
from enrolment.services import comparison, delays, flagging, reference
from enrolment.services.askable import kinds_to_ask, present_facts
from enrolment.services.delays import Delay
from enrolment.services.people import Correspondent, correspondent
from enrolment.services.viewing import HEALTHY, why_closed
from enrolment.wording import enrolment_type
from enrolment.workflow import FINAL, WAITS_FOR_ASP
from schema.enums import (
    BankCheck,
    DemandState,
    MailState,
    ReferencingStatus,
    RegistryOutcome,
    RequestStatus,
    ReviewState,
    Step,
)
from schema.tables import (
    Attachment,
    BankAccount,
    Deadline,
    Demand,
    DemandItem,
    DocumentKind,
    EnrolmentRequest,
    OutgoingMail,
    Provider,
    Referencing,
    RequestEvent,
    StaffUser,
)

_LARGEST_KEY = 2**63 - 1
_MOST_OTHERS = 10
RIB = "rib"
"""The code of the kind of document that proves a bank account."""


@dataclass(frozen=True)
class Piece:
    """A deposited file. `closed` says why it cannot be opened."""

    public_id: str
    row_version: int
    kind_code: str
    kind: str
    sensitive: bool
    file_name: str
    content_type: str
    size: int
    pages: int | None
    deposited_at: datetime
    review: ReviewState
    review_reason: str
    closed: str | None
    replaced: bool


@dataclass(frozen=True)
class Other:
    """Another request that has something to do with this one."""

    id: int
    number: str
    status: RequestStatus
    company: str
    siren: str


@dataclass(frozen=True)
class Alert:
    """Something that a manager must know before deciding. `tone` is info, warning or danger."""

    tone: str
    title: str
    text: str = ""
    others: tuple[Other, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What the ASP asked of the vendor and has not got yet, or has."""

    message: str
    asked_at: datetime
    due_on: date | None
    is_open: bool
    items: tuple[tuple[str, str, bool], ...]
    """(what, why, whether it came)."""


@dataclass(frozen=True)
class Mail:
    """A mail of this request, as staff may read it; `reply` is the last word of the mail server."""

    id: int
    subject: str
    recipient: str
    state: MailState
    at: datetime
    text: str
    template: str
    attempts: int
    reply: str


@dataclass(frozen=True)
class Dossier:
    """One request and all that is around it."""

    request: EnrolmentRequest
    provider: Provider
    kind: str
    holder: StaffUser | None
    correspondent: Correspondent
    alerts: tuple[Alert, ...]
    sections: tuple[comparison.DeclaredSection, ...]
    pieces: tuple[Piece, ...]
    missing: tuple[Due, ...]
    flags: tuple[flagging.Flag, ...]
    kinds: tuple[tuple[str, str], ...]
    """The kinds of document that may be asked: (code, name)."""
    asked: tuple[Asked, ...]
    events: tuple[RequestEvent, ...]
    mails: tuple[Mail, ...]
    previous: Other | None
    next: Other | None

    @property
    def current(self) -> tuple[Piece, ...]:
        """The pieces in force: those that nothing newer replaced."""
        return tuple(piece for piece in self.pieces if not piece.replaced)

    @property
    def reviewable(self) -> bool:
        """Whether the file is in the ASP's hands."""
        return self.request.status in WAITS_FOR_ASP

    def piece(self, public_id: str) -> Piece | None:
        """The piece to show: the one asked for, else the first to examine, else the first."""
        wanted = next((piece for piece in self.pieces if piece.public_id == public_id), None)
        return wanted or self.first_unreviewed or next(iter(self.pieces), None)

    @property
    def first_unreviewed(self) -> Piece | None:
        """The first piece that nobody has examined."""
        return next((piece for piece in self.current if piece.review is ReviewState.unreviewed), None)


def find(session: Session, request_id: int) -> EnrolmentRequest:
    """A request by its key. Raises NotFound."""
    request = session.get(EnrolmentRequest, request_id) if 0 < request_id <= _LARGEST_KEY else None
    if request is None:
        raise NotFound("Cette demande n'existe pas.")
    return request


def read(session: Session, request_id: int) -> Dossier:
    """The file of a request. Raises NotFound. The number of queries does not depend on the file."""
    request = find(session, request_id)
    provider = session.get_one(Provider, request.provider_id)
    pieces = pieces_of(session, request)
    return Dossier(
        request=request,
        provider=provider,
        kind=enrolment_type(request.kind, is_early=request.is_early),
        holder=session.get(StaffUser, request.assigned_to_id) if request.assigned_to_id else None,
        correspondent=correspondent(session, request),
        alerts=tuple(_alerts(session, request, provider)),
        sections=comparison.sections(session, request),
        pieces=pieces,
        missing=missing(session, request, pieces),
        flags=flagging.of(session, request),
        kinds=tuple((kind.code, kind.name) for kind in kinds_to_ask(session, request)),
        asked=_asked(session, request),
        events=tuple(
            session.exec(
                select(RequestEvent)
                .where(RequestEvent.request_id == request.id)
                .order_by(col(RequestEvent.at).desc(), col(RequestEvent.id).desc())
            )
        ),
        mails=_mails(session, request),
        previous=_previous(session, request),
        next=_next(session, request),
    )


def pieces_of(session: Session, request: EnrolmentRequest) -> tuple[Piece, ...]:
    """The pieces of a request in the order of the form, those in force first."""
    rows = session.exec(
        select(Attachment, DocumentKind)
        .join(DocumentKind, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(Attachment.request_id == request.id)
    ).all()
    steps = list(Step)
    ordered = sorted(
        rows,
        key=lambda row: (
            row[0].replaced_by_id is not None,
            steps.index(row[1].step),
            row[1].position,
            -row[0].deposited_at.timestamp(),
        ),
    )
    return tuple(
        Piece(
            public_id=row.public_id,
            row_version=row.row_version,
            kind_code=kind.code,
            kind=kind.name,
            sensitive=kind.sensitive,
            file_name=row.file_name,
            content_type=row.content_type,
            size=row.size,
            pages=row.pages,
            deposited_at=row.deposited_at,
            review=row.review,
            review_reason=row.review_reason or "",
            closed=None if row.scan in HEALTHY else why_closed(row.scan),
            replaced=row.replaced_by_id is not None,
        )
        for row, kind in ordered
    )


def missing(session: Session, request: EnrolmentRequest, pieces: tuple[Piece, ...]) -> tuple[Due, ...]:
    """The documents that the rules require today and that are not in the file."""
    given = {piece.kind_code for piece in pieces if not piece.replaced}
    rules = reference.document_rules(session)
    facts = present_facts(session, request)
    return tuple(item for item in due(rules, facts) if item.required and item.kind.code not in given)


def _alerts(session: Session, request: EnrolmentRequest, provider: Provider) -> list[Alert]:
    found: list[Alert] = []
    referencing = session.get_one(Referencing, request.referencing_id)
    if request.is_early and request.status not in FINAL and referencing.status is ReferencingStatus.validated:
        found.append(
            Alert(
                "info",
                "L'ANS a validé ce référencement depuis le dépôt",
                "La demande reste anticipée : une fois validée partiellement, elle peut recevoir son certificat.",
            )
        )
    if referencing.status is ReferencingStatus.withdrawn:
        found.append(Alert("danger", "L'ANS a retiré ce référencement", "Vérifiez auprès de l'ANS avant de décider."))
    bank = session.exec(select(BankAccount).where(BankAccount.provider_id == provider.id)).first()
    elsewhere = _same_iban(session, bank, provider) if bank is not None else ()
    if elsewhere:
        found.append(Alert("danger", "IBAN déjà utilisé sous un autre SIREN", others=elsewhere))
    copied = _same_rib(session, request, provider)
    if copied:
        found.append(Alert("danger", "Même fichier de RIB déposé sous un autre SIREN", others=copied))
    found += [Alert("warning", "À vérifier", note) for note in (request.to_verify or "").splitlines()]
    if provider.registry_outcome is not RegistryOutcome.found and not request.to_verify:
        found.append(Alert("warning", provider.registry_outcome.label, "Identité saisie par le fournisseur."))
    if bank is not None and bank.bank_check is not BankCheck.coherent and not request.to_verify:
        found.append(Alert("warning", bank.bank_check.label))
    if request.legal_name_changed:
        found.append(
            Alert("warning", "Dénomination modifiée", "Elle diffère de celle du répertoire : le KBIS doit la porter.")
        )
    siblings = _same_siren(session, request, provider)
    if siblings:
        found.append(Alert("info", "Autres demandes de ce SIREN", others=siblings))
    return found


def _same_iban(session: Session, bank: BankAccount, provider: Provider) -> tuple[Other, ...]:
    return _others(session, BankAccount.iban == bank.iban, Provider.siren != provider.siren, with_bank=True)


def _same_rib(session: Session, request: EnrolmentRequest, provider: Provider) -> tuple[Other, ...]:
    """Requests of other companies that hold the very file given here as RIB: one file, two owners."""
    mine, theirs = aliased(Attachment), aliased(Attachment)
    holders = (
        select(theirs.request_id)
        .join(mine, col(mine.sha256) == col(theirs.sha256))
        .join(DocumentKind, col(mine.document_kind_id) == DocumentKind.id)
        .where(mine.request_id == request.id, DocumentKind.code == RIB, col(theirs.request_id).is_not(None))
    )
    return _others(session, col(EnrolmentRequest.id).in_(holders), Provider.siren != provider.siren)


def _same_siren(session: Session, request: EnrolmentRequest, provider: Provider) -> tuple[Other, ...]:
    return _others(session, Provider.siren == provider.siren, EnrolmentRequest.id != request.id)


def _others(session: Session, *conditions: object, with_bank: bool = False) -> tuple[Other, ...]:
    statement = select(EnrolmentRequest, Provider).join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
    if with_bank:
        statement = statement.join(BankAccount, col(BankAccount.provider_id) == Provider.id)
    rows = session.exec(
        statement.where(*conditions).order_by(col(EnrolmentRequest.id).desc()).limit(_MOST_OTHERS)  # type: ignore[arg-type]
    )
    return tuple(_other(request, provider) for request, provider in rows)


def _previous(session: Session, request: EnrolmentRequest) -> Other | None:
    if request.previous_request_id is None:
        return None
    return next(iter(_others(session, EnrolmentRequest.id == request.previous_request_id)), None)


def _next(session: Session, request: EnrolmentRequest) -> Other | None:
    return next(iter(_others(session, EnrolmentRequest.previous_request_id == request.id)), None)


def _other(request: EnrolmentRequest, provider: Provider) -> Other:
    return Other(request.id, request.number, request.status, provider.legal_name, provider.siren)


def _asked(session: Session, request: EnrolmentRequest) -> tuple[Asked, ...]:
    given = aliased(Attachment)
    rows = session.execute(
        sa.select(Demand, DemandItem, col(DocumentKind.name), col(given.id))
        .outerjoin(DemandItem, col(DemandItem.demand_id) == Demand.id)
        .outerjoin(DocumentKind, col(DemandItem.document_kind_id) == DocumentKind.id)
        .outerjoin(given, col(DemandItem.attachment_id) == given.id)
        .where(col(Demand.request_id) == request.id)
        .order_by(col(Demand.id).desc(), col(DemandItem.id))
    )
    demands: dict[int, Demand] = {}
    items: dict[int, list[tuple[str, str, bool]]] = {}
    for demand, item, name, attachment_id in rows:
        demands[demand.id] = demand
        lines = items.setdefault(demand.id, [])
        if item is not None:
            came = attachment_id is not None or item.new_value is not None
            lines.append((name if name is not None else _field_label(item), item.reason or "", came))
    return tuple(
        Asked(demand.message or "", demand.asked_at, demand.due_on, demand.state is DemandState.open, tuple(items[key]))
        for key, demand in demands.items()
    )


def _field_label(item: DemandItem) -> str:
    """The French name of a field to correct; its own when the form no longer has it."""
    try:
        return question(item.field or "").label
    except KeyError:
        return item.field or ""


def _mails(session: Session, request: EnrolmentRequest) -> tuple[Mail, ...]:
    rows = session.exec(
        select(OutgoingMail).where(OutgoingMail.request_id == request.id).order_by(col(OutgoingMail.id).desc())
    )
    return tuple(
        Mail(
            id=row.id,
            subject=row.subject,
            recipient=row.recipient,
            state=row.state,
            at=row.sent_at or row.created_at,
            text=outbox.for_staff(row),
            template=row.template,
            attempts=row.attempts,
            reply=row.last_reply or "",
        )
        for row in rows
    )


def delay_of(session: Session, file: Dossier) -> Delay:
    """How long whoever holds the file has had it, and until when."""
    allowed = session.exec(select(Deadline.days).where(Deadline.status == file.request.status)).first()
    answer_due = next((asked.due_on for asked in file.asked if asked.is_open), None)
    return delays.of(file.request, allowed, answer_due)
