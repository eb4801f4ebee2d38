"""Financing requests of a vendor: which enrolment opens one (E3), depositing, depositing again, and what was deposited.

The files are checked and stored before, by `financing_files`. What the ASP decides is in `financing_decisions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.addresses import Addresses
from enrolment.errors import NotFound, Refused
from enrolment.financing import workflow
from enrolment.financing.rules import Enrolled, Kind, Rules, Window
from enrolment.mail import outbox
from enrolment.mail.financing import AboutFinancing, FinancingReceived
from enrolment.services.financing_files import Pair
from enrolment.services.numbers import next_number
from enrolment.services.people import correspondent
from enrolment.typography import moment
from schema.enums import FinancingStatus, RequestStatus
from schema.history import Actor
from schema.tables import (
    AccountProvider,
    Dsr,
    EnrolmentRequest,
    FinancingDeposit,
    FinancingRequest,
    PrestationType,
    Provider,
    Referencing,
    Wave,
)

SERIES = "FIN"
_GONE = "Cette demande de financement n'existe pas, ou n'est pas l'une des vôtres. Revenez à la liste."
_UNKNOWN_ENROLMENT = "Choisissez l'un de vos enrôlements validés : celui-ci n'existe pas, ou n'est pas l'un des vôtres."
_ENDED = (RequestStatus.rejected, RequestStatus.withdrawn)


@dataclass(frozen=True)
class Choice:
    """An enrolment of the account, and why a financing request cannot be deposited for it; `reason` is empty if it can.

    `to_finalise` tells one whose certificate the vendor must still deposit (rule E3).
    """

    public_id: str
    number: str
    ans_number: str
    software: str
    reason: str = ""
    to_finalise: bool = False


@dataclass(frozen=True)
class Line:
    """A financing request with the enrolment that it is for."""

    request: FinancingRequest
    enrolment_number: str
    software: str


@dataclass(frozen=True)
class Detail:
    """A financing request with every deposit of its files, the last one first."""

    line: Line
    deposits: tuple[FinancingDeposit, ...]

    @property
    def current(self) -> FinancingDeposit:
        """The deposit that counts."""
        return self.deposits[0]


def rules(session: Session, account_id: int, only: str | None = None) -> Rules:
    """What a file of this account is checked against, from the tables."""
    kinds = session.exec(select(PrestationType).where(PrestationType.active)).all()
    waves = session.exec(select(Wave)).all()
    rates = parameters.text(session, "financing_vat_rates")
    return Rules(
        today=clock.today(),
        kinds={row.code: Kind(row.name, row.ceiling_cents) for row in kinds},
        waves={
            row.code: Window(
                row.opens_at.astimezone(clock.PARIS).date(),
                row.closes_at.astimezone(clock.PARIS).date() if row.closes_at else None,
            )
            for row in waves
        },
        rates=frozenset(rate.strip() for rate in rates.split(";") if rate.strip()),
        enrolments={
            referencing.ans_number: Enrolled(siret, wave, request.status is RequestStatus.validated)
            for request, referencing, _, siret, wave in _enrolments(session, account_id)
        },
        only=only,
    )


def choices(session: Session, account_id: int) -> tuple[Choice, ...]:
    """The enrolments of an account, those that open a financing request first."""
    found = [_choice(*row[:3]) for row in _enrolments(session, account_id)]
    return tuple(sorted(found, key=lambda choice: bool(choice.reason)))


def choice(session: Session, account_id: int, public_id: str) -> Choice:
    """One enrolment of the account, that opens a financing request. Raises NotFound, or Refused with the reason."""
    found = next((one for one in choices(session, account_id) if one.public_id == public_id), None)
    if found is None:
        raise NotFound(_UNKNOWN_ENROLMENT)
    if found.reason:
        raise Refused(found.reason)
    return found


def deposit(
    session: Session, actor: Actor, account_id: int, public_id: str, pair: Pair, addresses: Addresses
) -> FinancingRequest:
    """Make a financing request for an enrolment. Raises NotFound, Refused (rule E3) or Conflict.

    The same file twice for one enrolment is one request: the first is given back to whoever sent it again.
    """
    chosen = choice(session, account_id, public_id)
    enrolment = session.exec(
        select(EnrolmentRequest).where(EnrolmentRequest.public_id == public_id).with_for_update()
    ).one()
    known = _same_file(session, enrolment.id, pair)
    if known is not None:
        return known
    if pair.ans_number != chosen.ans_number:
        raise Refused(
            f"Ce fichier est celui d'un autre référencement que {chosen.ans_number}. Choisissez l'autre fichier."
        )
    now = clock.now()
    request = FinancingRequest(
        number=next_number(session, SERIES),
        request_id=enrolment.id,
        status=workflow.find(None, FinancingStatus.received, actor.kind).target,
        status_since=now,
        submitted_at=now,
        lines=pair.lines,
        total_cents=pair.total_cents,
    )
    session.add(request)
    session.flush()
    _add(session, request, pair, place=1, addresses=addresses)
    return request


def deposit_again(
    session: Session, actor: Actor, account_id: int, public_id: str, pair: Pair, addresses: Addresses
) -> FinancingRequest:
    """Replace the files of a request that the ASP sent back. Raises NotFound or Conflict."""
    request = session.exec(
        select(FinancingRequest)
        .where(FinancingRequest.id == find(session, account_id, public_id).line.request.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    last = deposits(session, request.id)[0]
    if request.status is FinancingStatus.received and last.file_sha256 == pair.file.sha256:
        return request
    request.status = workflow.find(request.status, FinancingStatus.received, actor.kind).target
    request.status_since = clock.now()
    request.lines, request.total_cents = pair.lines, pair.total_cents
    session.add(request)
    _add(session, request, pair, place=last.place + 1, addresses=addresses)
    return request


def of_account(session: Session, account_id: int) -> tuple[Line, ...]:
    """The financing requests of an account, the newest first."""
    rows = session.execute(
        _joined(account_id).order_by(col(FinancingRequest.submitted_at).desc(), col(FinancingRequest.id).desc())
    )
    return tuple(line(*row) for row in rows)


def find(session: Session, account_id: int, public_id: str) -> Detail:
    """A financing request of the account. Raises NotFound for anybody else's (rule A5)."""
    row = session.execute(_joined(account_id).where(col(FinancingRequest.public_id) == public_id)).first()
    if row is None:
        raise NotFound(_GONE)
    return Detail(line(*row), deposits(session, row[0].id))


