"""The consultations of sensitive pieces (rule F4): filters read strictly from an address, and the lines that answer.

What cannot be understood is said, and then no line is given. Who may look is for the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.datastructures import QueryParams

from admin_app import search
from admin_app.filter_form import Chip, Control, printable, without
from admin_app.filters import day_of, start_of
from admin_app.queue.narrowing import Narrow, Unknown, among
from enrolment.typography import moment
from schema.base import table_of
from schema.enums import ActorKind
from schema.tables import (
    Attachment,
    AttachmentAccess,
    Demand,
    DocumentKind,
    EnrolmentRequest,
    Provider,
    StaffUser,
)
from schema.tabular import csv_line
from schema.types import InvalidValue, RequestNumber, Siren, Siret, parse_as
from web.fields import Choice

PERSON, BY, NUMBER, COMPANY, KIND, FROM_DAY, TO_DAY = (
    "agent", "par", "demande", "fournisseur", "piece", "du", "au",
)  # fmt: skip
AFTER = "avant"
PAGE = 50
_AT_ONCE = 1000
_SHORTEST_NAME = 2
_SIREN_DIGITS, _SIRET_DIGITS = 9, 14
_ACCESS, _PIECE, _KIND = table_of(AttachmentAccess).c, table_of(Attachment).c, table_of(DocumentKind).c
_DEMAND, _REQUEST, _PROVIDER = table_of(Demand).c, table_of(EnrolmentRequest).c, table_of(Provider).c
_TITLES = ("Date", "Par", "Auteur", "Pièce", "Nom du fichier", "Demande", "Fournisseur", "SIREN")


@dataclass(frozen=True)
class Line:
    """Somebody opened a piece. Without a request when it is still in a draft."""

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


_Condition = Callable[[str], sa.ColumnElement[bool]]
_Filter = tuple[str, str, Sequence[Choice] | None, _Condition]


def read(session: Session, path: str, params: QueryParams) -> Narrow:
    """Understand the filters of an address."""
    narrow = Narrow()
    for name, label, choices, condition in _filters(session):
        raw = printable(params.get(name, "").strip())[:100]
        is_day = name in {FROM_DAY, TO_DAY}
        error = None
        if raw:
            try:
                narrow.conditions.append(condition(raw))
                shown = f"{_day(raw):%d/%m/%Y}" if is_day else dict(choices or ()).get(raw, raw)
                narrow.chips.append(Chip(f"{label} : {shown}", without(path, params, name)))
            except (Unknown, InvalidValue, ValueError) as wrong:
                hint = f" {wrong}" if isinstance(wrong, Unknown) else ""
                error = f"{label} : « {raw} » n'est pas une valeur de ce filtre.{hint}"
                narrow.problems.append(error)
        kind = "select" if choices is not None else "date" if is_day else "text"
        narrow.controls.append(Control(name, label, kind, raw, choices or (), error))
    return narrow


def page(
    session: Session, conditions: Sequence[sa.ColumnElement[bool]], after: int | None
) -> tuple[list[Line], int | None]:
    """The lines of a page, newest first, and the key after which the next page begins."""
    statement = _lines(conditions)
    if after is not None:
        edge = sa.select(_ACCESS.at).where(_ACCESS.id == after).scalar_subquery()
        statement = statement.where(sa.tuple_(_ACCESS.at, _ACCESS.id) < sa.tuple_(edge, sa.literal(after)))
    found = [Line(*row) for row in session.execute(statement.limit(PAGE + 1))]
    shown = found[:PAGE]
    return shown, shown[-1].id if len(found) > PAGE else None


def csv(session: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> Iterator[bytes]:
    """Every line as a CSV file, a thousand at a time."""
    yield b"\xef\xbb\xbf" + csv_line(_TITLES)
    result = session.execute(_lines(conditions).execution_options(yield_per=_AT_ONCE))
    for part in result.partitions(_AT_ONCE):
        yield b"".join(csv_line(_cells(Line(*row))) for row in part)


def _cells(line: Line) -> list[str]:
    told = (line.actor, line.piece, line.file_name, line.number or "", line.company or "", line.siren or "")
    return [moment(line.at), line.actor_kind.label, *told]


def _lines(conditions: Sequence[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    access, piece = table_of(AttachmentAccess), table_of(Attachment)
    demand, request, provider = table_of(Demand), table_of(EnrolmentRequest), table_of(Provider)
    joined = (
        access.join(piece, _PIECE.id == _ACCESS.attachment_id)
        .join(table_of(DocumentKind), _KIND.id == _PIECE.document_kind_id)
        .outerjoin(demand, _DEMAND.id == _PIECE.demand_id)
        .outerjoin(request, _REQUEST.id == sa.func.coalesce(_PIECE.request_id, _DEMAND.request_id))
        .outerjoin(provider, _PROVIDER.id == _REQUEST.provider_id)
    )
    return (
        sa.select(
            _ACCESS.id,
            _ACCESS.at,
            _ACCESS.actor_kind,
            _ACCESS.actor_label,
            _KIND.name,
            _PIECE.file_name,
            _REQUEST.id,
            _REQUEST.number,
            _PROVIDER.legal_name,
            _PROVIDER.siren,
        )
        .select_from(joined)
        .where(*conditions)
        .order_by(_ACCESS.at.desc(), _ACCESS.id.desc())
    )


def _filters(session: Session) -> tuple[_Filter, ...]:
    people = [
        (str(one.id), f"{one.first_name} {one.last_name}" + ("" if one.active else " (désactivé)"))
        for one in session.exec(select(StaffUser).order_by(col(StaffUser.last_name), col(StaffUser.first_name)))
    ]
    kinds = [
        (one.code, one.name)
        for one in session.exec(
            select(DocumentKind).where(col(DocumentKind.sensitive).is_(True)).order_by(col(DocumentKind.name))
        )
    ]
    makers = [(kind.value, kind.label) for kind in ActorKind]
    return (
        (PERSON, "Agent", people, lambda raw: _by_person(int(among(raw, people)))),
        (BY, "Par", makers, lambda raw: _ACCESS.actor_kind == ActorKind(among(raw, makers))),
        (NUMBER, "Numéro de demande", None, _of_number),
        (COMPANY, "SIREN, SIRET ou société", None, lambda raw: _of_company(session, raw)),
        (KIND, "Type de pièce", kinds, lambda raw: _KIND.code == among(raw, kinds)),
        (FROM_DAY, "À partir du", None, lambda raw: _ACCESS.at >= start_of(_day(raw))),
        (TO_DAY, "Jusqu'au", None, lambda raw: _ACCESS.at < start_of(_day(raw) + timedelta(days=1))),
    )


def _by_person(key: int) -> sa.ColumnElement[bool]:
    return sa.and_(_ACCESS.actor_kind == ActorKind.staff, _ACCESS.actor_id == key)


def _of_number(raw: str) -> sa.ColumnElement[bool]:
    number = parse_as(RequestNumber, raw.upper())
    return _of_requests(sa.select(_REQUEST.id).where(_REQUEST.number == number))


def _of_company(session: Session, raw: str) -> sa.ColumnElement[bool]:
    digits = "".join(raw.split())
    providers: sa.Select[Any]
    if digits.isdecimal():
        if len(digits) == _SIREN_DIGITS:
            providers = sa.select(_PROVIDER.id).where(_PROVIDER.siren == parse_as(Siren, digits))
        elif len(digits) == _SIRET_DIGITS:
            providers = sa.select(_PROVIDER.id).where(_PROVIDER.siret == parse_as(Siret, digits))
        else:
            raise Unknown("Un SIREN a 9 chiffres, un SIRET 14.")
    elif len(raw) < _SHORTEST_NAME:
        raise Unknown("Tapez au moins deux lettres du nom de la société.")
    else:
        providers = search.keys_answering(session, "provider", raw)
    return _of_requests(sa.select(_REQUEST.id).where(_REQUEST.provider_id.in_(providers)))


def _of_requests(requests: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """Through the pieces, found by the index of each owner."""
    demands = sa.select(_DEMAND.id).where(_DEMAND.request_id.in_(requests))
    pieces = sa.union_all(
        sa.select(_PIECE.id).where(_PIECE.request_id.in_(requests)),
        sa.select(_PIECE.id).where(_PIECE.demand_id.in_(demands)),
    )
    return _ACCESS.attachment_id.in_(pieces)


def _day(raw: str) -> date:
    try:
        return day_of(raw)
    except InvalidValue:
        raise Unknown("Tapez une date comme 03/03/2026.") from None
