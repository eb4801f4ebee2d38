"""A refused or withdrawn request is taken up again: a new draft with everything kept, linked to the old one.

Nothing of the old request changes. The draft then lives like any other, and makes a request with a number of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.application.questions import Question, questions
from enrolment.errors import NotFound, Refused
from enrolment.files.storage import FileDamaged, Storage, StoredFile
from enrolment.services import drafts, portfolio
from enrolment.services.demands import document
from enrolment.services.retyping import answers_of
from enrolment.workflow import RESUBMITTABLE
from schema.enums import DemandState, RequestKind, RequestStatus, ReviewState, Verb
from schema.tables import Attachment, Demand, DemandItem, DocumentKind, Draft, EnrolmentRequest, Provider, RequestEvent

_COPIED = ("document_kind_id", "file_name", "content_type", "size", "pages", "sha256", "scan")


@dataclass(frozen=True)
class Former:
    """The request that a draft takes up: why it was refused, and what was said of each of its points by name."""

    number: str
    status: RequestStatus
    reason: str
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Copy:
    """The content of a file of the old request, stored anew for the draft."""

    attachment: Attachment


def find(session: Session, public_id: str) -> EnrolmentRequest:
    """A request that can be taken up again. Raises NotFound, or Refused when its status forbids it."""
    request = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.public_id == public_id)).first()
    if request is None:
        raise NotFound("Cette demande n'existe pas ou n'existe plus.")
    if request.status not in RESUBMITTABLE:
        raise Refused(
            f"La demande est au statut « {request.status.label} » : seule une demande refusée ou retirée peut être "
            "déposée à nouveau."
        )
    return request


def begun(session: Session, request: EnrolmentRequest) -> Draft | None:
    """The draft that already takes a request up, so that a second click loses nothing of what was typed in it."""
    return session.exec(
        select(Draft)
        .where(
            Draft.previous_request_id == request.id,
            col(Draft.request_id).is_(None),
            col(Draft.expires_at) > clock.now(),
        )
        .order_by(col(Draft.id).desc())
    ).first()


def copies(session: Session, storage: Storage, request: EnrolmentRequest) -> list[Copy]:
    """The files in force of a request, stored again. Slow: call it outside any write transaction.

    A file that can no longer be read is left out: the draft asks for it.
    """
    rows = session.exec(
        select(Attachment).where(Attachment.request_id == request.id, col(Attachment.replaced_by_id).is_(None))
    ).all()
    found = []
    for row in rows:
        try:
            content = storage.get(StoredFile(row.storage_key, row.sha256, row.size, row.encryption_key))
        except FileDamaged:
            continue
        stored = storage.put(content, sensitive=row.encryption_key is not None)
        values = {name: getattr(row, name) for name in _COPIED}
        found.append(Copy(Attachment(**values, storage_key=stored.key, encryption_key=stored.key_id)))
    return found


def take_up(session: Session, public_id: str, files: list[Copy]) -> Draft:
    """Open the draft, or give the one already begun. A vendor that has an account by then files a complementary one.

    Raises NotFound or Refused.
    """
    request = find(session, public_id)
    session.get(EnrolmentRequest, request.id, with_for_update=True)
    known = begun(session, request)
    if known is not None:
        return known
    kind = request.kind if request.account_id is None else RequestKind.complementary
    draft = drafts.start(session, kind, request.account_id)
    draft.previous_request_id = request.id
    answers = answers_of(session, request)
    provider = session.get_one(Provider, request.provider_id)
    if kind is RequestKind.complementary:
        draft.answers = {item.name: answers[item.name] for item in questions() if _is_kept(item, answers)}
        for one in portfolio.companies(session, request.account_id or 0):
            if one.siret == provider.siret:
                drafts.choose_company(session, draft, one.provider_id)
    else:
        draft.answers = {**answers, **drafts.known_lookup(provider)}
    session.add(draft)
    session.flush()
    for copy in files:
        drafts.attach(session, draft, copy.attachment)
    return draft


def _is_kept(item: Question, answers: Mapping[str, str]) -> bool:
    return item.spec.meta.each_request and item.name in answers


def former_of(session: Session, draft: Draft) -> Former | None:
    """What a draft takes up, None for one that begins from nothing."""
    if draft.previous_request_id is None:
        return None
    return former(session, session.get_one(EnrolmentRequest, draft.previous_request_id))


def former(session: Session, request: EnrolmentRequest) -> Former:
    """Why a request ended, and what was said of it."""
    refusal = session.exec(
        select(RequestEvent.message)
        .where(RequestEvent.request_id == request.id, RequestEvent.verb == Verb.reject)
        .order_by(col(RequestEvent.id).desc())
    ).first()
    return Former(request.number, request.status, refusal or "", _reasons(session, request))


def _reasons(session: Session, request: EnrolmentRequest) -> dict[str, str]:
    """What the ASP said of each document and answer, and was not put right since."""
    redone = session.exec(
        select(DocumentKind.code, Attachment.review_reason)
        .join(Attachment, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(
            Attachment.request_id == request.id,
            col(Attachment.replaced_by_id).is_(None),
            Attachment.review == ReviewState.to_redo,
        )
    )
    found = {document(code): reason for code, reason in redone if reason}
    asked = session.exec(
        select(DemandItem, DocumentKind.code)
        .join(Demand, col(DemandItem.demand_id) == Demand.id)
        .outerjoin(DocumentKind, col(DemandItem.document_kind_id) == DocumentKind.id)
        .where(Demand.request_id == request.id, Demand.state == DemandState.cancelled)
        .order_by(col(DemandItem.id))
    )
    for item, code in asked:
        if item.reason:
            found.setdefault(item.field or document(code), item.reason)
    return found
