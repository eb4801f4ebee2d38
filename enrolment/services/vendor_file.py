"""A whole request as its vendor may keep it: what it declared, its pieces, what was asked and answered, what happened.

The page of the private portal and the PDF to keep show the same file. Nothing of the ASP's own notes is in here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from enrolment.application.recap import RecapSection
from enrolment.errors import NotFound
from enrolment.services import recaps
from enrolment.services.following import GONE
from enrolment.services.given import Given, given_to
from enrolment.typography import NO_BREAK
from schema.enums import DemandKind, DemandState, MailState, Step
from schema.tables import Demand, Dsr, EnrolmentRequest, OutgoingMail, Profile, Provider, Referencing
from schema.types import Siret, show_as


@dataclass(frozen=True)
class Part:
    """One line of the accordion (rule A2): a letter of the guide, a title, and what is inside."""

    letter: str
    title: str
    sections: tuple[RecapSection, ...]


@dataclass(frozen=True)
class Exchange:
    """What the ASP asked, and what it got. `given` holds values before and after."""

    kind: DemandKind
    state: DemandState
    message: str
    asked_at: datetime
    closed_at: datetime | None
    due_on: date | None
    given: tuple[Given, ...]


@dataclass(frozen=True)
class SentMail:
    """A mail that the vendor received about this request."""

    subject: str
    at: datetime


@dataclass(frozen=True)
class Other:
    """A request that this one follows, or that follows it."""

    number: str
    public_id: str


@dataclass(frozen=True)
class VendorFile:
    """Everything, beside the events and pieces that `following` gives."""

    request: EnrolmentRequest
    company: str
    trade_name: str
    siret: str
    siren: str
    city: str
    parts: tuple[Part, ...]
    exchanges: tuple[Exchange, ...]
    mails: tuple[SentMail, ...]
    previous: Other | None
    next: Other | None


def read(session: Session, public_id: str) -> VendorFile:
    """The file of a request. Raises NotFound. The number of queries does not depend on the file."""
    request = request_of(session, public_id)
    provider = session.get_one(Provider, request.provider_id)
    return VendorFile(
        request=request,
        company=provider.legal_name,
        trade_name=provider.trade_name or "",
        siret=show_as(Siret, provider.siret),
        siren=f"{provider.siren[:3]}{NO_BREAK}{provider.siren[3:6]}{NO_BREAK}{provider.siren[6:]}",
        city=f"{provider.post_code} {provider.city}",
        parts=tuple(_parts(session, request)),
        exchanges=exchanges(session, request),
        mails=_mails(session, request),
        previous=_other(session, EnrolmentRequest.id == request.previous_request_id),
        next=_other(session, EnrolmentRequest.previous_request_id == request.id),
    )


def request_of(session: Session, public_id: str) -> EnrolmentRequest:
    """The request alone. Raises NotFound."""
    request = session.exec(select(EnrolmentRequest).where(EnrolmentRequest.public_id == public_id)).first()
    if request is None:
        raise NotFound(GONE)
    return request


_PEOPLE = frozenset({"representative", "depositary"})
_PARTS: tuple[tuple[str, str, Callable[[RecapSection], bool]], ...] = (
    ("a", "Référencement", lambda section: section.step is Step.referencing),
    ("b", "Personne morale", lambda section: section.step is Step.applicant and section.prefix not in _PEOPLE),
    ("c", "Personnes physiques", lambda section: section.prefix in _PEOPLE),
    ("d", "Coordonnées bancaires", lambda section: section.step is Step.bank),
    ("e", "Régime de TVA", lambda section: section.step is Step.vat),
)


def _parts(session: Session, request: EnrolmentRequest) -> list[Part]:
    """Lines a to e; those that a complementary request does not ask are not there (A2)."""
    recap = recaps.recap_of(session, request)
    found = []
    for letter, title, belongs in _PARTS:
        own = [section for section in recap if belongs(section)]
        if letter == "a":
            own = [_software(session, request), *(section for section in own if section.prefix != "referencing")]
        if own:
            found.append(Part(letter, title, tuple(own)))
    return found


def _software(session: Session, request: EnrolmentRequest) -> RecapSection:
    row = session.get_one(Referencing, request.referencing_id)
    dsr = session.get_one(Dsr, row.dsr_id)
    profile = session.get(Profile, row.profile_id) if row.profile_id is not None else None
    lines = [
        ("Numéro unique de référencement ANS", row.ans_number),
        ("Nom du logiciel", row.software_name),
        ("Version du logiciel", row.software_version),
        ("DSR concerné", dsr.name),
    ]
    if profile is not None:
        lines.append(("Profil référencé", profile.name))
    lines.append(("Avis de l'ANS", row.status.label))
    return RecapSection("Référencement", Step.referencing, tuple(lines), "referencing")


def exchanges(session: Session, request: EnrolmentRequest) -> tuple[Exchange, ...]:
    """Every demand of the ASP about a request, newest first, with what was given to it."""
    rows = session.exec(select(Demand).where(Demand.request_id == request.id).order_by(col(Demand.id).desc())).all()
    given = given_to(session, [row.id for row in rows])
    return tuple(
        Exchange(
            kind=row.kind,
            state=row.state,
            message=row.message or "",
            asked_at=row.asked_at,
            closed_at=row.closed_at,
            due_on=row.due_on,
            given=given[row.id],
        )
        for row in rows
    )


def _mails(session: Session, request: EnrolmentRequest) -> tuple[SentMail, ...]:
    rows = session.exec(
        select(OutgoingMail.subject, OutgoingMail.sent_at)
        .where(OutgoingMail.request_id == request.id, OutgoingMail.state == MailState.sent)
        .order_by(col(OutgoingMail.id).desc())
    )
    return tuple(SentMail(subject, at) for subject, at in rows if at is not None)


def _other(session: Session, condition: object) -> Other | None:
    row = session.exec(
        select(EnrolmentRequest.number, EnrolmentRequest.public_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(col(EnrolmentRequest.id).desc())
    ).first()
    return Other(*row) if row is not None else None