def enrolment_of(session: Session, request: FinancingRequest) -> tuple[EnrolmentRequest, Referencing]:
    """The enrolment that a financing request is for."""
    enrolment = session.get_one(EnrolmentRequest, request.request_id)
    return enrolment, session.get_one(Referencing, enrolment.referencing_id)


def about(session: Session, request: FinancingRequest, addresses: Addresses) -> dict[str, str]:
    """What every mail about a financing request begins with."""
    enrolment, referencing = enrolment_of(session, request)
    return {
        "person_name": correspondent(session, enrolment).name,
        "support_link": addresses.assistance(),
        "financing_number": request.number,
        "request_number": enrolment.number,
        "software_name": referencing.software_name,
        "financing_link": addresses.financing(request),
    }


def notify(session: Session, request: FinancingRequest, message: AboutFinancing, key: str) -> None:
    """Queue a mail about a financing request, once for each `key` of its life."""
    enrolment, _ = enrolment_of(session, request)
    outbox.queue(
        session,
        message,
        to=correspondent(session, enrolment).email,
        event_key=f"financing-{request.id}-{key}",
        request_id=enrolment.id,
        account_id=enrolment.account_id,
    )


def deposits(session: Session, request_id: int) -> tuple[FinancingDeposit, ...]:
    """The deposits of a request, the last one first."""
    return tuple(
        session.exec(
            select(FinancingDeposit)
            .where(FinancingDeposit.financing_request_id == request_id)
            .order_by(col(FinancingDeposit.place).desc())
        )
    )


def _add(session: Session, request: FinancingRequest, pair: Pair, *, place: int, addresses: Addresses) -> None:
    row = FinancingDeposit(
        financing_request_id=request.id,
        place=place,
        deposited_at=request.status_since,
        lines=pair.lines,
        total_cents=pair.total_cents,
        file_name=pair.file_name,
        file_size=pair.file.size,
        file_sha256=pair.file.sha256,
        file_key=pair.file.key,
        file_encryption_key=pair.file.key_id,
        proofs_name=pair.proofs_name,
        proofs_size=pair.proofs.size,
        proofs_sha256=pair.proofs.sha256,
        proofs_key=pair.proofs.key,
        proofs_encryption_key=pair.proofs.key_id,
        proofs_count=pair.proofs_count,
        scan=pair.scan,
    )
    session.add(row)
    session.flush()
    message = FinancingReceived(
        **about(session, request, addresses),
        received_at=row.deposited_at,
        line_count=str(pair.lines),
        total=pair.total_said,
        proofs=pair.proofs_names,
    )
    notify(session, request, message, f"received-{place}")


