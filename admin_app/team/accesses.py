"""The consultations of sensitive files (rule F4): filters read strictly from an address, and the lines that answer.

What cannot be understood is said, and then no line is given. Who may look is for the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.datastructures import QueryParams

from admin_app import strict
from admin_app.filter_form import Chip, Control, printable, without
from admin_app.queue.narrowing import Narrow, Unknown, among
from admin_app.team import access_sources as sources
from admin_app.team.access_sources import FINANCINGS, PIECES, Condition, Line
from enrolment.records import search
from enrolment.records.filters import day_of, start_of
from enrolment.typography import moment
from schema.enums import ActorKind
from schema.tables import DocumentKind, StaffUser
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
_TITLES = ("Date", "Par", "Auteur", "Pièce", "Nom du fichier", "Demande", "Fournisseur", "SIREN")
_FINANCING_KINDS = (("financement/fichier", sources.FILE_LABEL), ("financement/preuves", sources.PROOFS_LABEL))
"""Beside the kinds of pieces, whose codes hold no slash."""


_Pair = tuple[Condition, Condition]
"""What a filter asks of the pieces, and of the financing files."""

_Filter = tuple[str, str, Sequence[Choice] | None, Callable[[str], _Pair]]


@dataclass
class Asked(Narrow):
    """Filters that were understood, for each register."""

    of_each: dict[str, list[Condition]] = field(default_factory=lambda: {PIECES: [], FINANCINGS: []})


def read(session: Session, path: str, params: QueryParams) -> Asked:
    """Understand the filters of an address."""
    narrow = Asked()
    narrow.problems += strict.unknown(params, {AFTER, *(name for name, *_ in _filters(session))})
    for name, label, choices, condition in _filters(session):
        raw = printable(params.get(name, "").strip())[:100]
        is_day = name in {FROM_DAY, TO_DAY}
        error = None
        if raw:
            try:
                for register, asked in zip((PIECES, FINANCINGS), condition(raw), strict=True):
                    narrow.of_each[register].append(asked)
                shown = f"{_day(raw):%d/%m/%Y}" if is_day else dict(choices or ()).get(raw, raw)
                narrow.chips.append(Chip(f"{label} : {shown}", without(path, params, name)))
            except (Unknown, InvalidValue, ValueError) as wrong:
                hint = f" {wrong}" if isinstance(wrong, Unknown) else ""
                error = f"{label} : « {raw} » n'est pas une valeur de ce filtre.{hint}"
                narrow.problems.append(error)
        kind = "select" if choices is not None else "date" if is_day else "text"
        narrow.controls.append(Control(name, label, kind, raw, choices or (), error))
    return narrow


def page(session: Session, asked: Asked, after: str | None) -> tuple[list[Line], str | None]:
    """The lines of a page, newest first, and the place after which the next page begins."""
    return sources.page(session, asked.of_each, after, PAGE)


def csv(session: Session, asked: Asked) -> Iterator[bytes]:
    """Every line as a CSV file, a thousand at a time."""
    yield b"\xef\xbb\xbf" + csv_line(_TITLES)
    lines = sources.every(session, asked.of_each)
    while part := list(islice(lines, _AT_ONCE)):
        yield b"".join(csv_line(_cells(line)) for line in part)


def _cells(line: Line) -> list[str]:
    told = (line.actor, line.piece, line.file_name, line.number or "", line.company or "", line.siren or "")
    return [moment(line.at), line.actor_kind.label, *told]


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
    kinds += _FINANCING_KINDS
    makers = [(kind.value, kind.label) for kind in ActorKind]
    return (
        (PERSON, "Agent", people, lambda raw: _by_person(int(among(raw, people)))),
        (BY, "Par", makers, lambda raw: _by_kind(ActorKind(among(raw, makers)))),
        (NUMBER, "Numéro de demande", None, _of_number),
        (COMPANY, "SIREN, SIRET ou société", None, lambda raw: _of_company(session, raw)),
        (KIND, "Type de pièce", kinds, lambda raw: _of_kind(among(raw, kinds))),
        (FROM_DAY, "À partir du", None, lambda raw: _each(lambda access: access.at >= start_of(_day(raw)))),
        (TO_DAY, "Jusqu'au", None, lambda raw: _each(lambda access: access.at < _day_after(raw))),
    )


def _each(condition: Callable[[Any], Condition]) -> _Pair:
    """The same of both registers, whose columns have the same names."""
    return condition(sources.ACCESS[PIECES]), condition(sources.ACCESS[FINANCINGS])


def _by_person(key: int) -> _Pair:
    return _each(lambda access: sa.and_(access.actor_kind == ActorKind.staff, access.actor_id == key))


def _by_kind(maker: ActorKind) -> _Pair:
    return _each(lambda access: access.actor_kind == maker)


def _of_kind(code: str) -> _Pair:
    known = [known for known, _ in _FINANCING_KINDS]
    if code in known:
        return sa.false(), sources.FINANCING_ACCESS.proofs == bool(known.index(code))
    return sources.KIND.code == code, sa.false()


def _of_number(raw: str) -> _Pair:
    number = parse_as(RequestNumber, raw.upper())
    pieces, financings = _of_requests(sa.select(sources.REQUEST.id).where(sources.REQUEST.number == number))
    return pieces, sa.or_(financings, sources.FINANCING.number == number)


def _of_company(session: Session, raw: str) -> _Pair:
    digits = "".join(raw.split())
    providers: sa.Select[Any]
    if digits.isdecimal():
        if len(digits) == _SIREN_DIGITS:
            providers = sa.select(sources.PROVIDER.id).where(sources.PROVIDER.siren == parse_as(Siren, digits))
        elif len(digits) == _SIRET_DIGITS:
            providers = sa.select(sources.PROVIDER.id).where(sources.PROVIDER.siret == parse_as(Siret, digits))
        else:
            raise Unknown("Un SIREN a 9 chiffres, un SIRET 14.")
    elif len(raw) < _SHORTEST_NAME:
        raise Unknown("Tapez au moins deux lettres du nom de la société.")
    else:
        providers = search.keys_answering(session, "provider", raw)
    return _of_requests(sa.select(sources.REQUEST.id).where(sources.REQUEST.provider_id.in_(providers)))


def _of_requests(requests: sa.Select[Any]) -> _Pair:
    """Through the pieces, found by the index of each owner, and through the deposits."""
    demands = sa.select(sources.DEMAND.id).where(sources.DEMAND.request_id.in_(requests))
    pieces = sa.union_all(
        sa.select(sources.PIECE.id).where(sources.PIECE.request_id.in_(requests)),
        sa.select(sources.PIECE.id).where(sources.PIECE.demand_id.in_(demands)),
    )
    own = sa.select(sources.FINANCING.id).where(sources.FINANCING.request_id.in_(requests))
    deposits = sa.select(sources.DEPOSIT.id).where(sources.DEPOSIT.financing_request_id.in_(own))
    return (
        sources.PIECE_ACCESS.attachment_id.in_(pieces),
        sources.FINANCING_ACCESS.financing_deposit_id.in_(deposits),
    )


def _day_after(raw: str) -> datetime:
    return start_of(_day(raw) + timedelta(days=1))


def _day(raw: str) -> date:
    try:
        return day_of(raw)
    except InvalidValue:
        raise Unknown("Tapez une date comme 03/03/2026.") from None
