"""The two registers of consultations, of pieces and of financing files, read as one list: newest first, page by page.

Which filters there are and what an address means is in `accesses`. A place in the list is a register and a key in it.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from schema.base import table_of
from schema.enums import ActorKind
from schema.tables import (
    Attachment,
    AttachmentAccess,
    Demand,
    DocumentKind,
    EnrolmentRequest,
    FinancingAccess,
    FinancingDeposit,
    FinancingRequest,
    Provider,
)
from schema.types import Siren, show_as

PIECES, FINANCINGS = "p", "f"
"""The registers, in the order of lines of one moment."""

Condition = sa.ColumnElement[bool]
Conditions = Mapping[str, Sequence[Condition]]
"""What is asked of each register."""

PIECE_ACCESS, FINANCING_ACCESS = table_of(AttachmentAccess).c, table_of(FinancingAccess).c
PIECE, KIND, DEPOSIT = table_of(Attachment).c, table_of(DocumentKind).c, table_of(FinancingDeposit).c
DEMAND, REQUEST, PROVIDER = table_of(Demand).c, table_of(EnrolmentRequest).c, table_of(Provider).c
FINANCING = table_of(FinancingRequest).c
ACCESS = MappingProxyType({PIECES: PIECE_ACCESS, FINANCINGS: FINANCING_ACCESS})
FILE_LABEL, PROOFS_LABEL = "Fichier de financement", "Preuves de financement"
_PLACE = re.compile(r"([pf])([0-9]{1,18})")
_AT_ONCE = 1000


@dataclass(frozen=True)
class Line:
    """Somebody opened a file. Without a request when it is a piece still in a draft."""

    id: int
    at: datetime
    actor_kind: ActorKind
    actor: str
    piece: str
    file_name: str
    request_id: int | None
    number: str | None
    company: str | None
    siren: str | None
    financing_id: int | None
    register: str

    @property
    def siren_said(self) -> str:
        """The number of the company as one reads it."""
        return show_as(Siren, self.siren) if self.siren else ""

    @property
    def place(self) -> str:
        """Where it stands in the list, for an address."""
        return f"{self.register}{self.id}"

    @property
    def order(self) -> tuple[datetime, bool, int]:
        """What the list is sorted by, the greatest first."""
        return self.at, self.register == PIECES, self.id


def is_place(typed: str) -> bool:
    """Whether an address names a place of the list."""
    return _PLACE.fullmatch(typed) is not None


def page(session: Session, conditions: Conditions, after: str | None, size: int) -> tuple[list[Line], str | None]:
    """The lines of a page, and the place after which the next page begins."""
    edges = _edges(session, after) if after is not None else {PIECES: [], FINANCINGS: []}
    found = heapq.merge(
        *(
            [_line(row, register) for row in session.execute(statement.where(*edges[register]).limit(size + 1))]
            for register, statement in _statements(conditions).items()
        ),
        key=lambda line: line.order,
        reverse=True,
    )
    lines = [line for line, _ in zip(found, range(size + 1), strict=False)]
    return lines[:size], lines[size - 1].place if len(lines) > size else None


def every(session: Session, conditions: Conditions) -> Iterator[Line]:
    """All the lines, read from the database a thousand at a time."""
    yield from heapq.merge(
        *(_streamed(session, statement, register) for register, statement in _statements(conditions).items()),
        key=lambda line: line.order,
        reverse=True,
    )


def _streamed(session: Session, statement: sa.Select[Any], register: str) -> Iterator[Line]:
    for row in session.execute(statement.execution_options(yield_per=_AT_ONCE)):
        yield _line(row, register)


def _line(row: Any, register: str) -> Line:
    values = list(row)
    if register == FINANCINGS:
        values[4] = PROOFS_LABEL if values[4] else FILE_LABEL
    return Line(*(*values, register))


def _edges(session: Session, after: str) -> dict[str, list[Condition]]:
    """What comes after a place, in each register; nothing does after a line that is not there."""
    found = _PLACE.fullmatch(after)
    assert found is not None  # noqa: S101  `is_place` was asked.
    register, key = found[1], int(found[2])
    at = session.execute(sa.select(ACCESS[register].at).where(ACCESS[register].id == key)).scalar()
    if at is None:
        return {PIECES: [sa.false()], FINANCINGS: [sa.false()]}
    own = ACCESS[register]
    same = sa.tuple_(own.at, own.id) < sa.tuple_(sa.literal(at, own.at.type), sa.literal(key))
    # At the same moment the pieces come first: financings follow a piece, and no piece follows a financing.
    if register == PIECES:
        return {PIECES: [same], FINANCINGS: [FINANCING_ACCESS.at <= at]}
    return {PIECES: [PIECE_ACCESS.at < at], FINANCINGS: [same]}


def _statements(conditions: Conditions) -> dict[str, sa.Select[Any]]:
    return {
        register: statement.where(*conditions[register]).order_by(*(one.desc() for one in _key(register)))
        for register, statement in ((PIECES, _pieces()), (FINANCINGS, _financings()))
    }


def _key(register: str) -> tuple[sa.ColumnElement[Any], ...]:
    return ACCESS[register].at, ACCESS[register].id


def _pieces() -> sa.Select[Any]:
    joined = (
        table_of(AttachmentAccess)
        .join(table_of(Attachment), PIECE.id == PIECE_ACCESS.attachment_id)
        .join(table_of(DocumentKind), KIND.id == PIECE.document_kind_id)
        .outerjoin(table_of(Demand), DEMAND.id == PIECE.demand_id)
        .outerjoin(table_of(EnrolmentRequest), REQUEST.id == sa.func.coalesce(PIECE.request_id, DEMAND.request_id))
        .outerjoin(table_of(Provider), PROVIDER.id == REQUEST.provider_id)
    )
    return sa.select(
        PIECE_ACCESS.id,
        PIECE_ACCESS.at,
        PIECE_ACCESS.actor_kind,
        PIECE_ACCESS.actor_label,
        KIND.name,
        PIECE.file_name,
        REQUEST.id,
        REQUEST.number,
        PROVIDER.legal_name,
        PROVIDER.siren,
        sa.null(),
    ).select_from(joined)


def _financings() -> sa.Select[Any]:
    joined = (
        table_of(FinancingAccess)
        .join(table_of(FinancingDeposit), DEPOSIT.id == FINANCING_ACCESS.financing_deposit_id)
        .join(table_of(FinancingRequest), FINANCING.id == DEPOSIT.financing_request_id)
        .join(table_of(EnrolmentRequest), REQUEST.id == FINANCING.request_id)
        .join(table_of(Provider), PROVIDER.id == REQUEST.provider_id)
    )
    return sa.select(
        FINANCING_ACCESS.id,
        FINANCING_ACCESS.at,
        FINANCING_ACCESS.actor_kind,
        FINANCING_ACCESS.actor_label,
        FINANCING_ACCESS.proofs,
        sa.case((FINANCING_ACCESS.proofs.is_(True), DEPOSIT.proofs_name), else_=DEPOSIT.file_name),
        REQUEST.id,
        FINANCING.number,
        PROVIDER.legal_name,
        PROVIDER.siren,
        FINANCING.id,
    ).select_from(joined)