def _same_file(session: Session, enrolment_id: int, pair: Pair) -> FinancingRequest | None:
    return session.exec(
        select(FinancingRequest)
        .join(FinancingDeposit, col(FinancingDeposit.financing_request_id) == col(FinancingRequest.id))
        .where(
            FinancingRequest.request_id == enrolment_id,
            FinancingRequest.status != FinancingStatus.refused,
            FinancingDeposit.file_sha256 == pair.file.sha256,
        )
    ).first()


def with_enrolment() -> sa.Select[tuple[FinancingRequest, EnrolmentRequest, Referencing]]:
    """Financing requests, each with its enrolment and what is enrolled."""
    return (
        sa.select(FinancingRequest, EnrolmentRequest, Referencing)
        .join(EnrolmentRequest, col(FinancingRequest.request_id) == EnrolmentRequest.id)
        .join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
    )


def _joined(account_id: int) -> sa.Select[tuple[FinancingRequest, EnrolmentRequest, Referencing]]:
    return (
        with_enrolment()
        .join(AccountProvider, col(AccountProvider.provider_id) == EnrolmentRequest.provider_id)
        .where(col(AccountProvider.account_id) == account_id)
    )


def line(request: FinancingRequest, enrolment: EnrolmentRequest, referencing: Referencing) -> Line:
    """A request as lists show it."""
    return Line(request, enrolment.number, f"{referencing.software_name} {referencing.software_version}")


def _enrolments(session: Session, account_id: int) -> list[tuple[EnrolmentRequest, Referencing, Dsr, str, str]]:
    """The enrolments of an account that were neither refused nor withdrawn. One query."""
    rows = session.execute(
        sa.select(EnrolmentRequest, Referencing, Dsr, col(Provider.siret), col(Wave.code))
        .join(Referencing, col(EnrolmentRequest.referencing_id) == Referencing.id)
        .join(Dsr, col(Referencing.dsr_id) == Dsr.id)
        .join(Wave, col(Dsr.wave_id) == Wave.id)
        .join(Provider, col(EnrolmentRequest.provider_id) == Provider.id)
        .join(AccountProvider, col(AccountProvider.provider_id) == Provider.id)
        .where(col(AccountProvider.account_id) == account_id, col(EnrolmentRequest.status).not_in(_ENDED))
        .order_by(col(EnrolmentRequest.id))
    )
    return [tuple(row) for row in rows]


def _choice(request: EnrolmentRequest, referencing: Referencing, dsr: Dsr) -> Choice:
    reason, to_finalise = _reason(request, dsr.advance_opens_at)
    software = f"{referencing.software_name} {referencing.software_version}"
    return Choice(request.public_id, request.number, referencing.ans_number, software, reason, to_finalise)


def _reason(request: EnrolmentRequest, opens_at: datetime | None) -> tuple[str, bool]:
    """Why an enrolment opens no financing request, and whether the vendor can finalise it now (rule E3)."""
    status = request.status
    if status is RequestStatus.awaiting_certificates:
        return (
            (
                "Votre enrôlement anticipé n'est validé que partiellement : finalisez-le en déposant le certificat de "
                "référencement. La demande de financement s'ouvrira quand il sera entièrement validé."
            ),
            True,
        )
    if status is RequestStatus.certificates_to_review:
        return (
            (
                "L'ASP vérifie votre certificat : la demande de financement s'ouvrira quand votre enrôlement sera "
                "entièrement validé. Vous n'avez rien à faire."
            ),
            False,
        )
    if status is not RequestStatus.validated:
        return (
            (
                f"Votre demande d'enrôlement est au statut « {status.label} » : la demande de financement s'ouvrira "
                "quand elle sera validée."
            ),
            False,
        )
    if opens_at is None:
        return "La date d'ouverture des demandes de financement n'est pas encore fixée pour ce DSR.", False
    if opens_at > clock.now():
        return f"Les demandes de financement ouvrent le {moment(opens_at)} pour ce DSR.", False
    return "", False
